import { text, texts, type Entry } from './core/entry.ts';
import type { World } from './core/world.ts';
import { followAggregates } from './resources/aggregate-state.ts';

/** Parts of the cluster that fail and come back. */

const nodeNamed = (world: World, name: string): Entry => {
  const node = world.store.by('node', 'name', name)[0];
  if (!node) throw new Error(`There is no node ${name}.`);
  return node;
};

const aggregateNamed = (world: World, name: string): Entry => {
  const aggregate = world.store.by('aggregate', 'name', name)[0];
  if (!aggregate) throw new Error(`There is no aggregate ${name}.`);
  return aggregate;
};

const setAggregateState = (world: World, aggregate: Entry, online: boolean) => {
  world.store.change('aggregate', aggregate.$id, { state: online ? 'online' : 'offline' });
};

/** Takes an aggregate offline with its volumes, or brings both back. */
export const setAggregateOffline = (world: World, name: string, offline: boolean): void => {
  const aggregate = aggregateNamed(world, name);
  if (!offline && text(world.store.find('node', text(aggregate, 'node')) ?? {}, 'state') === 'down')
    throw new Error(`Aggregate ${name} cannot come online: its node is down.`);
  world.store.transaction(() => {
    setAggregateState(world, aggregate, !offline);
    followAggregates(world);
  });
};

/** Takes a node down or up again; its partner takes nothing over by itself. */
export const setNodeDown = (world: World, name: string, down: boolean): void => {
  const node = nodeNamed(world, name);
  const { store } = world;
  if (text(node, 'state') === 'taken_over') throw new Error(`Node ${name} has been taken over: let it be given back.`);
  store.transaction(() => {
    store.change('node', node.$id, { state: down ? 'down' : 'up' });
    for (const aggregate of store.all('aggregate').filter((each) => each['node'] === node.$id))
      setAggregateState(world, aggregate, !down);
    followAggregates(world);
    for (const kind of ['ip_interface', 'fc_interface'])
      for (const lif of store.all(kind).filter((each) => each['location.home_node'] === node.$id))
        store.change(kind, lif.$id, { $down: down });
  });
};

const partnerOf = (world: World, node: Entry): Entry => {
  const partner = world.store.all('node').find((each) => each.$id !== node.$id && each['$pair'] === node['$pair']);
  if (!partner || text(partner, 'state') !== 'up')
    throw new Error(`Node ${text(node, 'name')} has no partner that is up.`);
  return partner;
};

/** Interfaces of block protocols stay where they are: hosts have other paths. */
const isOfBlocks = (lif: Entry): boolean =>
  texts(lif, 'services').some((service) => service === 'data_iscsi' || service === 'data_nvme_tcp');

const moveInterfaces = (world: World, home: Entry, to: Entry) => {
  const { store } = world;
  const away = to.$id !== home.$id;
  for (const kind of ['ip_interface', 'fc_interface'])
    for (const lif of store.all(kind).filter((each) => each['location.home_node'] === home.$id)) {
      if (kind === 'fc_interface' || isOfBlocks(lif)) store.change(kind, lif.$id, { $down: away });
      else store.change(kind, lif.$id, { 'location.node': to.$id, $down: false });
    }
};

/**
 * The partner takes over what a node does, whether that is up or down, or gives it back: aggregates and their volumes
 * stay online, interfaces for files move, those for blocks are down meanwhile.
 */
export const setNodeTakenOver = (world: World, name: string, taken: boolean): void => {
  const node = nodeNamed(world, name);
  const { store } = world;
  if (!taken && text(node, 'state') !== 'taken_over') throw new Error(`Node ${name} has not been taken over.`);
  const keeper = taken ? partnerOf(world, node) : node;
  store.transaction(() => {
    store.change('node', node.$id, { state: taken ? 'taken_over' : 'up' });
    for (const aggregate of store.all('aggregate').filter((each) => each['home_node'] === node.$id))
      store.change('aggregate', aggregate.$id, { node: keeper.$id, state: 'online' });
    followAggregates(world);
    moveInterfaces(world, node, keeper);
  });
};
