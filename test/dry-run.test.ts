import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSimulator } from '../src/simulator/simulator.ts';
import type { Simulator } from '../src/simulator/contract.ts';
import { exportRulesOn } from './support/export-rules.ts';
import { nasBackend, nasBackendFile } from './support/nas-backend.ts';
import { startRecordingServer } from './support/recording-server.ts';
import { runCli } from './support/run-cli.ts';

/** `--dry-run` says what would be done. Nothing is: no record is written, nothing is changed on the array. */

let folder = '';
let simulator: Simulator;

const cli = (line: string) =>
  runCli([...line.split(' '), '--state-dir', join(folder, 'state'), '--embedded'], { directory: folder });
const must = async (line: string): Promise<string> => {
  const { exit, stdout, stderr } = await cli(line);
  expect({ exit, stderr }, line).toEqual({ exit: 0, stderr: '' });
  return stdout;
};
const written = (name: string, more: Readonly<Record<string, unknown>>): string => {
  writeFileSync(join(folder, name), JSON.stringify({ ...nasBackend(simulator), ...more }));
  return name;
};

const nouns = ['backend', 'volume', 'snapshot', 'groupsnapshot', 'storageclass', 'node', 'publication', 'operation'];
const records = async (): Promise<string> =>
  JSON.stringify(await Promise.all(nouns.map(async (noun) => (await cli(`get ${noun} -o json`)).stdout)));
const changesOnArray = (): number => simulator.requests.list().filter(({ method }) => method !== 'GET').length;

