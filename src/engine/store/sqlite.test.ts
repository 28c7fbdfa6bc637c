import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { backendRecord, operationRecord, volumeRecord } from '../../../test/support/records.ts';
import { openTestStore, thisProcess } from '../../../test/support/sqlite-store.ts';
import type { Problem } from '../problem.ts';
import type { Store } from './store.ts';

let directory: string;
const children: ChildProcess[] = [];
beforeEach(async () => {
  directory = join(await mkdtemp(join(tmpdir(), 'sqlite-')), 'state', 'tridentctl');
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await rm(join(directory, '..', '..'), { recursive: true });
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

const database = (): string => join(directory, 'state.db');
const counter = volumeRecord('counter', { config: { ...volumeRecord('counter').config, size: 0 } });
const lease = (store: Store, waitMs: number) =>
  store.lease({ exclusive: ['volume/v1'], waitMs }, AbortSignal.timeout(30_000));
const putBackend = (store: Store, uuid = 'b1') =>
  store.commit([{ kind: 'backend', put: backendRecord(uuid), revision: 'new' }]);

/** Changes the database behind the store's back. */
const tamper = (sql: string, ...values: (string | number)[]): void => {
  const file = new DatabaseSync(database());
  file.prepare(sql).run(...values);
  file.close();
};

describe('files', () => {
  it('are for their owner alone, whatever the umask', async () => {
    const before = process.umask(0);
    try {
      await using store = await openTestStore(directory);
      await putBackend(store);
      const modes = await Promise.all(
        (await readdir(directory)).map(async (name) => [
          name,
          ((await stat(join(directory, name))).mode & 0o777).toString(8),
        ]),
      );
      expect(Object.fromEntries(modes)).toEqual({
        'state.db': '600',
        'state.db-shm': '600',
        'state.db-wal': '600',
        'state.key': '600',
      });
      expect((await stat(directory)).mode & 0o777).toBe(0o700);
    } finally {
      process.umask(before);
    }
  });

  it('lose rights that others were given', async () => {
    await (await openTestStore(directory))[Symbol.asyncDispose]();
    await chmod(database(), 0o644);
    await using _ = await openTestStore(directory);
    expect((await stat(database())).mode & 0o777).toBe(0o600);
  });

  it('hold no secret that can be read', async () => {
    await using store = await openTestStore(directory);
    await putBackend(store);
    await store.commit([{ kind: 'operation', put: operationRecord('o1'), revision: 'new' }]);
    for (const name of await readdir(directory)) {
      const bytes = await readFile(join(directory, name));
      for (const planted of ['planted-password', 'planted-fact', 'planted-state'])
        expect({ name, planted, found: bytes.includes(planted) }).toEqual({ name, planted, found: false });
    }
  });

  it('that cannot be used are told of', async () => {
    await writeFile(join(directory, '..', '..', 'state'), '');
    await expect(openTestStore(directory)).rejects.toMatchObject({
      code: 'store.directory',
      message: expect.stringContaining(directory),
    });
  });
});

describe('the key', () => {
  const reopen = (key?: string) => openTestStore(directory, { key });

  it.each([
    ['hex', randomBytes(32).toString('hex')],
    ['base64', randomBytes(32).toString('base64')],
    ['a passphrase', 'correct horse battery staple'],
  ])('can be given as %s, and then no key file is made', async (_form, key) => {
    {
      await using store = await reopen(key);
      await putBackend(store);
    }
    await using store = await reopen(key);
    expect((await store.get('backend', 'b1'))?.value).toEqual(backendRecord('b1'));
    expect(await readdir(directory)).not.toContain('state.key');
  });

  it('is the same for processes that open a new directory together', async () => {
    const stores = await Promise.all(Array.from({ length: 5 }, () => reopen()));
    await Promise.all(stores.map((store, i) => putBackend(store, `b${i}`)));
    for (const store of stores) expect(await store.list('backend')).toHaveLength(5);
    for (const store of stores) await store[Symbol.asyncDispose]();
    expect((await readdir(directory)).filter((name) => name.startsWith('state.key'))).toEqual(['state.key']);
  });

  it('that is wrong or gone is told of, and what needs no key still works', async () => {
    {
      await using store = await reopen();
      await putBackend(store);
      await store.commit([{ kind: 'volume', put: volumeRecord('v1'), revision: 'new' }]);
    }
    const wrong = await reopen('another key');
    await expect(wrong.list('backend')).rejects.toMatchObject({
      code: 'store.wrong-key',
      kind: 'denied',
      hint: expect.stringContaining('TRIDENT_STATE_KEY'),
    });
    await expect(putBackend(wrong, 'b2')).rejects.toMatchObject({ code: 'store.wrong-key' });
    expect(await wrong.list('volume')).toHaveLength(1);
    await wrong[Symbol.asyncDispose]();
    await rm(join(directory, 'state.key'));
    const gone = await reopen();
    await expect(gone.get('backend', 'b1')).rejects.toMatchObject({ code: 'store.key-missing', kind: 'denied' });
    await gone[Symbol.asyncDispose]();
    await writeFile(join(directory, 'state.key'), 'scrambled');
    const scrambled = await reopen();
    await expect(scrambled.get('backend', 'b1')).rejects.toMatchObject({ code: 'store.key-file' });
    await scrambled[Symbol.asyncDispose]();
  });

  it('that was given once must be given again', async () => {
    {
      await using store = await reopen('first');
      await putBackend(store);
    }
    await using store = await reopen();
    await expect(store.list('backend')).rejects.toMatchObject({ code: 'store.wrong-key' });
    expect(await readdir(directory)).not.toContain('state.key');
  });

  it('seals a value to its record', async () => {
    const told: Problem[] = [];
    await using store = await openTestStore(directory, { warn: (problem) => told.push(problem) });
    await putBackend(store, 'b1');
    await putBackend(store, 'b2');
    tamper(
      `UPDATE record SET value = json_set(value, '$.config',
         (SELECT json_extract(value, '$.config') FROM record WHERE id = 'b1')) WHERE id = 'b2'`,
    );
    expect((await store.list('backend')).map((row) => row.value.uuid)).toEqual(['b1']);
    expect(told).toMatchObject([{ code: 'store.unreadable', message: expect.stringContaining('b2') }]);
    await expect(store.get('backend', 'b2')).rejects.toMatchObject({ code: 'store.unreadable' });
  });
});

describe('the database', () => {
  it('of a newer version is refused and left as it is', async () => {
    await (await openTestStore(directory))[Symbol.asyncDispose]();
    tamper('PRAGMA user_version = 999');
    const before = await readFile(database());
    await expect(openTestStore(directory)).rejects.toMatchObject({
      code: 'store.newer',
      kind: 'unsupported',
      message: expect.stringContaining('999'),
    });
    expect((await readFile(database())).equals(before)).toBe(true);
  });

  it('that a newer version migrates meanwhile is not written any more', async () => {
    await using store = await openTestStore(directory);
    tamper('PRAGMA user_version = 999');
    await expect(putBackend(store)).rejects.toMatchObject({ code: 'store.newer' });
  });

  it('of another program is refused and left as it is', async () => {
    await (await openTestStore(directory))[Symbol.asyncDispose]();
    tamper('PRAGMA application_id = 7');
    await expect(openTestStore(directory)).rejects.toMatchObject({ code: 'store.foreign', kind: 'invalid' });
  });

  it.each([['garbage', 'this is not a database, nor was it ever one'.repeat(100)]])(
    'that is %s is told of',
    async (_what, content) => {
      await (await openTestStore(directory))[Symbol.asyncDispose]();
      await writeFile(database(), content);
      await expect(openTestStore(directory)).rejects.toMatchObject({
        code: 'store.corrupt',
        kind: 'unavailable',
        message: expect.stringContaining(database()),
      });
    },
  );

  it.each([
    ['not JSON', '{'],
    ['another shape', '{"config":{"name":"v2"},"backendUUID":5}'],
    ['a key of another type', '{"config":{"name":"v2","size":"1"},"backendUUID":"b"}'],
  ])('with a record that is %s keeps the others', async (_what, value) => {
    const told: Problem[] = [];
    await using store = await openTestStore(directory, { warn: (problem) => told.push(problem) });
    await store.commit([
      { kind: 'volume', put: volumeRecord('v1'), revision: 'new' },
      { kind: 'volume', put: volumeRecord('v2'), revision: 'new' },
    ]);
    tamper(`UPDATE record SET value = ? WHERE id = 'v2'`, value);
    expect(await store.list('volume')).toHaveLength(1);
    expect(told).toMatchObject([{ code: 'store.unreadable', message: expect.stringContaining('volume v2') }]);
    await expect(store.get('volume', 'v2')).rejects.toMatchObject({ code: 'store.unreadable', kind: 'unavailable' });
  });

  it('gives keys that a record lacks their empty value', async () => {
    await using store = await openTestStore(directory);
    await store.commit([{ kind: 'volume', put: volumeRecord('v1'), revision: 'new' }]);
    tamper(`UPDATE record SET value = json_remove(value, '$.config.exportPolicy') WHERE id = 'v1'`);
    expect((await store.get('volume', 'v1'))?.value.config.exportPolicy).toBe('');
  });

  it('lists ten thousand volumes in a moment', async () => {
    await using store = await openTestStore(directory);
    await store.commit(
      Array.from(
        { length: 10_000 },
        (_, i) => ({ kind: 'volume', put: volumeRecord(`v${i}`), revision: 'new' }) as const,
      ),
    );
    const times: number[] = [];
    for (let round = 0; round < 5; round++) {
      const begun = performance.now();
      expect(await store.list('volume')).toHaveLength(10_000);
      times.push(performance.now() - begun);
    }
    // Some 60 ms on a machine with nothing else to do; far more only if reading were quadratic, or checks were not cheap.
    expect(Math.min(...times)).toBeLessThan(500);
  });
});

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
    const file = new DatabaseSync(database());
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
    tamper(`DELETE FROM ticket WHERE number = (SELECT ticket FROM lock WHERE name = 'x')`);
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
