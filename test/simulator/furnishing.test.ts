import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { at, openOntapSession, textAt, type OntapSession } from '../support/ontap-session.ts';

/** Aggregates and licences that come and go. */

let array: OntapSession;
beforeEach(async () => {
  array = await openOntapSession({ clock: { frozenAt: new Date('2025-05-01T00:00:00Z') } });
});
afterEach(async () => {
  array.simulator.world.verify();
  await array.close();
});

const GIB = 1024 ** 3;
const WAIT = 'return_timeout=15';
const AGGREGATES = '/storage/aggregates';
const LICENCES = '/cluster/licensing/licenses';
const key = (name: string) => name.padEnd(28, 'A');

describe('an aggregate', () => {
  const more = {
    name: 'more',
    node: { name: 'sim-cluster-02' },
    block_storage: { primary: { disk_count: 12, raid_type: 'raid_tec' } },
  };
  const make = async () =>
    textAt(
      await array.expect(201, 'POST', `${AGGREGATES}?${WAIT}&return_records=true&disk_size=${1000 * GIB}`, more),
      'records',
      0,
      'uuid',
    );

  it('is made of disks, grows by them, is renamed, and holds volumes', async () => {
    const path = `${AGGREGATES}/${await make()}`;
    expect(await array.expect(200, 'GET', path)).toMatchObject({
      name: 'more',
      state: 'online',
      node: { name: 'sim-cluster-02' },
      home_node: { name: 'sim-cluster-02' },
      block_storage: { primary: { disk_count: 12, raid_type: 'raid_tec', disk_type: 'ssd' } },
      space: { block_storage: { size: 9000 * GIB, used: 0 } },
    });
    await array.expect(200, 'PATCH', `${path}?${WAIT}&disk_size=${1000 * GIB}`, {
      'block_storage.primary.disk_count': 14,
    });
    await array.expect(200, 'PATCH', `${path}?${WAIT}`, { name: 'renamed' });
    expect(await array.expect(200, 'GET', path)).toMatchObject({
      name: 'renamed',
      space: { block_storage: { size: 11_000 * GIB } },
    });
    const volume = { name: 'v', svm: { name: 'svm0' }, aggregates: [{ name: 'renamed' }] };
    await array.expect(200, 'PATCH', `/svm/svms?name=svm0`, {
      aggregates: [{ name: 'renamed' }, { name: 'aggr1_n1' }],
    });
    await array.expect(201, 'POST', `/storage/volumes?${WAIT}`, volume);
    expect(await array.refusal('DELETE', `${path}?${WAIT}`)).toBe('409 786497');
    await array.expect(200, 'PATCH', `${path}?${WAIT}`, { state: 'offline' });
    expect(at(await array.list('/storage/volumes?name=v&fields=state'), 0, 'state')).toBe('offline');
    await array.expect(200, 'PATCH', `${path}?${WAIT}`, { state: 'online' });
    await array.expect(200, 'DELETE', `/storage/volumes?name=v`);
    // It waits in the recovery queue.
    expect(await array.refusal('DELETE', `${path}?${WAIT}`)).toBe('409 786497');
    array.simulator.world.verify();
    array.simulator.clock.advance(13 * 3_600_000);
    await array.expect(200, 'DELETE', `${path}?${WAIT}`);
    expect(await array.list(`${AGGREGATES}?name=renamed`)).toEqual([]);
  });

  it('leaves the SVMs to which it was delegated', async () => {
    const uuid = await make();
    const svm = textAt((await array.list('/svm/svms?name=svm0'))[0], 'uuid');
    await array.expect(200, 'PATCH', `/svm/svms/${svm}?${WAIT}`, {
      aggregates: [{ name: 'aggr1_n1' }, { name: 'more' }],
    });
    await array.expect(200, 'DELETE', `${AGGREGATES}/${uuid}?${WAIT}`);
    expect(at(await array.expect(200, 'GET', `/svm/svms/${svm}`), 'aggregates')).toMatchObject([{ name: 'aggr1_n1' }]);
  });

  it.each([
    [{ ...more, name: 'aggr1_n1' }, '409 786439'],
    [{ ...more, block_storage: { primary: { disk_count: 2 } } }, '400 786973'],
    [{ name: 'x', node: { name: 'sim-cluster-01' } }, '400 262212'],
    [{ name: 'x', block_storage: { primary: { disk_count: 9 } } }, '400 262212'],
  ])('%j is refused', async (body, refusal) => {
    expect(await array.refusal('POST', `${AGGREGATES}?${WAIT}`, body)).toBe(refusal);
  });
});

