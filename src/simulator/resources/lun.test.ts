import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { at, openOntapSession, textAt, type OntapSession } from '../../../test/support/ontap-session.ts';

const MIB = 1024 ** 2;
const SVM = { svm: { name: 'svm0' } };

let array: OntapSession;
let volumes = 0;

const newVolume = async (more: Record<string, unknown> = {}): Promise<{ name: string; uuid: string }> => {
  volumes += 1;
  const name = `v${volumes}`;
  await array.expect(201, 'POST', '/storage/volumes?return_timeout=10', {
    name,
    ...SVM,
    size: 1024 * MIB,
    aggregates: [{ name: 'aggr1_n1' }],
    guarantee: { type: 'none' },
    snapshot_policy: { name: 'none' },
    ...more,
  });
  const [record] = await array.list(`/storage/volumes?name=${name}`);
  return { name, uuid: textAt(record, 'uuid') };
};

const newLun = async (name: string, more: Record<string, unknown> = {}): Promise<string> => {
  const body = { name, os_type: 'linux', ...SVM, space: { size: 100 * MIB }, ...more };
  return textAt(await array.expect(201, 'POST', '/storage/luns?return_records=true', body), 'records', 0, 'uuid');
};

const lunAt = (uuid: string, fields = '**') => array.expect(200, 'GET', `/storage/luns/${uuid}?fields=${fields}`);

const newIgroup = async (name: string, more: Record<string, unknown> = {}): Promise<string> =>
  textAt(
    await array.expect(201, 'POST', '/protocols/san/igroups?return_records=true', {
      name,
      protocol: 'iscsi',
      os_type: 'linux',
      ...SVM,
      ...more,
    }),
    'records',
    0,
    'uuid',
  );

const snapshotOf = async (volume: { uuid: string }, name: string): Promise<string> => {
  await array.expect(201, 'POST', `/storage/volumes/${volume.uuid}/snapshots?return_timeout=10`, { name, ...SVM });
  const [snapshot] = await array.list(`/storage/volumes/${volume.uuid}/snapshots?name=${name}`);
  return textAt(snapshot, 'uuid');
};

beforeAll(async () => {
  array = await openOntapSession({ clock: { frozenAt: new Date('2026-01-01T00:00:00Z') } });
});
afterEach(() => array.simulator.world.verify());
afterAll(() => array.close());

