import { afterEach, beforeEach, expect, it } from 'vitest';
import { at, openOntapSession, textAt, type OntapSession } from '../support/ontap-session.ts';

/** Aggregates, nodes and their interfaces that go and come back. */

let array: OntapSession;
beforeEach(async () => {
  array = await openOntapSession({ clock: { frozenAt: new Date('2025-05-01T09:30:00Z') } });
});
afterEach(async () => {
  array.simulator.world.verify();
  await array.close();
});

const WAIT = 'return_timeout=15';
const svm = { name: 'svm0' };
const create = async (name: string, more: Record<string, unknown> = {}): Promise<string> =>
  textAt(
    await array.expect(201, 'POST', `/storage/volumes?${WAIT}&return_records=true`, {
      name,
      size: '2GB',
      svm,
      aggregates: [{ name: 'aggr1_n1' }],
      guarantee: { type: 'none' },
      ...more,
    }),
    'records',
    0,
    'uuid',
  );
const stateOf = async (volume: string) => at(await array.expect(200, 'GET', `/storage/volumes/${volume}`), 'state');

it('takes the volumes of an aggregate offline, and brings back those that were online', async () => {
  const there = await create('there');
  const elsewhere = await create('elsewhere', { aggregates: [{ name: 'aggr1_n2' }] });
  const group = await create('group', {
    aggregates: [{ name: 'aggr1_n1' }, { name: 'aggr1_n2' }],
    constituents_per_aggregate: 1,
  });
  const before = await create('before');
  await array.expect(200, 'PATCH', `/storage/volumes/${before}?${WAIT}`, { state: 'offline' });
  const states = async () => [
    await stateOf(there),
    await stateOf(elsewhere),
    await stateOf(group),
    await stateOf(before),
  ];
  array.simulator.world.setAggregateOffline('aggr1_n1', true);
  expect(await states()).toEqual(['offline', 'online', 'mixed', 'offline']);
  expect(at(await array.list('/storage/aggregates?name=aggr1_n1&fields=state'), 0, 'state')).toBe('offline');
  const refused = (path: string, body: unknown) => array.refusal('PATCH', `/storage/volumes/${path}?${WAIT}`, body);
  expect(await refused(there, { size: '3GB' })).toBe('400 9437885');
  expect(await refused(there, { state: 'online' })).toBe('409 9437885');
  expect(await array.refusal('POST', `/storage/volumes/${there}/snapshots?${WAIT}`, { name: 's' })).toBe('400 524479');
  const more = { name: 'more', svm, aggregates: [{ name: 'aggr1_n1' }] };
  expect(await array.refusal('POST', `/storage/volumes?${WAIT}`, more)).toBe('500 460770');
  array.simulator.world.setAggregateOffline('aggr1_n1', false);
  expect(await states()).toEqual(['online', 'online', 'online', 'offline']);
});

it('takes a node down with its aggregates, interfaces and paths', async () => {
  await create('luns');
  const lun = { name: '/vol/luns/l1' };
  await array.expect(201, 'POST', '/storage/luns', { ...lun, svm, os_type: 'linux', space: { size: '100MB' } });
  await array.expect(201, 'POST', '/protocols/san/igroups', { name: 'g1', os_type: 'linux', svm });
  await array.expect(201, 'POST', '/protocols/san/lun-maps', { lun, igroup: { name: 'g1' }, svm });
  const look = async () => {
    const [map] = await array.list('/protocols/san/lun-maps?fields=lun.uuid,igroup.uuid,reporting_nodes');
    const path = `/protocols/san/lun-maps/${textAt(map, 'lun', 'uuid')}/${textAt(map, 'igroup', 'uuid')}`;
    const nodes = await array.list(`${path}/reporting-nodes`);
    const [status] = await array.list('/storage/luns?fields=status');
    return {
      lun: [at(status, 'status', 'state'), at(status, 'status', 'container_state')],
      nodes: nodes.map((each) => at(each, 'name')),
      ofMap: Array.isArray(at(map, 'reporting_nodes')) ? Object(at(map, 'reporting_nodes')).length : 0,
      up: (await array.list('/network/ip/interfaces?services=data_iscsi&state=up')).map((each) => at(each, 'name')),
      states: (await array.list('/cluster/nodes?fields=state')).map((each) => at(each, 'state')),
    };
  };
  const fine = {
    lun: ['online', 'online'],
    nodes: ['sim-cluster-01', 'sim-cluster-02'],
    ofMap: 2,
    up: ['iscsi_n1', 'iscsi_n2'],
    states: ['up', 'up'],
  };
  expect(await look()).toEqual(fine);
  array.simulator.world.setNodeDown('sim-cluster-01', true);
  expect(await look()).toEqual({
    lun: ['offline', 'aggregate_offline'],
    nodes: ['sim-cluster-02'],
    ofMap: 1,
    up: ['iscsi_n2'],
    states: ['down', 'up'],
  });
  const uuid = textAt(await array.list('/storage/luns'), 0, 'uuid');
  expect(await array.refusal('PATCH', `/storage/luns/${uuid}`, { space: { size: '200MB' } })).toBe('409 5374865');
  expect(() => array.simulator.world.setAggregateOffline('aggr1_n1', false)).toThrow('node is down');
  array.simulator.world.setNodeDown('sim-cluster-01', false);
  expect(await look()).toEqual(fine);
});

