import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { at, openOntapSession, textAt, uuidOfNew, type OntapSession } from '../../../test/support/ontap-session.ts';

/** VLANs and groups of ports. */

const PORTS = '/network/ethernet/ports';
const NODE = 'sim-cluster-01';
const node = { name: NODE };
let array: OntapSession;

beforeAll(async () => {
  array = await openOntapSession({});
});
afterEach(() => array.simulator.world.verify());
afterAll(() => array.close());

const portOf = async (name: string) =>
  `${PORTS}/${textAt((await array.list(`${PORTS}?name=${name}&node.name=${NODE}`))[0], 'uuid')}`;
const show = async (name: string) => array.expect(200, 'GET', `${await portOf(name)}?fields=**`);
const vlan = (port: string, tag: number, more: object = {}) => ({
  type: 'vlan',
  node,
  vlan: { base_port: { name: port, node }, tag },
  ...more,
});
const members = (...names: readonly string[]) => names.map((name) => ({ name, node }));
const lag = (names: readonly string[], more: object = {}) => ({
  type: 'lag',
  node,
  lag: { mode: 'multimode', distribution_policy: 'ip', member_ports: members(...names), ...more },
});
const leaveDomain = (...names: readonly string[]) =>
  array.expect(
    202,
    'PATCH',
    '/private/cli/network/port/broadcast-domain/remove-ports?broadcast-domain=Default&ipspace=Default',
    { ports: names.map((name) => `${NODE}:${name}`) },
  );
const Default = { name: 'Default', ipspace: { name: 'Default' } };

test('a VLAN is called after its port and its tag, and is in a broadcast domain when it is put there', async () => {
  await uuidOfNew(array, PORTS, vlan('e0d', 100));
  const made = await show('e0d-100');
  expect(made).toMatchObject({
    type: 'vlan',
    node,
    enabled: true,
    state: 'up',
    speed: 0,
    mac_address: at(await show('e0d'), 'mac_address'),
    vlan: { tag: 100, base_port: { name: 'e0d', node, uuid: expect.any(String) } },
  });
  for (const member of ['broadcast_domain', 'mtu', 'lag']) expect(made).not.toHaveProperty(member);
  await array.expect(200, 'PATCH', await portOf('e0d-100'), { broadcast_domain: Default });
  expect(await show('e0d-100')).toMatchObject({ mtu: 1500, broadcast_domain: Default });
  const { type: _, ...untyped } = vlan('e0d', 101, { broadcast_domain: Default });
  await array.expect(201, 'POST', PORTS, untyped);
  expect(await show('e0d-101')).toMatchObject({ type: 'vlan', broadcast_domain: Default });
  await array.expect(200, 'PATCH', await portOf('e0d'), { enabled: false });
  const down = await show('e0d-101');
  expect(down).toMatchObject({ enabled: true, state: 'down' });
  expect(down).not.toHaveProperty('speed');
  await array.expect(200, 'PATCH', await portOf('e0d'), { enabled: true });
});

test('a VLAN is refused where it cannot be', async () => {
  expect(await array.refusal('POST', PORTS, vlan('e0d', 100))).toBe('409 1');
  expect(await array.refusal('POST', PORTS, vlan('e0d', 4095))).toBe('400 262197');
  expect(await array.refusal('POST', PORTS, vlan('e0z', 100))).toBe('400 262197');
  expect(await array.refusal('POST', PORTS, vlan('e0d-100', 7))).toBe('400 262197');
  expect(await array.refusal('POST', PORTS, vlan('e0d', 9, { broadcast_domain: { name: 'x' } }))).toBe('400 1967153');
  expect(await array.refusal('POST', PORTS, vlan('e0d', 9, { lag: lag(['e0e']).lag }))).toBe('400 262197');
  expect(await array.refusal('POST', PORTS, { type: 'vlan', node, vlan: { tag: 5 } })).toBe('400 262212');
  expect(await array.refusal('POST', PORTS, { type: 'physical', node })).toBe('400 262197');
  expect(await array.refusal('POST', PORTS, { type: 'vlan', vlan: vlan('e0d', 5).vlan })).toBe('400 262212');
  const elsewhere = { base_port: { name: 'e0d', node: { name: 'sim-cluster-02' } }, tag: 5 };
  expect(await array.refusal('POST', PORTS, { type: 'vlan', node, vlan: elsewhere })).toBe('400 262197');
  expect(await array.refusal('PATCH', await portOf('e0d-100'), { vlan: { tag: 5 } })).toBe('400 262196');
});

test('an interface keeps the port that it is at', async () => {
  const location = { home_node: node, home_port: { name: 'e0d-100' } };
  const lif = { name: 'tagged', svm: { name: 'svm0' }, ip: { address: '10.9.0.1', netmask: '24' }, location };
  await array.expect(201, 'POST', '/network/ip/interfaces', lif);
  expect(await show('e0d-100')).toMatchObject({ interface_count: 1 });
  expect(await array.list('/network/ip/interfaces?name=tagged&fields=location')).toMatchObject([
    { location: { home_port: { name: 'e0d-100' }, broadcast_domain: { name: 'Default' } } },
  ]);
  expect(await array.refusal('DELETE', await portOf('e0d-100'))).toBe('409 1966189');
  await array.expect(200, 'DELETE', '/network/ip/interfaces?name=tagged');
  for (const name of ['e0d-100', 'e0d-101']) await array.expect(200, 'DELETE', await portOf(name));
  expect(await array.refusal('DELETE', await portOf('e0d'))).toBe('400 1967105');
});