describe('a LUN in a volume', () => {
  test('is made at once and shown as ONTAP shows it', async () => {
    const volume = await newVolume();
    const body = {
      name: `/vol/${volume.name}/lun0`,
      os_type: 'linux',
      ...SVM,
      space: { size: '500MB', guarantee: { requested: false }, scsi_thin_provisioning_support_enabled: true },
    };
    const reply = await array.send('POST', '/storage/luns?return_records=true', body);
    expect(reply.status).toBe(201);
    const record = at(reply.body, 'records', 0);
    const uuid = textAt(record, 'uuid');
    expect(reply.headers['location']).toBe(`/api/storage/luns/${uuid}`);
    const serial = textAt(record, 'serial_number');
    expect(serial).toMatch(/^[A-Za-z0-9+/-]{12}$/);
    expect(record).toMatchObject({
      name: `/vol/${volume.name}/lun0`,
      location: { logical_unit: 'lun0', volume: { name: volume.name, uuid: volume.uuid } },
      class: 'regular',
      enabled: true,
      os_type: 'linux',
      serial_number_hex: Buffer.from(serial).toString('hex'),
      space: {
        guarantee: { requested: false, reserved: false },
        scsi_thin_provisioning_support_enabled: true,
        size: 500 * MIB,
        used: 0,
      },
      status: { container_state: 'online', read_only: false, state: 'online' },
      _links: { self: { href: `/api/storage/luns/${uuid}` } },
    });
  });

  test('is found by exact name and by patterns, with the fields that Trident reads', async () => {
    const volume = await newVolume();
    await newLun(`/vol/${volume.name}/lun0`, { comment: 'c1' });
    const fields =
      'lun_maps.igroup.name,lun_maps.logical_unit_number,space.size,comment,qos_policy.name,status.mapped,location.volume.name,create_time,enabled,serial_number,status.state,os_type';
    for (const name of [
      `/vol/${volume.name}/lun0`,
      `/vol/${volume.name}/*`,
      `/vol/*${volume.name}/lun0`,
      `/vol/${volume.name}*/*0`,
    ]) {
      const found = await array.list(`/storage/luns?name=${name}&svm.name=svm0&fields=${fields}`);
      expect(found).toHaveLength(1);
      expect(found[0]).toMatchObject({
        name: `/vol/${volume.name}/lun0`,
        comment: 'c1',
        location: { volume: { name: volume.name } },
        status: { mapped: false, state: 'online' },
        create_time: '2026-01-01T00:00:00+00:00',
      });
      expect(textAt(found[0], 'serial_number')).toHaveLength(12);
    }
    const [keys] = await array.list(`/storage/luns?name=/vol/${volume.name}/lun0&svm.name=svm0&fields=`);
    expect(Object.keys(keys ?? {}).sort()).toEqual(['_links', 'name', 'svm', 'uuid']);
  });

  test('may be named by its location', async () => {
    const volume = await newVolume();
    const uuid = textAt(
      await array.expect(201, 'POST', '/storage/luns?return_records=true', {
        ...SVM,
        location: { volume: { name: volume.name }, logical_unit: 'by-location' },
        os_type: 'vmware',
        'space.size': '10MB',
      }),
      'records',
      0,
      'uuid',
    );
    expect(await lunAt(uuid, 'name')).toMatchObject({ name: `/vol/${volume.name}/by-location` });
  });

  test.each([
    ['no SVM', { name: '/vol/VOL/a', svm: undefined }, '400 2621707'],
    ['an unknown SVM', { name: '/vol/VOL/a', svm: { name: 'nope' } }, '400 2621462'],
    ['no system', { name: '/vol/VOL/a', os_type: undefined }, '400 5374884'],
    ['no size', { name: '/vol/VOL/a', space: undefined }, '400 5374884'],
    ['no name', { name: undefined }, '400 5374859'],
    ['a volume and no base name', { name: undefined, location: { volume: { name: 'VOL' } } }, '400 5374862'],
    ['a path without a base name', { name: '/vol/VOL/' }, '400 5374862'],
    ['a name that is no path', { name: 'lun0' }, '400 5374352'],
    ['bad characters', { name: '/vol/VOL/a b' }, '400 5374121'],
    ['an unknown volume', { name: '/vol/none/a' }, '400 917927'],
    ['an unknown qtree', { name: '/vol/VOL/q/a' }, '400 5242927'],
    ['a place in a snapshot', { name: '/vol/VOL/.snapshot/s/a' }, '400 5374238'],
    ['the root volume', { name: '/vol/svm0_root/a' }, '400 5374237'],
    ['two base names', { name: '/vol/VOL/a', location: { logical_unit: 'b' } }, '400 5374861'],
    ['a negative size', { name: '/vol/VOL/a', space: { size: -1 } }, '400 5374123'],
    ['a tiny size', { name: '/vol/VOL/a', space: { size: 1 } }, '400 5374124'],
    ['a huge size', { name: '/vol/VOL/a', space: { size: '900TB' } }, '400 5374125'],
    ['an unknown system', { name: '/vol/VOL/a', os_type: 'beos' }, '400 262197'],
    ['an unknown QoS policy', { name: '/vol/VOL/a', qos_policy: { name: 'none-such' } }, '400 8454243'],
    ['a value that is read-only', { name: '/vol/VOL/a', serial_number: 'x' }, '400 262196'],
    ['an unknown property', { name: '/vol/VOL/a', colour: 'red' }, '400 262179'],
    ['a long comment', { name: '/vol/VOL/a', comment: 'x'.repeat(255) }, '400 262197'],
    ['a movement', { name: '/vol/VOL/a', movement: { max_throughput: 1024 } }, '400 262196'],
    ['an attribute without a value', { name: '/vol/VOL/a', attributes: [{ name: 'x', value: '' }] }, '400 5374928'],
    [
      'attributes of one name',
      {
        name: '/vol/VOL/a',
        attributes: [
          { name: 'x', value: '1' },
          { name: 'x', value: '2' },
        ],
      },
      '400 5374932',
    ],
  ])('is refused with %s', async (_case, change, wanted) => {
    const volume = await newVolume();
    const body = { os_type: 'linux', ...SVM, space: { size: 10 * MIB }, ...change };
    expect(
      await array.refusal('POST', '/storage/luns', JSON.parse(JSON.stringify(body).replaceAll('VOL', volume.name))),
    ).toBe(wanted);
    expect(await array.list(`/storage/luns?location.volume.name=${volume.name}`)).toEqual([]);
  });

  test('has a path of its own', async () => {
    const volume = await newVolume();
    await newLun(`/vol/${volume.name}/a`);
    const b = await newLun(`/vol/${volume.name}/b`);
    const body = { name: `/vol/${volume.name}/a`, os_type: 'linux', ...SVM, space: { size: 10 * MIB } };
    expect(await array.refusal('POST', '/storage/luns', body)).toBe('409 5374242');
    expect(await array.refusal('PATCH', `/storage/luns/${b}`, { name: `/vol/${volume.name}/a` })).toBe('409 1254196');
    await array.expect(200, 'PATCH', `/storage/luns/${b}`, { name: `/vol/${volume.name}/c` });
    expect(await lunAt(b)).toMatchObject({ name: `/vol/${volume.name}/c`, location: { logical_unit: 'c' } });
  });

  test('only grows, and keeps its serial number', async () => {
    const volume = await newVolume();
    const uuid = await newLun(`/vol/${volume.name}/a`);
    const before = textAt(await lunAt(uuid), 'serial_number');
    expect(await array.refusal('PATCH', `/storage/luns/${uuid}`, { space: { size: 50 * MIB } })).toBe('400 5374892');
    expect(await array.refusal('PATCH', `/storage/luns/${uuid}`, { space: { size: 100 * MIB } })).toBe('400 1254226');
    await array.expect(200, 'PATCH', `/storage/luns/${uuid}`, {
      space: { size: 200 * MIB },
      comment: 'bigger',
      enabled: false,
    });
    expect(await lunAt(uuid)).toMatchObject({
      space: { size: 200 * MIB },
      comment: 'bigger',
      enabled: false,
      status: { state: 'offline' },
      serial_number: before,
    });
    expect(await array.refusal('PATCH', `/storage/luns/${uuid}`, { os_type: 'aix' })).toBe('400 262196');
    expect(await array.refusal('PATCH', `/storage/luns/${uuid}`, {})).toBe('400 262190');
    expect(await array.refusal('PATCH', '/storage/luns/00000000-0000-4000-8000-000000000000', { comment: 'x' })).toBe(
      '404 4',
    );
  });

  test('takes its space out of the volume when it is reserved', async () => {
    const volume = await newVolume();
    const space = async () =>
      at(await array.expect(200, 'GET', `/storage/volumes/${volume.uuid}?fields=space`), 'space');
    const free = Number(at(await space(), 'available'));
    const reserved = { space: { size: 300 * MIB, guarantee: { requested: true } } };
    const uuid = await newLun(`/vol/${volume.name}/a`, reserved);
    expect(await space()).toMatchObject({ used: 300 * MIB, available: free - 300 * MIB, footprint: 0 });
    expect(await lunAt(uuid)).toMatchObject({ space: { used: 300 * MIB, guarantee: { reserved: true } } });
    await array.expect(200, 'PATCH', `/storage/luns/${uuid}`, { space: { size: 400 * MIB } });
    expect(await space()).toMatchObject({ used: 400 * MIB });
    const tooMuch = {
      name: `/vol/${volume.name}/b`,
      os_type: 'linux',
      ...SVM,
      space: { size: 700 * MIB, guarantee: { requested: true } },
    };
    expect(await array.refusal('POST', '/storage/luns', tooMuch)).toBe('400 5374125');
    await array.expect(200, 'PATCH', `/storage/luns/${uuid}`, { space: { guarantee: { requested: false } } });
    expect(await space()).toMatchObject({ used: 0, available: free });
    await newLun(`/vol/${volume.name}/b`, { space: { size: 700 * MIB, guarantee: { requested: true } } });
    const [b] = await array.list(`/storage/luns?name=/vol/${volume.name}/b`);
    await array.expect(200, 'DELETE', `/storage/luns/${textAt(b, 'uuid')}`);
    expect(await space()).toMatchObject({ used: 0, available: free });
  });

  test('cannot be changed while its volume is offline', async () => {
    const volume = await newVolume();
    const uuid = await newLun(`/vol/${volume.name}/a`);
    await array.expect(200, 'PATCH', `/storage/volumes/${volume.uuid}?return_timeout=10`, { state: 'offline' });
    expect(await lunAt(uuid)).toMatchObject({ status: { container_state: 'volume_offline', state: 'offline' } });
    expect(await array.refusal('PATCH', `/storage/luns/${uuid}`, { comment: 'x' })).toBe('409 5374866');
    expect(await array.refusal('DELETE', `/storage/luns/${uuid}`)).toBe('409 5374866');
  });

  test('loses a QoS policy that is deleted', async () => {
    const volume = await newVolume();
    await array.expect(201, 'POST', '/storage/qos/policies?return_timeout=10', {
      name: 'gold',
      ...SVM,
      fixed: { max_throughput_iops: 1000 },
    });
    const uuid = await newLun(`/vol/${volume.name}/a`);
    await array.expect(200, 'PATCH', `/storage/luns/${uuid}`, { qos_policy: { name: 'gold' } });
    expect(await lunAt(uuid)).toMatchObject({ qos_policy: { name: 'gold' } });
    const [policy] = await array.list('/storage/qos/policies?name=gold');
    await array.expect(200, 'DELETE', `/storage/qos/policies/${textAt(policy, 'uuid')}`);
    expect(at(await lunAt(uuid), 'qos_policy')).toBeUndefined();
  });

  test('is seen by a user of its SVM, who need not name the SVM, and by no user of another', async () => {
    const volume = await newVolume();
    const name = `/vol/${volume.name}/own`;
    const body = { name, os_type: 'linux', space: { size: 10 * MIB } };
    expect((await array.sendAs('vsadmin', 'POST', '/storage/luns', body)).status).toBe(201);
    const found = (await array.sendAs('vsadmin', 'GET', `/storage/luns?name=${name}&fields=svm`)).body;
    expect(at(found, 'records')).toMatchObject([{ name, svm: { name: 'svm0' } }]);
    const foreign = { name: 'foreign', os_type: 'linux', svm: { name: 'svm_dr' } };
    await array.expect(201, 'POST', '/protocols/san/igroups', foreign);
    const igroups = (await array.sendAs('vsadmin', 'GET', '/protocols/san/igroups?name=foreign')).body;
    expect(at(igroups, 'num_records')).toBe(0);
    const refused = await array.sendAs('vsadmin', 'POST', '/protocols/san/igroups', { ...foreign, name: 'other' });
    expect(at(refused.body, 'error', 'code')).toBe('2621706');
  });
});

