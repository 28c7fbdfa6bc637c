import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commandTree, type CommandNode } from '../src/cli/tree.ts';
import { startSimulator } from '../src/simulator/simulator.ts';
import type { Simulator } from '../src/simulator/contract.ts';
import { at as valueAt } from './support/ontap-session.ts';
import { runCli } from './support/run-cli.ts';
import { runSimulator } from './support/run-simulator.ts';

/** The words below `tridentctl simulator`, which talk to one that runs. */

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'control-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const control = (line: string, environment: Readonly<Record<string, string>> = {}) =>
  runCli(['simulator', ...line.split(' ')], { directory: folder, environment: { HOME: folder, ...environment } });
const done = { exit: 0, stderr: '' };
const registry = () => join(folder, '.local', 'state', 'tridentctl', 'simulators');

const GIB = 1024 ** 3;
const newVolume = (name: string) => ({
  name,
  size: GIB,
  svm: { name: 'svm0' },
  aggregates: [{ name: 'aggr1_n1' }],
});

describe('a simulator that is found by itself', () => {
  it('shows and takes faults', async () => {
    await writeFile(
      join(folder, 'faults.yaml'),
      '- name: slow\n  when: {path: /cluster}\n  then: {type: delay, milliseconds: 1}\n- when: {method: POST}\n  then: {type: job-stall}\n',
    );
    await runSimulator([], folder, async () => {
      expect(await control('faults')).toMatchObject(done);
      expect(await control('faults add -f faults.yaml')).toEqual({ ...done, stdout: 'slow\nfault-2\n' });
      expect(await control('faults add -f faults.yaml')).toMatchObject({
        exit: 1,
        stderr: expect.stringContaining('There is a fault "slow" already.'),
      });
      const shown = await control('faults');
      expect(shown.stdout).toMatch(/slow .*path=\/cluster .*delay milliseconds=1 .*0 .*0/);
      expect(await control('faults remove slow')).toMatchObject(done);
      expect(await control('faults remove slow')).toMatchObject({
        exit: 1,
        stderr: expect.stringContaining('there is no fault "slow"\nhint: tridentctl simulator faults lists them'),
      });
      expect(await control('faults -o name')).toEqual({ ...done, stdout: 'fault-2\n' });
      expect(await control('faults remove --all')).toMatchObject(done);
      expect(await control('faults -o name')).toEqual({ ...done, stdout: '' });
      expect(await control('faults remove')).toMatchObject({
        exit: 1,
        stderr: expect.stringContaining('name faults, or use --all'),
      });
    });
  });

  it('obeys while faults strike every connection to the cluster', async () => {
    await writeFile(join(folder, 'tls.yaml'), '- name: deaf\n  when: {}\n  then: {type: tls, how: refused}\n');
    await runSimulator(['-o', 'json'], folder, async (said) => {
      const { url } = v.parse(v.object({ url: v.string() }), JSON.parse(said));
      const knock = () => fetch(`${url}/api/cluster`).catch((error: unknown) => valueAt(error, 'cause', 'code'));
      expect(await control('faults add -f tls.yaml')).toMatchObject(done);
      expect(await knock()).toMatch(/^(?:ERR_SSL_|EPROTO)/);
      const shown = await control('faults -o json');
      expect(JSON.parse(shown.stdout)).toMatchObject({ items: [{ name: 'deaf', seen: 1, hits: 1 }] });
      expect(await control('faults remove deaf')).toMatchObject(done);
      expect(await knock()).toBe('SELF_SIGNED_CERT_IN_CHAIN');
    });
  });

  it('shows and moves its clock', async () => {
    await runSimulator([], folder, async () => {
      expect((await control('clock')).stdout).toMatch(/^20\d\d-.*Z\n$/);
      // One that runs goes on from where it was moved to.
      expect((await control('clock advance 1h')).stdout).toMatch(/^20\d\d-.*Z\n$/);
      const ahead = Date.parse((await control('clock')).stdout.trim()) - Date.now();
      expect(ahead).toBeGreaterThan(3_590_000);
      expect((await control('clock set now')).stdout).toMatch(/Z \(stands still\)\n$/);
      const day = new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 10);
      expect(await control(`clock set ${day}T00:00:00Z`)).toEqual({
        ...done,
        stdout: `${day}T00:00:00.000Z (stands still)\n`,
      });
      expect(await control('clock advance 1h60m')).toMatchObject({ stdout: `${day}T02:00:00.000Z (stands still)\n` });
      expect(await control('clock -o json')).toMatchObject({
        stdout: `{\n  "now": "${day}T02:00:00.000Z",\n  "frozen": true\n}\n`,
      });
      expect(await control('clock set 2025-01-01')).toMatchObject({
        exit: 1,
        stderr: expect.stringContaining('The clock cannot be set back.'),
      });
      expect((await control('clock run --speed 60')).stdout).toMatch(/Z \(60 times as fast\)\n$/);
      expect((await control('clock run')).stdout).toMatch(/Z\n$/);
      expect(await control('clock run --speed -1')).toMatchObject({
        exit: 1,
        stderr: expect.stringContaining('--speed takes a factor such as 60, not "-1"'),
      });
    });
  });
});

