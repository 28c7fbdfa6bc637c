import { afterAll, beforeAll, expect, test } from 'vitest';
import { at, openOntapSession, textAt, type OntapSession } from '../../../test/support/ontap-session.ts';

/** IPspaces, broadcast domains, ports, subnets and routes. */

const DOMAINS = '/network/ethernet/broadcast-domains';
const PORTS = '/network/ethernet/ports';
const ROUTES = '/network/ip/routes';
const SUBNETS = '/network/ip/subnets';
let array: OntapSession;

beforeAll(async () => {
  array = await openOntapSession({});
});
afterAll(async () => {
  array.simulator.world.verify();
  await array.close();
});

const post = async (path: string, body: unknown): Promise<string> =>
  textAt(await array.expect(201, 'POST', `${path}?return_records=true`, body), 'records', 0, 'uuid');

test('an IPspace stays while an SVM or a broadcast domain is in it', async () => {
  const uuid = await post('/network/ipspaces', { name: 'apart' });
  expect((await array.list('/network/ipspaces')).map((each) => at(each, 'name'))).toEqual([
    'Cluster',
    'Default',
    'apart',
  ]);
  const domain = await post(DOMAINS, { name: 'apart', mtu: 1500, ipspace: { name: 'apart' } });
  expect(await array.refusal('DELETE', `/network/ipspaces/${uuid}`)).toBe('409 8');
  await array.expect(200, 'DELETE', `${DOMAINS}/${domain}`);
  const svm = { name: 'svm_apart', ipspace: { name: 'apart' }, aggregates: [{ name: 'aggr1_n1' }] };
  await array.expect(201, 'POST', '/svm/svms?return_timeout=10', svm);
  expect(await array.list('/svm/svms?name=svm_apart&fields=ipspace')).toMatchObject([
    { ipspace: { name: 'apart', uuid } },
  ]);
  expect(await array.refusal('DELETE', `/network/ipspaces/${uuid}`)).toBe('409 8');
  await array.expect(200, 'PATCH', `/network/ipspaces/${uuid}`, { name: 'aside' });
  expect(await array.list('/svm/svms?ipspace.name=aside')).toHaveLength(1);
  expect(await array.refusal('POST', '/network/ipspaces', { name: 'Default' })).toBe('409 1');
  expect(await array.refusal('POST', '/svm/svms', { ...svm, name: 'x', ipspace: { name: 'none' } })).toBe(
    '400 13434912',
  );
  const [own] = await array.list('/network/ipspaces?name=Default');
  expect(await array.refusal('DELETE', `/network/ipspaces/${textAt(own, 'uuid')}`)).toBe('409 8');
});

