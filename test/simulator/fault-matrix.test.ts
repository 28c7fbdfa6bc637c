import { Agent, request } from 'undici';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FaultRule, ReplyEnding } from '../../src/simulator/core/fault-rules.ts';
import { at, openOntapSession, textAt, type OntapSession } from '../support/ontap-session.ts';

/** What clients of an array branch on: codes in answers and in jobs, tries that end, races, connections cut half-way. */

let array: OntapSession;
beforeEach(async () => {
  array = await openOntapSession({ clock: { frozenAt: new Date('2025-05-01T00:00:00Z') }, seed: 5 });
});
afterEach(async () => {
  array.simulator.world.verify();
  await array.close();
});

const MIB = 1024 ** 2;
const svm = { name: 'svm0' };
const WAIT = 'return_timeout=15';
const volume = (name: string) => ({
  name,
  size: '100MB',
  svm,
  aggregates: [{ name: 'aggr1_n1' }],
  guarantee: { type: 'none' },
});
const strike = (rule: FaultRule) => array.simulator.faults.add(rule);
const create = async (name: string): Promise<string> => {
  const made = await array.expect(201, 'POST', `/storage/volumes?${WAIT}&return_records=true`, volume(name));
  return textAt(made, 'records', 0, 'uuid');
};
const jobOf = async (body: unknown) => array.expect(200, 'GET', `/cluster/jobs/${textAt(body, 'job', 'uuid')}`);
const outcome = async (method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown) => {
  const job = await jobOf(await array.expect(202, method, path, body));
  return [at(job, 'state'), at(job, 'code')];
};