describe('attributes', () => {
  test('are kept with the LUN, one by one or with its creation', async () => {
    const volume = await newVolume();
    const uuid = await newLun(`/vol/${volume.name}/a`, {
      attributes: [{ name: 'com.netapp.ndvp.fstype', value: 'ext4' }],
    });
    const path = `/storage/luns/${uuid}/attributes`;
    const created = await array.send('POST', path, { name: 'context', value: 'csi' });
    expect(created.status).toBe(201);
    expect(created.headers['location']).toBe(`/api${path}/context`);
    expect(await array.refusal('POST', path, { name: 'context', value: 'csi' })).toBe('409 5374930');
    expect(await array.refusal('POST', path, { name: 'x' })).toBe('400 5374928');
    expect(await array.refusal('POST', path, { name: 'x', value: 'y'.repeat(4091) })).toBe('400 5374929');
    await array.expect(200, 'PATCH', `${path}/context`, { value: 'docker' });
    expect(await array.refusal('PATCH', `${path}/none`, { value: 'docker' })).toBe('404 5374931');
    const [found] = await array.list(
      `/storage/luns?name=/vol/${volume.name}/a&fields=attributes.name,attributes.value`,
    );
    expect(at(found, 'attributes')).toMatchObject([
      { name: 'com.netapp.ndvp.fstype', value: 'ext4' },
      { name: 'context', value: 'docker' },
    ]);
    await array.expect(200, 'DELETE', `${path}/context`);
    expect(await array.refusal('DELETE', `${path}/context`)).toBe('404 5374931');
    expect(await array.refusal('GET', '/storage/luns/none/attributes')).toBe('404 5374875');
    expect(at(await array.expect(200, 'GET', `/storage/luns/${uuid}`), 'attributes')).toBeUndefined();
  });
});

