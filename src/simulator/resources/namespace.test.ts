import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { at, textAt } from '../../../test/support/ontap-session.ts';
import {
  openSanSession,
  SUBSYSTEM_MAPS,
  subsystemMap,
  unitOf,
  type SanSession,
} from '../../../test/support/san-session.ts';

const MIB = 1024 ** 2;
const SVM = { svm: { name: 'svm0' } };

let array: SanSession;
beforeAll(async () => {
  array = await openSanSession();
});
afterEach(() => array.simulator.world.verify());
afterAll(() => array.close());

const refused = (name: string, more: Record<string, unknown> = {}) =>
  array.refusal('POST', '/storage/namespaces', unitOf(name, more));
const namesIn = async (volume: string): Promise<readonly unknown[]> =>
  (await array.list(`/storage/namespaces?location.volume.name=${volume}`)).map((record) => at(record, 'name'));

describe('a namespace in a volume', () => {
  test('is made at once and shown as ONTAP shows it', async () => {
    const volume = await array.newVolume();
    const name = `/vol/${volume.name}/namespace0`;
    const reply = await array.send(
      'POST',
      '/storage/namespaces?return_records=true',
      unitOf(name, { comment: '{"a":1}', space: { size: '200MB', block_size: 4096 } }),
    );
    expect(reply.status).toBe(201);
    expect(at(reply.body, 'job')).toBeUndefined();
    const record = at(reply.body, 'records', 0);
    expect(reply.headers['location']).toBe(`/api/storage/namespaces/${textAt(record, 'uuid')}`);
    expect(record).toMatchObject({
      name,
      comment: '{"a":1}',
      os_type: 'linux',
      enabled: true,
      create_time: '2026-01-01T00:00:00+00:00',
      svm: { name: 'svm0' },
      clone: { created_as_clone: false },
      location: { namespace: 'namespace0', volume: volume, node: { name: 'sim-cluster-01' } },
      space: { size: 200 * MIB, block_size: 4096, used: 0, guarantee: { requested: false, reserved: false } },
      status: { container_state: 'online', state: 'online', read_only: false },
    });
    expect(at(record, 'status', 'mapped')).toBeUndefined();
    expect(await array.list(`/storage/namespaces?name=${name}`)).toEqual([
      {
        uuid: textAt(record, 'uuid'),
        name,
        _links: { self: { href: `/api/storage/namespaces/${textAt(record, 'uuid')}` } },
      },
    ]);
  });

  test('is placed by its volume and base name too, and takes what a VMware host wants', async () => {
    const volume = await array.newVolume();
    const body = {
      ...SVM,
      os_type: 'vmware',
      space: { size: 100 * MIB },
      location: { volume: { uuid: volume.uuid }, namespace: 'data' },
    };
    const made = await array.expect(201, 'POST', '/storage/namespaces?return_records=true', body);
    expect(at(made, 'records', 0)).toMatchObject({ name: `/vol/${volume.name}/data`, space: { block_size: 512 } });
  });

  test.each([
    ['a name that is no path', 'namespace0', '400 5374352'],
    ['no base name', '/vol/v1/', '400 5374862'],
    ['a character that names have not', '/vol/v1/a b', '400 72089732'],
    ['an unknown volume', '/vol/nowhere/ns', '400 917927'],
    ['an unknown qtree', '/vol/v1/q/ns', '400 5242927'],
    ['a snapshot', '/vol/v1/.snapshot/s/ns', '400 72089720'],
    ['the root volume', '/vol/svm0_root/ns', '400 72089727'],
  ])('is refused with %s', async (_case, name, wanted) => {
    expect(await refused(name)).toBe(wanted);
  });

  test.each([
    ['no size', { space: {} }, '400 72090013'],
    ['no system', { os_type: undefined }, '400 72090013'],
    ['a negative size', { space: { size: -1 } }, '400 72089722'],
    ['a small size', { space: { size: 4096 } }, '400 72089723'],
    ['a large size', { space: { size: '200TB' } }, '400 72089724'],
    ['an odd block size', { space: { size: 100 * MIB, block_size: 1000 } }, '400 262197'],
    ['an unknown QoS policy', { qos_policy: { name: 'nope' } }, '400 8454243'],
    ['another volume than its name says', { location: { volume: { name: 'v2' } } }, '400 5374858'],
    ['another base name than its name says', { location: { namespace: 'other' } }, '400 5374861'],
    ['no SVM', { svm: undefined }, '400 2621707'],
    ['an unknown SVM', { svm: { name: 'nope' } }, '400 2621462'],
    ['an unknown property', { foo: 1 }, '400 262179'],
    ['a property that is only read', { enabled: true }, '400 262196'],
    ['options for provisioning', { provisioning_options: { auto: true } }, '501 3'],
    ['a long comment', { comment: 'c'.repeat(255) }, '400 262197'],
  ])('is refused with %s', async (_case, more, wanted) => {
    expect(await refused('/vol/v1/refused', more)).toBe(wanted);
  });

  test('has a name that no other namespace and no LUN has', async () => {
    const volume = await array.newVolume();
    await array.newNamespace(`/vol/${volume.name}/a`);
    expect(await refused(`/vol/${volume.name}/a`)).toBe('409 72089725');
    expect(await array.refusal('POST', '/storage/luns', unitOf(`/vol/${volume.name}/a`))).toBe('409 5374242');
    await array.expect(201, 'POST', '/storage/luns', unitOf(`/vol/${volume.name}/b`));
    expect(await refused(`/vol/${volume.name}/b`)).toBe('409 72089725');
  });

  test('is not made in a FlexGroup, nor in a volume that is offline', async () => {
    await array.expect(201, 'POST', '/storage/volumes?return_timeout=10', {
      name: 'group',
      ...SVM,
      size: '10GB',
      style: 'flexgroup',
      aggregates: [{ name: 'aggr1_n1' }],
      constituents_per_aggregate: 1,
      guarantee: { type: 'none' },
    });
    expect(await refused('/vol/group/ns')).toBe('400 72089728');
    const volume = await array.newVolume();
    const uuid = await array.newNamespace(`/vol/${volume.name}/ns`);
    await array.expect(200, 'PATCH', `/storage/volumes/${volume.uuid}?return_timeout=10`, { state: 'offline' });
    expect(await refused(`/vol/${volume.name}/ns2`)).toBe('400 72090017');
    expect(await array.refusal('PATCH', `/storage/namespaces/${uuid}`, { space: { size: 300 * MIB } })).toBe(
      '409 72090017',
    );
    expect(await array.expect(200, 'GET', `/storage/namespaces/${uuid}`)).toMatchObject({
      enabled: false,
      status: { container_state: 'volume_offline', state: 'offline' },
    });
  });

  test('grows, and does not shrink', async () => {
    const volume = await array.newVolume();
    const uuid = await array.newNamespace(`/vol/${volume.name}/ns`);
    await array.expect(200, 'PATCH', `/storage/namespaces/${uuid}`, { space: { size: 150 * MIB } });
    await array.expect(200, 'PATCH', `/storage/namespaces/${uuid}`, { space: { size: 150 * MIB }, comment: 'same' });
    expect(await array.refusal('PATCH', `/storage/namespaces/${uuid}`, { space: { size: 100 * MIB } })).toBe(
      '400 72090038',
    );
    expect(await array.refusal('PATCH', `/storage/namespaces/${uuid}`, { space: { size: '200TB' } })).toBe(
      '400 72089724',
    );
    expect(await array.refusal('PATCH', `/storage/namespaces/${uuid}`, { os_type: 'windows' })).toBe('400 262196');
    expect(await array.expect(200, 'GET', `/storage/namespaces/${uuid}`)).toMatchObject({
      space: { size: 150 * MIB },
      comment: 'same',
    });
  });

  test('is renamed within its volume', async () => {
    const [volume, other] = [await array.newVolume(), await array.newVolume()];
    const uuid = await array.newNamespace(`/vol/${volume.name}/ns`);
    await array.newNamespace(`/vol/${volume.name}/taken`);
    await array.expect(200, 'PATCH', `/storage/namespaces/${uuid}`, { name: `/vol/${volume.name}/renamed` });
    expect(await array.refusal('PATCH', `/storage/namespaces/${uuid}`, { name: `/vol/${volume.name}/taken` })).toBe(
      '409 72089725',
    );
    expect(await array.refusal('PATCH', `/storage/namespaces/${uuid}`, { name: `/vol/${other.name}/ns` })).toBe(
      '400 5374858',
    );
    expect(await namesIn(volume.name)).toEqual(
      expect.arrayContaining([`/vol/${volume.name}/renamed`, `/vol/${volume.name}/taken`]),
    );
  });

  test('is cloned in its volume, from itself or out of a snapshot', async () => {
    const [volume, other] = [await array.newVolume(), await array.newVolume()];
    const path = (name: string) => `/vol/${volume.name}/${name}`;
    const uuid = await array.newNamespace(path('ns'), { comment: 'kept' });
    await array.expect(201, 'POST', `/storage/volumes/${volume.uuid}/snapshots?return_timeout=10`, { name: 'snap' });
    await array.expect(200, 'PATCH', `/storage/namespaces/${uuid}`, { space: { size: 200 * MIB } });
    const clone = (name: string, source: Record<string, unknown>, more = {}) =>
      array.refusal('POST', '/storage/namespaces', { name, ...SVM, clone: { source }, ...more });
    await array.expect(201, 'POST', '/storage/namespaces', {
      name: path('copy'),
      ...SVM,
      clone: { source: { name: path('ns') } },
    });
    await array.expect(201, 'POST', '/storage/namespaces', {
      name: path('old'),
      ...SVM,
      clone: { source: { name: path('.snapshot/snap/ns') } },
    });
    const copies = await array.list(
      `/storage/namespaces?name=${path('copy')}|${path('old')}&order_by=name&fields=space.size,clone,comment`,
    );
    expect(copies).toMatchObject([
      { name: path('copy'), space: { size: 200 * MIB }, clone: { created_as_clone: true }, comment: 'kept' },
      { name: path('old'), space: { size: 100 * MIB }, clone: { created_as_clone: true }, comment: 'kept' },
    ]);
    expect(await clone(path('copy'), { uuid })).toBe('409 72089725');
    expect(await clone(path('x'), { name: path('gone') })).toBe('400 72090007');
    expect(await clone(path('x'), { uuid: volume.uuid })).toBe('400 72090006');
    expect(await clone(path('x'), { uuid, name: path('copy') })).toBe('400 72090005');
    expect(await clone(path('x'), { name: path('.snapshot/none/ns') })).toBe('400 72090007');
    expect(await clone(path('x'), { uuid, name: path('.snapshot/snap/ns') })).toBe('400 72090033');
    expect(await clone(path('x'), { uuid }, { os_type: 'linux' })).toBe('400 72090012');
    expect(await clone(`/vol/${other.name}/x`, { uuid })).toBe('400 1260121');
  });

  test('is deleted; a mapped one only on request', async () => {
    const volume = await array.newVolume();
    const uuid = await array.newNamespace(`/vol/${volume.name}/ns`);
    await array.expect(201, 'POST', SUBSYSTEM_MAPS, subsystemMap(await array.newSubsystem(), uuid));
    expect(await array.refusal('DELETE', `/storage/namespaces/${uuid}`)).toBe('409 72089796');
    await array.expect(200, 'DELETE', `/storage/namespaces/${uuid}?allow_delete_while_mapped=True`);
    expect(await array.list(`${SUBSYSTEM_MAPS}?namespace.uuid=${uuid}`)).toEqual([]);
    expect(await array.refusal('DELETE', `/storage/namespaces/${uuid}`)).toBe('404 4');
  });
});
