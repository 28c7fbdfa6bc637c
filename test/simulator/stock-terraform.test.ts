import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { at, openOntapSession, textAt, type OntapSession } from '../support/ontap-session.ts';

/** What Terraform's provider sends, and that it reads back what it has sent: an empty second plan. */

const GIB = 1024 ** 3;
const WRITE = 'return_records=true&return_timeout=60';
const svm = { name: 'tf' };

let array: OntapSession;

const create = async (path: string, body: unknown): Promise<Record<string, unknown>> => {
  const answer = await array.expect(201, 'POST', `${path}${path.includes('?') ? '&' : '?'}${WRITE}`, body);
  return Object(at(answer, 'records', 0));
};
const change = (path: string, body: unknown) => array.expect(200, 'PATCH', `${path}?${WRITE}`, body);
const read = (path: string) => array.expect(200, 'GET', path);
const only = async (path: string): Promise<unknown> => {
  const records = await array.list(path);
  expect(records).toHaveLength(1);
  return records[0];
};

beforeAll(async () => {
  array = await openOntapSession({});
});
afterAll(async () => {
  array.simulator.world.verify();
  await array.close();
});

describe('Terraform', () => {
  it('makes an SVM', async () => {
    const body = {
      name: 'tf',
      ipspace: {},
      snapshot_policy: { name: 'default' },
      subtype: 'default',
      comment: 'c',
      language: 'en_us.utf_8',
      max_volumes: 'unlimited',
      aggregates: [{ name: 'aggr1_n1' }, { name: 'aggr1_n2' }],
    };
    const { uuid } = await create('/svm/svms', body);
    const fields = 'name,ipspace,snapshot_policy,subtype,comment,language,max_volumes,aggregates';
    expect(await only(`/svm/svms?name=tf&fields=${fields}`)).toMatchObject({ ...body, ipspace: { name: 'Default' } });
    expect(at(await read(`/svm/svms/${String(uuid)}`), 'aggregates')).toHaveLength(2);
    const changed = { comment: '', snapshot_policy: { name: 'none' }, max_volumes: '100' };
    await change(`/svm/svms/${String(uuid)}`, { ...changed, ipspace: {} });
    expect(await only(`/svm/svms?name=tf&fields=${fields}`)).toMatchObject(changed);
    const [aggregate] = Object(
      at(await only('/svm/svms?name=tf&fields=aggregates.type,aggregates.available_size'), 'aggregates'),
    );
    expect(aggregate).toMatchObject({ type: 'ssd', available_size: expect.any(Number) });
  });

  it('makes a volume with its settings, and snapshots of it', async () => {
    const body = {
      name: 'v',
      svm,
      space: { size: GIB, snapshot: { reserve_percent: 5 }, logical_space: { enforcement: false, reporting: false } },
      state: 'online',
      type: 'rw',
      comment: 'x',
      guarantee: { type: 'none' },
      nas: { export_policy: { name: 'default' }, path: '/v', security_style: 'unix', unix_permissions: 755, gid: 0 },
      encryption: { enabled: false },
      efficiency: { policy: { name: 'default' }, compression: 'none' },
      snapshot_policy: { name: 'default' },
      tiering: { policy: 'none', min_cooling_days: 31 },
      snaplock: { type: 'non_snaplock' },
      analytics: { state: 'on' },
      language: 'en_us.utf_8',
      aggregates: [{ name: 'aggr1_n1' }],
      autosize: { mode: 'grow', maximum: 2 * GIB },
    };
    const { uuid } = await create('/storage/volumes', { ...body, qos: { policy: {} } });
    const path = `/storage/volumes/${String(uuid)}`;
    const fields =
      'name,svm.name,aggregates,space.size,state,type,nas.export_policy.name,nas.path,guarantee.type,space.snapshot.reserve_percent,nas.security_style,encryption.enabled,efficiency.policy.name,nas.unix_permissions,nas.gid,nas.uid,snapshot_policy.name,language,qos.policy.name,snapshot_locking_enabled,tiering.policy,comment,efficiency.compression,tiering.min_cooling_days,space.logical_space.enforcement,space.logical_space.reporting,snaplock.type,analytics.state,autosize';
    expect(await read(`${path}?fields=${fields}`)).toMatchObject(body);
    const changed = {
      comment: 'y',
      nas: { gid: 1, uid: 1, unix_permissions: 777 },
      space: { size: 2 * GIB, logical_space: { enforcement: true, reporting: true } },
      efficiency: { compression: 'inline' },
    };
    await change(path, { ...changed, qos: { policy: {} }, snaplock: {}, analytics: {}, autosize: {} });
    expect(await read(`${path}?fields=${fields}`)).toMatchObject(changed);
    expect(at(await read(`${path}?fields=efficiency`), 'efficiency', 'state')).toBe('enabled');
    await expect(create('/storage/volumes', { ...body, name: 'w', snaplock: { type: 'compliance' } })).rejects.toThrow(
      '501',
    );

    const snapshot = { name: 's', comment: 'c', expiry_time: '2030-01-01T00:00:00Z', snapmirror_label: 'l' };
    await create(`${path}/snapshots`, snapshot);
    const wanted = 'create_time,expiry_time,state,size,comment,volume.name,snaplock_expiry_time,snapmirror_label,delta';
    expect(await only(`${path}/snapshots?name=s&fields=${wanted}`)).toMatchObject({
      ...snapshot,
      delta: { size_consumed: 0, time_elapsed: expect.stringMatching(/^PT\d+S$/) },
    });
  });

  it('makes LUNs, igroups and maps', async () => {
    const lun = { svm, location: { volume: { name: 'v' }, logical_unit: 'l1' }, os_type: 'linux' };
    const made = await create('/storage/luns', { ...lun, space: { size: GIB }, qos_policy: '' });
    const fields = 'name,svm.name,create_time,location,os_type,qos_policy,space,uuid';
    expect(
      await only(`/storage/luns?location.logical_unit=l1&svm.name=tf&location.volume.name=v&fields=${fields}`),
    ).toMatchObject({ ...lun, svm, space: { size: GIB } });
    await change(`/storage/luns/${String(made['uuid'])}`, { name: '/vol/v/l2', qos_policy: {} });

    const igroup = { name: 'g', svm, os_type: 'linux', protocol: 'mixed', comment: 'c' };
    const initiators = [{ name: 'iqn.1994-05.com.redhat:aa', comment: 'i' }];
    const { uuid } = await create('/protocols/san/igroups', { ...igroup, initiators, portset: {} });
    const asked = 'name,svm.name,lun_maps,os_type,protocol,uuid,comment,igroups,initiators,portset';
    expect(await only(`/protocols/san/igroups?name=g&svm.name=tf&fields=${asked}`)).toMatchObject({
      ...igroup,
      initiators,
    });
    await change(`/protocols/san/igroups/${String(uuid)}`, { name: 'g2', comment: 'd' });
    const map = { svm, lun: { name: '/vol/v/l2' }, igroup: { name: 'g2' }, logical_unit_number: 5 };
    expect(await create('/protocols/san/lun-maps', map)).toMatchObject(map);
  });

  it('makes export rules, and moves them', async () => {
    const { id } = await create('/protocols/nfs/export-policies', { name: 'ep', svm });
    const rules = `/protocols/nfs/export-policies/${String(id)}/rules`;
    const rule = {
      ro_rule: ['any'],
      rw_rule: ['any'],
      protocols: ['any'],
      anonymous_user: '65534',
      superuser: ['any'],
      allow_device_creation: true,
      ntfs_unix_security: 'fail',
      chown_mode: 'restricted',
      allow_suid: true,
    };
    for (const match of ['10.0.0.1', '10.0.0.2']) await create(rules, { ...rule, clients: [{ match }] });
    expect(await read(`${rules}/2`)).toMatchObject({ ...rule, index: 2, clients: [{ match: '10.0.0.2' }] });
    await change(`${rules}/2`, { ro_rule: ['sys'], index: 2 });
    await change(`${rules}/2`, { index: 1 });
    expect(await read(`${rules}/1`)).toMatchObject({ ro_rule: ['sys'], clients: [{ match: '10.0.0.2' }] });
  });

  it('makes qtrees and quota rules', async () => {
    const volume = textAt(await only('/storage/volumes?name=v'), 'uuid');
    const qtree = { name: 'q', svm, unix_permissions: 755, volume: { name: 'v' }, security_style: 'unix' };
    const nothing = { export_policy: {}, user: {}, group: {} };
    await create('/storage/qtrees?synchronous=true', { ...qtree, ...nothing });
    const fields = 'name,svm.name,security_style,nas,user.name,group.name,volume,unix_permissions,export_policy';
    expect(await only(`/storage/qtrees?name=q&svm.name=tf&volume.name=v&fields=${fields}`)).toMatchObject(qtree);
    await change(`/storage/qtrees/${volume}/1`, { name: 'q', unix_permissions: 777, volume: {}, svm: {}, ...nothing });

    const rule = { svm, volume: { name: 'v' }, qtree: { name: 'q' }, type: 'tree' };
    const { uuid } = await create('/storage/quota/rules', { ...rule, files: { soft_limit: 10, hard_limit: 20 } });
    const path = `/storage/quota/rules/${String(uuid)}`;
    await change(path, { files: { soft_limit: 15, hard_limit: 30 } });
    expect(await read(`${path}?fields=svm.name,volume.name,users,group,qtree,type,files,uuid`)).toMatchObject({
      ...rule,
      files: { soft_limit: 15, hard_limit: 30 },
    });
    const users = { svm, volume: { name: 'v' }, qtree: { name: '' }, users: ['root'], type: 'user' };
    const ofRoot = await create('/storage/quota/rules', { ...users, files: { hard_limit: 20 } });
    expect(await read(`/storage/quota/rules/${String(ofRoot['uuid'])}`)).toMatchObject({ users: [{ name: 'root' }] });
  });

  it('makes policies and schedules', async () => {
    const fixed = { max_throughput_iops: 100, max_throughput_mbps: 10 };
    const policy = await create('/storage/qos/policies', { name: 'qp', svm, fixed, adaptive: {} });
    const path = `/storage/qos/policies/${String(policy['uuid'])}`;
    await change(path, { fixed: { max_throughput_iops: 200 }, adaptive: {} });
    expect(await read(`${path}?fields=name,svm.name,scope,fixed,adaptive,uuid`)).toMatchObject({
      fixed: { max_throughput_iops: 200, max_throughput_mbps: 10, capacity_shared: false },
    });
    const volume = textAt(await only('/storage/volumes?name=v'), 'uuid');
    await change(`/storage/volumes/${volume}`, { qos: { policy: { name: 'qp' } } });
    expect(at(await read(`/storage/volumes/${volume}?fields=qos`), 'qos', 'policy')).toMatchObject({
      name: 'qp',
      max_throughput_iops: 200,
      max_throughput_mbps: 10,
    });
    const adaptive = { expected_iops: 100, peak_iops: 200, absolute_min_iops: 50 };
    expect(await create('/storage/qos/policies', { name: 'qa', svm, adaptive, fixed: {} })).toMatchObject({
      adaptive: { ...adaptive, block_size: 'any', expected_iops_allocation: 'allocated_space' },
    });

    const copies = [
      { schedule: { name: 'hourly' }, count: 3, prefix: 'h', retention_period: 'PT0S', snapmirror_label: 'x' },
    ];
    const { uuid } = await create('/storage/snapshot-policies', { name: 'sp', svm, copies, enabled: true });
    await change(`/storage/snapshot-policies/${String(uuid)}`, { comment: 'd', enabled: false });
    expect(
      await only(`/storage/snapshot-policies?uuid=${String(uuid)}&fields=name,svm.name,copies,scope,enabled,comment`),
    ).toMatchObject({ name: 'sp', copies, scope: 'svm', enabled: false, comment: 'd' });

    const schedule = await create('/cluster/schedules', { name: 'sch', cron: { hours: [1], minutes: [5], days: [1] } });
    await change(`/cluster/schedules/${String(schedule['uuid'])}`, { cron: { hours: [2], minutes: [6] } });
    expect(await only('/cluster/schedules?name=sch&fields=name,uuid,cron,interval,type,scope')).toMatchObject({
      cron: { hours: [2], minutes: [6], days: [1] },
    });
    await create('/cluster/schedules', { name: 'int', interval: 'PT8M30S', cron: {} });
  });

  it('makes interfaces by their home port, and moves them', async () => {
    const { uuid } = await create('/network/ip/interfaces', {
      name: 'lif',
      svm,
      ip: { address: '10.1.1.1', netmask: 18 },
      location: { home_port: { name: 'e0d', node: { name: 'sim-cluster-01' } }, home_node: {}, broadcast_domain: {} },
      service_policy: {},
    });
    const path = `/network/ip/interfaces/${String(uuid)}`;
    const fields = 'name,svm.name,ip,scope,location,service_policy';
    expect(await read(`${path}?fields=${fields}`)).toMatchObject({
      ip: { address: '10.1.1.1', netmask: '18' },
      location: {
        home_node: { name: 'sim-cluster-01' },
        home_port: { name: 'e0d', node: { name: 'sim-cluster-01' } },
        broadcast_domain: { name: 'Default' },
      },
      service_policy: { name: 'default-data-files' },
    });
    await change(path, { name: 'lif2', location: { home_port: { name: 'e0c', node: { name: 'sim-cluster-02' } } } });
    expect(await read(`${path}?fields=${fields}`)).toMatchObject({
      name: 'lif2',
      location: { is_home: true, node: { name: 'sim-cluster-02' }, port: { name: 'e0c' } },
    });
    const nowhere = { home_port: { name: 'e0c', node: { name: 'none' } } };
    expect(await array.refusal('PATCH', path, { location: nowhere })).toBe('400 1967153');
  });

  it('makes mirrors, and repeats both sides when it changes them', async () => {
    await create('/storage/volumes', {
      name: 'vd',
      svm: { name: 'svm_dr' },
      space: { size: GIB },
      type: 'dp',
      aggregates: [{ name: 'aggr1_n2' }],
    });
    await create('/storage/volumes', {
      name: 'vs',
      svm: { name: 'svm0' },
      space: { size: GIB },
      aggregates: [{ name: 'aggr1_n2' }],
    });
    const sides = { source: { cluster: {}, path: 'svm0:vs' }, destination: { cluster: {}, path: 'svm_dr:vd' } };
    const { uuid } = await create('/snapmirror/relationships', {
      ...sides,
      create_destination: { enabled: false },
      policy: { name: 'Asynchronous' },
    });
    const path = `/snapmirror/relationships/${String(uuid)}`;
    await change(path, { state: 'snapmirrored' });
    await change(path, { ...sides, policy: { name: 'MirrorAllSnapshots' } });
    const other = { ...sides, destination: { path: 'svm_dr:other' } };
    expect(await array.refusal('PATCH', path, other)).toBe('400 262196');
    const fields =
      'unhealthy_reason,destination,healthy,source,restore,policy,transfer,state,exported_snapshot,lag_time,consistency_group_failover,identity_preservation,throttle,transfer_schedule,group_type,last_transfer_type,total_transfer_duration,last_transfer_network_compression_ratio,total_transfer_bytes,svmdr_volumes';
    expect(await only(`/snapmirror/relationships?destination.path=svm_dr:vd&fields=${fields}`)).toMatchObject({
      state: 'snapmirrored',
      healthy: true,
      policy: { name: 'MirrorAllSnapshots' },
    });
  });
});

describe('what ONTAP has and the simulator does not model', () => {
  it('can be asked for, and is absent; setting it or filtering on it is 501', async () => {
    const volume = await only(
      '/storage/volumes?name=v&fields=application,max_dir_size,status,encryption.status.message',
    );
    expect(volume).toMatchObject({ name: 'v' });
    for (const absent of ['application', 'max_dir_size', 'status']) expect(at(volume, absent), absent).toBeUndefined();
    const path = `/storage/volumes/${textAt(volume, 'uuid')}`;
    expect(await array.refusal('PATCH', path, { max_dir_size: 1 })).toBe('501 3');
    expect(await array.refusal('GET', '/storage/volumes?max_dir_size=1')).toBe('501 3');
    expect(await array.refusal('GET', '/storage/volumes?fields=max_dir_sise')).toBe('400 262197');
    await array.expect(200, 'PATCH', `${path}?${WRITE}`, { comment: 'z', application: {} });
  });
});