describe('a simulator of this test', () => {
  let array: Simulator;
  let at = { TRIDENT_SIMULATOR_URL: '', TRIDENT_SIMULATOR_TOKEN: '' };
  beforeAll(async () => {
    array = await startSimulator({ seed: 2, controlToken: 'token-of-the-test', jobs: { duration: 3_600_000 } });
    at = { TRIDENT_SIMULATOR_URL: array.url, TRIDENT_SIMULATOR_TOKEN: array.controlToken };
  });
  afterAll(() => array.stop());

  it('is reached by environment or flags', async () => {
    expect(await control('verify', at)).toEqual({ ...done, stdout: 'all invariants hold\n' });
    expect(await control('verify -o json', at)).toEqual({ ...done, stdout: '{\n  "holds": true\n}\n' });
    expect(await control(`verify --url ${array.host} --token ${array.controlToken}`)).toMatchObject(done);
  });

  it('shows its requests', async () => {
    const { name, password } = array.user('admin');
    const authorization = `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;
    const { Agent, request } = await import('undici');
    const dispatcher = new Agent({ connect: { ca: array.certificate } });
    for (const path of ['/cluster?fields=version', '/storage/volumes?name=x', '/nowhere'])
      await (await request(`${array.url}/api${path}`, { dispatcher, headers: { authorization } })).body.text();
    await dispatcher.close();
    expect((await control('requests', at)).stdout).toMatch(/1 .*GET .*\/api\/cluster\?fields=version .*200/);
    expect(await control('requests --path /storage/** --count', at)).toEqual({ ...done, stdout: '1\n' });
    expect(await control('requests --status 404 -o name', at)).toEqual({ ...done, stdout: '3\n' });
    expect(await control('requests --status many', at)).toMatchObject({ exit: 1 });
    expect(await control('requests clear', at)).toMatchObject(done);
    expect(await control('requests --count', at)).toMatchObject({ stdout: '0\n' });
  });

  it('changes what the REST API does not', async () => {
    const created = await array.call('POST', '/storage/volumes?return_timeout=0', newVolume('v1'));
    const job = JSON.stringify(created.body).match(/"uuid":"([^"]+)"/)?.[1] ?? '';
    expect(array.world.findVolume('v1')).toBeUndefined();
    expect(await control(`finish ${job}`, at)).toMatchObject(done);
    expect(await control('set volume v1 --used 300Mi', at)).toMatchObject(done);
    expect(array.world.findVolume('v1')?.usedBytes).toBe(300 * 1024 ** 2);
    expect(await control('set aggregate aggr1_n1 --available 10Gi', at)).toMatchObject(done);
    expect(await control('set interface nas_n1 down', at)).toMatchObject(done);
    expect(await control('set node sim-cluster-02 down', at)).toMatchObject(done);
    const state = async (path: string) => JSON.stringify((await array.call('GET', path)).body);
    expect(await state('/network/ip/interfaces?state=down&services=data_nfs')).toMatch(/nas_n1.*nas_n2/);
    expect(await state('/storage/aggregates?state=offline')).toContain('aggr1_n2');
    expect(await control('set node sim-cluster-02 up', at)).toMatchObject(done);
    for (const [line, message] of [
      ['set volume v9 --used 1Gi', 'There is no volume v9.'],
      ['set volume v1 --used 2Gi', 'do not fit in volume v1'],
      ['set volume v1 --used much', '"much" is not a valid size'],
      ['set aggregate aggr9 --available 1Gi', 'There is no aggregate aggr9.'],
      ['set interface nas_n1 sideways', 'say up or down, not "sideways"'],
      ['set node n9 down', 'There is no node n9.'],
      ['finish 1', 'There is no job 1.'],
    ] as const)
      expect(await control(line, at)).toMatchObject({ exit: 1, stderr: expect.stringContaining(message) });
  });

  it('dumps and restores', async () => {
    const dump = await control('dump', at);
    expect(dump).toMatchObject(done);
    await writeFile(join(folder, 'sim.json'), dump.stdout);
    array.world.setUsedBytes('v1', 0);
    expect(await control('restore -f sim.json', at)).toMatchObject(done);
    expect((await control('dump', at)).stdout).toBe(dump.stdout);
    await writeFile(join(folder, 'other.json'), '{}');
    for (const file of ['other.json', 'nowhere.json', 'faults.yaml'])
      expect(await control(`restore -f ${file}`, at)).toMatchObject({ exit: 1 });
    await writeFile(join(folder, 'torn.json'), dump.stdout.replace('"ipspace":"', '"ipspace":"no-'));
    expect(await control('restore -f torn.json', at)).toMatchObject({
      exit: 1,
      stderr: expect.stringMatching(
        /^Error: cannot restore torn\.json: broadcast_domain \w+ \(.*\): ipspace refers to ipspace no-.*, which is not there\nhint: the simulator keeps/,
      ),
    });
    expect((await control('dump', at)).stdout).toBe(dump.stdout);
  });

  it('does not take another token, nor answer where there is none', async () => {
    const wrong = { ...at, TRIDENT_SIMULATOR_TOKEN: 'wrong' };
    expect(await control('dump', wrong)).toMatchObject({
      exit: 1,
      stderr: expect.stringContaining('does not take the token'),
    });
    const nowhere = { ...at, TRIDENT_SIMULATOR_URL: 'https://127.0.0.1:1' };
    expect(await control('dump', nowhere)).toMatchObject({
      exit: 1,
      stderr: expect.stringContaining('no simulator answers at https://127.0.0.1:1'),
    });
    expect(await control('dump', { TRIDENT_SIMULATOR_URL: array.url })).toMatchObject({
      exit: 1,
      stderr: expect.stringContaining('hint: give it by TRIDENT_SIMULATOR_TOKEN'),
    });
    expect(await control('dump --url http://127.0.0.1:1')).toMatchObject({ exit: 1 });
    expect(await control('dump --url sim.example.com --token x')).toMatchObject({
      exit: 1,
      stderr: expect.stringContaining('run this command on the machine where the simulator runs'),
    });
  });
});

describe('finding', () => {
  it('says when none runs, and forgets the dead', async () => {
    expect(await control('faults')).toMatchObject({
      exit: 1,
      stderr: expect.stringMatching(/no simulator runs\nhint: start one with tridentctl simulator/),
    });
    const dead = { pid: 2 ** 22 + 1, cluster: 'dead', url: 'https://127.0.0.1:1', token: 't', certificate: 'c' };
    await writeFile(join(registry(), 'dead.json'), JSON.stringify(dead));
    await writeFile(join(registry(), 'broken.json'), '{');
    expect(await control('faults')).toMatchObject({ exit: 1 });
    expect(await readdir(registry())).toEqual([]);
  });

  it('says which word it does not know, and which may be meant', async () => {
    expect(await control('fault add')).toMatchObject({ exit: 1 });
    expect(await control('requets')).toMatchObject({
      exit: 1,
      stderr: expect.stringContaining('unknown command "requets" for "tridentctl simulator"'),
    });
    expect((await control('clock advnce 1h')).stderr).toContain('Did you mean this?\n\tadvance');
  });

  it('asks which one is meant when several run', async () => {
    await writeFile(join(folder, 'lab.yaml'), 'cluster: {name: lab}\n');
    await runSimulator([], folder, async () => {
      await runSimulator(['--topology', 'lab.yaml'], folder, async () => {
        const [file = ''] = await readdir(registry());
        expect((await stat(join(registry(), file))).mode & 0o777).toBe(0o600);
        expect((await stat(registry())).mode & 0o777).toBe(0o700);
        expect(await control('clock')).toMatchObject({
          exit: 1,
          stderr: expect.stringMatching(
            /several simulators run: .*\nhint: choose one with --cluster NAME or --url URL/,
          ),
        });
        expect(await control('clock --cluster lab')).toMatchObject(done);
        expect(await control('clock --cluster other')).toMatchObject({
          exit: 1,
          stderr: expect.stringContaining('no simulated cluster other runs'),
        });
        const known = JSON.parse(await readFile(join(registry(), file), 'utf8'));
        expect(await control(`clock --url ${String(known.url)}`)).toMatchObject(done);
      });
      expect(await readdir(registry())).toHaveLength(1);
    });
    expect(await readdir(registry())).toEqual([]);
  });
});

describe('the examples in the help', () => {
  it('do what they say', async () => {
    const walk = (node: CommandNode, path: string): readonly (readonly [string, CommandNode])[] => [
      [path, node],
      ...node.children.flatMap((child) => walk(child, `${path} ${child.name}`)),
    ];
    const root = commandTree.children.find(({ name }) => name === 'simulator');
    const nodes = root?.children.flatMap((child) => walk(child, child.name)) ?? [];
    const loaded = await Promise.all(nodes.map(async ([, node]) => (await node.load?.())?.command.examples ?? []));
    const order = ['faults add', 'faults', 'clock set', 'clock advance', 'restore', 'set'];
    const place = (line: string) => {
      const found = order.findIndex((words) => line.startsWith(`tridentctl simulator ${words}`));
      return found < 0 ? order.length : found;
    };
    const lines = loaded.flat().sort((a, b) => place(a) - place(b));
    expect(lines.length).toBeGreaterThan(12);
    await runSimulator([], folder, async (said) => {
      expect(said).toContain('Simulated ONTAP cluster');
      await writeFile(join(folder, 'sim.json'), (await control('dump')).stdout);
      for (const line of lines) {
        if (line.includes('set volume')) continue;
        expect([line, await control(line.replace('tridentctl simulator ', ''))]).toMatchObject([line, done]);
      }
    });
  });
});
