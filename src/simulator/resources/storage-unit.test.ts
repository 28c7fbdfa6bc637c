import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { at, openOntapSession, textAt, type OntapSession } from '../../../test/support/ontap-session.ts';
import { defaultTopology } from '../core/topology.ts';

const MIB = 1024 ** 2;
const SVM = { svm: { name: 'svm0' } };
const UNITS = '/storage/storage-units';
const WAIT = 'return_timeout=10';

let array: OntapSession;

type Kind = 'lun' | 'namespace';

const newUnit = async (kind: Kind, name: string, more: Record<string, unknown> = {}): Promise<string> => {
  const body = { name, os_type: 'linux', ...SVM, space: { size: 100 * MIB }, ...more };
  await array.expect(201, 'POST', `/storage/${kind}s?${WAIT}`, body);
  return textAt((await array.list(`${UNITS}?name=${name}`))[0], 'uuid');
};

const unitAt = (uuid: string, fields = '**') => array.expect(200, 'GET', `${UNITS}/${uuid}?fields=${fields}`);
const snapshotsOf = (uuid: string, query = '') => array.list(`${UNITS}/${uuid}/snapshots${query}`);

const jobOf = async (method: 'POST' | 'PATCH' | 'DELETE', path: string, sent?: unknown): Promise<unknown> => {
  const job = textAt(await array.expect(202, method, path, sent), 'job', 'uuid');
  return array.expect(200, 'GET', `/cluster/jobs/${job}`);
};

const snapshot = async (unit: string, name: string): Promise<string> => {
  expect(await jobOf('POST', `${UNITS}/${unit}/snapshots`, { name })).toMatchObject({ state: 'success' });
  return textAt((await snapshotsOf(unit, `?name=${name}`))[0], 'uuid');
};

const cloneBody = (name: string, source: string, more: Record<string, unknown> = {}) => ({
  name,
  ...SVM,
  clone: { is_flexclone: true, source: { storage_unit: { uuid: source }, ...SVM, ...more } },
});

const clone = async (name: string, source: string, more: Record<string, unknown> = {}): Promise<string> => {
  expect(await jobOf('POST', UNITS, cloneBody(name, source, more))).toMatchObject({ state: 'success' });
  return textAt((await array.list(`${UNITS}?name=${name}`))[0], 'uuid');
};

beforeAll(async () => {
  array = await openOntapSession({
    clock: { frozenAt: new Date('2026-01-01T00:00:00Z') },
    topology: { cluster: { ...defaultTopology.cluster, personality: 'asa-r2' } },
  });
});
afterEach(() => array.simulator.world.verify());
afterAll(() => array.close());