describe('a LUN clone', () => {
  test('has what its source has, a serial number of its own and no QoS policy', async () => {
    const volume = await newVolume();
    const source = await newLun(`/vol/${volume.name}/a`, {
      comment: 'original',
      attributes: [{ name: 'poolName', value: 'p1' }],
      qos_policy: { name: 'value' },
    });
    const clone = await newLun(`/vol/${volume.name}/b`, {
      os_type: undefined,
      clone: { source: { name: `/vol/${volume.name}/a` } },
      space: {},
      qos_policy: {},
    });
    const [before, after] = [await lunAt(source), await lunAt(clone)];
    expect(after).toMatchObject({
      os_type: 'linux',
      comment: 'original',
      space: { size: 100 * MIB },
      attributes: [{ name: 'poolName', value: 'p1' }],
    });
    expect(at(after, 'serial_number')).not.toBe(at(before, 'serial_number'));
    expect(at(after, 'qos_policy')).toBeUndefined();
    expect(at(after, 'clone')).toEqual({ created_as_clone: true });
  });

  test('takes a size that is not smaller, as Trident sends it', async () => {
    const volume = await newVolume();
    const source = await newLun(`/vol/${volume.name}/a`);
    const body = (name: string, more: object) => ({
      name: `/vol/${volume.name}/${name}`,
      ...SVM,
      clone: { source: { uuid: source } },
      ...more,
    });
    await array.expect(201, 'POST', '/storage/luns', body('same', { space: { size: 100 * MIB } }));
    expect(await array.refusal('POST', '/storage/luns', body('small', { space: { size: 50 * MIB } }))).toBe(
      '400 5374883',
    );
    expect(await array.refusal('POST', '/storage/luns', body('os', { os_type: 'linux' }))).toBe('400 5374883');
    expect(await array.refusal('POST', '/storage/luns', body('same', {}))).toBe('409 1260136');
  });

  test('is refused without a source that is there, in the same volume', async () => {
    const [volume, other] = [await newVolume(), await newVolume()];
    const source = await newLun(`/vol/${volume.name}/a`);
    const clone = (into: string, from: object) =>
      array.refusal('POST', '/storage/luns', { name: `/vol/${into}/b`, ...SVM, clone: { source: from } });
    expect(await clone(volume.name, { name: `/vol/${volume.name}/none` })).toBe('400 5374876');
    expect(await clone(volume.name, { uuid: '00000000-0000-4000-8000-000000000000' })).toBe('400 5374875');
    expect(await clone(volume.name, { uuid: source, name: `/vol/${volume.name}/none` })).toBe('400 5374876');
    expect(await clone(other.name, { uuid: source })).toBe('400 1260121');
    const snap = `/vol/${volume.name}/.snapshot/s1/a`;
    expect(await clone(volume.name, { name: snap })).toBe('400 5374876');
    expect(await clone(volume.name, { name: snap, uuid: source })).toBe('400 5374899');
  });

  test('may come out of a snapshot, also after the source has gone', async () => {
    const volume = await newVolume();
    const source = await newLun(`/vol/${volume.name}/a`, { attributes: [{ name: 'x', value: '1' }] });
    await snapshotOf(volume, 's1');
    await array.expect(200, 'DELETE', `/storage/luns/${source}`);
    const clone = await newLun(`/vol/${volume.name}/b`, {
      os_type: undefined,
      space: undefined,
      clone: { source: { name: `/vol/${volume.name}/.snapshot/s1/a` } },
    });
    expect(await lunAt(clone)).toMatchObject({ space: { size: 100 * MIB }, attributes: [{ name: 'x', value: '1' }] });
  });

  test('may overwrite a LUN, which stays the same for its hosts', async () => {
    const volume = await newVolume();
    await newLun(`/vol/${volume.name}/a`, { space: { size: 300 * MIB } });
    const target = await newLun(`/vol/${volume.name}/b`);
    const igroup = await newIgroup('overwrite');
    await array.expect(201, 'POST', '/protocols/san/lun-maps', {
      ...SVM,
      lun: { uuid: target },
      igroup: { uuid: igroup },
    });
    const before = await lunAt(target);
    await array.expect(200, 'PATCH', `/storage/luns/${target}`, {
      clone: { source: { name: `/vol/${volume.name}/a` } },
    });
    expect(await lunAt(target)).toMatchObject({
      space: { size: 300 * MIB },
      name: `/vol/${volume.name}/b`,
      serial_number: at(before, 'serial_number'),
      lun_maps: [{ igroup: { name: 'overwrite' }, logical_unit_number: 0 }],
    });
  });
});

