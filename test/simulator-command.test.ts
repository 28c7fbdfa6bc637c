import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readYaml } from '../src/engine/yaml.ts';
import { runCli, type CliResult } from './support/run-cli.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'simulator-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs `tridentctl simulator` until it has said where it is and `meanwhile` is done. */
const simulate = async (
  words: readonly string[],
  meanwhile: (said: string) => Promise<unknown> = () => Promise.resolve(),
): Promise<CliResult> => {
  const stop = new AbortController();
  let said = '';
  let done: Promise<unknown> = Promise.resolve();
  const result = await runCli(['simulator', ...words], {
    directory: folder,
    signal: stop.signal,
    terminal: {
      out: (text) => {
        said += text;
      },
      err: (text) => {
        if (!text.startsWith('note: stop')) said += text;
        else {
          done = meanwhile(said);
          void done.catch(() => undefined).finally(() => stop.abort());
        }
      },
    },
  });
  await done;
  return { ...result, stdout: said };
};

describe('tridentctl simulator', () => {
  it('prints where it is and a login, and ends cleanly', async () => {
    const { exit, stdout } = await simulate([]);
    expect(exit).toBe(0);
    expect(stdout).toMatch(
      /^Simulated ONTAP cluster at https:\/\/127\.0\.0\.1:\d+, SVM svm0\nUser admin, password \S+\n$/,
    );
  });

  it('prints a backend file that create backend takes, and keeps its state', async () => {
    const inFolder = (...words: string[]) => runCli(words, { directory: folder, environment: { HOME: folder } });
    const first = await simulate(['--print-backend', 'ontap-nas', '--state', 'array.json'], async (said) => {
      await writeFile(join(folder, 'backend.yaml'), said);
      await inFolder('create', 'backend', '-f', 'backend.yaml');
      await inFolder('create', 'storageclass', 'any');
      const created = await inFolder('create', 'volume', 'v1', '--size', '1Gi', '--storage-class', 'any', '-o', 'name');
      expect(created).toEqual({ exit: 0, stdout: 'v1\n', stderr: '' });
    });
    expect(first.exit).toBe(0);
    expect(readYaml(first.stdout)).toMatchObject({ version: 1, storageDriverName: 'ontap-nas', svm: 'svm0' });
    expect((await stat(join(folder, 'array.json'))).mode & 0o777).toBe(0o600);

    const port = /managementLIF: 127\.0\.0\.1:(\d+)/.exec(first.stdout)?.[1] ?? '';
    const second = await simulate(['--port', port, '--state', 'array.json', '-o', 'json']);
    expect(second.exit).toBe(0);
    expect(await readFile(join(folder, 'array.json'), 'utf8')).toContain('"v1"');
  });

  it('says which port is in use', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((done) => server.once('listening', done));
    const address = server.address();
    const port = String(typeof address === 'object' ? address?.port : '');
    const result = await simulate(['--port', port]);
    server.close();
    expect(result.exit).toBe(1);
    expect(result.stdout).toMatch(new RegExp(`^Error: port ${port} is in use\\nhint: .*--port 0`));
  });

  it.each([
    ['--port 65536', /^Error: --port is a number from 0 to 65535/],
    ['--latency soon', /^Error: --latency takes 20ms or 1s/],
    ['--seed x', /^Error: --seed is a number/],
    ['--address 0.0.0.0', /^Error: 0\.0\.0\.0 can be reached by other machines\nhint: add --allow-remote/],
    ['--topology lab.yaml', /^Error: lab\.yaml:3: topology: svms\.0\./],
    ['--state lab.yaml', /^Error: .*lab\.yaml is no state of the simulator/],
    ['--fault nope.yaml', /^Error: open nope\.yaml: no such file or directory/],
  ])('refuses %s', async (words, message) => {
    await writeFile(join(folder, 'lab.yaml'), 'svms:\n- name: x\n  aggregates: 7\n');
    const result = await simulate(words.split(' '));
    expect(result.exit).toBe(1);
    expect(result.stdout).toMatch(message);
  });
});
