import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { at, openOntapSession, textAt, type OntapSession } from '../support/ontap-session.ts';

/** Export policies and rules, SVMs and their services, and the policies of the cluster. */

let array: OntapSession;
beforeEach(async () => {
  array = await openOntapSession({});
});
afterEach(async () => {
  array.simulator.world.verify();
  await array.close();
});

const SVM = { svm: { name: 'svm0' } };
const WAIT = 'return_timeout=15';
const rule = (match: string) => ({
  clients: [{ match }],
  protocols: ['nfs'],
  ro_rule: ['any'],
  rw_rule: ['any'],
  superuser: ['any'],
});

const policy = async (name: string, rules: readonly unknown[] = []) => {
  const body = await array.expect(201, 'POST', '/protocols/nfs/export-policies?return_records=true', {
    name,
    ...SVM,
    rules,
  });
  return `/protocols/nfs/export-policies/${String(at(body, 'records', 0, 'id'))}`;
};
const clients = async (path: string) =>
  (await array.list(`${path}/rules?fields=clients`)).map((each) => [
    at(each, 'index'),
    at(each, 'clients', 0, 'match'),
  ]);

describe('export policies', () => {
  it('are made with their rules, and show them', async () => {
    const path = await policy('p', [rule('10.0.0.1'), rule('10.0.0.2')]);
    expect(await clients(path)).toEqual([
      [1, '10.0.0.1'],
      [2, '10.0.0.2'],
    ]);
    const [found] = await array.list(
      '/protocols/nfs/export-policies?name=p&svm.name=svm0&fields=rules.index,rules.clients',
    );
    expect(at(found, 'rules')).toEqual([
      { index: 1, clients: [{ match: '10.0.0.1' }] },
      { index: 2, clients: [{ match: '10.0.0.2' }] },
    ]);
    expect(at(found, 'id')).toBe(8589934594);
    await array.expect(200, 'PATCH', path, { rules: [rule('10.0.0.3')] });
    expect(await clients(path)).toEqual([[1, '10.0.0.3']]);
  });

  it('that are in use, or the default, stay', async () => {
    const path = await policy('p');
    await array.expect(202, 'POST', '/storage/volumes', {
      name: 'v1',
      ...SVM,
      aggregates: [{ name: 'aggr1_n1' }],
      nas: { export_policy: { name: 'p' } },
    });
    expect(await array.refusal('DELETE', path)).toBe('409 1703945');
    expect(await array.refusal('DELETE', '/protocols/nfs/export-policies/8589934593')).toBe('409 1703947');
    await array.expect(200, 'DELETE', '/storage/volumes?name=v1');
    await array.expect(200, 'DELETE', path);
  });

  it('have names of one SVM', async () => {
    await policy('p');
    expect(await array.refusal('POST', '/protocols/nfs/export-policies', { name: 'p', ...SVM })).toBe('409 1');
    expect(await array.refusal('POST', '/protocols/nfs/export-policies', { name: 'a b', ...SVM })).toBe('400 1704047');
    expect(await array.refusal('POST', '/protocols/nfs/export-policies', { name: 'x'.repeat(257), ...SVM })).toBe(
      '400 1703952',
    );
    await array.expect(201, 'POST', '/protocols/nfs/export-policies', { name: 'p', svm: { name: 'svm_dr' } });
  });
});

