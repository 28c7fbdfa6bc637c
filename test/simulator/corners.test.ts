import * as fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { findRepeated } from '../../src/simulator/core/json.ts';
import type { SimulatorOptions } from '../../src/simulator/contract.ts';
import { at, openOntapSession, textAt, type OntapSession } from '../support/ontap-session.ts';

/** Corners of the protocol that management tools turn. */

let array: OntapSession;
const start = async (options: SimulatorOptions = {}) => {
  array = await openOntapSession({ clock: { frozenAt: new Date('2025-05-01T09:30:00Z') }, ...options });
};
afterEach(async () => {
  array.simulator.world.verify();
  await array.close();
});

const volume = (name: string) => ({ name, svm: { name: 'svm0' }, aggregates: [{ name: 'aggr1_n1' }] });
const jobOf = (body: unknown) => `/cluster/jobs/${textAt(body, 'job', 'uuid')}`;

describe('actions on jobs', () => {
  it('are refused as the state of the job is', async () => {
    await start({ jobs: { duration: 1000 } });
    const job = jobOf(await array.expect(202, 'POST', '/storage/volumes', volume('v1')));
    const act = (action: string) => array.refusal('PATCH', `${job}?action=${action}`, {});
    expect([await act('cancel'), await act('pause'), await act('resume'), await act('stop')]).toEqual([
      '409 458784',
      '409 458783',
      '409 458771',
      '400 262197',
    ]);
    expect(await array.refusal('PATCH', job, {})).toBe('400 262190');
    array.simulator.clock.advance(1000);
    expect([await act('cancel'), await act('resume')]).toEqual(['409 458762', '409 458762']);
  });

  it('resume a job that a fault has paused', async () => {
    await start({
      faults: [{ when: { method: 'POST', path: '/storage/volumes' }, then: { type: 'job-stall', state: 'paused' } }],
    });
    const job = jobOf(await array.expect(202, 'POST', '/storage/volumes', volume('v1')));
    expect(at(await array.expect(200, 'GET', job), 'state')).toBe('paused');
    await array.expect(200, 'PATCH', `${job}?action=resume`);
    expect(at(await array.expect(200, 'GET', job), 'state')).toBe('success');
    expect(await array.list('/storage/volumes?name=v1')).toHaveLength(1);
  });
});

describe('jobs', () => {
  it('make at most five SVMs at once, each with a number of its own', async () => {
    await start({ jobs: { duration: 1000 } });
    for (let index = 0; index < 5; index++) await array.expect(202, 'POST', '/svm/svms', { name: `s${index}` });
    expect(await array.refusal('POST', '/svm/svms', { name: 's5' })).toBe('409 13434894');
    array.simulator.clock.advance(1000);
    await array.expect(202, 'POST', '/svm/svms', { name: 's5' });
    const uuid = textAt(await array.list('/svm/svms?name=s0'), 0, 'uuid');
    await array.expect(202, 'DELETE', `/svm/svms/${uuid}`);
    array.simulator.clock.advance(1000);
    expect(await array.list('/svm/svms?name=s*')).toHaveLength(2 + 5);
  });
});

describe('collections', () => {
  it('of all volumes’ snapshots say whose each is', async () => {
    await start();
    for (const name of ['v1', 'v2']) {
      await array.expect(202, 'POST', '/storage/volumes', volume(name));
      const uuid = textAt(await array.list(`/storage/volumes?name=${name}`), 0, 'uuid');
      await array.expect(202, 'POST', `/storage/volumes/${uuid}/snapshots`, { name: 's' });
      expect(Object.keys(Object((await array.list(`/storage/volumes/${uuid}/snapshots`))[0]))).not.toContain('volume');
    }
    const all = await array.list('/storage/volumes/*/snapshots?name=s');
    expect(all.map((snapshot) => at(snapshot, 'volume', 'name')).sort()).toEqual(['v1', 'v2']);
  });

  it('show their keys and no lists', async () => {
    await start();
    const [policy] = await array.list('/protocols/nfs/export-policies');
    expect(Object.keys(Object(policy)).sort()).toEqual(['_links', 'id', 'name', 'svm']);
  });

  it('of events take commas for alternatives, and only they do', async () => {
    await start();
    const log = { computer_name: 'c', event_source: 's', event_description: 'd', severity: 'notice' };
    await array.expect(201, 'POST', '/support/ems/application-logs', log);
    expect(await array.list('/support/ems/events?message.name=other,app.log.notice')).toHaveLength(1);
    expect(await array.list('/storage/volumes?name=svm0_root,other')).toHaveLength(0);
  });

  it('of the command line are views of the same records', async () => {
    await start();
    await array.expect(202, 'POST', '/storage/volumes', volume('v1'));
    expect(await array.list('/private/cli/volume?volume=v*&fields=size,policy,aggregate')).toEqual([
      { vserver: 'svm0', volume: 'v1', aggregate: 'aggr1_n1', size: 20 * 1024 ** 2, policy: 'default' },
    ]);
    expect(await array.list('/private/cli/vserver?vserver=svm0&fields=rootvolume')).toEqual([
      { vserver: 'svm0', rootvolume: 'svm0_root' },
    ]);
    const { body } = await array.sendAs('vsadmin', 'GET', '/private/cli/vserver');
    expect(body).toEqual({ records: [{ vserver: 'svm0' }], num_records: 1 });
    expect(await array.refusal('POST', '/private/cli/volume', {})).toBe('405 3');
  });
});

const repeatedIn = (text: string) => findRepeated(text, JSON.parse(text));

describe('a property that is given twice', () => {
  it('is found where it is, and nowhere else', async () => {
    await start();
    expect(repeatedIn('{"a":{"b":1,"b":2}}')).toBe('b');
    expect(repeatedIn('{"a":[{"b":1},{"b":2}],"c":"{\\"a\\":1,\\"a\\":2}","d":{"a":{}}}')).toBeUndefined();
    expect(repeatedIn(String.raw`{"a\u0062":1,"ab" : 2}`)).toBe('ab');
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(repeatedIn(text)).toBeUndefined();
      }),
    );
  });
});
