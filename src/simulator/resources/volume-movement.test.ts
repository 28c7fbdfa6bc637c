import { afterAll, beforeAll, expect, test } from 'vitest';
import { at, openOntapSession, textAt, type OntapSession } from '../../../test/support/ontap-session.ts';

const MIB = 1024 ** 2;
let array: OntapSession;

const newVolume = async (name: string, more: Record<string, unknown> = {}): Promise<string> => {
  const body = { name, svm: { name: 'svm0' }, size: 100 * MIB, aggregates: [{ name: 'aggr1_n1' }], ...more };
  const jobPath = textAt(await array.expect(202, 'POST', '/storage/volumes', body), 'job', 'uuid');
  array.simulator.clock.advance(1000);
  await array.expect(200, 'GET', `/cluster/jobs/${jobPath}`);
  const [volume] = await array.list(`/storage/volumes?name=${name}`);
  return textAt(volume, 'uuid');
};

const to = (aggregate: string) => ({ movement: { destination_aggregate: { name: aggregate } } });

beforeAll(async () => {
  array = await openOntapSession({
    clock: { frozenAt: new Date('2026-01-01T00:00:00Z') },
    jobs: { duration: 1000 },
    pace: { moveMs: 60_000 },
  });
});
afterAll(() => array.close());

test('a volume moves to another aggregate by a job', async () => {
  const uuid = await newVolume('mover');
  const path = `/storage/volumes/${uuid}`;
  expect((await array.send('PATCH', `${path}?validate_only=true`, to('aggr1_n2'))).status).toBe(200);
  const movement = async () => at(await array.expect(200, 'GET', `${path}?fields=movement,aggregates`), 'movement');
  expect(await movement()).toBeUndefined();

  const job = textAt(await array.expect(202, 'PATCH', path, to('aggr1_n2')), 'job', 'uuid');
  array.simulator.clock.advance(30_000);
  expect(await movement()).toMatchObject({
    destination_aggregate: { name: 'aggr1_n2' },
    state: 'replicating',
    percent_complete: 50,
    start_time: '2026-01-01T00:00:01+00:00',
  });
  expect(await array.refusal('PATCH', path, to('aggr1_n2'))).toBe('409 8');
  array.simulator.clock.advance(30_000);
  expect(await array.expect(200, 'GET', `/cluster/jobs/${job}`)).toMatchObject({ state: 'success' });
  expect(await movement()).toMatchObject({ state: 'success', percent_complete: 100 });
  expect(await array.expect(200, 'GET', `${path}?fields=aggregates`)).toMatchObject({
    aggregates: [{ name: 'aggr1_n2' }],
  });
  array.simulator.world.verify();
});

/** Starts a move, and lets half of it pass. Gives back its job and what acts on it. */
const halfMoved = async (name: string, more: Record<string, unknown> = {}) => {
  const path = `/storage/volumes/${await newVolume(name)}`;
  const body = { movement: { ...to('aggr1_n2').movement, ...more } };
  const job = textAt(await array.expect(202, 'PATCH', path, body), 'job', 'uuid');
  array.simulator.clock.advance(30_000);
  return {
    path,
    jobPath: `/cluster/jobs/${job}`,
    job: async () => at(await array.expect(200, 'GET', `/cluster/jobs/${job}`), 'state'),
    movement: async () => at(await array.expect(200, 'GET', `${path}?fields=movement`), 'movement'),
    place: async () => at(await array.expect(200, 'GET', path), 'aggregates', 0, 'name'),
    /** The request that steers is a job of its own, and takes a second. */
    steer: async (movement: Record<string, unknown>) => {
      const steering = textAt(await array.expect(202, 'PATCH', path, { movement }), 'job', 'uuid');
      array.simulator.clock.advance(1000);
      return array.expect(200, 'GET', `/cluster/jobs/${steering}`);
    },
  };
};

test('a move is paused, and goes on from there', async () => {
  const move = await halfMoved('pausing');
  expect(await move.steer({ state: 'paused' })).toMatchObject({ state: 'success' });
  expect(await move.movement()).toMatchObject({ state: 'paused', percent_complete: 51 });
  expect(await move.job()).toBe('paused');
  array.simulator.clock.advance(600_000);
  expect(await move.movement()).toMatchObject({ state: 'paused', percent_complete: 51 });
  expect(await array.refusal('PATCH', move.path, { movement: { state: 'cutover' } })).toBe('409 8');
  await move.steer({ state: 'replicating' });
  expect(await move.movement()).toMatchObject({ state: 'replicating', percent_complete: 51 });
  array.simulator.clock.advance(29_000);
  expect(await move.movement()).toMatchObject({ state: 'success', percent_complete: 100 });
  expect(await move.job()).toBe('success');
  expect(await move.place()).toBe('aggr1_n2');
});

