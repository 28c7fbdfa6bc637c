import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, describe, expect, it } from 'vitest';
import { makeDirectory } from './make-directory.ts';

/** Makes many directories, deep ones, each at the same moment as the other threads do. */
const threadMaking = (shared: SharedArrayBuffer): Promise<unknown> => {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const source = `
    const { workerData: { shared, folder, module, rounds, threads } } = require('node:worker_threads');
    const arrived = new Int32Array(shared);
    import(module).then(({ makeDirectory }) => {
      for (let round = 0; round < rounds; round++) {
        Atomics.add(arrived, round, 1);
        while (Atomics.load(arrived, round) < threads);
        makeDirectory(folder + '/' + round + '/a/b/c', 0o700);
      }
    }).catch((error) => {
      arrived.fill(threads); // nobody waits for this one
      throw error;
    });`;
  const module = new URL('./make-directory.ts', import.meta.url).href;
  const worker = new Worker(source, { eval: true, workerData: { shared, folder, module, rounds, threads } });
  worker.once('error', reject).once('exit', resolve);
  return promise;
};

const [rounds, threads] = [300, 2];
const folder = mkdtempSync(join(tmpdir(), 'make-directory-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a directory', () => {
  it('is made with those above it, once', () => {
    const path = join(folder, 'a', 'b', 'c');
    expect(makeDirectory(path, 0o700)).toBe(true);
    expect(makeDirectory(path, 0o700)).toBe(false);
    for (const made of [path, join(folder, 'a', 'b')]) expect(statSync(made).mode & 0o777).toBe(0o700);
  });

  it('is made by several at once', async () => {
    const shared = new SharedArrayBuffer(4 * rounds);
    const ends = await Promise.all(Array.from({ length: threads }, () => threadMaking(shared)));
    expect(ends).toEqual([0, 0]);
    expect(existsSync(join(folder, String(rounds - 1), 'a', 'b', 'c'))).toBe(true);
  });

  it('is not made where a file is, nor below one', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(() => makeDirectory(join(folder, 'file'), 0o700)).toThrow('EEXIST');
    expect(() => makeDirectory(join(folder, 'file', 'below'), 0o700)).toThrow('ENOTDIR');
  });

  // Only Linux has it.
  it.skipIf(!existsSync('/proc/self'))('is refused by a file system that makes none, instead of tried for ever', () =>
    expect(() => makeDirectory('/proc/nothing/below', 0o700)).toThrow('ENOENT'),
  );
});