/** Steps of a dry run, which must leave everything as it is. */
const planned = async (line: string): Promise<readonly string[]> => {
  const before = [await records(), changesOnArray()];
  const { items }: { items: readonly { change: string; state: string }[] } = JSON.parse(
    await must(`${line} --dry-run -o json`),
  );
  expect([await records(), changesOnArray()]).toEqual(before);
  expect(items.every(({ state }) => state === 'planned')).toBe(true);
  return items.map(({ change }) => change);
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dry-run-'));
  simulator = await startSimulator({});
  for (const line of [
    `create backend -f ${nasBackendFile(folder, simulator, { limitVolumeSize: '100Gi' })}`,
    'create storageclass any',
    'create volume v1 --size 1Gi --storage-class any --access-mode ReadWriteMany',
    'create volume v2 --size 1Gi --storage-class any',
    'create snapshot v1/s1',
    'create groupsnapshot nightly --volume v1 --volume v2',
    'create node n1 --ip 10.0.0.1',
    'create node n2 --ip 10.0.0.2',
    'publish volume v1 n1',
  ])
    await must(line);
  await simulator.call('POST', '/storage/volumes?return_timeout=15', {
    name: 'legacy',
    size: 2 ** 30,
    svm: { name: 'svm0' },
    aggregates: [{ name: 'aggr1_n1' }],
    nas: { path: '/legacy' },
  });
});
afterAll(async () => {
  await simulator.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('the plan', () => {
  it.each([
    ['create volume v3 --size 2Gi --storage-class any', /^create trident_v3 \(2147483648 bytes\) in pool /],
    ['create clone c1 --volume v1 --snapshot s1', /trident_c1/],
    ['create snapshot v1/s2', /s2/],
    ['create groupsnapshot weekly --volume v1 --volume v2', /groupsnapshot-weekly|snapshot-/],
    ['create node n3 --ip 10.0.0.3', /^register node n3$/],
    ['import volume nas1 legacy --name v4', /legacy/],
    ['update backend state nas1 --user-state suspended', /^set backend nas1 to suspended$/],
    ['update volume v1 --size 3Gi', /3221225472/],
    ['update volume v1 --size 3Gi --snapshot-dir true', /3221225472.*snapshot/is],
    ['publish volume v2 n1', /n1/],
    ['unpublish volume v1 n1', /n1/],
    ['restore snapshot v2/snapshot-nightly', /snapshot-nightly/],
    ['mirror release v1', /^forget all mirrors of volume v1$/],
    ['delete snapshot v1/s1', /s1/],
    ['delete groupsnapshot groupsnapshot-nightly', /nightly/],
    ['delete node n2', /n2/],
    [
      'create storageclass fast --attribute media=ssd',
      /^add storage class fast, with pools of nas1 \(aggr1_n1, aggr1_n2\)$/,
    ],
    ['create storageclass slow --attribute media=hdd', /^add storage class slow, which no pool satisfies$/],
    ['delete storageclass any', /^remove storage class any$/],
    ['delete volume v2', /v2/],
    ['delete volume --all', /v1.*v2/s],
    ['delete backend nas1', /^mark backend nas1 as deleting/],
  ])('of %s', async (line, words) => expect((await planned(line)).join('\n')).toMatch(words));

  it.each([
    'mirror establish v2 --source svm_dr:v2',
    'mirror reestablish v2 --source svm_dr:v2',
    'mirror promote v2',
    'mirror update v2',
  ])('of %s changes nothing, whether there is one or not', async (line) => {
    const before = [await records(), changesOnArray()];
    await cli(`${line} --dry-run`);
    expect([await records(), changesOnArray()]).toEqual(before);
  });

  it('is refused as the command itself would be', async () => {
    for (const line of [
      'create volume v1 --size 1Gi --storage-class any',
      'create volume v3 --size 200Gi --storage-class any',
      'create volume v3 --size lots --storage-class any',
      'delete volume nope',
      'create storageclass any',
      'create storageclass odd --attribute IOPS=lots',
      'import volume nas1 nope --name v5',
    ]) {
      const before = await records();
      const { exit, stdout, stderr } = await cli(`${line} --dry-run`);
      expect({ exit, stdout }, line).toEqual({ exit: 1, stdout: '' });
      expect(stderr).toMatch(/^Error: could not /);
      expect(await records()).toBe(before);
    }
  });

  it('is shown as far as it goes', async () =>
    expect(await cli('delete volume v2 nope --dry-run -o name')).toMatchObject({
      exit: 1,
      stdout: expect.stringContaining('v2'),
      stderr: expect.stringMatching(/^Error: could not delete volume nope: /),
    }));

  it('is a table for people', async () =>
    expect(await must('delete node n2 --dry-run')).toMatch(/│ +CHANGE +│ +STATE +│\n.*\n│ remove node n2 │ planned │/));
});

describe('of a backend', () => {
  it('a new one is connected to, and tells its pools', async () => {
    expect(await planned(`create backend -f ${written('new.json', { backendName: 'nas2' })}`)).toEqual([
      'add backend nas2 of driver ontap-nas with pools aggr1_n1, aggr1_n2',
    ]);
    const { exit, stderr } = await cli(
      `create backend -f ${written('bad.json', { backendName: 'nas2', password: 'wrong' })} --dry-run`,
    );
    expect(exit).toBe(1);
    expect(stderr).toContain('does not accept user admin');
  });

  it('a new one that sets CHAP up says so, and does not', async () => {
    const chap = {
      storageDriverName: 'ontap-san',
      backendName: 'san1',
      autoExportPolicy: undefined,
      useCHAP: true,
      chapUsername: 'initiators',
      chapInitiatorSecret: 'planted-secret-1',
      chapTargetUsername: 'target',
      chapTargetInitiatorSecret: 'planted-secret-2',
    };
    expect(await planned(`create backend -f ${written('chap.json', chap)}`)).toEqual([
      'set up CHAP on SVM svm0 for initiators and target',
      'add backend san1 of driver ontap-san with pools aggr1_n1, aggr1_n2',
    ]);
  });

  it('an update tells each setting that changes, and what it means for volumes', async () => {
    const same = { limitVolumeSize: '100Gi' };
    expect(await planned(`update backend nas1 -f ${written('same.json', same)}`)).toEqual([
      'write the configuration of backend nas1, which is as it was',
    ]);
    const other = { limitVolumeSize: '50Gi', aggregate: 'aggr1_n1', defaults: { snapshotReserve: '5' } };
    const steps = await planned(`update backend nas1 -f ${written('other.json', other)}`);
    expect(steps).toEqual([
      'change aggregate from "" to "aggr1_n1"',
      'change defaults.snapshotReserve from "" to "5", for volumes made from then on',
      'change limitVolumeSize from "100Gi" to "50Gi"',
      expect.stringMatching(/^drop pool aggr1_n2/),
    ]);
    // A backend of that name is updated by `create`, too.
    expect(await planned('create backend -f other.json')).toEqual(steps);
  });

  it('secrets are not told', async () => {
    simulator.accounts.setPassword('admin', 'planted-password-2');
    try {
      const file = written('password.json', { limitVolumeSize: '100Gi', password: 'planted-password-2' });
      expect(await planned(`update backend nas1 -f ${file}`)).toEqual(['replace password']);
    } finally {
      simulator.accounts.setPassword(
        'admin',
        String(JSON.parse(readFileSync(join(folder, 'same.json'), 'utf8')).password),
      );
    }
  });

  it('an update names volumes that are not there, and access that would change', async () => {
    await must('create volume lost --size 1Gi --storage-class any');
    const path = `/storage/volumes/${simulator.world.findVolume('trident_lost')?.uuid ?? ''}?return_timeout=15`;
    await simulator.call('PATCH', path, { nas: { path: '' } });
    await simulator.call('DELETE', path);
    await exportRulesOn(simulator).remove('trident_v1', undefined);
    expect(await planned('update backend nas1 -f same.json')).toEqual([
      'mark volume lost as orphaned: it is not there',
      'add 10.0.0.1 to export policy trident_v1',
    ]);
  });
});

describe('over HTTP', () => {
  it('a core that knows no plans does nothing', async () => {
    await using server = await startRecordingServer([
      { method: 'POST', path: '/trident/v1/plan/deleteVolume', status: 404, responseBody: '404 page not found\n' },
    ]);
    const line = ['delete', 'volume', 'v1', '--dry-run', '-s', `127.0.0.1:${server.port}`];
    expect(await runCli(line, { directory: folder })).toEqual({
      exit: 1,
      stdout: '',
      stderr: expect.stringMatching(/^Error: .*this core cannot say what it would do; nothing was done\nhint: /),
    });
    expect(server.received.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /trident/v1/plan/deleteVolume',
    ]);
  });
});