test.each([
  ['goes on', {}, { state: 'success' }],
  ['still waits for its cutover', { state: 'cutover_wait' }, { state: 'cutover_pending' }],
])('a paused move whose job is resumed %s', async (name, more, end) => {
  const move = await halfMoved(`resuming_${name.length}`);
  if ('state' in more) await move.steer(more);
  await move.steer({ state: 'paused' });
  await array.expect(200, 'PATCH', `${move.jobPath}?action=resume`);
  expect([await move.job(), await move.movement()]).toMatchObject(['running', { state: 'replicating' }]);
  array.simulator.clock.advance(31_000);
  expect(await move.movement()).toMatchObject(end);
  array.simulator.world.verify();
});

test('a move is aborted, and the volume stays where it is', async () => {
  const move = await halfMoved('aborting');
  await move.steer({ state: 'aborted' });
  expect(await move.movement()).toMatchObject({ state: 'aborted', destination_aggregate: { name: 'aggr1_n2' } });
  expect(await move.job()).toBe('failure');
  expect(await move.place()).toBe('aggr1_n1');
  await array.expect(202, 'PATCH', move.path, to('aggr1_n2'));
  array.simulator.clock.advance(60_000);
  expect(await move.movement()).toMatchObject({ state: 'success' });
  expect(await move.place()).toBe('aggr1_n2');
});

test('a cutover waits to be asked for, also after a pause', async () => {
  const move = await halfMoved('waiting', { cutover_window: 45, tiering_policy: 'auto' });
  await move.steer({ state: 'cutover_wait' });
  expect(await move.movement()).toMatchObject({ state: 'replicating', percent_complete: 51, cutover_window: 45 });
  await move.steer({ state: 'paused', cutover_window: 90 });
  await move.steer({ state: 'replicating' });
  array.simulator.clock.advance(3_600_000);
  expect(await move.movement()).toMatchObject({ state: 'cutover_pending', percent_complete: 99, cutover_window: 90 });
  expect(await move.job()).toBe('running');
  const saved = array.simulator.dump();
  array.simulator.restore(saved);
  expect(array.simulator.dump()).toBe(saved);
  expect(await move.steer({ state: 'cutover' })).toMatchObject({ state: 'success' });
  array.simulator.clock.advance(1);
  expect(await move.movement()).toMatchObject({ state: 'success', tiering_policy: 'auto' });
  expect(await array.expect(200, 'GET', `${move.path}?fields=tiering.policy`)).toMatchObject({
    tiering: { policy: 'auto' },
  });
  expect(await move.job()).toBe('success');
});

test('a cutover is asked for before everything is copied', async () => {
  const move = await halfMoved('hasty');
  await move.steer({ state: 'cutover' });
  array.simulator.clock.advance(1);
  expect(await move.place()).toBe('aggr1_n2');
});

test('what comes too late for a move fails', async () => {
  const move = await halfMoved('late');
  array.simulator.clock.advance(29_500);
  expect(await move.steer({ state: 'paused' })).toMatchObject({ state: 'failure', code: 4 });
  expect(await move.movement()).toMatchObject({ state: 'success' });
});

test('steering is refused where nothing is moved, and for states that nobody sets', async () => {
  const path = `/storage/volumes/${await newVolume('still')}`;
  const steer = (movement: Record<string, unknown>) => array.refusal('PATCH', path, { movement });
  expect(await steer({ state: 'aborted' })).toBe('404 4');
  expect(await steer({ cutover_window: 60 })).toBe('404 4');
  expect(await steer({ state: 'success' })).toBe('400 262197');
  expect(await steer({ cutover_window: 10 })).toBe('400 262197');
  expect(await steer({ ...to('aggr1_n2').movement, state: 'cutover_wait' })).toBe('400 918266');
  expect(await array.refusal('PATCH', path, { movement: { state: 'paused' }, comment: 'x' })).toBe('400 918266');
});

test('a move that is not possible is refused', async () => {
  const path = `/storage/volumes/${await newVolume('stays')}`;
  expect(await array.refusal('PATCH', path, to('aggr1_n1'))).toBe('400 918265');
  expect(await array.refusal('PATCH', path, to('none'))).toBe('400 918267');
  expect(await array.refusal('PATCH', path, { ...to('aggr1_n2'), comment: 'x' })).toBe('400 918266');
  array.simulator.world.setAggregateAvailable('aggr1_n2', 10 * MIB);
  expect(await array.refusal('PATCH', `${path}?validate_only=true`, to('aggr1_n2'))).toBe('400 460770');
});
