import { describe, expect, it } from 'vitest';
import { notReady } from '../src/engine/server/handler.ts';
import { serve } from '../src/engine/server/http-server.ts';
import { differences } from './support/golden-rest-differences.ts';
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

const compareAll = (results: readonly Replayed[]) => {
  const wrong: Record<string, unknown> = {};
  const expected: Record<string, unknown> = {};
  for (const result of results) {
    const { stock, ours } = sides(result);
    const difference = differences[result.recorded.name];
    const isEqual = JSON.stringify(stock) === JSON.stringify(ours) || equal(stock, ours);
    if (difference === undefined ? !isEqual : isEqual || ours.status !== difference.status) {
      wrong[result.recorded.name] = ours;
      expected[result.recorded.name] = difference ?? stock;
    }
  }
  expect(wrong).toEqual(expected);
};

const equal = (a: unknown, b: unknown): boolean => {
  try {
    expect(a).toEqual(b);
    return true;
  } catch {
    return false;
  }
};

describe('recorded answers of the stock core', () => {
  it('while it starts', async () => {
    const server = await serve({
      orchestrator: () => {
        throw notReady();
      },
      address: '127.0.0.1',
      port: 0,
      version: '26.06.0',
      runtime: 'node',
      shutdownMs: 1000,
    });
    try {
      compareAll(await replay(server.url, readScenario('notready')));
    } finally {
      await server.close();
    }
  });
});
