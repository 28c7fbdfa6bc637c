import { text, texts, type Entry } from './core/entry.ts';
import type { World } from './core/world.ts';

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

/** `offline` when nothing of the volume can be reached, `mixed` when some constituents of a FlexGroup can. */
const stateOf = (volume: Entry, world: World): string => {
  const layout = texts(volume, '$layout');
  const lost = layout.filter((id) => text(world.store.get('aggregate', id), 'state') !== 'online');
  if (lost.length === 0) return 'online';
  return lost.length === layout.length ? 'offline' : 'mixed';
};

/** Volumes go down with their aggregates, and come back with them unless somebody had taken them offline before. */
const followAggregates = (world: World) => {
  for (const volume of world.store.all('volume')) {
    const state = stateOf(volume, world);
    if (text(volume, 'state') === state) continue;
    if (volume['$lost'] === true)
      world.store.change('volume', volume.$id, { state, $lost: state === 'online' ? undefined : true });
    else if (text(volume, 'state') === 'online') world.store.change('volume', volume.$id, { state, $lost: true });
  }
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

/** Takes a node down or up again; its partner takes nothing over. */
export const setNodeDown = (world: World, name: string, down: boolean): void => {
  const node = nodeNamed(world, name);
  const { store } = world;
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