test('ports are in broadcast domains, and are put into others', async () => {
  const [found] = await array.list(`${DOMAINS}?name=Default&fields=*`);
  expect(found).toMatchObject({ mtu: 1500, ipspace: { name: 'Default' } });
  expect(at(found, 'ports')).toHaveLength(10);
  expect(at(found, 'ports')).toContainEqual(expect.objectContaining({ name: 'e0c', node: { name: 'sim-cluster-01' } }));
  await post(DOMAINS, { name: 'jumbo', mtu: 9000 });
  const [port] = await array.list(`${PORTS}?name=e0d&node.name=sim-cluster-01&fields=*`);
  expect(port).toMatchObject({ type: 'physical', state: 'up', mtu: 1500, broadcast_domain: { name: 'Default' } });
  expect(textAt(port, 'mac_address')).toMatch(/^02(:[\da-f]{2}){5}$/);
  const path = `${PORTS}/${textAt(port, 'uuid')}`;
  await array.expect(200, 'PATCH', path, { broadcast_domain: { name: 'jumbo', ipspace: { name: 'Default' } } });
  expect(await array.expect(200, 'GET', path)).toMatchObject({ mtu: 9000, broadcast_domain: { name: 'jumbo' } });
  const [jumbo] = await array.list(`${DOMAINS}?name=jumbo&fields=ports`);
  expect(jumbo).toMatchObject({ ports: [{ name: 'e0d' }] });
  expect(await array.refusal('DELETE', `${DOMAINS}/${textAt(jumbo, 'uuid')}`)).toBe('409 8');
  expect(await array.refusal('PATCH', path, { broadcast_domain: { name: 'none' } })).toBe('400 1967153');
  const [lif] = await array.list('/network/ip/interfaces?svm.name=svm0&fields=location');
  expect(at(lif, 'location', 'broadcast_domain', 'name')).toBe('Default');
  expect(at(lif, 'location', 'port', 'uuid')).toEqual(expect.any(String));
  const wanted = {
    name: 'big',
    svm: { name: 'svm0' },
    ip: { address: '10.99.0.1', netmask: '24' },
    location: { home_node: { name: 'sim-cluster-01' }, broadcast_domain: { name: 'jumbo' } },
  };
  await array.expect(201, 'POST', '/network/ip/interfaces', wanted);
  expect(await array.list('/network/ip/interfaces?name=big&fields=location')).toMatchObject([
    { location: { home_port: { name: 'e0d' }, broadcast_domain: { name: 'jumbo' } } },
  ]);
  const elsewhere = { home_node: { name: 'sim-cluster-02' }, broadcast_domain: { name: 'jumbo' } };
  const other = { ...wanted, name: 'other', ip: { address: '10.99.0.2', netmask: '24' }, location: elsewhere };
  expect(await array.refusal('POST', '/network/ip/interfaces', other)).toBe('400 1967153');
  const masked = { ...wanted, name: 'masked', ip: { address: '10.99.0.3', netmask: '33' } };
  expect(await array.refusal('POST', '/network/ip/interfaces', masked)).toBe('400 1966269');
  await array.expect(200, 'DELETE', '/network/ip/interfaces?name=big');
  const command = '/private/cli/network/port/broadcast-domain/remove-ports?broadcast-domain=jumbo&ipspace=Default';
  expect(await array.refusal('PATCH', command, { ports: ['sim-cluster-02:e0d'] })).toBe('400 262197');
  await array.expect(202, 'PATCH', command, { ports: ['sim-cluster-01:e0d'] });
  expect(await array.expect(200, 'GET', path)).not.toHaveProperty('broadcast_domain');
  await array.expect(200, 'DELETE', `${DOMAINS}/${textAt(jumbo, 'uuid')}`);
  await array.expect(200, 'PATCH', path, { enabled: false });
  expect(await array.expect(200, 'GET', path)).toMatchObject({ enabled: false, state: 'down' });
  expect(await array.refusal('POST', DOMAINS, { name: 'x', mtu: 10 })).toBe('400 262197');
});

test('an interface is of the family of its address', async () => {
  const path = '/network/ip/interfaces';
  const location = { home_node: { name: 'sim-cluster-01' } };
  const lif = { name: 'turned', svm: { name: 'svm0' }, ip: { address: '10.99.0.4', netmask: '24' }, location };
  await array.expect(201, 'POST', path, lif);
  const turn = (ip: object) => array.expect(200, 'PATCH', `${path}?name=turned`, { ip });
  const shown = async () => at((await array.list(`${path}?name=turned&fields=ip`))[0], 'ip');
  await turn({ address: 'fd00::9', netmask: '64' });
  expect(await shown()).toEqual({ address: 'fd00::9', netmask: '64', family: 'ipv6' });
  const unfit = { ip: { address: '10.99.0.5' } };
  expect(await array.refusal('PATCH', `${path}?name=turned`, unfit)).toBe('400 1966269');
  await turn({ address: '10.99.0.5', netmask: '255.255.0.0' });
  expect(await shown()).toEqual({ address: '10.99.0.5', netmask: '16', family: 'ipv4' });
  await turn({ address: '10.99.0.6' });
  expect(await shown()).toEqual({ address: '10.99.0.6', netmask: '16', family: 'ipv4' });
  await array.expect(200, 'DELETE', `${path}?name=turned`);
});

