import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startSimulator } from '../src/simulator/simulator.ts';
import type { Simulator } from '../src/simulator/contract.ts';
import { nasBackendFile } from './support/nas-backend.ts';

/** The built program as a user runs it: several processes at once, stopped half-way, watched for secrets. */

const bin = join(import.meta.dirname, '..', 'bin', 'tridentctl.js');

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let folder: string;
let simulator: Simulator;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tridentctl-processes-'));
  simulator = await startSimulator({});
});
afterEach(async () => {
  await simulator.stop();
  rmSync(folder, { recursive: true, force: true });
});

const start = (line: readonly string[]) => {
  const child = spawn(process.execPath, [bin, ...line], {
    cwd: folder,
    env: { HOME: folder, TRIDENT_STATE_DIR: join(folder, 'state') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const text = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text.stdout += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (text.stderr += chunk));
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code) => resolve({ code, ...text }));
  });
  return { child, ended };
};
const run = (...line: readonly string[]): Promise<Ended> => start(line).ended;
const ok = async (...line: readonly string[]): Promise<string> => {
  const { code, stdout, stderr } = await run(...line);
  expect(code, `${line.join(' ')}: ${stderr}`).toBe(0);
  return stdout;
};

const furnish = async (more: Readonly<Record<string, unknown>> = {}) => {
  await ok('create', 'backend', '-f', nasBackendFile(folder, simulator, more));
  await ok('create', 'storageclass', 'gold');
};
const create = (name: string) => ['create', 'volume', name, '--size', '1Gi', '--storage-class', 'gold'] as const;
const lines = (text: string): readonly string[] => text.split('\n').filter(Boolean).sort();

/** Waits until `condition` holds, looking every few milliseconds; fails after ten seconds. */
const until = async (condition: () => boolean): Promise<void> => {
  await expect.poll(condition, { timeout: 10_000, interval: 5 }).toBe(true);
};

describe('eight processes on one state directory', () => {
  it('lose nothing, make nothing twice and show nobody a lock', async () => {
    await furnish();
    const worker = async (w: number): Promise<readonly Ended[]> => {
      const results: Ended[] = [];
      for (const line of [
        create(`own-${w}`),
        ['create', 'snapshot', `own-${w}/s1`],
        create('contested'),
        create(`gone-${w}`),
        ['delete', 'volume', `gone-${w}`],
        ['create', 'clone', `copy-${w}`, '--volume', `own-${w}`, '--snapshot', 's1'],
      ])
        results.push(await run(...line));
      return results;
    };
    const results = await Promise.all(Array.from({ length: 8 }, (_, w) => worker(w)));
    for (const ended of results.flat()) expect(ended.stderr).not.toMatch(/database|SQLITE|locked/i);
    const contested = results.map((mine) => mine[2]);
    expect(contested.filter((ended) => ended?.code === 0)).toHaveLength(1);
    for (const ended of contested)
      if (ended?.code !== 0) expect(ended?.stderr).toContain('volume contested already exists');
    for (const mine of results)
      for (const [index, ended] of mine.entries()) if (index !== 2) expect(ended.code, ended.stderr).toBe(0);

    const expected = ['contested', ...Array.from({ length: 8 }, (_, w) => [`own-${w}`, `copy-${w}`]).flat()].sort();
    expect(lines(await ok('get', 'volume', '-o', 'name'))).toEqual(expected);
    const onArray = simulator.world.volumes().filter((volume) => volume.name.startsWith('trident_'));
    expect(onArray.map((volume) => volume.name.replace('trident_', '').replaceAll('_', '-')).sort()).toEqual(expected);
    expect(lines(await ok('get', 'snapshot', '-o', 'name'))).toEqual(
      Array.from({ length: 8 }, (_, w) => `own-${w}/s1`).sort(),
    );
    simulator.world.verify();
  });

  it('open a fresh state directory at the same moment', async () => {
    const results = await Promise.all(Array.from({ length: 8 }, (_, w) => run('create', 'storageclass', `c${w}`)));
    for (const ended of results) expect(ended.code, ended.stderr).toBe(0);
    expect(lines(await ok('get', 'storageclass', '-o', 'name'))).toHaveLength(8);
  });
});