describe('a volume with LUNs', () => {
  test('takes them along when it is renamed', async () => {
    const volume = await newVolume();
    const uuid = await newLun(`/vol/${volume.name}/a`);
    await array.expect(200, 'PATCH', `/storage/volumes/${volume.uuid}?return_timeout=10`, {
      name: `${volume.name}_new`,
    });
    expect(await lunAt(uuid)).toMatchObject({
      name: `/vol/${volume.name}_new/a`,
      location: { volume: { name: `${volume.name}_new` } },
    });
    expect(await array.list(`/storage/luns?name=/vol/${volume.name}/a`)).toEqual([]);
  });

  test('takes them, their attributes and their maps away when it is deleted', async () => {
    const volume = await newVolume();
    const uuid = await newLun(`/vol/${volume.name}/a`, { attributes: [{ name: 'x', value: '1' }] });
    const igroup = await newIgroup('gone-with-volume');
    await array.expect(201, 'POST', '/protocols/san/lun-maps', { ...SVM, lun: { uuid }, igroup: { uuid: igroup } });
    await array.expect(200, 'DELETE', `/storage/volumes/${volume.uuid}?return_timeout=10`);
    expect(await array.refusal('GET', `/storage/luns/${uuid}`)).toBe('404 4');
    expect(await array.list('/protocols/san/lun-maps?igroup.name=gone-with-volume')).toEqual([]);
    await array.expect(200, 'DELETE', `/protocols/san/igroups/${igroup}`);
  });

  test('gives its clone copies with serial numbers of their own, not mapped', async () => {
    const volume = await newVolume();
    const original = await newLun(`/vol/${volume.name}/lun0`, {
      attributes: [{ name: 'fstype', value: 'xfs' }],
      comment: 'c',
    });
    const igroup = await newIgroup('clone-parent');
    await array.expect(201, 'POST', '/protocols/san/lun-maps', {
      ...SVM,
      lun: { uuid: original },
      igroup: { uuid: igroup },
    });
    await snapshotOf(volume, 's1');
    await newLun(`/vol/${volume.name}/later`);
    await array.expect(200, 'PATCH', `/storage/luns/${original}`, { space: { size: 200 * MIB } });
    await array.expect(201, 'POST', '/storage/volumes?return_timeout=10', {
      name: `${volume.name}_c`,
      ...SVM,
      clone: { parent_volume: { name: volume.name }, parent_snapshot: { name: 's1' }, is_flexclone: true },
    });
    const copies = await array.list(`/storage/luns?location.volume.name=${volume.name}_c&fields=**`);
    expect(copies).toHaveLength(1);
    expect(copies[0]).toMatchObject({
      name: `/vol/${volume.name}_c/lun0`,
      comment: 'c',
      space: { size: 100 * MIB },
      status: { mapped: false },
      attributes: [{ name: 'fstype', value: 'xfs' }],
    });
    const before = await lunAt(original);
    expect(at(copies[0], 'uuid')).not.toBe(original);
    expect(at(copies[0], 'serial_number')).not.toBe(at(before, 'serial_number'));
  });

  test('gives copies to a clone without a snapshot too', async () => {
    const volume = await newVolume();
    await newLun(`/vol/${volume.name}/lun0`, { space: { size: 100 * MIB, guarantee: { requested: true } } });
    await array.expect(201, 'POST', '/storage/volumes?return_timeout=10', {
      name: `${volume.name}_c`,
      ...SVM,
      clone: { parent_volume: { name: volume.name }, is_flexclone: true },
    });
    expect(await array.list(`/storage/luns?name=/vol/${volume.name}_c/lun0`)).toHaveLength(1);
    const [copy] = await array.list(`/storage/volumes?name=${volume.name}_c&fields=space.used`);
    expect(copy).toMatchObject({ space: { used: 100 * MIB } });
  });

  test('brings them back as they were when a snapshot is restored', async () => {
    const volume = await newVolume();
    const kept = await newLun(`/vol/${volume.name}/kept`, { attributes: [{ name: 'x', value: 'old' }] });
    const lost = await newLun(`/vol/${volume.name}/lost`, {
      space: { size: 50 * MIB, guarantee: { requested: true } },
    });
    const serial = at(await lunAt(kept), 'serial_number');
    const igroup = await newIgroup('restored');
    await array.expect(201, 'POST', '/protocols/san/lun-maps', {
      ...SVM,
      lun: { uuid: kept },
      igroup: { uuid: igroup },
    });
    await snapshotOf(volume, 's1');

    await array.expect(200, 'DELETE', `/storage/luns/${lost}`);
    await array.expect(200, 'PATCH', `/storage/luns/${kept}`, {
      name: `/vol/${volume.name}/renamed`,
      space: { size: 300 * MIB },
    });
    await array.expect(200, 'PATCH', `/storage/luns/${kept}/attributes/x`, { value: 'new' });
    const later = await newLun(`/vol/${volume.name}/kept`);
    await array.expect(201, 'POST', '/protocols/san/lun-maps', {
      ...SVM,
      lun: { uuid: later },
      igroup: { uuid: igroup },
    });

    await array.expect(200, 'PATCH', `/storage/volumes/${volume.uuid}?restore_to.snapshot.name=s1&return_timeout=10`);
    expect(await lunAt(kept)).toMatchObject({
      name: `/vol/${volume.name}/kept`,
      space: { size: 100 * MIB },
      serial_number: serial,
      attributes: [{ name: 'x', value: 'old' }],
      lun_maps: [{ igroup: { name: 'restored' }, logical_unit_number: 0 }],
    });
    expect(await lunAt(lost)).toMatchObject({ name: `/vol/${volume.name}/lost`, status: { mapped: false } });
    expect(await array.refusal('GET', `/storage/luns/${later}`)).toBe('404 4');
    expect(await array.list('/protocols/san/lun-maps?igroup.name=restored')).toHaveLength(1);
    expect(await array.expect(200, 'GET', `/storage/volumes/${volume.uuid}?fields=space.used`)).toMatchObject({
      space: { used: 50 * MIB },
    });
  });
});

