import { readFileSync } from 'node:fs';
import { Pool } from 'undici';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../src/engine/engine.ts';
import { serve, type RunningServer } from '../src/engine/server/http-server.ts';
import { sendRaw } from './support/golden-rest.ts';
import { openMemoryEngine } from './support/memory-engine.ts';

/** The metrics after the calls that stock's were recorded after. */

const recordingSchema = v.object({
  seeds: v.array(v.object({ method: v.string(), path: v.string(), body: v.string() })),
  metrics: v.array(v.object({ name: v.string(), type: v.string(), labels: v.array(v.string()) })),
});
const recording = v.parse(
  recordingSchema,
  JSON.parse(readFileSync(new URL('fixtures/golden-rest/metrics.json', import.meta.url), 'utf8')),
);

/** What Node does not tell of its process. */
const notTold = new Set([
  'process_network_receive_bytes_total',
  'process_network_transmit_bytes_total',
  'process_virtual_memory_max_bytes',
]);

interface Metric {
  readonly name: string;
  readonly type: string;
  readonly labels: readonly string[];
}

/** Names, types and labels out of an exposition document. */
const readExposition = (text: string): readonly Metric[] =>
  text
    .split(/^# HELP /m)
    .slice(1)
    .map((block) => {
      const [, name = '', type = ''] = /^# TYPE (\S+) (\S+)$/m.exec(block) ?? [];
      const labels = new Set([...block.matchAll(/[{,]([a-z_]+)="/g)].map(([, label = '']) => label));
      return { name, type, labels: [...labels].sort() };
    });

let engine: Engine;
let server: RunningServer;
let text: string;

beforeAll(async () => {
  engine = await openMemoryEngine();
  server = await serve({
    orchestrator: () => engine.orchestrator,
    address: '127.0.0.1',
    port: 0,
    version: '26.06.0',
    runtime: 'node',
    shutdownMs: 1000,
    processStats: () => ({ cpuSeconds: 1, residentBytes: 2, virtualBytes: 3, startTime: 4, openFiles: 5, maxFiles: 6 }),
  });
  const pool = new Pool(server.url);
  for (const seed of recording.seeds) await sendRaw(pool, seed);
  text = (await sendRaw(pool, { method: 'GET', path: '/metrics', body: null })).body;
  await pool.close();
});
afterAll(async () => {
  await server.close();
  await engine[Symbol.asyncDispose]();
});

describe('metrics', () => {
  it("have stock's names, types and labels", () => {
    const expected = recording.metrics.filter(({ name }) => !notTold.has(name));
    expect(readExposition(text)).toEqual(expected);
  });

  it('count what the core has', () => {
    expect(text).toMatch(/^trident_backend_count\{backend_state="online",backend_type="fake"\} 1$/m);
    expect(text).toMatch(/^trident_volume_count\{.*volume_state="online",volume_type="Filesystem"\} 1$/m);
    expect(text).toMatch(/^trident_volume_total_bytes 1073741824$/m);
    expect(text).toMatch(/^trident_snapshot_count\{backend_type="fake",backend_uuid="[0-9a-f-]{36}"\} 1$/m);
    expect(text).toMatch(/^trident_storageclass_count 1$/m);
  });

  it('count and time what was asked', () => {
    expect(text).toMatch(/^trident_rest_ops_total\{op="POST",route="AddBackend",status_code="201"\} 1$/m);
    expect(text).toMatch(/^trident_rest_ops_seconds_total_count\{op="POST",route="AddVolume",status_code="201"\} 1$/m);
    expect(text).toMatch(
      /^trident_operation_duration_milliseconds_count\{operation="backend_add",success="true"\} 1$/m,
    );
  });
});
