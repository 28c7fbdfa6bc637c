import { expect, it } from 'vitest';
import { openHttpCore } from '../src/client/http.ts';
import type { Orchestrator } from '../src/engine/orchestrator/orchestrator.ts';
import { Problem } from '../src/engine/problem.ts';
import { serve } from '../src/engine/server/http-server.ts';
import { openMemoryEngine } from './support/memory-engine.ts';

const { signal } = new AbortController();

/** A server over a real engine whose resize takes as long as the test wants. */
const startSlow = async (resize: Orchestrator['volumes']['resize'], shutdownMs: number) => {
  const engine = await openMemoryEngine();
  const slow = { ...engine.orchestrator, volumes: { ...engine.orchestrator.volumes, resize } };
  const server = await serve({
    orchestrator: () => slow,
    address: '127.0.0.1',
    port: 0,
    version: '26.06.0',
    runtime: 'node',
    shutdownMs,
  });
  const core = openHttpCore({ server: server.url, timeoutMs: 10_000, connections: 2 });
  return { engine, server, core };
};

const resizeCall = { params: { volume: 'v1' }, body: { size: '2Gi' }, signal };
const failed = async (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => undefined,
    (error: unknown) => error,
  );

it('lets a running request come to its end', async () => {
  const began = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const { engine, server, core } = await startSlow(async () => {
    began.resolve();
    await goOn.promise;
    throw new Problem('volume.not-found', 'notFound', 'volume v1 was not found');
  }, 10_000);
  const answer = failed(core.call.resizeVolume(resizeCall));
  await began.promise;
  const closed = server.close();
  goOn.resolve();
  expect(await answer).toMatchObject({ message: 'volume v1 was not found (404 Not Found)' });
  await closed;
  await core[Symbol.asyncDispose]();
  await engine[Symbol.asyncDispose]();
});

it('interrupts what takes too long, and still answers', async () => {
  const began = Promise.withResolvers<void>();
  const { engine, server, core } = await startSlow(async (_name, _size, options) => {
    began.resolve();
    await new Promise((resolve) => options.signal.addEventListener('abort', resolve, { once: true }));
    throw options.signal.reason;
  }, 50);
  const answer = failed(core.call.resizeVolume(resizeCall));
  await began.promise;
  await server.close();
  expect(await answer).toMatchObject({ code: 'serve.stopping', kind: 'unavailable', status: 503 });
  await core[Symbol.asyncDispose]();
  await engine[Symbol.asyncDispose]();
});

it('goes on with a change whose caller left', async () => {
  const began = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<boolean>();
  const leave = new AbortController();
  const { engine, server, core } = await startSlow(async (_name, _size, options) => {
    began.resolve();
    await goOn.promise;
    ended.resolve(options.signal.aborted);
    throw new Problem('volume.not-found', 'notFound', 'gone');
  }, 10_000);
  const answer = failed(core.call.resizeVolume({ ...resizeCall, signal: leave.signal }));
  await began.promise;
  leave.abort();
  await answer;
  // Another round trip, so that the server has seen the connection go.
  await core.call.getVersion({ params: {}, signal });
  goOn.resolve();
  expect(await ended.promise).toBe(false);
  await server.close();
  await core[Symbol.asyncDispose]();
  await engine[Symbol.asyncDispose]();
});
