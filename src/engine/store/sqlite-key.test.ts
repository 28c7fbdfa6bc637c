import { randomBytes } from 'node:crypto';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { backendRecord, volumeRecord } from '../../../test/support/records.ts';
import { openTestStore } from '../../../test/support/sqlite-store.ts';
import { newStateDirectory, putBackend, removeStateDirectory, tamper } from '../../../test/support/state-directory.ts';
import type { Problem } from '../problem.ts';

let directory: string;
beforeEach(async () => {
  directory = await newStateDirectory();
});
afterEach(() => removeStateDirectory(directory));

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
      directory,
      `UPDATE record SET value = json_set(value, '$.config',
         (SELECT json_extract(value, '$.config') FROM record WHERE id = 'b1')) WHERE id = 'b2'`,
    );
    expect((await store.list('backend')).map((row) => row.value.uuid)).toEqual(['b1']);
    expect(told).toMatchObject([{ code: 'store.unreadable', message: expect.stringContaining('b2') }]);
    await expect(store.get('backend', 'b2')).rejects.toMatchObject({ code: 'store.unreadable' });
  });
});