describe('a storage unit', () => {
  test('is a LUN, with its UUID', async () => {
    const uuid = await newUnit('lun', 'unit_lun', { comment: 'c' });
    const [lun] = await array.list('/storage/luns?name=unit_lun&fields=serial_number,serial_number_hex');
    expect(textAt(lun, 'uuid')).toBe(uuid);
    expect(await unitAt(uuid)).toMatchObject({
      uuid,
      name: 'unit_lun',
      type: 'lun',
      svm: { name: 'svm0' },
      comment: 'c',
      os_type: 'linux',
      enabled: true,
      class: 'regular',
      access_mode: 'global',
      serial_number: at(lun, 'serial_number'),
      serial_number_hex: at(lun, 'serial_number_hex'),
      space: { size: 100 * MIB, used: 0, snapshot: { used: 0, reserve_percent: 0 } },
      status: { state: 'online', mapped: false, container_state: 'online' },
      create_time: '2026-01-01T00:00:00+00:00',
      clone: { is_flexclone: false },
      location: { volume: { name: 'unit_lun' }, storage_availability_zone: { name: 'storage_availability_zone_0' } },
    });
    expect(Object.keys((await array.list(`${UNITS}?uuid=${uuid}`))[0] ?? {})).toEqual(['uuid', 'name', '_links']);
  });

  test('is a namespace, made by a job, with a simple name and a volume', async () => {
    const body = {
      name: 'unit_ns',
      os_type: 'linux',
      ...SVM,
      space: { size: 100 * MIB, block_size: 4096 },
      comment: '{}',
    };
    expect(await jobOf('POST', '/storage/namespaces?return_records=true', body)).toMatchObject({ state: 'success' });
    const [namespace] = await array.list('/storage/namespaces?name=unit_ns&fields=*');
    expect(namespace).toMatchObject({
      name: 'unit_ns',
      comment: '{}',
      space: { size: 100 * MIB, block_size: 4096 },
      status: { state: 'online' },
      location: { volume: { name: 'unit_ns' }, storage_availability_zone: { name: 'storage_availability_zone_0' } },
    });
    expect(await unitAt(textAt(namespace, 'uuid'))).toMatchObject({
      type: 'namespace',
      name: 'unit_ns',
      space: { size: 100 * MIB },
    });
    expect(at(await unitAt(textAt(namespace, 'uuid')), 'serial_number')).toBeUndefined();
    expect(await array.list('/storage/volumes?name=unit_ns&fields=type,state,size')).toMatchObject([
      { type: 'rw', state: 'online', size: 100 * MIB },
    ]);
  });

  test('has a name that no other unit and no volume of the SVM has', async () => {
    await newUnit('lun', 'one_name');
    const body = (name: string) => ({ name, os_type: 'linux', ...SVM, space: { size: 100 * MIB } });
    expect(await array.refusal('POST', '/storage/namespaces', body('one_name'))).toBe('409 5440688');
    expect(await array.refusal('POST', '/storage/namespaces', body('/vol/v/ns'))).toBe('400 5376461');
    expect(await array.refusal('POST', '/storage/namespaces', body('n'.repeat(204)))).toBe('400 5376462');
    expect(await jobOf('POST', '/storage/luns', body('svm0_root'))).toMatchObject({ state: 'failure', code: 5440688 });
  });

  test('is renamed by any of its names, by a job; its volume follows', async () => {
    const uuid = await newUnit('namespace', 'name_a');
    expect(await jobOf('PATCH', `/storage/namespaces/${uuid}`, { name: 'name_b' })).toMatchObject({ state: 'success' });
    expect(await unitAt(uuid)).toMatchObject({ name: 'name_b', location: { volume: { name: 'name_b' } } });
    expect(await jobOf('PATCH', `${UNITS}/${uuid}`, { name: 'name_c' })).toMatchObject({ state: 'success' });
    expect(await array.list('/storage/namespaces?name=name_*')).toMatchObject([{ uuid, name: 'name_c' }]);
    expect(await array.list('/storage/volumes?name=name_*')).toMatchObject([{ name: 'name_c' }]);
    await newUnit('lun', 'name_d');
    expect(await array.refusal('PATCH', `${UNITS}/${uuid}`, { name: 'name_d' })).toBe('409 917526');
    expect(await array.refusal('PATCH', `${UNITS}/${uuid}`, { name: '1' })).toBe('400 5376461');
  });

  test('grows at once and is deleted by a job, with its volume', async () => {
    const uuid = await newUnit('namespace', 'short_lived');
    await array.expect(200, 'PATCH', `/storage/namespaces/${uuid}`, { space: { size: 200 * MIB } });
    expect(await unitAt(uuid)).toMatchObject({ space: { size: 200 * MIB } });
    await snapshot(uuid, 's');
    expect(await jobOf('DELETE', `/storage/namespaces/${uuid}`)).toMatchObject({ state: 'success' });
    expect(await array.refusal('GET', `${UNITS}/${uuid}`)).toBe('404 4');
    expect(await array.list('/storage/volumes?name=short_lived*')).toEqual([]);
  });

  test('is neither made nor deleted here, and is not there on other systems', async () => {
    const uuid = await newUnit('lun', 'permanent');
    expect(await array.refusal('DELETE', `${UNITS}/${uuid}`)).toBe('405 3');
    expect(await array.refusal('POST', UNITS, { name: 'x', ...SVM })).toBe('400 5374604');
    const unified = await openOntapSession({});
    try {
      expect(await unified.refusal('GET', UNITS)).toBe('404 3');
      expect(await unified.refusal('GET', '/storage/availability-zones')).toBe('404 3');
      expect(await unified.refusal('GET', '/storage/luns?fields=location.storage_availability_zone')).toBe(
        '400 262197',
      );
    } finally {
      await unified.close();
    }
  });

  test('is not mirrored', async () => {
    await newUnit('lun', 'alone');
    const paths = { source: { path: 'svm0:alone' }, destination: { path: 'svm_dr:alone' } };
    const wanted = { ...paths, create_destination: { enabled: true } };
    expect(await array.refusal('POST', '/snapmirror/relationships', wanted)).toBe('501 3');
  });

  test('has a volume that cannot be managed by itself', async () => {
    const uuid = await newUnit('lun', 'guarded');
    const volume = textAt(await unitAt(uuid), 'location', 'volume', 'uuid');
    expect(await array.refusal('POST', '/storage/volumes', { name: 'v', ...SVM, size: 100 * MIB })).toBe('400 918701');
    expect(await array.refusal('DELETE', `/storage/volumes/${volume}`)).toBe('400 918701');
    expect(await array.refusal('PATCH', `/storage/volumes/${volume}`, { size: 200 * MIB })).toBe('400 918703');
    expect(await array.refusal('PATCH', `/storage/volumes/${volume}`, { state: 'offline' })).toBe('400 918703');
  });
});

