import { afterEach, expect, it } from 'vitest';
import { defaultTopology } from '../../src/simulator/core/topology.ts';
import { at, openOntapSession, textAt, type OntapSession } from '../support/ontap-session.ts';

/** What is written in LUNs and namespaces, and what it takes out of their volumes. */

const MIB = 1024 ** 2;
const SVM = { svm: { name: 'svm0' } };
const WAIT = 'return_timeout=15';

let array: OntapSession;
const start = async (personality: 'unified' | 'asa-r2') => {
  array = await openOntapSession({ topology: { cluster: { ...defaultTopology.cluster, personality } } });
};
afterEach(async () => {
  array.simulator.world.verify();
  await array.close();
});

const newVolume = async (name: string, more: Record<string, unknown> = {}): Promise<string> => {
  const body = {
    name,
    size: 1000 * MIB,
    ...SVM,
    aggregates: [{ name: 'aggr1_n1' }],
    'guarantee.type': 'none',
    'space.snapshot.reserve_percent': 0,
    ...more,
  };
  await array.expect(201, 'POST', `/storage/volumes?${WAIT}`, body);
  return textAt(await array.list(`/storage/volumes?name=${name}`), 0, 'uuid');
};
const newLun = (name: string, reserved: boolean) =>
  array.expect(201, 'POST', '/storage/luns', {
    name,
    os_type: 'linux',
    ...SVM,
    space: { size: 100 * MIB, guarantee: { requested: reserved } },
  });
const spaceOf = async (volume: string) => {
  const { space } = Object(await array.expect(200, 'GET', `/storage/volumes/${volume}?fields=space`));
  return [at(space, 'used'), at(space, 'footprint'), at(space, 'snapshot', 'used')].map((bytes) => Number(bytes) / MIB);
};
const lunUsed = async (name: string) => {
  const [lun] = await array.list(`/storage/luns?name=${name}&fields=space.used,space.physical_used`);
  return [Number(at(lun, 'space', 'used')) / MIB, Number(at(lun, 'space', 'physical_used')) / MIB];
};
const write = (unit: string, mib: number) => array.simulator.world.setUnitUsedBytes(unit, mib * MIB);

it('is data of the volume, and goes with the LUN', async () => {
  await start('unified');
  const volume = await newVolume('v');
  await newLun('/vol/v/thin', false);
  await newLun('/vol/v/thick', true);
  expect(await spaceOf(volume)).toEqual([100, 0, 0]);
  write('/vol/v/thin', 30);
  write('/vol/v/thick', 60);
  expect([await lunUsed('/vol/v/thin'), await lunUsed('/vol/v/thick')]).toEqual([
    [30, 30],
    [100, 60],
  ]);
  expect(await spaceOf(volume)).toEqual([130, 90, 0]);
  write('/vol/v/thin', 10);
  expect(await spaceOf(volume)).toEqual([110, 70, 0]);
  expect(() => write('/vol/v/thin', 101)).toThrow('do not fit');
  expect(() => write('/vol/v/none', 1)).toThrow('no LUN or namespace');
  expect(() => array.simulator.world.setUsedBytes('v', 0)).toThrow('hold');
  array.simulator.world.setUsedBytes('v', 900 * MIB - 1);
  expect(() => write('/vol/v/thin', 90)).toThrow('do not fit in volume v');
  array.simulator.world.setUsedBytes('v', 70 * MIB);
  await array.expect(200, 'DELETE', '/storage/luns?name=/vol/v/thick');
  expect(await spaceOf(volume)).toEqual([10, 10, 0]);
});

it('comes back with a snapshot, whose blocks are free when it goes', async () => {
  await start('unified');
  const volume = await newVolume('v');
  await newLun('/vol/v/l', false);
  write('/vol/v/l', 40);
  const snapshots = `/storage/volumes/${volume}/snapshots`;
  await array.expect(201, 'POST', `${snapshots}?${WAIT}`, { name: 's1' });
  write('/vol/v/l', 10);
  await newLun('/vol/v/later', false);
  write('/vol/v/later', 5);
  expect(await spaceOf(volume)).toEqual([15 + 25, 40, 25]);
  await array.expect(201, 'POST', `/storage/volumes?${WAIT}`, {
    name: 'c',
    ...SVM,
    clone: { is_flexclone: true, parent_volume: { name: 'v' }, parent_snapshot: { name: 's1' } },
  });
  expect(await lunUsed('/vol/c/l')).toEqual([40, 40]);
  await array.expect(200, 'DELETE', `/storage/volumes?name=c`);
  await array.expect(200, 'PATCH', `/storage/volumes/${volume}?restore_to.snapshot.name=s1&${WAIT}`);
  expect([await lunUsed('/vol/v/l'), await spaceOf(volume)]).toEqual([
    [40, 40],
    [40, 40, 0],
  ]);
  write('/vol/v/l', 0);
  expect(await spaceOf(volume)).toEqual([40, 40, 40]);
  await array.expect(200, 'DELETE', `${snapshots}?name=s1`);
  expect(await spaceOf(volume)).toEqual([0, 0, 0]);
});