test('moves into another volume by its name, with what is written and reserved', async () => {
  const own = { name: 'svm0' };
  const make = async (name: string, size: string) => {
    const body = { name, svm: own, size, aggregates: [{ name: 'aggr1_n1' }], 'space.snapshot.reserve_percent': 0 };
    await array.expect(202, 'POST', '/storage/volumes', body);
  };
  await make('leaves', '1GB');
  await make('enters', '500MB');
  await make('narrow', '20MB');
  const space = { size: '200MB', guarantee: { requested: true } };
  await array.expect(201, 'POST', '/storage/luns', { name: '/vol/leaves/mover', svm: own, os_type: 'linux', space });
  array.simulator.world.setUnitUsedBytes('/vol/leaves/mover', 50 * 1024 ** 2);
  const [lun] = await array.list('/storage/luns?name=/vol/leaves/mover&fields=serial_number');
  const path = `/storage/luns/${textAt(lun, 'uuid')}`;
  const usedIn = async (name: string) =>
    at((await array.list(`/storage/volumes?name=${name}&fields=space.used`))[0], 'space', 'used');
  expect(await array.refusal('PATCH', path, { name: '/vol/narrow/mover' })).toBe('400 5374125');
  await array.expect(200, 'PATCH', path, { name: '/vol/enters/moved' });
  expect([await usedIn('leaves'), await usedIn('enters')]).toEqual([0, 200 * 1024 ** 2]);
  expect(await array.expect(200, 'GET', path)).toMatchObject({
    name: '/vol/enters/moved',
    location: { volume: { name: 'enters' }, logical_unit: 'moved' },
    serial_number: textAt(lun, 'serial_number'),
    space: { used: 200 * 1024 ** 2, size: 200 * 1024 ** 2 },
  });
  array.simulator.world.verify();
});

test('stays where it was moved when the volume that it left is restored', async () => {
  const uuid = async (name: string) => textAt((await array.list(`/storage/volumes?name=${name}`))[0], 'uuid');
  const [lun] = await array.list('/storage/luns?name=/vol/enters/moved');
  const path = `/storage/luns/${textAt(lun, 'uuid')}`;
  const old = `/storage/volumes/${await uuid('enters')}`;
  await array.expect(202, 'POST', `${old}/snapshots`, { name: 'before' });
  await array.expect(200, 'PATCH', path, { name: '/vol/leaves/back' });
  await array.expect(202, 'PATCH', `${old}?restore_to.snapshot.name=before`);
  expect(await array.expect(200, 'GET', path)).toMatchObject({ name: '/vol/leaves/back' });
  expect(await array.list('/storage/luns?location.volume.name=enters')).toEqual([]);
  array.simulator.world.verify();
});