describe('a snapshot of a storage unit', () => {
  test('is made and deleted by jobs; the job is in the answer that waited, too', async () => {
    const unit = await newUnit('lun', 'snapped');
    const reply = await array.send('POST', `${UNITS}/${unit}/snapshots?${WAIT}`, { name: 'a', comment: 'c' });
    expect(reply).toMatchObject({ status: 201, body: { job: { uuid: expect.any(String) } } });
    const uuid = await snapshot(unit, 'b');
    const own = `/api${UNITS}/${unit}/snapshots`;
    expect(await snapshotsOf(unit, '?fields=name,create_time')).toMatchObject([
      { name: 'a', create_time: '2026-01-01T00:00:00+00:00' },
      { name: 'b', uuid, _links: { self: { href: `${own}/${uuid}` } } },
    ]);
    expect(await snapshotsOf(unit, '?name=a&fields=**')).toMatchObject([
      {
        name: 'a',
        comment: 'c',
        state: 'valid',
        svm: { name: 'svm0' },
        storage_unit: { uuid: unit },
        size: 0,
        version_uuid: expect.any(String),
      },
    ]);
    expect(await array.refusal('POST', `${UNITS}/${unit}/snapshots`, { name: 'a' })).toBe('409 525059');
    expect(await array.refusal('POST', `${UNITS}/${unit}/snapshots`, { name: 'snapmirror.x' })).toBe('400 1638477');
    expect(await jobOf('DELETE', `${UNITS}/${unit}/snapshots/${uuid}`)).toMatchObject({ state: 'success' });
    expect(await array.refusal('DELETE', `${UNITS}/${unit}/snapshots/${uuid}`)).toBe('404 1638600');
    expect(await array.refusal('GET', `${UNITS}/11111111-1111-4111-8111-111111111111/snapshots`)).toBe('404 5376489');
  });

  test('is the one of the volume behind the unit', async () => {
    const unit = await newUnit('lun', 'both_sides');
    const volume = textAt(await unitAt(unit), 'location', 'volume', 'uuid');
    const uuid = await snapshot(unit, 'a');
    expect(await array.list(`/storage/volumes/${volume}/snapshots`)).toMatchObject([{ uuid, name: 'a' }]);
    await array.expect(201, 'POST', `/storage/volumes/${volume}/snapshots?${WAIT}`, { name: 'b' });
    expect(await jobOf('PATCH', `${UNITS}/${unit}/snapshots/${uuid}`, { name: 'c', comment: 'renamed' })).toMatchObject(
      { state: 'success' },
    );
    expect(await array.list(`/storage/volumes/${volume}/snapshots?fields=comment`)).toMatchObject([
      { name: 'c', comment: 'renamed' },
      { name: 'b' },
    ]);
    expect(await snapshotsOf(unit, '?fields=comment')).toMatchObject([
      { name: 'c', comment: 'renamed' },
      { name: 'b' },
    ]);
    await array.expect(200, 'DELETE', `/storage/volumes/${volume}/snapshots/${uuid}?${WAIT}`);
    expect(await snapshotsOf(unit)).toMatchObject([{ name: 'b' }]);
  });

  test('is restored: size, attributes and later snapshots', async () => {
    const unit = await newUnit('lun', 'restored', { attributes: [{ name: 'a', value: '1' }] });
    await snapshot(unit, 'before');
    await array.expect(200, 'PATCH', `/storage/luns/${unit}`, { space: { size: 200 * MIB } });
    await array.expect(200, 'PATCH', `/storage/luns/${unit}/attributes/a`, { value: '2' });
    await jobOf('PATCH', `/storage/luns/${unit}`, { name: 'restored_new' });
    await snapshot(unit, 'after');
    expect(await jobOf('PATCH', `${UNITS}/${unit}?restore_to.snapshot.name=before`)).toMatchObject({
      state: 'success',
    });
    expect(await array.expect(200, 'GET', `/storage/luns/${unit}?fields=space.size,attributes`)).toMatchObject({
      name: 'restored_new',
      space: { size: 100 * MIB },
      attributes: [{ name: 'a', value: '1' }],
    });
    expect(await array.list('/storage/volumes?name=restored_new&fields=size')).toMatchObject([{ size: 100 * MIB }]);
    expect(await snapshotsOf(unit)).toMatchObject([{ name: 'before' }]);
    expect(await jobOf('PATCH', `${UNITS}/${unit}?restore_to.snapshot.name=none`)).toMatchObject({
      state: 'failure',
      code: 524511,
    });
    expect(await array.refusal('PATCH', `${UNITS}/${unit}?restore_to.snapshot.name=before`, { name: 'x' })).toBe(
      '400 918251',
    );
  });
});

