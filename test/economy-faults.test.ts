import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { FaultAction, FaultMatch } from '../src/simulator/core/fault-rules.ts';
import { startSimulator } from '../src/simulator/simulator.ts';
import type { Simulator } from '../src/simulator/contract.ts';
import { type Line, commandsIn, expectDone, expectRefusal } from './support/cli-refusals.ts';
import { nasBackendFile } from './support/nas-backend.ts';
import { at, textAt } from './support/ontap-session.ts';

/** What cannot be had of qtrees in shared FlexVols, and in which words that is said. */

let folder: string;
let simulator: Simulator;
let cli: Line;

const backend = (more: Readonly<Record<string, unknown>>) =>
  nasBackendFile(folder, simulator, {
    storageDriverName: 'ontap-nas-economy',
    backendName: 'eco',
    aggregate: 'aggr1_n1',
    ...more,
  });
const create = (name: string, size = '1Gi') => `create volume ${name} --size ${size} --storage-class any`;
const furnish = async (more: Readonly<Record<string, unknown>> = {}): Promise<void> => {
  for (const line of [`create backend -f ${backend(more)}`, 'create storageclass any', create('v1')])
    await expectDone(cli, line);
};
const strike = (when: FaultMatch, action: FaultAction) =>
  // oxlint-disable-next-line unicorn/no-thenable -- the simulator's own word in its fault files
  simulator.faults.add({ when, then: action });
const shared = async () => {
  const { body } = await simulator.call('GET', '/storage/volumes?name=trident_qtree_pool_*&fields=quota.state');
  const record = at(body, 'records', 0);
  return { name: textAt(record, 'name'), uuid: textAt(record, 'uuid'), quotas: at(record, 'quota', 'state') };
};
const qtrees = async (): Promise<readonly string[]> => {
  const { body } = await simulator.call('GET', '/storage/qtrees?fields=name');
  const records = at(body, 'records');
  return (Array.isArray(records) ? records : []).map((each) => textAt(each, 'name')).filter((name) => name !== '');
};

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tridentctl-qtree-fault-'));
  cli = commandsIn(folder);
  simulator = await startSimulator({});
});
afterEach(async () => {
  await simulator.stop();
  rmSync(folder, { recursive: true, force: true });
});

it('a qtree beyond the limit of its FlexVol, where no other may be made', async () => {
  await furnish({ qtreesPerFlexvol: '50' });
  await expectDone(cli, `update backend eco -f ${backend({ qtreesPerFlexvol: '50', denyNewVolumePools: 'true' })}`);
  for (let number = 2; number <= 50; number++) await expectDone(cli, create(`v${number}`, '20Mi'));
  const { name } = await shared();
  await expectRefusal(
    cli,
    create('v51', '20Mi'),
    6,
    `FlexVol ${name} has 50 qtrees`,
    'no room for another',
    'new shared FlexVols are not allowed (denyNewVolumePools)',
  );
  expect(await qtrees()).toHaveLength(50);
});

it('a qtree that the array has no room for by its own limit', async () => {
  await furnish();
  const message = 'Failed to create qtree. Reason: maximum number of qtrees reached.';
  strike({ method: 'POST', path: '/api/storage/qtrees' }, { type: 'refuse', status: 400, code: '5242886', message });
  await expectRefusal(cli, create('v2'), 2, 'creating qtree trident_v2 in FlexVol', message, '(ONTAP error 5242886)');
  expect(await qtrees()).toEqual(['trident_v1']);
});

it('quotas that somebody switched off are switched on again, or it is said why not', async () => {
  await furnish();
  const { uuid, name } = await shared();
  const path = `/storage/volumes/${uuid}?return_timeout=15`;
  await simulator.call('PATCH', path, { quota: { enabled: false } });
  expect((await shared()).quotas).toBe('off');
  const fault = strike(
    { method: 'PATCH', path: '/api/storage/volumes/*', body: { quota: '*' } },
    { type: 'refuse', status: 500, code: '5308567', message: 'Quotas cannot be resized now.' },
  );
  await expectRefusal(
    cli,
    create('v2'),
    8,
    `switching on the quotas of shared FlexVol ${name}`,
    'Quotas cannot be resized now. (ONTAP error 5308567)',
  );
  expect(await qtrees()).toEqual(['trident_v1']);
  simulator.faults.remove(fault);
  await expectDone(cli, create('v2'));
  expect((await shared()).quotas).toBe('on');
});

it('a quota that the array has on record and does not enforce', async () => {
  await furnish();
  strike(
    { method: 'POST', path: '/api/storage/quota/rules' },
    {
      type: 'refuse',
      status: 400,
      code: '5308568',
      message: 'Quota policy rule create succeeded, but quota resize failed.',
    },
  );
  await expectRefusal(
    cli,
    create('v2'),
    4,
    'the array has the quota of qtree trident_v2 on record and does not enforce it',
    '(ONTAP error 5308568)',
    'switch the quotas of the FlexVol off and on',
  );
  expect(await qtrees()).toEqual(['trident_v1']);
});

it('a qtree larger than its FlexVol may be, and one that does not fit beside the others', async () => {
  await furnish({ limitVolumePoolSize: '2Gi', denyNewVolumePools: 'false' });
  await expectRefusal(
    cli,
    create('v2', '3Gi'),
    6,
    'the size limit: 2147483648 of a shared FlexVol (limitVolumePoolSize)',
  );
  await expectRefusal(cli, 'update volume v1 --size 3Gi', 6, 'limitVolumePoolSize allows 2147483648');
  await expectDone(cli, create('v2', '2Gi'));
});

it('clones, and what snapshots of a FlexVol cannot do for one of its qtrees', async () => {
  await furnish();
  await expectRefusal(
    cli,
    'create clone c1 --volume v1',
    5,
    'clones are not supported by backend type ontap-nas-economy',
    'make a read-only clone of a snapshot, or use a backend of another type',
  );
  await expectRefusal(
    cli,
    'create snapshot v1/s1',
    5,
    'volume v1 hides its snapshots, so that one could not be used',
    'snapshotDirectory true',
  );
  await expectDone(cli, `update backend eco -f ${backend({ defaults: { snapshotDir: 'true' } })}`);
  await expectDone(cli, create('v2'));
  await expectDone(cli, 'create snapshot v2/s1');
  await expectRefusal(cli, 'restore snapshot v2/s1', 5, 'read the files from a read-only clone of the snapshot');
  await expectRefusal(cli, 'create clone c1 --volume v2 --snapshot s1', 5, 'make a read-only clone');
  await expectDone(cli, 'create clone c1 --volume v2 --snapshot s1 --read-only');
});