it('an SVM that is made with protocols switched on has their services', async () => {
  const on = { allowed: true, enabled: true };
  await array.expect(201, 'POST', `/svm/svms?${WAIT}`, { name: 'ready', nfs: on, iscsi: on, nvme: on });
  for (const path of ['nfs/services', 'san/iscsi/services', 'nvme/services'])
    expect(await array.list(`/protocols/${path}?svm.name=ready`)).toHaveLength(1);
  expect(await array.list('/protocols/san/fcp/services?svm.name=ready')).toEqual([]);
  expect(await array.list('/protocols/san/iscsi/credentials?svm.name=ready')).toHaveLength(1);
});

describe('a licence', () => {
  it('comes with its key, and lets services be made until it is taken away', async () => {
    await array.expect(200, 'DELETE', `${LICENCES}?name=cifs&serial_number=*`);
    expect(await array.list(`${LICENCES}?name=cifs`)).toEqual([]);
    expect(await array.list(`${LICENCES}?name=cifs|nfs&state=compliant,%20unlicensed`)).toMatchObject([
      { name: 'cifs', state: 'unlicensed' },
      { name: 'nfs', state: 'compliant' },
    ]);
    await array.expect(201, 'POST', '/svm/svms?return_timeout=15', { name: 'files' });
    const service = { svm: { name: 'files' }, name: 'FILES', workgroup: 'LAB' };
    expect(await array.refusal('POST', '/protocols/cifs/services', service)).toBe('400 1115127');
    await array.expect(201, 'POST', LICENCES, { keys: [key('CIFS')] });
    await array.expect(202, 'POST', '/protocols/cifs/services', service);
    expect(at(await array.expect(200, 'GET', `${LICENCES}/cifs`), 'state')).toBe('compliant');
    expect(await array.list(`${LICENCES}?name=cifs&state=compliant,unlicensed`)).toHaveLength(1);
    expect(await array.list(`${LICENCES}?name=cifs&fields=scope,state,licenses`)).toMatchObject([
      { scope: 'node', state: 'compliant', licenses: [{ owner: 'sim-cluster-01' }, { owner: 'sim-cluster-02' }] },
    ]);
  });

  it('may be installed again', async () => {
    const before = await array.list(`${LICENCES}?fields=*`);
    await array.expect(201, 'POST', LICENCES, { keys: [key('NFS')] });
    expect(await array.list(`${LICENCES}?fields=*`)).toEqual(before);
  });

  it('comes in a file with others', async () => {
    const file = { statusResp: { licenses: { package: ['SnapMirror Sync', 'S3', 'NFS'] } }, Signature: 'any' };
    await array.expect(201, 'POST', LICENCES, { keys: [JSON.stringify(file)] });
    expect(await array.list(`${LICENCES}?name=snapmirror_sync|s3`)).toHaveLength(2);
  });

  it.each([
    [{ keys: ['short'] }, '400 1115159'],
    [{ keys: [key('QQ')] }, '400 1115141'],
    [{ keys: ['{"a":'] }, '400 1115159'],
    [{ keys: [] }, '400 1115130'],
  ])('%j is refused', async (body, refusal) => {
    expect(await array.refusal('POST', LICENCES, body)).toBe(refusal);
  });

  it('is not on another serial number', async () => {
    expect(await array.refusal('DELETE', `${LICENCES}/nfs?serial_number=9-99`)).toBe('404 4');
    await array.expect(200, 'DELETE', `${LICENCES}/nfs?serial_number=1-81-*`);
  });
});
