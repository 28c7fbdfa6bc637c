import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { at, connectOntapSession, textAt, type OntapSession } from '../../../test/support/ontap-session.ts';
import { startSimulatorPair, type SimulatorPair } from '../simulator-pair.ts';

let pair: SimulatorPair;
let here: OntapSession;
let there: OntapSession;

const CLUSTERS = '/cluster/peers';
const SVMS = '/svm/peers';
const passphrase = 'correct horse';
const offer = (address: string, more: Record<string, unknown> = {}) => ({
  remote: { ip_addresses: [address] },
  authentication: { passphrase },
  ...more,
});
const peerBody = {
  svm: { name: 'svm0' },
  peer: { svm: { name: 'svm1' }, cluster: { name: 'sim-cluster-dr' } },
  applications: ['snapmirror'],
};

beforeAll(async () => {
  const clock = { frozenAt: new Date('2026-01-01T00:00:00Z') };
  pair = await startSimulatorPair({ first: { clock }, second: { clock }, peers: [] });
  here = connectOntapSession(pair.first);
  there = connectOntapSession(pair.second);
});
afterEach(() => {
  pair.first.world.verify();
  pair.second.world.verify();
});
afterAll(async () => {
  await here.close();
  await there.close();
});

describe('clusters', () => {
  test.each([
    ['no address', { authentication: { passphrase } }, '400 4656069'],
    ['nothing', {}, '400 4656077'],
    ['a short passphrase', offer('198.51.100.1', { authentication: { passphrase: 'short' } }), '400 4653299'],
    ['an unknown SVM', offer('198.51.100.1', { initial_allowed_svms: [{ name: 'none' }] }), '400 2621462'],
    ['a generated passphrase', offer('198.51.100.1', { authentication: { generate_passphrase: true } }), '501 3'],
  ])('are not peered with %s', async (_what, body, refusal) => {
    expect(await here.refusal('POST', CLUSTERS, body)).toBe(refusal);
  });

  test('become peers when both have offered with one passphrase', async () => {
    const created = await here.send('POST', CLUSTERS, offer('198.51.100.1'));
    expect(created.status).toBe(201);
    expect(await here.list(`${CLUSTERS}?fields=status.state,authentication,remote`)).toMatchObject([
      { name: 'sim-cluster-dr', status: { state: 'pending' }, authentication: { state: 'pending' } },
    ]);
    expect(await here.refusal('POST', SVMS, peerBody)).toBe('400 26345581');
    await there.expect(201, 'POST', CLUSTERS, offer('192.0.2.1', { authentication: { passphrase: 'another one' } }));
    const [wrong] = await there.list(`${CLUSTERS}?fields=authentication.state`);
    expect(wrong).toMatchObject({ name: 'sim-cluster', authentication: { state: 'problem' } });
    await there.expect(200, 'PATCH', `${CLUSTERS}/${textAt(wrong, 'uuid')}`, { authentication: { passphrase } });
    for (const array of [here, there])
      expect(await array.list(`${CLUSTERS}?fields=status.state,authentication`)).toMatchObject([
        { status: { state: 'available' }, authentication: { state: 'ok', in_use: 'ok' } },
      ]);
    expect(JSON.stringify(await here.list(`${CLUSTERS}?fields=**`))).not.toContain(passphrase);
  });
});

describe('SVMs', () => {
  test.each([
    ['no peer SVM', { ...peerBody, peer: { cluster: { name: 'sim-cluster-dr' } } }, '400 26345580'],
    [
      'an unknown peer SVM',
      { ...peerBody, peer: { svm: { name: 'x' }, cluster: { name: 'sim-cluster-dr' } } },
      '400 2621462',
    ],
    ['an unknown cluster', { ...peerBody, peer: { svm: { name: 'svm1' }, cluster: { name: 'x' } } }, '400 26345581'],
    ['itself', { ...peerBody, peer: { svm: { name: 'svm0' } } }, '400 26345579'],
    ['the name of an own SVM', { ...peerBody, name: 'svm0' }, '400 9896086'],
    ['no applications', { ...peerBody, applications: undefined }, '400 262212'],
  ])('are not peered with %s', async (_what, body, refusal) => {
    expect(await here.refusal('POST', SVMS, body)).toBe(refusal);
  });

  test('of two clusters become peers when the other side accepts', async () => {
    await here.expect(202, 'POST', SVMS, peerBody);
    expect(await here.list(`${SVMS}?fields=*`)).toMatchObject([
      {
        name: 'svm1',
        svm: { name: 'svm0' },
        state: 'initiated',
        peer: { svm: { name: 'svm1' }, cluster: { name: 'sim-cluster-dr' } },
      },
    ]);
    const [pending] = await there.list(`${SVMS}?fields=state`);
    expect(pending).toMatchObject({ name: 'svm0', state: 'pending' });
    expect(await here.refusal('POST', SVMS, peerBody)).toBe('409 1');
    const path = `${SVMS}/${textAt(pending, 'uuid')}`;
    expect(await there.refusal('PATCH', path, {})).toBe('400 262190');
    expect(await there.refusal('PATCH', path, { state: 'suspended' })).toBe('400 26345576');
    await there.expect(202, 'PATCH', path, { state: 'peered' });
    expect(await here.list(`${SVMS}?state=peered`)).toHaveLength(1);
  });

  test('can be used for mirrors, which keep them together', async () => {
    const volume = { name: 'v', size: '100MB', aggregates: [{ name: 'aggr1_n1' }] };
    await here.expect(202, 'POST', '/storage/volumes', { ...volume, svm: { name: 'svm0' } });
    await there.expect(202, 'POST', '/storage/volumes', { ...volume, svm: { name: 'svm1' }, type: 'DP' });
    const paths = { source: { path: 'svm0:v' }, destination: { path: 'svm1:v' } };
    expect(await here.refusal('POST', '/snapmirror/relationships', paths)).toBe('400 2621462');
    await there.expect(202, 'POST', '/snapmirror/relationships', paths);
    const [mirror] = await there.list('/snapmirror/relationships?fields=source,destination');
    expect(mirror).toMatchObject({
      source: { cluster: { name: 'sim-cluster' } },
      destination: { cluster: { name: 'sim-cluster-dr' } },
    });
    const [peer] = await here.list(SVMS);
    expect(await here.refusal('DELETE', `${SVMS}/${textAt(peer, 'uuid')}`)).toBe('409 9895996');
    await there.expect(202, 'DELETE', `/snapmirror/relationships/${textAt(mirror, 'uuid')}`);
    expect(await here.list('/snapmirror/relationships?list_destinations_only=true')).toEqual([]);
  });

  test('part again on both sides', async () => {
    const [cluster] = await here.list(CLUSTERS);
    expect(await here.refusal('DELETE', `${CLUSTERS}/${textAt(cluster, 'uuid')}`)).toBe('409 8');
    const [peer] = await here.list(SVMS);
    await here.expect(202, 'DELETE', `${SVMS}/${textAt(peer, 'uuid')}`);
    expect([await here.list(SVMS), await there.list(SVMS)]).toEqual([[], []]);
    await here.expect(200, 'DELETE', `${CLUSTERS}/${textAt(cluster, 'uuid')}`);
    expect(at((await there.list(`${CLUSTERS}?fields=status`))[0], 'status', 'state')).toBe('unavailable');
  });
});