test('a group takes ports that nothing else has, and gets its name', async () => {
  expect(await array.refusal('POST', PORTS, lag(['e0e']))).toBe('409 8');
  await leaveDomain('e0e', 'e0f');
  for (const [wrong, refusal] of [
    [lag(['e0M']), '400 262197'],
    [lag(['e0c']), '409 8'],
    [lag([]), '400 262212'],
    [lag(['e0e'], { mode: 'odd' }), '400 262197'],
    [{ type: 'lag', node, lag: { mode: 'multimode', member_ports: members('e0e') } }, '400 262212'],
  ] as const)
    expect(await array.refusal('POST', PORTS, wrong)).toBe(refusal);
  await uuidOfNew(array, PORTS, lag(['e0e', 'e0f']));
  const made = await show('a0a');
  const links = { self: { href: await portOf('e0e').then((path) => `/api${path}`) } };
  expect(made).toMatchObject({
    type: 'lag',
    node,
    state: 'up',
    speed: 0,
    lag: {
      mode: 'multimode',
      distribution_policy: 'ip',
      member_ports: [{ name: 'e0e', node, uuid: expect.any(String), _links: links }, { name: 'e0f' }],
      active_ports: [{ name: 'e0e' }, { name: 'e0f' }],
    },
  });
  expect(made).not.toHaveProperty('vlan');
  expect(await array.list(`${PORTS}?type=lag&lag.member_ports.name=e0f`)).toHaveLength(1);
});

test('an interface is at a port of its node that is in no group', async () => {
  const path = '/network/ip/interfaces';
  const lif = (name: string) => ({
    name: 'placed',
    svm: { name: 'svm0' },
    ip: { address: '10.9.0.2', netmask: '24' },
    location: { home_port: { name, node } },
  });
  for (const name of ['e0e', 'e0z']) expect(await array.refusal('POST', path, lif(name))).toBe('400 1967153');
  await array.expect(201, 'POST', path, lif('e0d'));
  for (const location of [
    { home_port: { name: 'e0f' } },
    { home_port: { name: 'e0z', node } },
    { port: { name: 'e0e' } },
    { node: { name: 'sim-cluster-02' }, port: { name: 'a0a' } },
  ])
    expect(await array.refusal('PATCH', `${path}?name=placed`, { location })).toBe('400 1967153');
  await array.expect(200, 'PATCH', `${path}?name=placed`, { location: { home_port: { name: 'a0a' } } });
  expect(await array.list(`${path}?name=placed&fields=location`)).toMatchObject([
    { location: { home_port: { name: 'a0a' }, port: { name: 'a0a' } } },
  ]);
  const away = { location: { home_node: { name: 'sim-cluster-02' } } };
  expect(await array.refusal('PATCH', `${path}?name=placed`, away)).toBe('400 1967153');
  await array.expect(200, 'DELETE', `${path}?name=placed`);
});

test('ports of a group are its own, and come and go', async () => {
  const group = await portOf('a0a');
  expect(await array.refusal('POST', PORTS, lag(['e0f']))).toBe('409 8');
  expect(await array.refusal('POST', PORTS, vlan('e0f', 5))).toBe('400 262197');
  expect(await array.refusal('PATCH', await portOf('e0f'), { broadcast_domain: Default })).toBe('409 8');
  expect(await array.refusal('PATCH', await portOf('e0f'), { lag: { member_ports: members('e0e') } })).toBe(
    '400 262197',
  );
  await array.expect(200, 'PATCH', group, { lag: { member_ports: members('e0f') } });
  expect(await show('a0a')).toMatchObject({ lag: { member_ports: [{ name: 'e0f' }] } });
  await array.expect(200, 'PATCH', await portOf('e0f'), { enabled: false });
  const down = await show('a0a');
  expect([at(down, 'state'), at(down, 'lag', 'active_ports')]).toEqual(['down', undefined]);
  await uuidOfNew(array, PORTS, lag(['e0e'], { mode: 'singlemode' }));
  expect(await show('a0b')).toMatchObject({ lag: { mode: 'singlemode', active_ports: [{ name: 'e0e' }] } });
  await array.expect(201, 'POST', PORTS, vlan('a0a', 7));
  expect(await array.refusal('DELETE', group)).toBe('409 1966302');
  array.simulator.restore(array.simulator.dump());
  await array.expect(200, 'DELETE', await portOf('a0a-7'));
  await array.expect(200, 'DELETE', group);
  await array.expect(200, 'PATCH', await portOf('e0f'), { broadcast_domain: Default, enabled: true });
  expect(await show('e0f')).toMatchObject({ state: 'up', broadcast_domain: Default });
});
