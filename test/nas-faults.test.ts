import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Topology } from '../src/simulator/core/topology.ts';
import { defaultTopology } from '../src/simulator/core/topology.ts';
import { startSimulator } from '../src/simulator/simulator.ts';
import type { Simulator } from '../src/simulator/contract.ts';
import { startSimulatorPair } from '../src/simulator/simulator-pair.ts';
import { type Line, commandsIn, expectDone, expectRefusal } from './support/cli-refusals.ts';
import { nasBackendFile } from './support/nas-backend.ts';
import { at } from './support/ontap-session.ts';

/**
 * What is wrong with an array, or asked of it in vain, told to whoever uses the file drivers: each fault with its words and
 * exit status, and nothing on record afterwards that was not there before.
 */

const drivers = ['ontap-nas', 'ontap-nas-flexgroup', 'ontap-nas-economy'] as const;

const withSvm = (change: Partial<Topology['svms'][number]>, more: Partial<Topology> = {}): Topology => ({
  ...defaultTopology,
  ...more,
  svms: defaultTopology.svms.map((svm) => (svm.name === 'svm0' ? { ...svm, ...change } : svm)),
});
const interfaces = defaultTopology.svms[0]?.interfaces ?? [];
const noRight: Topology = {
  ...defaultTopology,
  users: [...defaultTopology.users, { name: 'looker', role: 'vsadmin-readonly', svm: 'svm0' }],
};

