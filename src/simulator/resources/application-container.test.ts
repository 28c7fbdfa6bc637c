import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openOntapSession, textAt, type OntapSession } from '../../../test/support/ontap-session.ts';
import { defaultTopology } from '../core/topology.ts';

const MIB = 1024 ** 2;

describe('application containers', () => {
  const CONTAINERS = '/application/containers';
  const wanted = (name: string, more: Record<string, unknown> = {}) => ({
    svm: { name: 'svm0' },
    volumes: [
      {
        name,
        space: { size: 2048 * MIB, snapshot: { reserve_percent: 5 } },
        scale_out: false,
        type: 'rw',
        guarantee: { type: 'none' },
        comment: 'c',
        nas: { security_style: 'unix', export_policy: { name: 'default' }, unix_permissions: 777 },
        snapshot_policy: { name: 'none' },
        tiering: { policy: 'none', object_stores: [] },
        exclude_aggregates: [],
        encryption: { enabled: false },
        ...more,
      },
    ],
  });

  let newer: OntapSession;
  beforeAll(async () => {
    newer = await openOntapSession({
      topology: { cluster: { ...defaultTopology.cluster, version: '9.19.1', personality: 'afx' } },
    });
  });
  afterAll(() => newer.close());

  const release = (version: string) =>
    openOntapSession({ topology: { cluster: { ...defaultTopology.cluster, version } } });

  test('are there since 9.17.1, and take more with each release', async () => {
    const body = (more: Record<string, unknown>) => ({
      svm: { name: 'svm0' },
      volumes: [{ name: 'v', space: { size: 100 * MIB }, ...more }],
    });
    const before = await release('9.16.1');
    expect(await before.refusal('POST', CONTAINERS, body({}))).toBe('404 3');
    await before.close();
    const first = await release('9.17.1');
    expect(await first.refusal('POST', CONTAINERS, body({ exclude_aggregates: [] }))).toBe('400 262179');
    expect(await first.refusal('POST', CONTAINERS, body({ comment: 'c' }))).toBe('400 262179');
    await first.expect(202, 'POST', CONTAINERS, body({ snapshot_policy: { name: 'none' } }));
    await first.close();
    const second = await release('9.18.1');
    expect(await second.refusal('POST', CONTAINERS, body({ guarantee: { type: 'none' } }))).toBe('400 262179');
    await second.expect(202, 'POST', CONTAINERS, {
      ...body({ tiering: { policy: 'none' } }),
      provisioning_options: { exclude_aggregates: [{ name: 'aggr1_n1' }] },
    });
    expect(await second.list('/storage/volumes?name=v&fields=aggregates')).toMatchObject([
      { aggregates: [{ name: 'aggr1_n2' }] },
    ]);
    await second.close();
  });

  test('make an export policy and a share for a volume', async () => {
    const rules = [{ clients: [{ match: '0.0.0.0/0' }], rw_rule: ['any'], ro_rule: ['any'] }];
    await newer.expect(202, 'POST', '/protocols/cifs/services', {
      svm: { name: 'svm0' },
      name: 'CONTAINED',
      workgroup: 'W',
    });
    const nas = { path: '/shared', export_policy: { name: 'shared', rules }, cifs: { shares: [{ name: 'shared' }] } };
    await newer.expect(202, 'POST', CONTAINERS, wanted('shared', { scale_out: true, nas }));
    expect(await newer.list('/storage/volumes?name=shared&fields=nas.export_policy.name,style')).toMatchObject([
      { style: 'flexgroup', nas: { export_policy: { name: 'shared' } } },
    ]);
    expect(await newer.list('/protocols/nfs/export-policies?name=shared&fields=rules')).toMatchObject([{ rules }]);
    expect(await newer.list('/protocols/cifs/shares?name=shared&fields=path')).toMatchObject([{ path: '/shared' }]);
    expect(await newer.refusal('POST', CONTAINERS, wanted('cache', { flexcache: { origins: [] } }))).toBe('501 3');
  });

  test('make a volume where there is most space', async () => {
    newer.simulator.world.setAggregateAvailable('aggr1_n1', 100 * 1024 * MIB);
    await newer.expect(202, 'POST', CONTAINERS, wanted('placed'));
    expect(
      await newer.list(
        '/storage/volumes?name=placed&fields=size,aggregates,style,comment,nas,guarantee,snapshot_policy,space.snapshot.reserve_percent',
      ),
    ).toMatchObject([
      {
        size: 2048 * MIB,
        style: 'flexvol',
        aggregates: [{ name: 'aggr1_n2' }],
        comment: 'c',
        guarantee: { type: 'none' },
        snapshot_policy: { name: 'none' },
        nas: { unix_permissions: 777, export_policy: { name: 'default' } },
        space: { snapshot: { reserve_percent: 5 } },
      },
    ]);
    await newer.expect(202, 'POST', CONTAINERS, wanted('excluded', { exclude_aggregates: [{ name: 'aggr1_n2' }] }));
    expect(await newer.list('/storage/volumes?name=excluded&fields=aggregates')).toMatchObject([
      { aggregates: [{ name: 'aggr1_n1' }] },
    ]);
    newer.simulator.world.verify();
  });

  test('make a FlexGroup that scales out', async () => {
    await newer.expect(202, 'POST', CONTAINERS, wanted('wide', { scale_out: true }));
    expect(await newer.list('/storage/volumes?name=wide&fields=style,aggregates')).toMatchObject([
      { style: 'flexgroup', aggregates: [{}, {}] },
    ]);
  });

  test('are refused as volumes are, and nothing is kept of them', async () => {
    expect(await newer.refusal('POST', CONTAINERS, wanted('placed'))).toBe('409 917526');
    expect(await newer.refusal('POST', CONTAINERS, wanted('x', { snapshot_policy: { name: 'none_such' } }))).toBe(
      '400 917551',
    );
    expect(
      await newer.refusal(
        'POST',
        CONTAINERS,
        wanted('x', { exclude_aggregates: [{ name: 'aggr1_n1' }, { name: 'aggr1_n2' }] }),
      ),
    ).toBe('400 5440509');
    expect(await newer.refusal('POST', CONTAINERS, wanted('x', { space: {} }))).toBe('400 262212');
    expect(await newer.refusal('GET', CONTAINERS)).toBe('405 3');
    const job = textAt(
      await newer.expect(202, 'POST', CONTAINERS, wanted('small', { space: { size: MIB } })),
      'job',
      'uuid',
    );
    expect(await newer.expect(200, 'GET', `/cluster/jobs/${job}`)).toMatchObject({ state: 'failure', code: 917534 });
  });

  test('on a disaggregated system of an older release a plain volume needs no aggregate', async () => {
    await newer.expect(202, 'POST', '/storage/volumes', {
      name: 'anywhere',
      svm: { name: 'svm0' },
      size: 100 * MIB,
      style: 'flexvol',
    });
    expect(await newer.list('/storage/volumes?name=anywhere&fields=aggregates')).toMatchObject([
      { aggregates: [{ name: 'aggr1_n2' }] },
    ]);
    expect(await newer.expect(200, 'GET', '/cluster?fields=san_optimized,disaggregated')).toMatchObject({
      san_optimized: false,
      disaggregated: true,
    });
    expect(await newer.list('/storage/availability-zones')).toHaveLength(1);
  });
});