/** A request whose headers and body are looked at one after the other. */
const ask = async <T>(path: string, look: (answer: Awaited<ReturnType<typeof request>>) => Promise<T>): Promise<T> => {
  const dispatcher = new Agent({ connect: { ca: array.simulator.certificate } });
  const { name, password } = array.simulator.user('admin');
  const authorization = `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;
  try {
    return await look(await request(`${array.simulator.url}/api${path}`, { dispatcher, headers: { authorization } }));
  } finally {
    await dispatcher.destroy();
  }
};

describe('a reply', () => {
  it('waits between its headers and its body', async () => {
    strike({ when: { path: '/cluster' }, then: { type: 'delay-body', milliseconds: 400, jitterMilliseconds: 20 } });
    const waited = await ask('/cluster', async ({ statusCode, body }) => {
      const headers = performance.now();
      expect([statusCode, at(await body.json(), 'name')]).toEqual([200, 'sim-cluster']);
      return performance.now() - headers;
    });
    expect(waited).toBeGreaterThan(60);
  });

  it.each<ReplyEnding>(['truncate', 'reset-headers', 'reset-body'])('is cut after its headers: %s', async (how) => {
    strike({ when: { path: '/cluster' }, then: { type: 'drop-reply', how } });
    await ask('/cluster', async ({ statusCode, body }) => {
      expect(statusCode).toBe(200);
      await expect(body.text()).rejects.toThrow(/closed|reset|ECONNRESET|other side|terminated|aborted/i);
    });
  });

  it.each([
    [500, { code: '65541' }, { error: { code: '65541', message: 'Refused by a fault rule' } }],
    [500, { code: '65552' }, { error: { code: '65552', message: 'Refused by a fault rule' } }],
    [503, { text: '' }, ''],
    [502, { text: '<html></html>' }, '<html></html>'],
  ])('is an error of the server: %i %o', async (status, how, expected) => {
    strike({ when: { path: '/cluster' }, then: { type: 'refuse', status, ...how } });
    await ask('/cluster', async ({ statusCode, body, headers }) => {
      const text = await body.text();
      expect(statusCode).toBe(status);
      expect(typeof expected === 'string' ? text : JSON.parse(text)).toEqual(expected);
      expect(headers['content-type']).toBe(typeof expected === 'string' ? 'text/html' : 'application/hal+json');
    });
  });
});

describe('a job that fails', () => {
  const onVolumes = { method: 'POST', path: '/storage/volumes' } as const;

  it('may have an empty message', async () => {
    strike({ when: onVolumes, then: { type: 'job-fail', code: 917534, message: '' } });
    expect(await jobOf(await array.expect(202, 'POST', '/storage/volumes', volume('v')))).toMatchObject({
      state: 'failure',
      message: '',
      code: 917534,
      error: { message: '', code: '917534' },
    });
  });

  it('may say why in error alone, also after a restore', async () => {
    strike({
      when: { ...onVolumes, body: { name: 'v*' } },
      then: { type: 'job-fail', code: 917534, message: 'Too small', onlyError: true },
    });
    strike({ when: { ...onVolumes, body: { name: 'v2' } }, then: { type: 'job-stall', milliseconds: 1000 } });
    const check = (job: unknown) => {
      expect(job).toMatchObject({ state: 'failure', error: { message: 'Too small', code: '917534' } });
      expect([at(job, 'message'), at(job, 'code')]).toEqual([undefined, undefined]);
    };
    check(await jobOf(await array.expect(202, 'POST', '/storage/volumes', volume('v1'))));
    const stalled = await array.expect(202, 'POST', '/storage/volumes', volume('v2'));
    array.simulator.restore(array.simulator.dump());
    array.simulator.clock.advance(1000);
    check(await jobOf(stalled));
    expect(await array.refusal('POST', `/storage/volumes?${WAIT}`, volume('v1'))).toBe('500 917534');
  });

  it.each([
    [500, '65552'],
    [404, '4'],
  ])('is not the same as one that cannot be read: %i', async (status, code) => {
    strike({
      when: { method: 'GET', path: '/cluster/jobs/*', count: 2 },
      then: { type: 'refuse', status, ...(status === 500 ? { code } : {}) },
    });
    const started = await array.expect(202, 'POST', '/storage/volumes', volume('v'));
    const path = `/cluster/jobs/${textAt(started, 'job', 'uuid')}`;
    for (let index = 0; index < 2; index++)
      expect(await array.refusal('GET', `${path}?fields=state`)).toBe(`${status} ${code}`);
    expect(at(await jobOf(started), 'state')).toBe('success');
  });
});

describe('something is busy', () => {
  it('a snapshot, for so many tries', async () => {
    const path = `/storage/volumes/${await create('v')}/snapshots`;
    await array.expect(201, 'POST', `${path}?${WAIT}`, { name: 's' });
    const snapshot = `${path}/${textAt(await array.list(path), 0, 'uuid')}`;
    strike({
      when: { method: 'DELETE', path: '/storage/volumes/*/snapshots/*', count: 2 },
      then: { type: 'job-fail', code: 1638555, message: 'Snapshot is busy' },
    });
    const busy = ['failure', 1638555];
    expect([await outcome('DELETE', snapshot), await outcome('DELETE', snapshot)]).toEqual([busy, busy]);
    expect(await outcome('DELETE', snapshot)).toEqual(['success', 0]);
  });

  it('a volume, for some seconds from the first try on', async () => {
    const path = `/storage/volumes/${await create('v')}`;
    strike({
      when: { method: 'DELETE', path: '/storage/volumes/*', forMilliseconds: 10_000 },
      then: { type: 'refuse', status: 409, code: '524486', message: 'Volume is busy' },
    });
    // Counted from the first try, not from when the rule was made.
    array.simulator.clock.advance(60_000);
    for (let index = 0; index < 2; index++) {
      expect(await array.refusal('DELETE', path)).toBe('409 524486');
      array.simulator.clock.advance(5000);
    }
    expect(await outcome('DELETE', path)).toEqual(['success', 0]);
  });
});

describe('nothing is left of the space', () => {
  it('of a volume: no snapshot, no reserved LUN', async () => {
    const uuid = await create('v');
    await array.expect(200, 'PATCH', `/storage/volumes/${uuid}?${WAIT}`, {
      space: { snapshot: { reserve_percent: 0 } },
    });
    array.simulator.world.setUsedBytes('v', 100 * MIB);
    expect(at(await array.list('/storage/volumes?name=v&fields=space.available'), 0, 'space', 'available')).toBe(0);
    expect(await outcome('POST', `/storage/volumes/${uuid}/snapshots`, { name: 's' })).toEqual(['failure', 524479]);
    const lun = { name: '/vol/v/l', svm, os_type: 'linux', space: { size: '10MB', guarantee: { requested: true } } };
    expect(await array.refusal('POST', '/storage/luns', lun)).toMatch(/^4\d\d \d+$/);
    expect(await array.list('/storage/luns')).toEqual([]);
    await array.expect(200, 'PATCH', `/storage/volumes/${uuid}?${WAIT}`, { size: '200MB' });
    expect(await outcome('POST', `/storage/volumes/${uuid}/snapshots`, { name: 's' })).toEqual(['success', 0]);
  });

  it('of an aggregate: no volume that grows, no SVM, until it is larger', async () => {
    const uuid = await create('v');
    const thick = { size: '1GB', guarantee: { type: 'volume' } };
    array.simulator.world.setAggregateAvailable('aggr1_n1', 0);
    expect(await outcome('PATCH', `/storage/volumes/${uuid}`, thick)).toEqual(['failure', 460770]);
    const more = { name: 'more', aggregates: [{ name: 'aggr1_n1' }] };
    expect(await outcome('POST', '/svm/svms', more)).toEqual(['failure', 13434914]);
    array.simulator.world.setAggregateSize('aggr1_n1', 11 * 1024 ** 4);
    expect(await outcome('PATCH', `/storage/volumes/${uuid}`, thick)).toEqual(['success', 0]);
    expect(await outcome('POST', '/svm/svms', more)).toEqual(['success', 0]);
    expect(() => array.simulator.world.setAggregateSize('aggr1_n1', MIB)).toThrow('holds');
  });
});

describe('quotas', () => {
  it('stay in a state', async () => {
    const uuid = await create('v');
    await array.expect(201, 'POST', `/storage/qtrees?${WAIT}`, { name: 'q', svm, volume: { name: 'v' } });
    const rule = { svm, volume: { name: 'v' }, type: 'tree', qtree: { name: 'q' }, space: { hard_limit: '10MB' } };
    await array.expect(201, 'POST', `/storage/quota/rules?${WAIT}`, rule);
    array.simulator.world.setQuotaState('v', 'resizing');
    await array.expect(200, 'PATCH', `/storage/volumes/${uuid}?${WAIT}`, { quota: { enabled: true } });
    const state = async () => at(await array.expect(200, 'GET', `/storage/volumes/${uuid}?fields=quota`), 'quota');
    expect(await state()).toMatchObject({ state: 'resizing' });
    array.simulator.world.setQuotaState('v', undefined);
    expect(await state()).toMatchObject({ state: 'on' });
  });

  it('have a rule whose resize failed', async () => {
    await create('v');
    await array.expect(201, 'POST', `/storage/qtrees?${WAIT}`, { name: 'q', svm, volume: { name: 'v' } });
    strike({
      when: { method: 'POST', path: '/storage/quota/rules' },
      then: { type: 'job-fail', code: 5308568, message: 'Rule created and resize failed', afterWork: true },
    });
    const rule = { svm, volume: { name: 'v' }, type: 'tree', qtree: { name: 'q' }, space: { hard_limit: '10MB' } };
    expect(await outcome('POST', '/storage/quota/rules', rule)).toEqual(['failure', 5308568]);
    expect(await array.list('/storage/quota/rules?qtree.name=q')).toHaveLength(1);
  });
});

describe('two who make the same at once', () => {
  const race = async (path: string, body: unknown) =>
    (await Promise.all([array.send('POST', path, body), array.send('POST', path, body)]))
      .map(({ status, body: answer }) => [status, at(answer, 'error', 'code')].filter(Boolean).join(' '))
      .sort();

  it.each([
    ['igroup', '/protocols/san/igroups', { name: 'g', svm, os_type: 'linux' }, ['201', '409 5374023']],
    ['subsystem', '/protocols/nvme/subsystems', { name: 's', svm, os_type: 'linux' }, ['201', '409 72090025']],
    ['export policy', '/protocols/nfs/export-policies', { name: 'p', svm }, ['201', '409 1']],
    ['volume', '/storage/volumes', volume('v'), ['202', '409 917526']],
  ])('%s', async (_what, path, body, statuses) => {
    expect(await race(path, body)).toEqual(statuses);
  });

  it('export rule', async () => {
    await array.expect(201, 'POST', '/protocols/nfs/export-policies', { name: 'p', svm });
    const id = String(at(await array.list('/protocols/nfs/export-policies?name=p'), 0, 'id'));
    const rule = { clients: [{ match: '10.0.0.1' }], ro_rule: ['any'], rw_rule: ['any'] };
    expect(await race(`/protocols/nfs/export-policies/${id}/rules`, rule)).toEqual(['201', '409 1704070']);
  });

  it('by a create that was sent twice because its answer was lost', async () => {
    strike({ when: { method: 'POST', path: '/protocols/san/igroups', count: 1 }, then: { type: 'drop-reply' } });
    const group = { name: 'g', svm, os_type: 'linux' };
    await expect(array.send('POST', '/protocols/san/igroups', group)).rejects.toThrow(/closed|other side/);
    expect(await array.refusal('POST', '/protocols/san/igroups', group)).toBe('409 5374023');
  });
});

it.each([
  ['/storage/luns', 'serial_number'],
  ['/storage/aggregates', 'space.footprint'],
  ['/protocols/san/iscsi/services', 'target.name'],
])('%s lacks %s', async (path, field) => {
  await create('v');
  await array.expect(201, 'POST', '/storage/luns', {
    name: '/vol/v/l',
    svm,
    os_type: 'linux',
    space: { size: '10MB' },
  });
  const look = async () => at((await array.list(`${path}?fields=${field}`))[0], ...field.split('.'));
  expect(await look()).toBeDefined();
  strike({ when: { path }, then: { type: 'drop-field', field } });
  expect(await look()).toBeUndefined();
});
