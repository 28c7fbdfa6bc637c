import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { at, openOntapSession, textAt, type OntapSession } from '../../../test/support/ontap-session.ts';

const PORTSETS = '/protocols/san/portsets';
const svm = { name: 'svm0' };
let array: OntapSession;
beforeAll(async () => {
  array = await openOntapSession({ clock: { frozenAt: new Date('2026-01-01T00:00:00Z') } });
});
afterEach(() => array.simulator.world.verify());
afterAll(() => array.close());

const uuidOf = async (path: string) => textAt((await array.list(path))[0], 'uuid');

test('a portset is made of interfaces, which come and go', async () => {
  await array.expect(201, 'POST', PORTSETS, {
    name: 'ports',
    svm,
    protocol: 'iscsi',
    interfaces: [{ ip: { name: 'iscsi_n1' } }],
  });
  const path = `${PORTSETS}/${await uuidOf(`${PORTSETS}?name=ports`)}`;
  expect(await array.expect(200, 'GET', path)).toMatchObject({
    name: 'ports',
    protocol: 'iscsi',
    interfaces: [{ name: 'iscsi_n1', ip: { name: 'iscsi_n1' } }],
  });
  await array.expect(201, 'POST', `${path}/interfaces`, { name: 'iscsi_n2' });
  expect(await array.refusal('POST', `${path}/interfaces`, { name: 'iscsi_n2' })).toBe('409 1');
  expect(await array.refusal('POST', `${path}/interfaces`, { ip: { name: 'nas_n1' } })).toBe('400 2');
  const members = await array.list(`${path}/interfaces?fields=ip`);
  expect(members.map((each) => at(each, 'name'))).toEqual(['iscsi_n1', 'iscsi_n2']);
  const lif = textAt(members[1], 'uuid');
  expect(await array.refusal('DELETE', `/network/ip/interfaces/${lif}`)).toBe('409 5376953');
  await array.expect(200, 'DELETE', `${path}/interfaces/${lif}`);
  await array.expect(200, 'DELETE', `/network/ip/interfaces/${lif}`);
});

test('igroups are bound to it, and let it go', async () => {
  const group = { name: 'hosts', svm, os_type: 'linux', protocol: 'iscsi', portset: { name: 'ports' } };
  await array.expect(201, 'POST', '/protocols/san/igroups', group);
  const igroup = `/protocols/san/igroups/${await uuidOf('/protocols/san/igroups?name=hosts')}`;
  expect(at(await array.expect(200, 'GET', igroup), 'portset', 'name')).toBe('ports');
  const path = `${PORTSETS}/${await uuidOf(`${PORTSETS}?name=ports`)}`;
  expect(at(await array.expect(200, 'GET', `${path}?fields=igroups`), 'igroups')).toMatchObject([{ name: 'hosts' }]);
  expect(await array.refusal('DELETE', path)).toBe('409 8');
  expect(await array.refusal('PATCH', igroup, { portset: { name: 'none' } })).toBe('400 5374911');
  await array.expect(200, 'PATCH', igroup, { portset: null });
  await array.expect(200, 'DELETE', path);
  expect(await array.list(PORTSETS)).toEqual([]);
});

test('names are there once in an SVM', async () => {
  await array.expect(201, 'POST', PORTSETS, { name: 'p', svm });
  expect(await array.refusal('POST', PORTSETS, { name: 'p', svm })).toBe('409 1');
  await array.expect(201, 'POST', PORTSETS, { name: 'p', svm: { name: 'svm_dr' } });
});

test('service policies can be read', async () => {
  expect(await array.list('/network/ip/service-policies?name=default-data-iscsi&fields=scope,services')).toMatchObject([
    { name: 'default-data-iscsi', scope: 'svm', services: ['data_core', 'data_iscsi'] },
  ]);
});
