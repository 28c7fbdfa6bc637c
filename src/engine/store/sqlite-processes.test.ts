import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { DatabaseSync } from 'node:sqlite';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { volumeRecord } from '../../../test/support/records.ts';
import { openTestStore, thisProcess } from '../../../test/support/sqlite-store.ts';
import { databaseIn, newStateDirectory, removeStateDirectory, tamper } from '../../../test/support/state-directory.ts';
import type { Store } from './store.ts';

/** What processes that share a database do to each other. */

let directory: string;
const children: ChildProcess[] = [];
beforeEach(async () => {
  directory = await newStateDirectory();
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await removeStateDirectory(directory);
});

const script = fileURLToPath(new URL('../../../test/support/store-process.ts', import.meta.url));

/** Starts another process over the directory; resolves to the first line it says. */
const start = async (task: string, count = 0): Promise<{ child: ChildProcess; said: string }> => {
  const child = spawn(process.execPath, [script, directory, task, String(count)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const lines = createInterface({ input: child.stdout });
  const said = new Promise<string>((resolve, reject) => {
    lines.once('line', resolve);
    lines.once('close', () => reject(new Error(`${task} ended without a word`)));
  });
  return { child, said: await said };
};

const counter = volumeRecord('counter', { config: { ...volumeRecord('counter').config, size: 0 } });
const lease = (store: Store, waitMs: number) =>
  store.lease({ exclusive: ['volume/v1'], waitMs }, AbortSignal.timeout(30_000));

describe('several processes', () => {
  it('create one database together', async () => {
    const said = await Promise.all(Array.from({ length: 8 }, async () => (await start('open')).said));
    expect(new Set(said).size).toBe(1);
    await using store = await openTestStore(directory);
    expect(store.installationUuid).toBe(said[0]);
    expect(await store.count('volume')).toBe(8);
  });

  it('lose no update with compare-and-swap', async () => {
    await using store = await openTestStore(directory);
    await store.commit([{ kind: 'volume', put: counter, revision: 'new' }]);
    await Promise.all(Array.from({ length: 8 }, () => start('increment', 25)));
    expect(await store.get('volume', 'counter')).toMatchObject({ revision: 201, value: { config: { size: 200 } } });
  });

  it('exclude each other by leases', async () => {
    await using store = await openTestStore(directory);
    await store.commit([{ kind: 'volume', put: counter, revision: 'new' }]);
    await Promise.all(Array.from({ length: 4 }, () => start('locked', 25)));
    expect((await store.get('volume', 'counter'))?.value.config.size).toBe(100);
  });

  it('take over the lock of one that was killed at once', async () => {
    const { child, said: owner } = await start('hold');
    await using store = await openTestStore(directory);
    expect(await store.isAlive(owner)).toBe(true);
    await expect(lease(store, 50)).rejects.toMatchObject({
      code: 'lock.busy',
      message: expect.stringContaining(`process ${child.pid}`),
    });
    const waiting = lease(store, 20_000);
    const ended = once(child, 'close');
    child.kill('SIGKILL');
    const killed = performance.now();
    await (await waiting)[Symbol.asyncDispose]();
    expect(performance.now() - killed).toBeLessThan(2000);
    await ended;
    expect(await store.isAlive(owner)).toBe(false);
  });
});

describe('leases', () => {
  const rows = (table: string): number => {
    const file = new DatabaseSync(databaseIn(directory));
    const found = file.prepare(`SELECT count(*) AS rows FROM ${table}`).get()?.['rows'];
    file.close();
    return Number(found);
  };

  it('leave nothing behind', async () => {
    await using store = await openTestStore(directory);
    await Promise.all(Array.from({ length: 50 }, async () => (await lease(store, 20_000))[Symbol.asyncDispose]()));
    await expect(store.lease({ exclusive: ['x'], waitMs: 0 }, AbortSignal.abort(new Error('no')))).rejects.toThrow(
      'no',
    );
    expect([rows('ticket'), rows('lock')]).toEqual([0, 0]);
  });

  it('of a process that was killed are cleared away by the next one', async () => {
    const { child } = await start('hold');
    const ended = once(child, 'close');
    child.kill('SIGKILL');
    await ended;
    expect(rows('ticket')).toBe(1);
    await using store = await openTestStore(directory);
    await (await store.lease({ exclusive: ['x'], waitMs: 0 }, AbortSignal.timeout(5000)))[Symbol.asyncDispose]();
    expect([rows('ticket'), rows('lock')]).toEqual([0, 0]);
  });

  it('that were taken away are told of at the next renewal', async () => {
    await using store = await openTestStore(directory);
    await using kept = await lease(store, 0);
    await using lost = await store.lease({ exclusive: ['x'], waitMs: 0 }, AbortSignal.timeout(5000));
    tamper(directory, `DELETE FROM ticket WHERE number = (SELECT ticket FROM lock WHERE name = 'x')`);
    await once(lost.lost, 'abort');
    expect(lost.lost.reason).toMatchObject({ code: 'lock.lost' });
    expect(kept.lost.aborted).toBe(false);
  });

  it('of a process that cannot be looked at last until they run out', async () => {
    let now = Date.parse('2026-01-01T00:00:00Z');
    const clock = () => new Date(now);
    const away = await openTestStore(directory, { now: clock, process: { ...thisProcess, hostName: 'elsewhere' } });
    await using store = await openTestStore(directory, { now: clock });
    const left = await lease(away, 0);
    await expect(lease(store, 0)).rejects.toMatchObject({ message: expect.stringContaining('on elsewhere') });
    expect(await store.isAlive(away.owner)).toBe(true);
    now += 14_000;
    await expect(lease(store, 0)).rejects.toMatchObject({ code: 'lock.busy' });
    now += 2_000;
    expect(await store.isAlive(away.owner)).toBe(false);
    await using _ = await lease(store, 0);
    await left[Symbol.asyncDispose]();
    await away[Symbol.asyncDispose]();
  });
});
