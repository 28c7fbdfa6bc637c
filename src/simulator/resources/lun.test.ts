import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { at, textAt } from '../../../test/support/ontap-session.ts';
import { openSanSession, type SanSession } from '../../../test/support/san-session.ts';

const MIB = 1024 ** 2;
const SVM = { svm: { name: 'svm0' } };

let array: SanSession;
beforeAll(async () => {
  array = await openSanSession();
});
afterEach(() => array.simulator.world.verify());
afterAll(() => array.close());

describe('a LUN in a volume', () => {
  test('is made at once and shown as ONTAP shows it', async () => {
    const volume = await array.newVolume();
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
    const volume = await array.newVolume();
    await array.newLun(`/vol/${volume.name}/lun0`, { comment: 'c1' });
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
    const volume = await array.newVolume();
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
    expect(await array.lunAt(uuid, 'name')).toMatchObject({ name: `/vol/${volume.name}/by-location` });
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
    const volume = await array.newVolume();
    const body = { os_type: 'linux', ...SVM, space: { size: 10 * MIB }, ...change };
    expect(
      await array.refusal('POST', '/storage/luns', JSON.parse(JSON.stringify(body).replaceAll('VOL', volume.name))),
    ).toBe(wanted);
    expect(await array.list(`/storage/luns?location.volume.name=${volume.name}`)).toEqual([]);
  });

  test('has a path of its own', async () => {
    const volume = await array.newVolume();
    await array.newLun(`/vol/${volume.name}/a`);
    const b = await array.newLun(`/vol/${volume.name}/b`);
    const body = { name: `/vol/${volume.name}/a`, os_type: 'linux', ...SVM, space: { size: 10 * MIB } };
    expect(await array.refusal('POST', '/storage/luns', body)).toBe('409 5374242');
    expect(await array.refusal('PATCH', `/storage/luns/${b}`, { name: `/vol/${volume.name}/a` })).toBe('409 1254196');
    await array.expect(200, 'PATCH', `/storage/luns/${b}`, { name: `/vol/${volume.name}/c` });
    expect(await array.lunAt(b)).toMatchObject({ name: `/vol/${volume.name}/c`, location: { logical_unit: 'c' } });
  });

  test('only grows, and keeps its serial number', async () => {
    const volume = await array.newVolume();
    const uuid = await array.newLun(`/vol/${volume.name}/a`);
    const before = textAt(await array.lunAt(uuid), 'serial_number');
    expect(await array.refusal('PATCH', `/storage/luns/${uuid}`, { space: { size: 50 * MIB } })).toBe('400 5374892');
    expect(await array.refusal('PATCH', `/storage/luns/${uuid}`, { space: { size: 100 * MIB } })).toBe('400 1254226');
    await array.expect(200, 'PATCH', `/storage/luns/${uuid}`, {
      space: { size: 200 * MIB },
      comment: 'bigger',
      enabled: false,
    });
    expect(await array.lunAt(uuid)).toMatchObject({
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
    const volume = await array.newVolume();
    const space = async () =>
      at(await array.expect(200, 'GET', `/storage/volumes/${volume.uuid}?fields=space`), 'space');
    const free = Number(at(await space(), 'available'));
    const reserved = { space: { size: 300 * MIB, guarantee: { requested: true } } };
    const uuid = await array.newLun(`/vol/${volume.name}/a`, reserved);
    expect(await space()).toMatchObject({ used: 300 * MIB, available: free - 300 * MIB, footprint: 0 });
    expect(await array.lunAt(uuid)).toMatchObject({ space: { used: 300 * MIB, guarantee: { reserved: true } } });
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
    await array.newLun(`/vol/${volume.name}/b`, { space: { size: 700 * MIB, guarantee: { requested: true } } });
    const [b] = await array.list(`/storage/luns?name=/vol/${volume.name}/b`);
    await array.expect(200, 'DELETE', `/storage/luns/${textAt(b, 'uuid')}`);
    expect(await space()).toMatchObject({ used: 0, available: free });
  });

  test('cannot be changed while its volume is offline', async () => {
    const volume = await array.newVolume();
    const uuid = await array.newLun(`/vol/${volume.name}/a`);
    await array.expect(200, 'PATCH', `/storage/volumes/${volume.uuid}?return_timeout=10`, { state: 'offline' });
    expect(await array.lunAt(uuid)).toMatchObject({ status: { container_state: 'volume_offline', state: 'offline' } });
    expect(await array.refusal('PATCH', `/storage/luns/${uuid}`, { comment: 'x' })).toBe('409 5374866');
    expect(await array.refusal('DELETE', `/storage/luns/${uuid}`)).toBe('409 5374866');
  });

  test('loses a QoS policy that is deleted', async () => {
    const volume = await array.newVolume();
    await array.expect(201, 'POST', '/storage/qos/policies?return_timeout=10', {
      name: 'gold',
      ...SVM,
      fixed: { max_throughput_iops: 1000 },
    });
    const uuid = await array.newLun(`/vol/${volume.name}/a`);
    await array.expect(200, 'PATCH', `/storage/luns/${uuid}`, { qos_policy: { name: 'gold' } });
    expect(await array.lunAt(uuid)).toMatchObject({ qos_policy: { name: 'gold' } });
    const [policy] = await array.list('/storage/qos/policies?name=gold');
    await array.expect(200, 'DELETE', `/storage/qos/policies/${textAt(policy, 'uuid')}`);
    expect(at(await array.lunAt(uuid), 'qos_policy')).toBeUndefined();
  });

  test('is seen by a user of its SVM, who need not name the SVM, and by no user of another', async () => {
    const volume = await array.newVolume();
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
    const volume = await array.newVolume();
    const uuid = await array.newLun(`/vol/${volume.name}/a`, {
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
