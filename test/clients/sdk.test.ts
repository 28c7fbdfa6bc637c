import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSimulator } from '../../src/simulator/simulator.ts';
import type { Simulator } from '../../src/simulator/contract.ts';
import { clientTitle, openPythonClient } from '../support/python-client.ts';

/** NetApp's own Python SDK, at work on the simulator. The work itself is in sdk/scenarios.py. */

const found = await openPythonClient('netapp-ontap', ['netapp-ontap==9.19.1.0'], '3.9');

const scenarios = [
  'cluster_and_svm',
  'volume_life',
  'polling_by_hand',
  'paging',
  'snapshots_and_clones',
  'qtrees_and_quotas',
  'luns_and_igroups',
  'namespaces',
  'consistency_groups',
  'export_policies',
  'export_clients',
  'moves_and_data',
  'networks',
  'counters',
  'accounts',
  'errors',
];

const outcome = v.object({ scenario: v.string(), failure: v.nullable(v.string()) });
const script = fileURLToPath(new URL('sdk/scenarios.py', import.meta.url));

describe.skipIf(found.client === undefined)(clientTitle('the netapp-ontap SDK', found), () => {
  let array: Simulator;
  const outcomes = new Map<string, string | null>();

  beforeAll(async () => {
    array = await startSimulator({ seed: 3 });
    const { name, password } = array.user('admin');
    const { stdout } = await promisify(execFile)(
      found.client?.python ?? '',
      [script, '127.0.0.1', String(array.port), name, password, ...scenarios],
      { timeout: 240_000 },
    );
    for (const line of stdout.trim().split('\n')) {
      const { scenario, failure } = v.parse(outcome, JSON.parse(line));
      outcomes.set(scenario, failure);
    }
  }, 300_000);
  afterAll(() => array.stop());

  it.each(scenarios)('%s', (scenario) => {
    expect(outcomes.get(scenario)).toBeNull();
  });

  it('leaves nothing behind and asks for nothing that is not simulated', () => {
    array.world.verify();
    expect(array.world.volumes().map(({ name }) => name)).toEqual([]);
    expect(array.requests.list().filter(({ status }) => status === 501 || status >= 502)).toEqual([]);
    expect(array.requests.list({ path: '/storage/volumes' })[0]?.headers['x-dot-client-app']).toMatch(
      /^netapp-ontap-python-/,
    );
  });
});