it('is not in a clone of a LUN, which says that it is one', async () => {
  await start('unified');
  await newVolume('v');
  await newLun('/vol/v/l', false);
  write('/vol/v/l', 40);
  const source = { clone: { source: { name: '/vol/v/l' } } };
  await array.expect(201, 'POST', '/storage/luns', { name: '/vol/v/c', ...SVM, ...source });
  expect(await lunUsed('/vol/v/c')).toEqual([0, 0]);
  const clones = await array.list('/storage/luns?fields=clone.created_as_clone&order_by=name');
  expect(clones.map((lun) => at(lun, 'clone', 'created_as_clone'))).toEqual([true, false]);
  expect(await array.list('/storage/luns?clone.created_as_clone=true')).toHaveLength(1);
  write('/vol/v/c', 20);
  const uuid = textAt(await array.list('/storage/luns?name=/vol/v/c'), 0, 'uuid');
  await array.expect(200, 'PATCH', `/storage/luns/${uuid}`, source);
  expect(await lunUsed('/vol/v/c')).toEqual([0, 0]);
});

it('is in namespaces too', async () => {
  await start('unified');
  const volume = await newVolume('v');
  const namespace = { name: '/vol/v/n', os_type: 'linux', ...SVM, space: { size: 100 * MIB } };
  await array.expect(201, 'POST', '/storage/namespaces', namespace);
  write('/vol/v/n', 25);
  const [found] = await array.list('/storage/namespaces?fields=space.used,space.physical_used');
  expect(at(found, 'space')).toEqual({ used: 25 * MIB, physical_used: 25 * MIB });
  expect(await spaceOf(volume)).toEqual([25, 25, 0]);
  await array.expect(200, 'DELETE', '/storage/namespaces?name=/vol/v/n');
  expect(await spaceOf(volume)).toEqual([0, 0, 0]);
});

it('shows in storage units, beside their maps, their encryption and their zone', async () => {
  await start('asa-r2');
  const unit = (name: string) => ({ name, os_type: 'linux', ...SVM, space: { size: 100 * MIB } });
  await array.expect(201, 'POST', `/storage/luns?${WAIT}`, unit('l'));
  await array.expect(201, 'POST', `/storage/namespaces?${WAIT}`, unit('n'));
  write('l', 33);
  const igroup = { name: 'g', os_type: 'linux', ...SVM };
  const subsystem = { name: 's', os_type: 'linux', ...SVM };
  await array.expect(201, 'POST', '/protocols/san/igroups', igroup);
  await array.expect(201, 'POST', '/protocols/nvme/subsystems', subsystem);
  await array.expect(201, 'POST', '/protocols/san/lun-maps', { lun: { name: 'l' }, igroup: { name: 'g' }, ...SVM });
  await array.expect(201, 'POST', '/protocols/nvme/subsystem-maps', {
    namespace: { name: 'n' },
    subsystem: { name: 's' },
    ...SVM,
  });
  const fields = 'maps,movement,encryption,space,location.storage_availability_zone';
  const [lun, namespace] = await array.list(`/storage/storage-units?fields=${fields}&order_by=name`);
  const group = textAt(await array.list('/protocols/san/igroups'), 0, 'uuid');
  expect(lun).toMatchObject({
    maps: [
      {
        host_group: { name: 'g', uuid: group },
        lun_map: { logical_unit_number: 0, igroup: { name: 'g', uuid: group } },
      },
    ],
    encryption: { state: 'unencrypted' },
    space: { used: 33 * MIB, physical_used: 33 * MIB, snapshot: { used: 0, autodelete: { enabled: false } } },
    location: { storage_availability_zone: { name: 'storage_availability_zone_0' } },
  });
  expect(at(lun, 'movement')).toBeUndefined();
  expect(namespace).toMatchObject({
    maps: [{ host_group: { name: 's' }, subsystem_map: { nsid: '00000001h', subsystem: { name: 's' } } }],
  });
  expect(await array.list('/storage/storage-units?maps.host_group.name=g')).toHaveLength(1);
  const [plain] = await array.list('/storage/luns?fields=location,space.snapshot,encryption');
  expect(plain).toMatchObject({
    location: { storage_availability_zone: { name: 'storage_availability_zone_0' } },
    space: { snapshot: { reserve_percent: 0, autodelete: { enabled: false } } },
    encryption: { state: 'unencrypted' },
  });
  expect(
    await array.refusal('PATCH', `/storage/storage-units/${textAt(lun, 'uuid')}`, { movement: { state: 'cutover' } }),
  ).toBe('400 262196');
});
