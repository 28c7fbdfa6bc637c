import { describe, expect, test } from 'vitest';
import { defaultTopology } from '../../src/simulator/core/topology.ts';
import { Bench, password, problemOf, signal } from './driver-bench.ts';
import { plainNas as nas } from './nas-drivers.ts';

/** What an array must have for a NAS backend, and what is told of it. */

test('the trace tells what was said, without credentials', async () => {
  await using bench = await Bench.open(nas);
  await bench.create();
  const posted = bench.trace.filter((line) => line.startsWith('> POST'));
  expect(posted).toEqual([expect.stringContaining(`${bench.array.url}/api/storage/volumes?`)]);
  expect(posted[0]).toContain('"name":"trident_pvc_1"');
  expect(bench.trace.join(' ')).not.toContain(Buffer.from(`admin:${password}`).toString('base64'));
  const [request] = bench.array.requests.list({ method: 'POST' });
  expect(request?.headers['x-dot-client-app']).toBe('Trident/26.06.0');
});

describe('opening a backend', () => {
  const refusal = (config: Record<string, string>, array: Parameters<typeof Bench.open>[1] = {}) =>
    problemOf(Bench.open(nas, { ...array, config }).then(async (bench) => bench[Symbol.asyncDispose]()));

  test.each<[string, Record<string, string>, string, string]>([
    ['a wrong password', { password: 'wrong-Password-1' }, 'denied', 'does not accept user admin'],
    ['an unknown SVM', { svm: 'svm9' }, 'invalid', 'there is no SVM svm9'],
    ['no SVM where there are two', { svm: '' }, 'invalid', 'the user sees 2 of them: svm0, svm_dr'],
    ['an aggregate of nobody', { aggregate: 'aggr9' }, 'invalid', 'do not include the configured aggregate aggr9'],
    ['a foreign data LIF', { dataLIF: '192.0.2.99' }, 'invalid', '192.0.2.99 is no LIF of SVM svm0 that is up'],
    [
      'an untrusted certificate',
      { trustedCACertificate: '', managementLIF: '127.0.0.1:1' },
      'unavailable',
      'cannot be reached',
    ],
    ['a name nobody knows', { managementLIF: 'no-such-array.invalid' }, 'unavailable', 'cannot be resolved'],
  ])('fails with %s', async (_, config, kind, message) => {
    const problem = await refusal(config);
    expect(problem.kind).toBe(kind);
    expect(problem.message).toContain(message);
  });

  test('checks the certificate when it is told whom to trust', async () => {
    await using other = await Bench.open(nas);
    const problem = await refusal({ trustedCACertificate: Buffer.from(other.array.certificate).toString('base64') });
    expect(problem).toMatchObject({ code: 'array.untrusted', kind: 'unavailable' });
    expect(problem.hint).toContain('trustedCACertificate');
  });

  test.each([
    [
      'a stopped SVM',
      { svms: defaultTopology.svms.map((svm) => ({ ...svm, state: 'stopped' as const })) },
      "is not in 'running' state",
    ],
    [
      'NFS switched off',
      { svms: defaultTopology.svms.map((svm) => ({ ...svm, protocols: ['iscsi' as const] })) },
      'does not serve NFS',
    ],
    [
      'LIFs down',
      {
        svms: defaultTopology.svms.map((svm) => ({
          ...svm,
          interfaces: svm.interfaces.map((lif) => ({ ...lif, enabled: false })),
        })),
      },
      'no data LIF',
    ],
    ['an old release', { cluster: { ...defaultTopology.cluster, version: '9.11.1' } }, '9.12.1 or later is needed'],
  ])('fails with %s', async (_, topology, message) => {
    const problem = await refusal({}, { array: { topology } });
    expect(problem.message).toContain(message);
  });

  test('works for a user of the SVM alone, and with a certificate', async () => {
    await using scoped = await Bench.open(nas, { config: { username: 'vsadmin', svm: '' } });
    expect(scoped.discovery.facts['svm']).toMatchObject({ name: 'svm0' });
    await scoped.create();
    const { certificate, privateKey } = scoped.array.issueClientCertificate('admin');
    const config = {
      ...scoped.config,
      username: '',
      password: '',
      svm: 'svm0',
      clientCertificate: Buffer.from(certificate).toString('base64'),
      clientPrivateKey: Buffer.from(privateKey).toString('base64'),
    };
    const found = await scoped.kind.discover(config, scoped.environment, signal());
    expect(found.defaultName).toBe('ontapnas_192.0.2.11');
  });

  test('shows pools with their media, and the configuration without secrets', async () => {
    await using bench = await Bench.open(nas);
    expect(bench.discovery.pools.map(({ name, offers }) => [name, offers['media'], offers['replication']])).toEqual([
      ['aggr1_n1', { type: 'string', offer: ['ssd'] }, { type: 'bool', offer: true }],
      ['aggr1_n2', { type: 'string', offer: ['ssd'] }, { type: 'bool', offer: true }],
    ]);
    expect(JSON.stringify([bench.discovery.shownConfig, bench.discovery.facts])).not.toContain(password);
    expect(bench.discovery.shownConfig).toMatchObject({ svm: 'svm0', dataLIF: '192.0.2.11', password: '<REDACTED>' });
  });

  test('sees within an hour that the array has been upgraded', async () => {
    let shift = 0;
    await using bench = await Bench.open(nas, { environment: { now: () => new Date(Date.now() + shift) } });
    bench.array.reconfigure({ version: '9.19.1' });
    expect(await bench.driver.checkHealth(signal())).toEqual({ reason: '' });
    shift = 3_600_000;
    const { discovery } = await bench.driver.checkHealth(signal());
    expect(discovery?.facts['version']).toEqual({ generation: 9, major: 19, minor: 1 });
    // Looked at, and as it was.
    expect(await bench.count(() => bench.driver.checkHealth(signal()))).toBe(2);
  });

  test('tells when the array is not well, and when it has changed', async () => {
    await using bench = await Bench.open(nas);
    const svm = (await bench.list('/svm/svms?name=svm0'))[0]?.['uuid'];
    await bench.array.call('PATCH', `/svm/svms/${String(svm)}?return_timeout=5`, { state: 'stopped' });
    expect((await bench.driver.checkHealth(signal())).reason).toBe("SVM is not in 'running' state");
    await bench.array.call('PATCH', `/svm/svms/${String(svm)}?return_timeout=5`, {
      state: 'running',
      aggregates: [{ name: 'aggr1_n1' }],
    });
    const { reason, discovery } = await bench.driver.checkHealth(signal());
    expect(reason).toBe('');
    expect(discovery?.pools.map(({ name }) => name)).toEqual(['aggr1_n1']);
  });
});
