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
  array.simulator.clock.advance(500);
  expect(await movement()).toMatchObject({
    destination_aggregate: { name: 'aggr1_n2' },
    state: 'replicating',
    percent_complete: 50,
    start_time: '2026-01-01T00:00:01+00:00',
  });
  expect(await array.refusal('PATCH', path, to('aggr1_n2'))).toBe('409 8');
  array.simulator.clock.advance(500);
  expect(await array.expect(200, 'GET', `/cluster/jobs/${job}`)).toMatchObject({ state: 'success' });
  expect(await movement()).toMatchObject({ state: 'success', percent_complete: 100 });
  expect(await array.expect(200, 'GET', `${path}?fields=aggregates`)).toMatchObject({
    aggregates: [{ name: 'aggr1_n2' }],
  });
  array.simulator.world.verify();
});

test('a move that is not possible is refused', async () => {
  const path = `/storage/volumes/${await newVolume('stays')}`;
  expect(await array.refusal('PATCH', path, to('aggr1_n1'))).toBe('400 918265');
  expect(await array.refusal('PATCH', path, to('none'))).toBe('400 918267');
  expect(await array.refusal('PATCH', path, { ...to('aggr1_n2'), comment: 'x' })).toBe('400 918266');
  expect(await array.refusal('PATCH', path, { movement: { state: 'aborted' } })).toBe('501 3');
  array.simulator.world.setAggregateAvailable('aggr1_n2', 10 * MIB);
  expect(await array.refusal('PATCH', `${path}?validate_only=true`, to('aggr1_n2'))).toBe('400 460770');
});