describe('export rules', () => {
  it('are added at the end, or at an index from which others move up', async () => {
    const path = await policy('p', [rule('10.0.0.1')]);
    const added = await array.send('POST', `${path}/rules?return_records=true`, rule('10.0.0.2'));
    expect(added).toMatchObject({
      status: 201,
      body: {
        num_records: 1,
        records: [{ index: 2, anonymous_user: 'none', chown_mode: 'restricted', allow_suid: true }],
      },
    });
    expect(added.headers['location']).toBe(`/api${path}/rules/2`);
    await array.expect(201, 'POST', `${path}/rules`, { ...rule('10.0.0.3'), index: 1 });
    expect(await clients(path)).toEqual([
      [1, '10.0.0.3'],
      [2, '10.0.0.1'],
      [3, '10.0.0.2'],
    ]);
    await array.expect(200, 'PATCH', `${path}/rules/3?new_index=1`, {});
    expect(await clients(path)).toEqual([
      [1, '10.0.0.2'],
      [2, '10.0.0.3'],
      [3, '10.0.0.1'],
    ]);
    await array.expect(200, 'DELETE', `${path}/rules/2`);
    expect(await clients(path)).toEqual([
      [1, '10.0.0.2'],
      [3, '10.0.0.1'],
    ]);
    expect(await array.refusal('DELETE', `${path}/rules/2`)).toBe('404 4');
  });

  it('are refused twice, and with clients that are none', async () => {
    const path = await policy('p', [rule('10.0.0.1')]);
    expect(await array.refusal('POST', `${path}/rules`, rule('10.0.0.1'))).toBe('409 1704070');
    expect(await array.refusal('POST', `${path}/rules`, rule('10.0.0.1/8'))).toBe('400 1704040');
    expect(await array.refusal('POST', `${path}/rules`, rule('10.0.0.256'))).toBe('400 1704036');
    expect(await array.refusal('POST', `${path}/rules`, rule('10.0.0.0/33'))).toBe('400 1704039');
    expect(await array.refusal('POST', `${path}/rules`, rule('host name'))).toBe('400 1704045');
    expect(await array.refusal('POST', `${path}/rules`, { ...rule('10.0.0.9'), index: 0 })).toBe('400 3277162');
    expect(await array.refusal('POST', `${path}/rules`, { clients: [{ match: '10.0.0.9' }] })).toBe('400 262212');
    expect(await array.refusal('POST', '/protocols/nfs/export-policies/1/rules', rule('10.0.0.9'))).toBe('404 1703954');
    for (const match of [
      'fd00::1',
      'fd00::/64',
      '.example.test',
      'host.example.test',
      '@group',
      '10.0.0.0/255.0.0.0',
    ]) {
      await array.expect(201, 'POST', `${path}/rules`, rule(match));
    }
  });

  it('are found by what they contain', async () => {
    const path = await policy('p', [rule('10.0.0.0/8'), { ...rule('10.1.0.0/16'), protocols: ['cifs'] }]);
    expect(
      await array.list(`${path}/rules?protocols=nfs&superuser=any&ro_rule=any&clients.match=10.0.0.0/8`),
    ).toMatchObject([{ index: 1, clients: [{ match: '10.0.0.0/8' }] }]);
  });
});

describe('SVMs', () => {
  it('are made with a root volume and a policy, and go with them', async () => {
    const body = await array.expect(201, 'POST', `/svm/svms?${WAIT}&return_records=true`, {
      name: 'new',
      aggregates: [{ name: 'aggr1_n2' }],
    });
    const uuid = textAt(body, 'records', 0, 'uuid');
    expect(await array.list('/storage/volumes?svm.name=new&fields=nas.path,is_svm_root')).toMatchObject([
      { name: 'new_root', nas: { path: '/' }, is_svm_root: true },
    ]);
    expect(await array.list('/protocols/nfs/export-policies?svm.name=new')).toMatchObject([{ name: 'default' }]);
    expect(await array.refusal('POST', '/svm/svms', { name: 'new' })).toBe('409 13434908');
    await array.expect(201, 'POST', '/protocols/nfs/services', { svm: { name: 'new' } });
    expect(await array.expect(200, 'GET', `/svm/svms/${uuid}`)).toMatchObject({
      nfs: { enabled: true },
      state: 'running',
    });
    await array.expect(202, 'POST', '/storage/volumes', {
      name: 'v',
      svm: { name: 'new' },
      aggregates: [{ name: 'aggr1_n2' }],
    });
    expect(await array.refusal('DELETE', `/svm/svms/${uuid}`)).toBe('409 9895956');
    await array.expect(200, 'DELETE', '/storage/volumes?name=v&force=true');
    await array.expect(200, 'DELETE', `/svm/svms/${uuid}?${WAIT}`);
    expect(await array.list('/svm/svms?name=new')).toEqual([]);
  });

  it('that are stopped take no volumes', async () => {
    const uuid = textAt(await array.list('/svm/svms?name=svm_dr'), 0, 'uuid');
    await array.expect(200, 'PATCH', `/svm/svms/${uuid}?${WAIT}`, { state: 'stopped' });
    expect(
      await array.refusal('POST', '/storage/volumes', {
        name: 'v',
        svm: { name: 'svm_dr' },
        aggregates: [{ name: 'aggr1_n1' }],
      }),
    ).toBe('400 2621462');
  });
});

