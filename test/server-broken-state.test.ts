import { rm } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { driverKind } from '../src/engine/drivers/registry.ts';
import { openEngine } from '../src/engine/engine.ts';
import { serve } from '../src/engine/server/http-server.ts';
import { openTestStore } from './support/sqlite-store.ts';
import { databaseIn, newStateDirectory, removeStateDirectory } from './support/state-directory.ts';

it('a server whose state is taken away says so, and is not well', async () => {
  const directory = await newStateDirectory();
  await using store = await openTestStore(directory);
  await using engine = await openEngine({
    store,
    driverKind,
    context: 'direct',
    version: '26.06.0',
    hostName: 'test',
  });
  const server = await serve({
    orchestrator: () => engine.orchestrator,
    address: '127.0.0.1',
    port: 0,
    version: '26.06.0',
    runtime: 'node',
    shutdownMs: 1000,
  });
  const get = async (path: string) => {
    const answer = await fetch(`${server.url}/trident/v1${path}`);
    return { status: answer.status, body: await answer.json() };
  };
  const addClass = async (name: string): Promise<number> =>
    (await fetch(`${server.url}/trident/v1/storageclass`, { method: 'POST', body: JSON.stringify({ name }) })).status;
  try {
    expect(await addClass('gold')).toBe(201);
    expect(await get('/health')).toMatchObject({ status: 200, body: { status: 'ok' } });
    await rm(databaseIn(directory));
    const names = Array.from({ length: 40 }, (_each, index) => `silver${index}`);
    expect(new Set(await Promise.all(names.map(addClass)))).toEqual(new Set([500]));
    expect(await get('/storageclass')).toMatchObject({ status: 500, body: { problem: { code: 'store.replaced' } } });
    expect(await get('/health')).toMatchObject({ status: 500, body: { problem: { code: 'store.replaced' } } });
  } finally {
    await server.close();
    await removeStateDirectory(directory);
  }
});
