import { chmod, copyFile, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { operationRecord, volumeRecord } from '../../../test/support/records.ts';
import { openTestStore } from '../../../test/support/sqlite-store.ts';
import {
  databaseIn,
  newStateDirectory,
  putBackend,
  removeStateDirectory,
  tamper,
} from '../../../test/support/state-directory.ts';
import type { Problem } from '../problem.ts';
import { withRetry } from './sqlite-errors.ts';

let directory: string;
beforeEach(async () => {
  directory = await newStateDirectory();
});
afterEach(() => removeStateDirectory(directory));

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
    await chmod(databaseIn(directory), 0o644);
    await using _ = await openTestStore(directory);
    expect((await stat(databaseIn(directory))).mode & 0o777).toBe(0o600);
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

describe('the database', () => {
  it.each([
    ['removed', (file: string) => rm(file)],
    [
      'replaced',
      async (file: string) => {
        await copyFile(file, `${file}.backup`);
        await rename(`${file}.backup`, file);
      },
    ],
  ])('that is %s under a process is not written any more as if nothing had happened', async (_how, change) => {
    await using store = await openTestStore(directory);
    await store.commit([{ kind: 'volume', put: volumeRecord('v1'), revision: 'new' }]);
    await change(databaseIn(directory));
    await expect(store.commit([{ kind: 'volume', put: volumeRecord('v2'), revision: 'new' }])).rejects.toMatchObject({
      code: 'store.replaced',
      kind: 'unavailable',
      message: expect.stringContaining('was removed or replaced while it was in use'),
    });
    await expect(store.get('volume', 'v1')).rejects.toMatchObject({ code: 'store.replaced' });
  });

  it('has no room where SQLite calls that an error of the disk', async () => {
    // `SQLITE_IOERR_SHMSIZE`, when it is opened on a full file system.
    const work = () => {
      throw Object.assign(new Error('disk I/O error'), { errcode: 4874 });
    };
    await expect(withRetry('state.db', work)).rejects.toMatchObject({ code: 'store.full', kind: 'limit' });
  });

  it('of a newer version is refused and left as it is', async () => {
    await (await openTestStore(directory))[Symbol.asyncDispose]();
    tamper(directory, 'PRAGMA user_version = 999');
    const before = await readFile(databaseIn(directory));
    await expect(openTestStore(directory)).rejects.toMatchObject({
      code: 'store.newer',
      kind: 'unsupported',
      message: expect.stringContaining('999'),
    });
    expect((await readFile(databaseIn(directory))).equals(before)).toBe(true);
  });

  it('that a newer version migrates meanwhile is not written any more', async () => {
    await using store = await openTestStore(directory);
    tamper(directory, 'PRAGMA user_version = 999');
    await expect(putBackend(store)).rejects.toMatchObject({ code: 'store.newer' });
  });

  it('of another program is refused and left as it is', async () => {
    await (await openTestStore(directory))[Symbol.asyncDispose]();
    tamper(directory, 'PRAGMA application_id = 7');
    await expect(openTestStore(directory)).rejects.toMatchObject({ code: 'store.foreign', kind: 'invalid' });
  });

  it.each([['garbage', 'this is not a database, nor was it ever one'.repeat(100)]])(
    'that is %s is told of',
    async (_what, content) => {
      await (await openTestStore(directory))[Symbol.asyncDispose]();
      await writeFile(databaseIn(directory), content);
      await expect(openTestStore(directory)).rejects.toMatchObject({
        code: 'store.corrupt',
        kind: 'unavailable',
        message: expect.stringContaining(databaseIn(directory)),
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
    tamper(directory, `UPDATE record SET value = ? WHERE id = 'v2'`, value);
    expect(await store.list('volume')).toHaveLength(1);
    expect(told).toMatchObject([{ code: 'store.unreadable', message: expect.stringContaining('volume v2') }]);
    await expect(store.get('volume', 'v2')).rejects.toMatchObject({ code: 'store.unreadable', kind: 'unavailable' });
  });

  it('gives keys that a record lacks their empty value', async () => {
    await using store = await openTestStore(directory);
    await store.commit([{ kind: 'volume', put: volumeRecord('v1'), revision: 'new' }]);
    tamper(directory, `UPDATE record SET value = json_remove(value, '$.config.exportPolicy') WHERE id = 'v1'`);
    expect((await store.get('volume', 'v1'))?.value.config.exportPolicy).toBe('');
  });

  it('that is closed before the key was found refuses what needs the key', async () => {
    const store = await openTestStore(directory);
    const put = putBackend(store);
    await Promise.all([
      expect(put).rejects.toMatchObject({ code: 'store.closed', kind: 'unavailable' }),
      store[Symbol.asyncDispose](),
    ]);
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