describe.each(drivers)('%s: a backend is refused', (storageDriverName) => {
  /** What is wrong, the array, keys of the backend, exit status, and parts of the message. */
  const faults: readonly (readonly [string, Topology, Readonly<Record<string, unknown>>, number, readonly string[]])[] =
    [
      [
        'for wrong credentials',
        defaultTopology,
        { password: 'wrong' },
        7,
        ['does not accept user admin', '6691623', 'check username and password'],
      ],
      [
        'while the SVM is stopped',
        withSvm({ state: 'stopped' }),
        {},
        8,
        ["SVM svm0 is not in 'running' state", 'start the SVM'],
      ],
      [
        'where NFS is not enabled',
        withSvm({ protocols: ['iscsi'] }),
        {},
        2,
        ['SVM svm0 does not serve NFS', 'create and enable the NFS service'],
      ],
      [
        'where NFS is not licensed',
        withSvm({ protocols: ['iscsi'] }, { licences: ['iscsi'] }),
        {},
        2,
        ['SVM svm0 does not serve NFS', 'its licence must be installed'],
      ],
      [
        'where SMB is not licensed',
        withSvm({}, { licences: ['nfs', 'iscsi', 'nvme_of'] }),
        { nasType: 'smb', autoExportPolicy: false },
        2,
        ['SVM svm0 does not serve SMB', 'CIFS service', 'its licence must be installed'],
      ],
      [
        'without a LIF',
        withSvm({ interfaces: interfaces.filter(({ services }) => !services.includes('data_nfs')) }),
        {},
        8,
        ['no data LIF of SVM svm0 for NFS is up', 'create a LIF with the service data_nfs'],
      ],
      [
        'with its LIFs down',
        withSvm({ interfaces: interfaces.map((lif) => ({ ...lif, enabled: false })) }),
        {},
        8,
        ['no data LIF of SVM svm0 for NFS is up', 'or bring it up'],
      ],
      [
        'without an aggregate',
        withSvm({ aggregates: [] }),
        {},
        2,
        ['SVM svm0 has no assigned aggregates', 'vserver modify -vserver SVM -aggr-list LIST'],
      ],
      [
        'for an aggregate that is not there',
        defaultTopology,
        { aggregate: 'aggr9', flexgroupAggregateList: ['aggr9'] },
        2,
        ['.json:1', 'do not include the configured aggregate aggr9', 'assigned are: aggr1_n1, aggr1_n2'],
      ],
      [
        'for volumes that are too small',
        defaultTopology,
        { defaults: { size: '10Mi' } },
        2,
        ['defaults.size', '10Mi is less than the smallest volume, 20971520 bytes (20Mi)'],
      ],
    ];

  it.each(faults)('%s', async (_what, topology, more, status, parts) => {
    const folder = mkdtempSync(join(tmpdir(), 'tridentctl-fault-'));
    const simulator = await startSimulator({ topology });
    try {
      const file = nasBackendFile(folder, simulator, { storageDriverName, ...more });
      await expectRefusal(commandsIn(folder), `create backend -f ${file}`, status, ...parts);
    } finally {
      await simulator.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe.each(drivers)('%s', (storageDriverName) => {
  let folder: string;
  let simulator: Simulator;
  let cli: Line;
  const pool = storageDriverName === 'ontap-nas-economy' ? 'trident_qtree_pool_*' : 'trident_v1';
  const recordOf = async (path: string): Promise<unknown> => at((await simulator.call('GET', path)).body, 'records', 0);
  const create = (name: string, size: string) => `create volume ${name} --size ${size} --storage-class any`;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tridentctl-fault-'));
    cli = commandsIn(folder);
    simulator = await startSimulator({ topology: noRight });
    const file = nasBackendFile(folder, simulator, { storageDriverName, defaults: { snapshotDir: 'true' } });
    for (const line of [
      `create backend -f ${file}`,
      'create storageclass any',
      'create node n1 --ip 10.0.0.1',
      `${create('v1', '2Gi')} --access-mode ReadWriteMany`,
    ])
      await expectDone(cli, line);
  });
  afterAll(async () => {
    await simulator.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('names the right that a role lacks, and where', async () => {
    const own = mkdtempSync(join(folder, 'looker-'));
    const looker = commandsIn(own);
    const { name, password } = simulator.user('looker');
    const file = nasBackendFile(own, simulator, { storageDriverName, username: name, password, backendName: 'looked' });
    for (const line of [`create backend -f ${file}`, 'create storageclass any']) await expectDone(looker, line);
    const hint = 'give the role of that user access to this path';
    await expectRefusal(
      looker,
      create('x', '2Gi'),
      7,
      'user looker on SVM svm0 has no right to POST /api/storage/volumes',
      hint,
    );
  });

  it('makes a volume of 20 MiB where less is asked for, or says how large it must be', async () => {
    if (storageDriverName === 'ontap-nas-flexgroup')
      return expectRefusal(
        cli,
        create('small', '100Mi'),
        6,
        'is too small. The minimum is 419430400 bytes. (ONTAP error 917534)',
      );
    await expectDone(cli, create('small', '1Mi'));
    const { stdout } = await cli('get volume small -o json');
    expect(at(JSON.parse(stdout), 'items', 0, 'Config', 'size')).toBe(String(20 * 2 ** 20));
    await expectDone(cli, 'delete volume small');
  });

  it('says how long a name may be, or shortens it', async () => {
    const name = `pvc-${'a'.repeat(220)}`;
    if (storageDriverName !== 'ontap-nas-economy')
      return expectRefusal(
        cli,
        create(name, '2Gi'),
        2,
        'it has 232 characters, 203 are allowed',
        'storagePrefix or nameTemplate',
      );
    await expectDone(cli, create(name, '1Gi'));
    const { stdout } = await cli(`get volume ${name} -o json`);
    expect(at(JSON.parse(stdout), 'items', 0, 'Config', 'internalName')).toMatch(/^trident_[0-9a-f]{32}$/);
    await expectDone(cli, `delete volume ${name}`);
  });

  it('makes nothing smaller', () =>
    expectRefusal(
      cli,
      'update volume v1 --size 1Gi',
      6,
      'is less than existing volume size 2147483648',
      'is not made smaller',
    ));

  it.runIf(storageDriverName !== 'ontap-nas-economy')(
    'clones a clone, and deletes none that another needs',
    async () => {
      await expectDone(cli, 'create clone c1 --volume v1');
      await expectDone(cli, 'create clone c2 --volume c1');
      await expectRefusal(
        cli,
        'delete volume c1',
        4,
        'volume trident_c1 cannot be deleted: it has clones: trident_c2',
        'delete or split the clones first',
      );
      for (const name of ['c2', 'c1']) await expectDone(cli, `delete volume ${name}`);
    },
  );

  it.runIf(storageDriverName !== 'ontap-nas-flexgroup')('neither snapshots nor clones a read-only clone', async () => {
    await expectDone(cli, 'create snapshot v1/s1');
    await expectDone(cli, 'create clone r1 --volume v1 --snapshot s1 --read-only');
    await expectRefusal(
      cli,
      'create snapshot r1/x',
      5,
      'volume r1 is a read-only clone and has no snapshots of its own',
      'take one of volume v1 instead',
    );
    for (const kind of ['', ' --read-only'])
      await expectRefusal(
        cli,
        `create clone r2 --volume r1${kind}`,
        5,
        'volume r1 is a read-only clone and cannot be cloned',
        'clone snapshot s1 of volume v1 instead',
      );
    await expectRefusal(
      cli,
      'delete snapshot v1/s1',
      4,
      'it is the source of read-only clone r1',
      'delete volume r1 first',
    );
    for (const line of ['delete volume r1', 'delete snapshot v1/s1']) await expectDone(cli, line);
  });

  it('takes 1,023 snapshots and no more', { timeout: 60_000 }, async () => {
    const uuid = String(at(await recordOf(`/storage/volumes?name=${pool}`), 'uuid'));
    for (let number = 0; number < 1_023; number++)
      await simulator.call('POST', `/storage/volumes/${uuid}/snapshots`, { name: `n${number}` });
    await expect
      .poll(async () => at(await recordOf(`/storage/volumes?name=${pool}&fields=snapshot_count`), 'snapshot_count'))
      .toBe(1_023);
    await expectRefusal(cli, 'create snapshot v1/more', 6, '525062', 'delete snapshots of the volume');
  });

  // Nothing that is done to a qtree in a FlexVol that is there asks whether the SVM runs.
  it.runIf(storageDriverName !== 'ontap-nas-economy')('says that the SVM has been stopped', async () => {
    const uuid = String(at(await recordOf('/svm/svms?name=svm0'), 'uuid'));
    await simulator.call('PATCH', `/svm/svms/${uuid}?return_timeout=15`, { state: 'stopped' });
    await expectRefusal(cli, create('late', '2Gi'), 8, 'The SVM "svm0" is not running', 'start the SVM');
    await simulator.call('PATCH', `/svm/svms/${uuid}?return_timeout=15`, { state: 'running' });
  });
});

it('a FlexVol takes no more qtrees than it may, and none when its quotas cannot be switched on', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tridentctl-fault-'));
  const simulator = await startSimulator({});
  const cli = commandsIn(folder);
  try {
    const more = { storageDriverName: 'ontap-nas-economy', qtreesPerFlexvol: '50', aggregate: 'aggr1_n1' };
    await expectDone(cli, `create backend -f ${nasBackendFile(folder, simulator, more)}`);
    await expectDone(cli, 'create storageclass any');
    await expectDone(cli, 'create volume v1 --size 20Mi --storage-class any');
    const [flexVol = ''] = simulator.world
      .volumes()
      .map(({ name }) => name)
      .filter((name) => name.startsWith('trident_qtree_pool_'));
    for (let number = 1; number < 50; number++)
      await simulator.call('POST', '/storage/qtrees?return_timeout=15', {
        name: `q${number}`,
        volume: { name: flexVol },
        svm: { name: 'svm0' },
      });
    const denying = nasBackendFile(folder, simulator, { ...more, denyNewVolumePools: 'true' });
    await expectDone(cli, `update backend nas1 -f ${denying}`);
    const line = 'create volume v2 --size 20Mi --storage-class any';
    await expectRefusal(cli, line, 6, `FlexVol ${flexVol} has 50 qtrees`, 'no room for another', 'denyNewVolumePools');
    await expectDone(cli, `update backend nas1 -f ${nasBackendFile(folder, simulator, more)}`);
    const refusal = { type: 'refuse', status: 400, code: '5308567', message: 'Quotas cannot be enabled.' } as const;
    const when = { method: 'PATCH', path: '/api/storage/volumes/*', body: { 'quota.enabled': true } } as const;
    simulator.faults.add({ when, then: refusal });
    await expectRefusal(cli, line, 2, 'Quotas cannot be enabled. (ONTAP error 5308567)');
  } finally {
    await simulator.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});

it('a mirror is not written: it is neither snapshotted nor given to nodes before it holds anything', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tridentctl-fault-'));
  const pair = await startSimulatorPair({});
  const cli = commandsIn(folder);
  try {
    for (const line of [
      `create backend -f ${nasBackendFile(folder, pair.first, { backendName: 'main' })}`,
      `create backend -f ${nasBackendFile(folder, pair.second, { backendName: 'dr', svm: 'svm1' })}`,
      'create storageclass main --storage-pools main:.*',
      'create storageclass dr --storage-pools dr:.*',
      'create node n1 --ip 10.0.0.1',
      'create volume v1 --size 1Gi --storage-class main --access-mode ReadWriteMany',
      'create volume c1 --size 1Gi --storage-class dr --access-mode ReadWriteMany --mirror-source svm0:trident_v1',
    ])
      await expectDone(cli, line);
    await expectRefusal(
      cli,
      'publish volume c1 n1',
      4,
      'has not been initialized',
      '917536',
      'wait for its first transfer',
    );
    await expectDone(cli, 'mirror establish c1 --source svm0:trident_v1');
    await expectRefusal(cli, 'create snapshot c1/s1', 4, 'read-write volumes', '1638461', 'promote it first');
  } finally {
    await pair.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
