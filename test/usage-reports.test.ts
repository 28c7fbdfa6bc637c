import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Engine } from '../src/engine/engine.ts';
import { startSimulator } from '../src/simulator/simulator.ts';
import type { Simulator } from '../src/simulator/contract.ts';
import { patient } from './support/lab.ts';
import { nasBackend } from './support/nas-backend.ts';
import { at } from './support/ontap-session.ts';
import { openMemoryEngine } from './support/memory-engine.ts';

/** Arrays are told at intervals that they are in use; when that was is kept by the engine, not by a timer of a driver. */

let simulator: Simulator;
let engine: Engine;
let now = Date.parse('2026-03-01T12:00:00Z');
const hour = 3_600_000;

beforeAll(async () => {
  simulator = await startSimulator({});
  engine = await openMemoryEngine({ hostName: 'controller', now: () => new Date(now) });
  const add = (backendName: string, more: object) =>
    engine.orchestrator.backends.add({ ...nasBackend(simulator), backendName, ...more }, patient);
  await add('daily', {});
  await add('often', { usageHeartbeat: '0.5' });
  await add('never', { usageHeartbeat: '0' });
  await add('less than never', { usageHeartbeat: '-3' });
  await engine.orchestrator.backends.add({ version: 1, storageDriverName: 'fake', backendName: 'fake' }, patient);
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  await simulator.stop();
});

/** What is new in the array's log. */
let seen = 0;
const events = async (): Promise<readonly unknown[]> => {
  const { body } = await simulator.call('GET', '/support/ems/events?source=trident&fields=*');
  const records = at(body, 'records');
  const all: readonly unknown[] = Array.isArray(records) ? records : [];
  const fresh = all.slice(seen);
  seen = all.length;
  return fresh;
};
const report = async () => {
  const said: string[] = [];
  await engine.orchestrator.reportUsage({ ...patient, progress: (text) => said.push(text) });
  return said;
};

it('tells who uses the array', async () => {
  expect(await report()).toEqual([]);
  const [event, ...others] = await events();
  expect(others).toHaveLength(1);
  const parameters = at(event, 'parameters');
  const values = Object.fromEntries(
    (Array.isArray(parameters) ? parameters : []).map((each) => [at(each, 'name'), at(each, 'value')]),
  );
  expect(values).toMatchObject({ computer_name: 'controller', event_source: 'trident', category: 'heartbeat' });
  expect(JSON.parse(String(values['event_description']))).toEqual({
    version: '26.06.0',
    backendUUID: expect.stringMatching(/^[0-9a-f-]{36}$/),
    platform: 'direct',
    platformVersion: '',
    platformUID: '',
    platformNodeCount: 0,
    tridentProtectVersion: '',
    tridentProtectConnectorPresent: false,
    plugin: 'ontap-nas',
    svm: 'svm0',
    storagePrefix: 'trident_',
  });
});

it('does so as often as the backend says', async () => {
  await report();
  expect(await events()).toHaveLength(0);
  now += hour / 2;
  await report();
  expect(await events()).toHaveLength(1);
  now += 24 * hour;
  await report();
  expect(await events()).toHaveLength(2);
});

it('warns when that fails, and does not try at once again', async () => {
  now += hour;
  const refusal = { type: 'refuse', status: 403, code: '6', message: 'not authorized for that command' } as const;
  // oxlint-disable-next-line unicorn/no-thenable -- the simulator's own word in its fault files
  simulator.faults.add({ when: { path: '/api/support/ems/application-logs' }, then: refusal });
  expect(await report()).toEqual([
    expect.stringMatching(
      /backend often was not told that it is in use: .*\/api\/support\/ems\/application-logs.*not authorized/,
    ),
  ]);
  expect(await report()).toEqual([]);
});
