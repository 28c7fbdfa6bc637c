import { describe, expect, it } from 'vitest';
import { driverKind } from '../src/engine/drivers/registry.ts';
import { openEngine } from '../src/engine/engine.ts';
import type { Orchestrator } from '../src/engine/orchestrator/orchestrator.ts';
import { notReady } from '../src/engine/server/handler.ts';
import { serve } from '../src/engine/server/http-server.ts';
import { openMemoryStore } from '../src/engine/store/memory.ts';
import { differences } from './support/golden-rest-differences.ts';
import { seededRandom } from './support/seeded-random.ts';
import { comparable, readScenario, replay, type Replayed } from './support/golden-rest.ts';

const comparedHeaders = ['content-type', 'location', 'x-content-type-options'];

/** What a case was recorded to answer, and what we answered, in the same form. */
const sides = ({ recorded, reply }: Replayed) => {
  const recordedHeaders = Object.fromEntries(
    Object.entries(recorded.headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const pick = (headers: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(comparedHeaders.map((name) => [name, headers[name]]));
  return {
    stock: { status: recorded.status, headers: pick(recordedHeaders), body: comparable(recorded.answer ?? '') },
    ours: { status: reply.status, headers: pick(reply.headers), body: comparable(reply.body) },
  };
};

/** Whether a backend is gone or waits for a volume depends on where chance put that volume. */
const leftToChance = new Set(['raw-del-backend-unknown']);

const compare = (results: readonly Replayed[]) => {
  const wrong: Record<string, unknown> = {};
  const expected: Record<string, unknown> = {};
  for (const result of results.filter(({ recorded }) => !leftToChance.has(recorded.name))) {
    const { stock, ours } = sides(result);
    const difference = differences[result.recorded.name];
    const isEqual = JSON.stringify(stock) === JSON.stringify(ours) || equal(stock, ours);
    if (difference === undefined ? !isEqual : isEqual || ours.status !== difference.status) {
      wrong[result.recorded.name] = ours;
      expected[result.recorded.name] = difference ?? stock;
    }
  }
  return { wrong, expected };
};

const equal = (a: unknown, b: unknown): boolean => {
  try {
    expect(a).toEqual(b);
    return true;
  } catch {
    return false;
  }
};

const options = { address: '127.0.0.1', port: 0, version: '26.06.0', runtime: 'node', shutdownMs: 1000 };

/**
 * What would lead ours elsewhere: stock's in-memory store cannot rename a backend; a volume that shares another is
 * refused by ours, so that its name would still be free; and whatever listens on this machine's port 443 is no array.
 */
const leadsElsewhere = (seed: { readonly path: string; readonly body: string | null }) =>
  seed.body?.includes('"storageDriverName": "ontap-nas", "backendName": "on"') === true ||
  seed.body?.includes('"storageDriverName": "ontap-nas", "managementLIF"') === true ||
  (seed.path === '/trident/v1/backend/fake-nas' && seed.body?.includes('"backendName": "renamed"') === true) ||
  (seed.path === '/trident/v1/volume' &&
    seed.body?.includes('"name": "v-sub"') === true &&
    !seed.body.includes('shareSourceVolume'));

/** Replays a scenario against a server; what it answers otherwise than recorded, and was not declared. */
const replayed = async (orchestrator: () => Orchestrator, scenario: string) => {
  const server = await serve({ ...options, orchestrator });
  try {
    return compare(await replay(server.url, readScenario(scenario), leadsElsewhere));
  } finally {
    await server.close();
  }
};

describe('recorded answers of the stock core', () => {
  it('are all there that a difference is declared for', () => {
    const recorded = new Set(['notready', 'raw'].flatMap((name) => readScenario(name).cases.map((one) => one.name)));
    expect(Object.keys(differences).filter((name) => !recorded.has(name))).toEqual([]);
  });

  it('while it starts', async () => {
    const { wrong, expected } = await replayed(() => {
      throw notReady();
    }, 'notready');
    expect(wrong).toEqual(expected);
  });

  it('through a life of backends, classes, volumes and snapshots', async () => {
    const store = openMemoryStore();
    const engine = await openEngine({
      store,
      driverKind,
      context: 'direct',
      version: '26.06.0',
      hostName: 'test',
      random: seededRandom(7),
    });
    try {
      const { wrong, expected } = await replayed(() => engine.orchestrator, 'raw');
      expect(wrong).toEqual(expected);
    } finally {
      await engine[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    }
  }, 60_000);
});