test('routes belong to an SVM or to the cluster, and are there once', async () => {
  const body = { gateway: '10.0.0.1', svm: { name: 'svm0' } };
  const uuid = await post(ROUTES, body);
  expect(await array.expect(200, 'GET', `${ROUTES}/${uuid}`)).toMatchObject({
    ...body,
    scope: 'svm',
    metric: 20,
    ipspace: { name: 'Default' },
    destination: { address: '0.0.0.0', netmask: '0', family: 'ipv4' },
  });
  expect(await array.refusal('POST', ROUTES, body)).toBe('409 1966345');
  await post(ROUTES, { gateway: '10.0.0.1' });
  await post(ROUTES, { gateway: 'fd00::1', destination: { address: 'fd00:1::', netmask: '32' } });
  expect(await array.list(`${ROUTES}?scope=cluster&destination.family=ipv6`)).toHaveLength(1);
  expect(await array.refusal('POST', ROUTES, { gateway: 'fd00::1', destination: { address: '10.0.0.0' } })).toBe(
    '400 262197',
  );
  const destination = { address: '10.1.0.0', netmask: 'wide' };
  expect(await array.refusal('POST', ROUTES, { gateway: '10.0.0.1', destination })).toBe('400 262197');
  expect(await array.refusal('POST', ROUTES, { svm: { name: 'svm0' } })).toBe('400 262212');
  expect(await array.refusal('PATCH', `${ROUTES}/${uuid}`, { metric: 3 })).toBe('405 3');
  await array.expect(200, 'DELETE', `${ROUTES}/${uuid}`);
});

test('subnets tell which of their addresses are free', async () => {
  const [lif] = await array.list('/network/ip/interfaces?svm.name=svm0&fields=ip.address');
  const address = textAt(lif, 'ip', 'address');
  const net = address.split('.').slice(0, 3).join('.');
  const last = Number(address.split('.')[3]);
  const body = {
    name: 's',
    broadcast_domain: { name: 'Default' },
    ipspace: { name: 'Default' },
    subnet: { address: `${net}.0`, netmask: '24' },
    gateway: `${net}.1`,
    ip_ranges: [{ start: `${net}.${last - 1}`, end: `${net}.${last + 2}` }],
  };
  expect(await array.refusal('POST', SUBNETS, body)).toBe('409 1377663');
  const uuid = await post(SUBNETS, { ...body, fail_if_lifs_conflict: false });
  const found = await array.expect(200, 'GET', `${SUBNETS}/${uuid}`);
  expect(found).toMatchObject({ ...body, total_count: 4, subnet: { family: 'ipv4' } });
  expect(Number(at(found, 'used_count')) + Number(at(found, 'available_count'))).toBe(4);
  expect(at(found, 'available_ip_ranges', 0)).toMatchObject({ start: `${net}.${last - 1}`, family: 'ipv4' });
  expect(await array.refusal('DELETE', `${SUBNETS}/${uuid}`)).toBe('409 1377663');
  await array.expect(200, 'PATCH', `${SUBNETS}/${uuid}`, { ip_ranges: [{ start: `${net}.240`, end: `${net}.241` }] });
  expect(await array.refusal('PATCH', `${SUBNETS}/${uuid}`, { gateway: '192.168.77.1' })).toBe('400 262197');
  await array.expect(200, 'DELETE', `${SUBNETS}/${uuid}`);
  const holes = { ...body, name: 'holes', ip_ranges: [], subnet: { address: `${net}.0`, netmask: '255.0.255.0' } };
  expect(await array.refusal('POST', SUBNETS, holes)).toBe('400 262197');
  const mapped = { ...body, name: 'mapped', ip_ranges: [], subnet: { address: '::ffff:10.0.0.0', netmask: '120' } };
  expect(await array.refusal('POST', SUBNETS, mapped)).toBe('400 262197');
  await post(SUBNETS, { ...mapped, gateway: '::ffff:a00:1' });
  const six = { ...body, name: 'six', subnet: { address: 'fd00::', netmask: '64' }, gateway: 'fd00::1' };
  const made = await post(SUBNETS, { ...six, ip_ranges: [{ start: 'fd00::10', end: 'fd00::1f' }] });
  expect(await array.expect(200, 'GET', `${SUBNETS}/${made}`)).toMatchObject({
    available_ip_ranges: [{ start: 'fd00:0:0:0:0:0:0:10', end: 'fd00:0:0:0:0:0:0:1f' }],
    available_count: 16,
  });
});
