import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { at, openOntapSession, textAt, type OntapSession } from '../../../test/support/ontap-session.ts';
import { defaultTopology } from '../core/topology.ts';

const MIB = 1024 ** 2;
const SVM = { svm: { name: 'svm0' } };
const LUNS = '/storage/luns';
const NAMESPACES = '/storage/namespaces';

let array: OntapSession;
let count = 0;

const newUnit = async (kind: 'luns' | 'namespaces', more: Record<string, unknown> = {}) => {
  const name = `/vol/units/u${(count += 1)}`;
  const body = { name, os_type: 'linux', ...SVM, space: { size: 10 * MIB }, ...more };
  const made = await array.expect(201, 'POST', `/storage/${kind}?return_records=true`, body);
  return { name, uuid: textAt(made, 'records', 0, 'uuid') };
};
const usedIn = async () => at((await array.list('/storage/volumes?name=units&fields=space.used'))[0], 'space', 'used');
const toNamespace = (source: { readonly name: string }) => ({ ...SVM, convert: { lun: { name: source.name } } });
const toLun = (source: { readonly uuid: string }) => ({ ...SVM, convert: { namespace: { uuid: source.uuid } } });

beforeAll(async () => {
  array = await openOntapSession({ clock: { frozenAt: new Date('2026-01-01T00:00:00Z') } });
  await array.expect(201, 'POST', '/storage/volumes?return_timeout=10', {
    name: 'units',
    ...SVM,
    size: 1024 * MIB,
    aggregates: [{ name: 'aggr1_n1' }],
    guarantee: { type: 'none' },
  });
});
afterEach(() => array.simulator.world.verify());
afterAll(() => array.close());

test('a LUN becomes a namespace where it is, with its data, and a LUN again', async () => {
  const lun = await newUnit('luns', { comment: 'kept', attributes: [{ name: 'a', value: 'b' }] });
  array.simulator.world.setUnitUsedBytes(lun.name, 3 * MIB);
  const used = await usedIn();
  const made = await array.expect(201, 'POST', `${NAMESPACES}?return_records=true`, toNamespace(lun));
  const uuid = textAt(made, 'records', 0, 'uuid');
  expect(await array.expect(200, 'GET', `${NAMESPACES}/${uuid}`)).toMatchObject({
    name: lun.name,
    os_type: 'linux',
    comment: 'kept',
    location: { namespace: lun.name.slice('/vol/units/'.length), volume: { name: 'units' } },
    space: { size: 10 * MIB, used: 3 * MIB, block_size: 512 },
  });
  expect(await array.refusal('GET', `${LUNS}/${lun.uuid}`)).toBe('404 4');
  expect(await usedIn()).toBe(used);

  await array.expect(201, 'POST', LUNS, toLun({ uuid }));
  const [again] = await array.list(`${LUNS}?name=${lun.name}&fields=*,attributes`);
  expect(again).toMatchObject({
    comment: 'kept',
    enabled: true,
    location: { logical_unit: lun.name.slice('/vol/units/'.length) },
    space: { size: 10 * MIB, used: 3 * MIB },
  });
  expect(textAt(again, 'serial_number')).toHaveLength(12);
  expect(await array.list(`${NAMESPACES}?name=${lun.name}`)).toEqual([]);
  expect(await usedIn()).toBe(used);
});

test('space that was reserved for a LUN is not for a namespace', async () => {
  const before = await usedIn();
  const lun = await newUnit('luns', { space: { size: 20 * MIB, guarantee: { requested: true } } });
  expect(await usedIn()).not.toBe(before);
  await array.expect(201, 'POST', NAMESPACES, toNamespace(lun));
  expect(await usedIn()).toBe(before);
});

test('what is mapped, of another block size or system, or said together with more is refused', async () => {
  const [lun, other] = [await newUnit('luns'), await newUnit('luns', { os_type: 'hyper_v' })];
  const [wide, narrow] = [await newUnit('namespaces'), await newUnit('namespaces', { 'space.block_size': 512 })];
  const refused = (path: string, body: unknown) => array.refusal('POST', path, body);
  expect(await refused(NAMESPACES, { ...toNamespace(lun), comment: 'x' })).toBe('400 72090040');
  expect(await refused(NAMESPACES, toNamespace(other))).toBe('400 5374158');
  expect(await refused(NAMESPACES, toNamespace({ name: '/vol/units/none' }))).toBe('400 5374875');
  const small = await newUnit('luns', { space: { size: MIB } });
  expect(await refused(NAMESPACES, toNamespace(small))).toBe('400 72089723');
  await array.expect(201, 'POST', '/protocols/san/igroups', { ...SVM, name: 'hosts', os_type: 'linux' });
  await array.expect(201, 'POST', '/protocols/san/lun-maps', {
    ...SVM,
    lun: { name: lun.name },
    igroup: { name: 'hosts' },
  });
  expect(await refused(NAMESPACES, toNamespace(lun))).toBe('409 1254197');

  expect(await refused(LUNS, { ...toLun(narrow), os_type: 'linux' })).toBe('400 5374944');
  expect(await refused(LUNS, toLun(wide))).toBe('400 72089755');
  expect(await refused(LUNS, { ...SVM, convert: { namespace: { name: '/vol/units/none' } } })).toBe('400 72090007');
  expect(await refused(LUNS, { ...SVM, convert: { namespace: { name: '/vol/units/.snapshot/s/n' } } })).toBe(
    '400 72089757',
  );
  await array.expect(201, 'POST', '/protocols/nvme/subsystems', { ...SVM, name: 'subsystem', os_type: 'linux' });
  const map = { ...SVM, subsystem: { name: 'subsystem' }, namespace: { uuid: narrow.uuid } };
  await array.expect(201, 'POST', '/protocols/nvme/subsystem-maps', map);
  expect(await refused(LUNS, toLun(narrow))).toBe('409 72089756');
});

test('storage units are not converted', async () => {
  const units = await openOntapSession({
    topology: { cluster: { ...defaultTopology.cluster, personality: 'asa-r2' } },
  });
  try {
    const body = { ...SVM, name: 'unit', os_type: 'linux', space: { size: 10 * MIB } };
    await units.expect(201, 'POST', `${LUNS}?return_timeout=10`, body);
    expect(await units.refusal('POST', NAMESPACES, toNamespace({ name: 'unit' }))).toBe('501 3');
  } finally {
    await units.close();
  }
});