it('lets the partner take a node over, and give it back', async () => {
  await create('there');
  const lun = { name: '/vol/there/l1' };
  await array.expect(201, 'POST', '/storage/luns', { ...lun, svm, os_type: 'linux', space: { size: '100MB' } });
  const look = async () => {
    const [aggregate] = await array.list('/storage/aggregates?name=aggr1_n1&fields=node.name,home_node.name,state');
    const lifs = await array.list('/network/ip/interfaces?svm.name=svm0&name=*_n1&fields=state,location,name');
    const [node] = await array.list('/cluster/nodes?name=sim-cluster-01&fields=state');
    return {
      node: at(node, 'state'),
      aggregate: [at(aggregate, 'state'), at(aggregate, 'node', 'name'), at(aggregate, 'home_node', 'name')],
      lifs: lifs.map((lif) => [at(lif, 'name'), at(lif, 'state'), at(lif, 'location', 'node', 'name')].join(' ')),
      volume: at(await array.list('/storage/volumes?name=there&fields=state'), 0, 'state'),
    };
  };
  const fine = {
    node: 'up',
    aggregate: ['online', 'sim-cluster-01', 'sim-cluster-01'],
    lifs: ['iscsi_n1 up sim-cluster-01', 'nas_n1 up sim-cluster-01', 'nvme_n1 up sim-cluster-01'],
    volume: 'online',
  };
  const over = {
    node: 'taken_over',
    aggregate: ['online', 'sim-cluster-02', 'sim-cluster-01'],
    lifs: ['iscsi_n1 down sim-cluster-01', 'nas_n1 up sim-cluster-02', 'nvme_n1 down sim-cluster-01'],
    volume: 'online',
  };
  const { world } = array.simulator;
  expect(await look()).toEqual(fine);
  world.setNodeTakenOver('sim-cluster-01', true);
  expect(await look()).toEqual(over);
  const [unit] = await array.list('/storage/luns?fields=status.state,location.node.name');
  expect([at(unit, 'status', 'state'), at(unit, 'location', 'node', 'name')]).toEqual(['online', 'sim-cluster-02']);
  expect(() => world.setNodeDown('sim-cluster-01', false)).toThrow('given back');
  expect(() => world.setNodeTakenOver('sim-cluster-02', true)).toThrow('no partner that is up');
  world.setNodeTakenOver('sim-cluster-01', false);
  expect(await look()).toEqual(fine);
  // Also one that failed before.
  world.setNodeDown('sim-cluster-01', true);
  expect((await look()).volume).toBe('offline');
  world.setNodeTakenOver('sim-cluster-01', true);
  expect(await look()).toEqual(over);
  world.setNodeTakenOver('sim-cluster-01', false);
  expect(await look()).toEqual(fine);
  expect(() => world.setNodeTakenOver('sim-cluster-01', false)).toThrow('has not been taken over');
});

it('takes what an administrator says of a node', async () => {
  const uuid = textAt((await array.list('/cluster/nodes?name=sim-cluster-02'))[0], 'uuid');
  await array.expect(200, 'PATCH', `/cluster/nodes/${uuid}?${WAIT}`, { name: 'renamed', location: 'rack 7' });
  expect(await array.expect(200, 'GET', `/cluster/nodes/${uuid}`)).toMatchObject({
    name: 'renamed',
    location: 'rack 7',
  });
});