describe('Ctrl-C in a long operation', () => {
  it('takes the work back, says so, and the next command carries on', async () => {
    await furnish();
    simulator.faults.add({
      when: { method: 'POST', path: '/storage/volumes', count: 1 },
      then: { type: 'job-stall' },
    });
    const { child, ended } = start(create('slow'));
    await until(() => simulator.faults.list().some((fault) => fault.hits > 0));
    child.kill('SIGINT');
    const { code, stderr } = await ended;
    expect(code).toBe(130);
    expect(stderr).toMatch(/^Error: .*slow/);
    expect(stderr).not.toMatch(/\n\s+at /);
    simulator.faults.clear();
    await ok(...create('slow'));
    expect(lines(await ok('get', 'volume', '-o', 'name'))).toEqual(['slow']);
    expect(simulator.world.volumes().filter((volume) => volume.name === 'trident_slow')).toHaveLength(1);
  });

  it('ends `serve` cleanly on SIGTERM', async () => {
    const { child, ended } = start(['serve', '--port', '0']);
    let said = '';
    child.stdout.on('data', (chunk: string) => (said += chunk));
    child.stderr.on('data', (chunk: string) => (said += chunk));
    await until(() => /http:\/\/127\.0\.0\.1:\d+/.test(said));
    child.kill('SIGTERM');
    expect((await ended).code).toBe(0);
  });
});

describe('a password', () => {
  it('is in no output, no file but the sealed one, and no process list', async () => {
    const secret = 'plAnted-5ecret-9f2c';
    await simulator.stop();
    simulator = await startSimulator({ credentials: { admin: secret } });
    const backend = nasBackendFile(folder, simulator);
    const seen: string[] = [];
    for (const line of [
      ['create', 'backend', '-d', '-f', backend],
      ['create', 'storageclass', 'gold', '-d'],
      [...create('v1'), '-d'],
      ['get', 'backend', '-o', 'json'],
      ['get', 'backend', '-o', 'yaml', '-d'],
      ['get', 'operation', '-o', 'json'],
      ['update', 'backend', 'nas1', '-d', '-f', nasBackendFile(folder, simulator, { svm: 'nosvm' })],
      ['delete', 'volume', 'v1', '-d'],
    ]) {
      const { child, ended } = start(line);
      if (child.pid !== undefined)
        try {
          seen.push(
            readFileSync(`/proc/${child.pid}/cmdline`, 'utf8'),
            readFileSync(`/proc/${child.pid}/environ`, 'utf8'),
          );
        } catch {
          // no /proc on this system: the process list is then only what we passed, and that has no secret
        }
      const { stdout, stderr } = await ended;
      seen.push(stdout, stderr);
    }
    writeFileSync(backend, '');
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    for (const entry of files) seen.push(readFileSync(join(entry.parentPath, entry.name), 'latin1'));
    const forms = [secret, Buffer.from(`admin:${secret}`).toString('base64'), Buffer.from(secret).toString('base64')];
    for (const form of forms) expect(seen.filter((text) => text.includes(form))).toEqual([]);
    for (const entry of files.filter((file) => file.parentPath.endsWith('state')))
      expect(statSync(join(entry.parentPath, entry.name)).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'state')).mode & 0o777).toBe(0o700);
  });
});

describe('a pipe', () => {
  it('that is closed early is not an error', async () => {
    await ok('create', 'storageclass', 'gold');
    const { child, ended } = start(['get', 'storageclass', '-o', 'json']);
    child.stdout.destroy();
    const { stderr } = await ended;
    expect(stderr).toBe('');
  });
});