describe('the cluster', () => {
  it('has the topology of the reference', async () => {
    expect(await array.list('/cluster/nodes?fields=serial_number,state')).toMatchObject([
      { name: 'sim-cluster-01', serial_number: '721802000001', state: 'up' },
      { name: 'sim-cluster-02', state: 'up' },
    ]);
    expect((await array.list('/cluster/licensing/licenses')).map((each) => at(each, 'name'))).toEqual([
      'cifs',
      'fcp',
      'flexclone',
      'iscsi',
      'nfs',
      'nvme_of',
      'snapmirror',
      'snaprestore',
    ]);
    expect(
      await array.list(
        '/storage/aggregates?fields=block_storage.primary.disk_type,node,space.footprint,space.block_storage.size,space.block_storage.used',
      ),
    ).toMatchObject([
      {
        name: 'aggr1_n1',
        node: { name: 'sim-cluster-01' },
        block_storage: { primary: { disk_type: 'ssd' } },
        space: { footprint: 0, block_storage: { size: 10 * 1024 ** 4, used: expect.any(Number) } },
      },
      { name: 'aggr1_n2', node: { name: 'sim-cluster-02' } },
    ]);
    expect(await array.list('/svm/peers?svm.name=svm0&fields=peer.svm.name,state')).toMatchObject([
      { name: 'svm_dr', state: 'peered', peer: { svm: { name: 'svm_dr' } } },
    ]);
    expect(await array.list('/cluster/schedules?name=hourly')).toHaveLength(1);
    expect(await array.list('/snapmirror/relationships?fields=state,healthy,source.path,destination.path')).toEqual([]);
    expect(await array.refusal('POST', '/protocols/nfs/services', { svm: { name: 'svm0' } })).toBe('409 2621507');
  });

  it('keeps schedules and snapshot policies that are in use', async () => {
    const hourly = textAt(await array.list('/cluster/schedules?name=hourly'), 0, 'uuid');
    expect(await array.refusal('DELETE', `/cluster/schedules/${hourly}`)).toBe('409 459762');
    await array.expect(201, 'POST', '/cluster/schedules', { name: 'often', cron: { minutes: [1, 2] } });
    await array.expect(201, 'POST', '/storage/snapshot-policies', {
      name: 'mine',
      ...SVM,
      copies: [{ schedule: { name: 'often' }, count: 3 }],
    });
    const often = textAt(await array.list('/cluster/schedules?name=often'), 0, 'uuid');
    expect(await array.refusal('DELETE', `/cluster/schedules/${often}`)).toBe('409 459758');
    await array.expect(202, 'POST', '/storage/volumes', {
      name: 'v1',
      ...SVM,
      aggregates: [{ name: 'aggr1_n1' }],
      snapshot_policy: { name: 'mine' },
    });
    expect(await array.refusal('DELETE', '/storage/snapshot-policies?name=mine')).toBe('409 1638415');
    expect(
      await array.refusal('POST', '/storage/snapshot-policies', {
        name: 'too_many',
        copies: [{ schedule: { name: 'often' }, count: 1024 }],
      }),
    ).toBe('400 1638451');
    expect(
      await array.refusal('POST', '/storage/snapshot-policies', {
        name: 'unknown',
        copies: [{ schedule: { name: 'never' }, count: 1 }],
      }),
    ).toBe('400 1638413');
  });

  it('keeps QoS policies either fixed or adaptive', async () => {
    const post = (body: Record<string, unknown>) =>
      array.refusal('POST', '/storage/qos/policies', { name: 'q', ...SVM, ...body });
    expect(await post({ fixed: { max_throughput_iops: 5 }, adaptive: { peak_iops: 5 } })).toBe('400 8454389');
    expect(await post({ fixed: { max_throughput_iops: 5, min_throughput_iops: 6 } })).toBe('400 8454194');
    await array.expect(201, 'POST', `/storage/qos/policies?${WAIT}`, {
      name: 'q',
      ...SVM,
      adaptive: { expected_iops: 5, peak_iops: 6 },
    });
    expect(await post({})).toBe('409 8454154');
    expect(await array.refusal('DELETE', '/storage/qos/policies?name=extreme')).toBe('409 8454286');
  });

  it('takes EMS messages and lists them as events', async () => {
    const reply = await array.send('POST', '/support/ems/application-logs?return_records=true', {
      app_version: '1',
      autosupport_required: false,
      category: 'heartbeat',
      computer_name: 'h',
      event_description: '{"a":1}',
      event_id: 1,
      event_source: 'trident',
      severity: 'notice',
    });
    expect(reply.status).toBe(201);
    expect(await array.list('/support/ems/events?message.name=app.log.notice&fields=source,parameters')).toMatchObject([
      { index: 1, node: { name: 'sim-cluster-01' }, source: 'trident' },
    ]);
    expect(await array.refusal('GET', '/support/ems/application-logs')).toBe('405 3');
  });

  it('manages network interfaces', async () => {
    const lif = {
      name: 'extra',
      ip: { address: '192.0.2.77', netmask: '255.255.255.0' },
      ...SVM,
      location: { home_node: { name: 'sim-cluster-01' } },
    };
    await array.expect(201, 'POST', '/network/ip/interfaces', lif);
    expect(await array.list('/network/ip/interfaces?name=extra&fields=ip,state,location,services')).toMatchObject([
      {
        ip: { address: '192.0.2.77', netmask: '24', family: 'ipv4' },
        state: 'up',
        location: { is_home: true, node: { name: 'sim-cluster-01' } },
      },
    ]);
    expect(await array.refusal('POST', '/network/ip/interfaces', lif)).toBe('409 1966140');
    expect(await array.refusal('POST', '/network/ip/interfaces', { ...lif, name: 'other' })).toBe('409 1376963');
    await array.expect(200, 'PATCH', '/network/ip/interfaces?name=extra', { enabled: false });
    expect(await array.list('/network/ip/interfaces?name=extra&state=down')).toHaveLength(1);
  });
});
