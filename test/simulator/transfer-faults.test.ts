import { afterEach, beforeEach, expect, it } from 'vitest';
import { at, openOntapSession, textAt, type OntapSession } from '../support/ontap-session.ts';

/** Transfers of mirrors that stall or fail, as the client of the destination sees it. */

const RELATIONSHIPS = '/snapmirror/relationships';
let array: OntapSession;
let uuid: string;
let destination: string;

const newVolume = async (name: string, svm: string, type: string): Promise<string> => {
  const body = {
    name,
    svm: { name: svm },
    size: '1GB',
    type,
    aggregates: [{ name: 'aggr1_n1' }],
    'guarantee.type': 'none',
  };
  await array.expect(202, 'POST', '/storage/volumes', body);
  return textAt(await array.list(`/storage/volumes?name=${name}`), 0, 'uuid');
};
const relationship = () => array.expect(200, 'GET', `${RELATIONSHIPS}/${uuid}`);
const transfer = () => array.expect(201, 'POST', `${RELATIONSHIPS}/${uuid}/transfers`, {});
const jobOf = async (body: unknown) => array.expect(200, 'GET', `/cluster/jobs/${textAt(body, 'job', 'uuid')}`);
const onTransfers = { method: 'POST', path: '/snapmirror/relationships/*/transfers' };

beforeEach(async () => {
  array = await openOntapSession({ clock: { frozenAt: new Date('2026-01-01T00:00:00Z') } });
  await newVolume('v', 'svm0', 'rw');
  destination = await newVolume('v_dr', 'svm_dr', 'dp');
  await array.expect(202, 'POST', RELATIONSHIPS, {
    source: { path: 'svm0:v' },
    destination: { path: 'svm_dr:v_dr' },
  });
  uuid = textAt(await array.list(RELATIONSHIPS), 0, 'uuid');
});
afterEach(async () => {
  array.simulator.world.verify();
  await array.close();
});

it('fail: the relationship is not healthy, says why, and is again after the next one', async () => {
  array.simulator.faults.add({
    when: { ...onTransfers, count: 1 },
    then: { type: 'transfer-fail', code: 6619707, message: 'The network failed' },
  });
  await transfer();
  expect(await relationship()).toMatchObject({
    state: 'uninitialized',
    healthy: false,
    unhealthy_reason: [{ code: '6619707', message: 'The network failed' }],
    transfer: { state: 'failed' },
  });
  const [failed] = await array.list(`${RELATIONSHIPS}/${uuid}/transfers?fields=*`);
  expect(failed).toMatchObject({ state: 'failed', error_info: { code: 6619707, message: 'The network failed' } });
  const mount = await array.expect(202, 'PATCH', `/storage/volumes/${destination}`, { nas: { path: '/v_dr' } });
  expect(at(await jobOf(mount), 'code')).toBe(917536);
  await transfer();
  const after = await relationship();
  expect(after).toMatchObject({ state: 'snapmirrored', healthy: true, transfer: { state: 'success' } });
  expect(at(after, 'unhealthy_reason')).toBeUndefined();
});

it('stall for a time, in which nothing else can be done, also across a restore', async () => {
  array.simulator.faults.add({ when: onTransfers, then: { type: 'transfer-stall', milliseconds: 60_000 } });
  await transfer();
  array.simulator.restore(array.simulator.dump());
  array.simulator.clock.advance(59_000);
  expect(at(await relationship(), 'transfer', 'state')).toBe('transferring');
  expect(await array.refusal('POST', `${RELATIONSHIPS}/${uuid}/transfers`, {})).toBe('409 13303812');
  array.simulator.clock.advance(1000);
  expect(await relationship()).toMatchObject({ state: 'snapmirrored', transfer: { state: 'success' } });
});

it('stall for ever, until they are aborted or made to end', async () => {
  array.simulator.faults.add({
    when: { method: 'PATCH', path: `${RELATIONSHIPS}/*`, count: 2 },
    then: { type: 'transfer-stall' },
  });
  const establish = async () => {
    await jobOf(await array.expect(202, 'PATCH', `${RELATIONSHIPS}/${uuid}`, { state: 'snapmirrored' }));
    array.simulator.clock.advance(7 * 86_400_000);
    const found = await relationship();
    expect(at(found, 'transfer', 'state')).toBe('transferring');
    return textAt(found, 'transfer', 'uuid');
  };
  const first = await establish();
  const broken = await array.expect(202, 'PATCH', `${RELATIONSHIPS}/${uuid}`, { state: 'broken_off' });
  expect(at(await jobOf(broken), 'code')).toBe(13303808);
  await array.expect(200, 'PATCH', `${RELATIONSHIPS}/${uuid}/transfers/${first}`, { state: 'aborted' });
  expect(await relationship()).toMatchObject({ state: 'uninitialized', transfer: { state: 'aborted' } });
  array.simulator.faults.clear();
  array.simulator.faults.add({
    when: { method: 'PATCH', path: `${RELATIONSHIPS}/*`, count: 1 },
    then: { type: 'transfer-stall' },
  });
  array.simulator.world.finishTransfer(await establish());
  expect(await relationship()).toMatchObject({ state: 'snapmirrored', healthy: true });
  // The fault was the one request's: later transfers are as they should be.
  await transfer();
  expect(at(await relationship(), 'transfer', 'state')).toBe('success');
  expect(() => array.simulator.world.finishTransfer('none')).toThrow('no transfer none');
});
