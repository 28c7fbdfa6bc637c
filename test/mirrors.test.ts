import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startSimulatorPair, type SimulatorPair } from '../src/simulator/simulator-pair.ts';
import { installationIn } from './support/installation.ts';
import { nasBackendFile } from './support/nas-backend.ts';

/** A volume of one array kept as a copy on another, by commands, through a disaster and back. */

const folder = await mkdtemp(join(tmpdir(), 'mirrors-'));
let pair: SimulatorPair;

const { must, refused } = installationIn(folder, 'state');
/** The one mirror that a command prints. */
const mirror = async (line: string): Promise<unknown> => JSON.parse(await must(`${line} -o json`)).items[0];

beforeAll(async () => {
  pair = await startSimulatorPair({});
  await must(`create backend -f ${nasBackendFile(folder, pair.first, { backendName: 'main' })}`);
  await must(`create backend -f ${nasBackendFile(folder, pair.second, { backendName: 'dr', svm: 'svm1' })}`);
  await must('create storageclass main --storage-pools main:.*');
  await must('create storageclass dr --storage-pools dr:.*');
  await must('create node n1 --ip 10.0.0.1');
  await must('create volume v1 --size 1Gi --storage-class main --access-mode ReadWriteMany');
});
afterAll(async () => {
  await pair.stop();
  await rm(folder, { recursive: true, force: true });
});

it('makes a volume that is to become a copy, where that can be', async () => {
  await must(
    'create volume c1 --size 1Gi --storage-class dr --access-mode ReadWriteMany --mirror-source svm0:trident_v1',
  );
  expect(JSON.parse(await must('get volume c1 -o json')).items[0].Config).toMatchObject({
    mirrorDestination: true,
    requiredPeerVolumeHandle: 'svm0:trident_v1',
  });
  expect(await mirror('mirror status c1')).toMatchObject({ state: 'none', localVolume: 'svm1:trident_c1' });
  expect(await refused('create volume c2 --size 1Gi --storage-class dr --mirror-source nowhere:v')).toContain(
    'has no peer nowhere',
  );
});

it('establishes it, tells how it stands and brings it up to date', async () => {
  expect(await refused('mirror establish v1')).toContain('name it as svm:volume');
  expect(await mirror('mirror establish c1 --policy MirrorAllSnapshots --wait')).toMatchObject({
    volume: 'c1',
    state: 'established',
    healthy: true,
    remoteVolume: 'svm0:trident_v1',
    policy: 'MirrorAllSnapshots',
    transferState: 'done',
  });
  expect(await must('mirror status c1')).toContain('established');
  await must('create snapshot v1/s1');
  expect(await refused('mirror promote c1 --snapshot v1/s1')).toContain('snapshot v1/s1 has not come over yet');
  await must('mirror update c1 --wait');
});

it('promotes it, and gives it to a node', async () => {
  expect(await refused('publish volume c1 n9')).toContain('n9');
  expect(await mirror('mirror promote c1 --snapshot v1/s1')).toMatchObject({ state: 'promoted' });
  expect(await mirror('mirror promote c1')).toMatchObject({ state: 'promoted' });
  for (const mode of ['multi_node_multi_writer', '5'])
    expect(await must(`publish volume c1 n1 --access-mode ${mode} -o wide`)).toContain('│ MULTI_NODE_MULTI_WRITER │');
  expect(await refused('mirror reestablish c1')).toContain('cannot re-establish the mirror of an attached volume');
  await must('unpublish volume c1 n1');
});

it('makes it a copy again', async () => {
  expect(await refused('mirror establish c1')).toContain('has data of its own');
  expect(await mirror('mirror reestablish c1 --wait')).toMatchObject({ state: 'established' });
  const journal = await must('get operation -o json');
  for (const kind of ['mirror.establish', 'mirror.promote', 'mirror.reestablish']) expect(journal).toContain(kind);
});

it('gives a volume that is promoted again the size that is on record', async () => {
  await must('mirror promote c1');
  await must('update volume c1 --size 2Gi');
  expect(await mirror('mirror reestablish c1 --wait')).toMatchObject({ state: 'established' });
  await must('mirror promote c1');
  const { body } = await pair.second.call('GET', '/storage/volumes?name=trident_c1&fields=size');
  expect(body).toMatchObject({ records: [{ size: 2 * 1024 ** 3 }] });
  await must('create volume large --size 3Gi --storage-class main');
  await must('create volume small --size 1Gi --storage-class dr --mirror-source svm0:trident_large');
  await must('mirror establish small --wait');
  await must('mirror promote small');
  const promoted = JSON.parse(await must('get volume small -o json')).items[0].Config;
  expect(promoted).toMatchObject({ size: String(3 * 1024 ** 3) });
  for (const volume of ['small', 'large']) await must(`delete volume ${volume}`);
  await must('mirror reestablish c1 --wait');
});

it('forgets copies, and deletes volumes that have them', async () => {
  expect(await must('mirror release v1')).toBe('svm1:trident_c1\n');
  expect(await must('mirror release v1')).toBe('');
  expect(await must('mirror release v1 -o json')).toBe('{\n  "items": []\n}\n');
  await must('delete volume c1');
  await must('delete snapshot v1/s1');
  await must('delete volume v1');
  for (const array of [pair.first, pair.second]) {
    const { body } = await array.call('GET', '/snapmirror/relationships');
    expect(body).toMatchObject({ num_records: 0 });
  }
});

it('says so where there are no mirrors', async () => {
  expect(await refused('mirror status nothing')).toContain('volume nothing was not found');
});