describe('a clone of a storage unit', () => {
  test.each<[Kind]>([['lun'], ['namespace']])(
    'is a %s as the snapshot has it, and keeps the snapshot busy until it is split',
    async (kind) => {
      const unit = await newUnit(kind, `${kind}_parent`, {
        comment: 'kept',
        ...(kind === 'lun' ? { attributes: [{ name: 'a', value: '1' }] } : {}),
      });
      const taken = await snapshot(unit, 'base');
      await array.expect(200, 'PATCH', `/storage/${kind}s/${unit}`, { space: { size: 200 * MIB } });
      const copy = await clone(`${kind}_copy`, unit, { snapshot: { name: 'base' } });
      expect(copy).not.toBe(unit);
      const [record] = await array.list(`/storage/${kind}s?name=${kind}_copy&fields=**`);
      expect(record).toMatchObject({
        uuid: copy,
        space: { size: 100 * MIB },
        comment: 'kept',
        status: { mapped: false },
      });
      if (kind === 'lun') expect(record).toMatchObject({ attributes: [{ name: 'a', value: '1' }] });
      expect(await unitAt(copy)).toMatchObject({
        type: kind,
        location: { volume: { name: `${kind}_copy` } },
        clone: {
          is_flexclone: true,
          source: { storage_unit: { uuid: unit }, snapshot: { uuid: taken, name: 'base' }, svm: { name: 'svm0' } },
        },
      });
      const children = await array.list(
        `${UNITS}?clone.source.storage_unit.name=${kind}_parent&clone.source.snapshot.name=base&fields=name`,
      );
      expect(children).toMatchObject([
        {
          name: `${kind}_copy`,
          clone: { source: { storage_unit: { name: `${kind}_parent` }, snapshot: { name: 'base' } } },
        },
      ]);

      expect(await jobOf('DELETE', `${UNITS}/${unit}/snapshots/${taken}`)).toMatchObject({
        state: 'failure',
        code: 1638555,
        error: { code: '1638555' },
      });
      expect(await array.refusal('DELETE', `/storage/${kind}s/${unit}`)).toBe('409 5376520');
      expect(await jobOf('PATCH', `${UNITS}/${copy}`, { clone: { split_initiated: true } })).toMatchObject({
        state: 'success',
      });
      expect(at(await unitAt(copy), 'clone')).toMatchObject({ is_flexclone: false });
      expect(at(await unitAt(copy), 'clone', 'source')).toBeUndefined();
      expect(await array.refusal('PATCH', `${UNITS}/${copy}`, { clone: { split_initiated: true } })).toBe('400 524849');
      expect(await jobOf('DELETE', `${UNITS}/${unit}/snapshots/${taken}`)).toMatchObject({ state: 'success' });
      expect(await jobOf('DELETE', `/storage/${kind}s/${unit}`)).toMatchObject({ state: 'success' });
    },
  );

  test('makes a snapshot of its own when none is named', async () => {
    const unit = await newUnit('lun', 'plain');
    const reply = await array.send('POST', `${UNITS}?return_records=true&${WAIT}`, cloneBody('plain_copy', unit));
    expect(reply).toMatchObject({
      status: 201,
      body: { job: { uuid: expect.any(String) }, num_records: 1, records: [{ name: 'plain_copy', type: 'lun' }] },
    });
    expect(await snapshotsOf(unit, '?fields=owners')).toMatchObject([
      { name: expect.stringContaining('clone_plain_copy'), owners: ['volume_clone'] },
    ]);
  });

  test('takes the snapshot of its own source when another unit has one of that name', async () => {
    const [one, two] = [await newUnit('lun', 'same_1'), await newUnit('lun', 'same_2', { space: { size: 300 * MIB } })];
    for (const unit of [one, two]) await snapshot(unit, 'same');
    await clone('same_2_copy', two, { snapshot: { name: 'same' } });
    expect(await array.list('/storage/luns?name=same_2_copy&fields=space.size')).toMatchObject([
      { space: { size: 300 * MIB } },
    ]);
  });

  test('is refused with what is not there, or taken', async () => {
    const unit = await newUnit('lun', 'asked');
    expect(await array.refusal('POST', UNITS, cloneBody('asked', unit))).toBe('409 917526');
    expect(await array.refusal('POST', UNITS, cloneBody('a-b', unit))).toBe('400 5376461');
    expect(await array.refusal('POST', UNITS, cloneBody('x', '11111111-1111-4111-8111-111111111111'))).toBe(
      '400 5376490',
    );
    expect(await array.refusal('POST', UNITS, cloneBody('x', unit, { snapshot: { name: 'none' } }))).toBe(
      '404 1638600',
    );
    expect(await array.refusal('POST', UNITS, { name: 'x', ...SVM, clone: { is_flexclone: true, source: {} } })).toBe(
      '400 5376492',
    );
    expect(await array.refusal('POST', UNITS, { name: 'x', ...SVM, clone: { is_flexclone: false } })).toBe(
      '400 5374604',
    );
  });
});

describe('the availability zone', () => {
  test('tells what the system has, and what is left', async () => {
    const [zone] = await array.list('/storage/availability-zones?fields=**');
    expect(zone).toMatchObject({
      name: 'storage_availability_zone_0',
      nodes: [{ name: 'sim-cluster-01' }, { name: 'sim-cluster-02' }],
    });
    const size = Number(at(zone, 'space', 'size'));
    expect(size).toBe(20 * 1024 ** 4);
    expect(Number(at(zone, 'space', 'available'))).toBeLessThanOrEqual(size);
    expect(await array.refusal('PATCH', `/storage/availability-zones/${textAt(zone, 'uuid')}`, {})).toBe('501 3');
  });
});

test('a dump of all this is the same after it was restored', async () => {
  const before = array.simulator.dump();
  array.simulator.restore(before);
  expect(array.simulator.dump()).toBe(before);
});
