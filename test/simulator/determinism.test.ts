import { afterEach, expect, it } from 'vitest';
import type { SimulatorOptions } from '../../src/simulator/contract.ts';
import { at, openOntapSession, textAt, type OntapSession } from '../support/ontap-session.ts';

/** Same seed and same requests, same bytes. */

const open: OntapSession[] = [];
const start = async (options: SimulatorOptions) => {
  const array = await openOntapSession({ clock: { frozenAt: new Date('2025-05-01T00:00:00Z') }, ...options });
  open.push(array);
  return array;
};
afterEach(async () => {
  await Promise.all(open.splice(0).map((array) => array.close()));
});

const work = async (array: OntapSession, reads: number): Promise<string> => {
  const answers: unknown[] = [];
  const send = async (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown) => {
    const { status, body: answer } = await array.send(method, path, body);
    answers.push([status, answer]);
    return answer;
  };
  for (const name of ['v1', 'v2']) {
    await send('POST', '/storage/volumes', {
      name,
      size: '1GB',
      svm: { name: 'svm0' },
      aggregates: [{ name: 'aggr1_n1' }],
      nas: { path: `/${name}` },
    });
    for (let index = 0; index < reads; index++) await array.send('GET', '/cluster');
    array.simulator.clock.advance(1000);
  }
  const uuid = textAt(await send('GET', '/storage/volumes?name=v1'), 'records', 0, 'uuid');
  await send('POST', `/storage/volumes/${uuid}/snapshots`, { name: 's1' });
  array.simulator.clock.advance(1000);
  await send('POST', '/storage/volumes', {
    name: 'c1',
    svm: { name: 'svm0' },
    clone: { is_flexclone: true, parent_volume: { name: 'v1' }, parent_snapshot: { name: 's1' } },
  });
  await send('POST', '/protocols/nfs/export-policies', {
    name: 'p',
    svm: { name: 'svm0' },
    rules: [{ clients: [{ match: '10.0.0.1' }], ro_rule: ['any'], rw_rule: ['any'] }],
  });
  await send('DELETE', '/storage/volumes?name=v2&return_timeout=0');
  array.simulator.clock.advance(1000);
  await send('GET', '/storage/volumes?fields=**');
  await send('GET', '/cluster/jobs?fields=*');
  return JSON.stringify(answers);
};

it('answers alike for one seed, whatever is read in between, and differently for another', async () => {
  const jobs = { duration: { minMs: 1, maxMs: 900 } };
  const first = await work(await start({ seed: 7, jobs }), 0);
  expect(await work(await start({ seed: 7, jobs }), 3)).toBe(first);
  expect(await work(await start({ seed: 8, jobs }), 0)).not.toBe(first);
});

it('dumps what it restored', async () => {
  const array = await start({ seed: 9 });
  await work(array, 0);
  const state = array.simulator.dump();
  const copy = await start({ state });
  expect(copy.simulator.dump()).toBe(state);
  copy.simulator.world.verify();
  expect(await copy.expect(200, 'GET', '/storage/volumes?fields=**')).toEqual(
    await array.expect(200, 'GET', '/storage/volumes?fields=**'),
  );
});

it('goes on alike after a restore, with jobs under way', async () => {
  const array = await start({ seed: 9, jobs: { duration: 5000 } });
  const volume = { name: 'v1', size: '1GB', svm: { name: 'svm0' }, aggregates: [{ name: 'aggr1_n1' }] };
  await array.expect(202, 'POST', '/storage/volumes', volume);
  const copy = await start({ state: array.simulator.dump(), jobs: { duration: 5000 } });
  for (const each of [array, copy]) {
    expect(await each.refusal('POST', '/storage/volumes', volume)).toBe('409 13107405');
    each.simulator.clock.advance(5000);
    expect(await each.list('/storage/volumes?name=v1')).toHaveLength(1);
  }
  expect(copy.simulator.dump()).toBe(array.simulator.dump());
});

it('keeps a job that ends by being read for its last reader', async () => {
  const jobs = { runningPolls: 2 };
  const array = await start({ seed: 9, jobs });
  const volume = { name: 'v1', size: '1GB', svm: { name: 'svm0' }, aggregates: [{ name: 'aggr1_n1' }] };
  const job = `/cluster/jobs/${textAt(await array.expect(202, 'POST', '/storage/volumes', volume), 'job', 'uuid')}`;
  for (const reads of [1, 2]) {
    await array.expect(200, 'GET', job);
    const state = array.simulator.dump();
    const copy = await start({ state, jobs });
    expect(copy.simulator.dump(), `after ${reads}`).toBe(state);
    expect(await copy.list('/storage/volumes?name=v1')).toHaveLength(0);
  }
  expect(at(await array.expect(200, 'GET', job), 'state')).toBe('success');
});
