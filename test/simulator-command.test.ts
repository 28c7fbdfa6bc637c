import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readYaml } from '../src/engine/yaml.ts';
import { at } from './support/ontap-session.ts';
import { runCli } from './support/run-cli.ts';
import { runSimulator } from './support/run-simulator.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'simulator-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const simulate = (words: readonly string[], meanwhile?: (said: string) => Promise<unknown>) =>
  runSimulator(words, folder, meanwhile);
const inFolder = (...words: string[]) => runCli(words, { directory: folder, environment: { HOME: folder } });
const write = (name: string, text: string) => writeFile(join(folder, name), text);

const facts = v.object({
  cluster: v.string(),
  url: v.string(),
  username: v.string(),
  password: v.string(),
  svm: v.string(),
  certificate: v.string(),
  controlToken: v.string(),
});
const factsIn = (said: string) => v.parse(facts, JSON.parse(said));

/** A request to the REST API with what the command said about it. */
const send = async (said: string, method: 'GET' | 'POST', path: string, body?: unknown): Promise<unknown> => {
  const { url, username, password, certificate } = factsIn(said);
  const dispatcher = new Agent({ connect: { ca: certificate } });
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  const answer = await request(`${url}/api${path}`, {
    dispatcher,
    method,
    headers: { authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const given: unknown = await answer.body.json();
  await dispatcher.close();
  return given;
};
const get = (said: string, path: string) => send(said, 'GET', path);

const listenOn = async (port: number): Promise<Server> => {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
};

/** A server on a port of which the one before is free; below the range from which the system gives ports to others. */
const listenAboveFreePort = async (): Promise<{ readonly server: Server; readonly port: number }> => {
  const port = 20_000 + Math.floor(Math.random() * 10_000);
  const below = await listenOn(port - 1).catch(() => undefined);
  below?.close();
  const server = below && (await listenOn(port).catch(() => undefined));
  return server === undefined ? listenAboveFreePort() : { server, port };
};

describe('tridentctl simulator', () => {
  it('prints where it is and a login, and ends cleanly', async () => {
    const { exit, stdout } = await simulate([]);
    expect(exit).toBe(0);
    expect(stdout).toMatch(
      /^Simulated ONTAP cluster at https:\/\/127\.0\.0\.1:\d+, SVM svm0\nUser admin, password \S+\n$/,
    );
  });

  it('tells everything as JSON, the token once', async () => {
    const { stdout } = await simulate(['-o', 'json'], async (said) => {
      const { controlToken } = factsIn(said);
      for (const words of [['requests'], ['dump'], ['faults', '-o', 'json'], ['clock']]) {
        const result = await inFolder('simulator', ...words);
        expect(result.exit).toBe(0);
        expect(result.stdout + result.stderr).not.toContain(controlToken);
      }
    });
    const { controlToken, cluster } = factsIn(stdout);
    expect([cluster, stdout.split(controlToken).length]).toEqual(['sim-cluster', 2]);
  });

  it('prints a backend file that create backend takes, and is the same array when it starts again', async () => {
    let port = '';
    const first = await simulate(['--print-backend', 'ontap-nas', '--state', 'array.json'], async (said) => {
      port = /managementLIF: 127\.0\.0\.1:(\d+)/.exec(said)?.[1] ?? '';
      await write('backend.yaml', said);
      await inFolder('create', 'backend', '-f', 'backend.yaml');
      await inFolder('create', 'storageclass', 'any');
      const created = await inFolder('create', 'volume', 'v1', '--size', '1Gi', '--storage-class', 'any', '-o', 'name');
      expect(created).toEqual({ exit: 0, stdout: 'v1\n', stderr: '' });
    });
    expect(first.exit).toBe(0);
    expect(readYaml(first.stdout)).toMatchObject({ version: 1, storageDriverName: 'ontap-nas', svm: 'svm0' });
    for (const file of ['array.json', 'array.json.secrets'])
      expect((await stat(join(folder, file))).mode & 0o777).toBe(0o600);
    expect(await readFile(join(folder, 'array.json'), 'utf8')).toContain('"v1"');

    const second = await simulate(['--port', port, '--state', 'array.json'], async () => {
      expect(await inFolder('delete', 'volume', 'v1')).toMatchObject({ exit: 0 });
    });
    expect(second.exit).toBe(0);
    const third = await simulate(['--state', 'array.json', '--seed', '9', '--personality', 'asa']);
    expect(third.stdout).toMatch(
      /^warning: array\.json holds a cluster already: --personality, --seed changes nothing/,
    );
    const text = await readFile(join(folder, 'array.json'), 'utf8');
    await write('torn.json', text.replace('"ipspace":"', '"ipspace":"no-'));
    const torn = await simulate(['--state', 'torn.json']);
    expect(torn.exit).toBe(1);
    expect(torn.stdout).toMatch(
      /^Error: .*torn\.json is no state of the simulator: broadcast_domain \w+ \(.*\): ipspace refers to ipspace no-.*, which is not there\n/,
    );
    expect(await readFile(join(folder, 'torn.json'), 'utf8')).toContain('"ipspace":"no-');
  });

  it.each([
    ['ontap-nas', []],
    ['ontap-nas-flexgroup', []],
    ['ontap-nas-economy', []],
    ['ontap-san', []],
    ['ontap-san-economy', []],
    ['ontap-san', ['--personality', 'asa-r2', '--ontap-version', '9.18.1']],
    ['ontap-nas', ['--personality', 'afx', '--ontap-version', '9.19.1']],
    ['ontap-san-economy', ['--personality', 'asa']],
  ] as const)('prints a backend file for %s %j', async (driver, more) => {
    const { stdout } = await simulate(['--print-backend', driver, ...more]);
    expect(readYaml(stdout)).toMatchObject({ storageDriverName: driver, svm: 'svm0', username: 'admin' });
  });

  it('is of the personality and release that are wanted', async () => {
    await simulate(['-o', 'json', '--personality', 'asa-r2', '--ontap-version', '9.16.1'], async (said) => {
      expect(await get(said, '/cluster?fields=version,san_optimized,disaggregated')).toMatchObject({
        version: { generation: 9, major: 16, minor: 1 },
        san_optimized: true,
        disaggregated: true,
      });
    });
  });

  it('is what the topology file says, with faults, latency, a clock that stands, and a seed', async () => {
    await write('lab.yaml', 'cluster: {name: lab}\naggregates:\n- name: fast\n  size: 2TiB\nsvms:\n- name: red\n');
    await write(
      'faults.yaml',
      'faults:\n- when: {path: /storage/volumes}\n  then: {type: refuse, status: 503, code: 7}\n',
    );
    const words = ['-o', 'json', '--topology', 'lab.yaml', '--fault', 'faults.yaml', '--latency', '30ms'];
    const answers: unknown[] = [];
    for (const seed of ['7', '7', '8'])
      await simulate([...words, '--seed', seed, '--clock', '2031-01-01T00:00:00Z'], async (said) => {
        const begun = performance.now();
        const aggregates = await get(said, '/storage/aggregates?fields=*');
        expect(performance.now() - begun).toBeGreaterThan(28);
        expect(aggregates).toMatchObject({
          records: [
            { name: 'fast', create_time: '2031-01-01T00:00:00+00:00', space: { block_storage: { size: 2 ** 41 } } },
          ],
        });
        expect(at(await get(said, '/storage/volumes'), 'error', 'code')).toBe('7');
        expect(factsIn(said)).toMatchObject({ cluster: 'lab', svm: 'red' });
        answers.push(aggregates);
      });
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).not.toEqual(answers[0]);
  });

  it('runs two clusters that are peers, and keeps both', async () => {
    const words = ['--pair', '-o', 'json', '--state', 'pair.json', '--ontap-version', '9.16.1'];
    const clusters = (said: string) => v.parse(v.object({ clusters: v.array(facts) }), JSON.parse(said)).clusters;
    const first = await simulate(words, async (said) => {
      const [one, two] = clusters(said).map((each) => JSON.stringify(each));
      expect(
        await get(one ?? '', '/svm/peers?fields=state,applications,peer.svm.name,peer.cluster.name'),
      ).toMatchObject({
        records: [
          {
            state: 'peered',
            applications: ['snapmirror'],
            peer: { svm: { name: 'svm1' }, cluster: { name: 'sim-cluster-dr' } },
          },
        ],
      });
      expect(await get(two ?? '', '/cluster?fields=version')).toMatchObject({ version: { major: 16 } });
      expect(await inFolder('simulator', 'verify', '--cluster', 'sim-cluster-dr')).toMatchObject({ exit: 0 });
      expect(await inFolder('simulator', 'verify')).toMatchObject({ exit: 1 });
    });
    expect(first.exit).toBe(0);
    expect(clusters(first.stdout).map(({ cluster, svm }) => [cluster, svm])).toEqual([
      ['sim-cluster', 'svm0'],
      ['sim-cluster-dr', 'svm1'],
    ]);
    const again = await simulate(['--pair', '-o', 'json', '--state', 'pair.json']);
    expect(clusters(again.stdout).map(({ password }) => password)).toEqual(
      clusters(first.stdout).map(({ password }) => password),
    );
    const alone = await simulate(['--state', 'pair.json']);
    expect(alone.stdout).toMatch(/^Error: .*pair\.json holds the state of 2 clusters, not of one\nhint: add --pair/);
  });

  it('runs a pair of which both clusters are described', async () => {
    await write(
      'pair.yaml',
      'clusters:\n- cluster: {name: north}\n  svms:\n  - name: red\n- cluster: {name: south}\n  svms:\n  - name: blue\n',
    );
    const { stdout } = await simulate(['--pair', '-o', 'json', '--topology', 'pair.yaml'], async (said) => {
      const [one] = v.parse(v.object({ clusters: v.array(facts) }), JSON.parse(said)).clusters;
      expect(await get(JSON.stringify(one), '/svm/peers?fields=state,peer.svm.name,peer.cluster.name')).toMatchObject({
        records: [{ state: 'peered', peer: { svm: { name: 'blue' }, cluster: { name: 'south' } } }],
      });
    });
    expect(JSON.parse(stdout)).toMatchObject({
      clusters: [
        { cluster: 'north', svm: 'red' },
        { cluster: 'south', svm: 'blue' },
      ],
    });
  });

  it('takes snapshots by itself as its clock runs', async () => {
    const words = ['-o', 'json', '--clock', '2026-01-01T00:00:00Z', '--clock-speed', '36000'];
    await simulate(words, async (said) => {
      await send(said, 'POST', '/storage/volumes', {
        name: 'v',
        svm: { name: 'svm0' },
        aggregates: [{ name: 'aggr1_n1' }],
      });
      const count = async () =>
        Number(
          at(await get(said, '/storage/volumes?name=v&fields=snapshot_count'), 'records', 0, 'snapshot_count') ?? 0,
        );
      while ((await count()) < 2);
      expect(await inFolder('simulator', 'verify')).toMatchObject({ exit: 0 });
    });
  });

  it('says which port is in use', async () => {
    const { server, port } = await listenAboveFreePort();
    const results = [await simulate(['--port', String(port)]), await simulate(['--pair', '--port', String(port - 1)])];
    server.close();
    for (const { exit, stdout } of results) {
      expect(exit).toBe(1);
      expect(stdout).toMatch(new RegExp(`^Error: port ${port} is in use\\nhint: .*--port 0`));
    }
  });

  it('says that its state could not be left', async () => {
    await mkdir(join(folder, 'gone'));
    const { exit, stdout } = await simulate(['--state', 'gone/array.json'], () =>
      rm(join(folder, 'gone'), { recursive: true }),
    );
    expect(exit).not.toBe(0);
    expect(stdout).toMatch(/\nError: cannot write .*gone\/array\.json/);
  });

  it('warns when other machines can reach it', async () => {
    const result = await simulate(['--address', '0.0.0.0', '--allow-remote']);
    expect(result.exit).toBe(0);
    expect(result.stdout).toMatch(/^warning: other machines can reach the simulator at 0\.0\.0\.0\n/);
  });

  it.each([
    ['--port 65536', /^Error: --port is a number from 0 to 65535/],
    ['--latency soon', /^Error: --latency takes 20ms, 1s, 10m, 1h30m or 1d, not "soon"/],
    ['--job-time 1h30', /^Error: --job-time takes .*, not "1h30"/],
    ['--job-time 1w', /^Error: --job-time takes /],
    ['--seed x', /^Error: --seed is a number/],
    ['--clock noon', /^Error: --clock takes a date and time such as 2025/],
    ['--address 0.0.0.0', /^Error: 0\.0\.0\.0 can be reached by other machines\nhint: add --allow-remote/],
    ['--topology lab.yaml', /^Error: lab\.yaml:3: topology: svms\.0\.aggregates: /],
    ['--topology typo.yaml', /^Error: typo\.yaml:2: topology: nodse: there is no such key/],
    ['--topology missing.yaml', /^Error: missing\.yaml:3: topology: aggregates\.0\.node: there is no "n9"/],
    [
      '--pair --topology typos.yaml',
      /^Error: typos\.yaml:4: topology: clusters\.1\.svms\.0\.colour: there is no such key/,
    ],
    ['--topology typos.yaml', /^Error: typos\.yaml:1: topology: clusters: a file with two clusters is for --pair/],
    ['--clock-speed fast', /^Error: --clock-speed takes a factor such as 60, not "fast"/],
    ['--topology broken.yaml', /^Error: broken\.yaml:2:12: /],
    ['--state lab.yaml', /^Error: .*lab\.yaml is no state of the simulator/],
    ['--state nowhere/array.json', /^Error: cannot write .*nowhere\/array\.json: ENOENT/],
    ['--state newer.json', /^Error: .*newer\.json is no state .*saved by a newer simulator: its format is 9, and 1 is/],
    ['--fault nope.yaml', /^Error: open nope\.yaml: no such file or directory/],
    ['--fault faults.yaml', /^Error: faults\.yaml:4: fault rules: faults\.0\.then\.colour: there is no such key/],
    ['--fault tls.yaml', /^Error: tls\.yaml:2: fault rules: faults\.0\.when\.path: a fault of the type "tls" strikes/],
    ['--fault twice.yaml', /^Error: twice\.yaml:6: fault rules: faults\.1\.name: there is another "a"/],
    [
      '--fault type.yaml',
      /^Error: type\.yaml:3: fault rules: faults\.0\.then\.type: one of refuse, delay, .* is needed, not "explode"/,
    ],
    ['--fault method.yaml', /^Error: method\.yaml:2: fault rules: faults\.0\.when\.method: must be one of GET, HEAD,/],
    ['--address 192.0.2.1 --allow-remote', /Error: the address to listen on is not one of this machine/],
    ['--personality nas', /^Error: --personality is one of unified, asa, asa-r2, afx, not "nas"/],
    ['--ontap-version nine', /^Error: --ontap-version looks like 9\.16\.1, not "nine"/],
    ['--ontap-version 9.1', /^Error: topology: cluster\.version: releases before 9\.11\.1 are not simulated/],
    [
      '--print-backend ontap-nass',
      /^Error: there is no backend file for a driver "ontap-nass"\nhint: did you mean ontap-nas\?/,
    ],
    [
      '--print-backend ontap-nas --personality asa-r2',
      /^Error: a cluster of personality asa-r2 has nothing for ontap-nas\nhint: it serves ontap-san/,
    ],
  ])('refuses %s', async (words, message) => {
    await write('lab.yaml', 'svms:\n- name: x\n  aggregates: 7\n');
    await write('method.yaml', 'faults:\n  - when: {method: FETCH}\n    then: {type: drop-request}\n');
    await write('newer.json', '{"format":9,"tables":{}}');
    await write('typo.yaml', 'cluster: {name: x}\nnodse: []\n');
    await write('typos.yaml', 'clusters:\n- svms: []\n- svms:\n  - {name: x, colour: red}\n');
    await write('missing.yaml', 'aggregates:\n- name: a\n  node: n9\n');
    await write('broken.yaml', 'svms:\n- name: "x"y\n');
    await write('faults.yaml', 'faults:\n- when: {}\n  then:\n    {colour: red, type: job-vanish}\n');
    await write('tls.yaml', 'faults:\n- when: {path: /cluster}\n  then: {type: tls, how: expired}\n');
    const vanish = '- name: a\n  when: {}\n  then:\n    {type: job-vanish}\n';
    await write('twice.yaml', `faults:\n${vanish}${vanish}`);
    await write('type.yaml', 'faults:\n- when: {}\n  then: {type: explode}\n');
    const result = await simulate(words.split(' '));
    expect(result.exit).toBe(1);
    expect(result.stdout).toMatch(message);
  });
});
