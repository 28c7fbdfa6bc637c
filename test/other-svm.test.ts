import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterAll, describe, expect, it } from 'vitest';
import type { Simulator } from '../src/simulator/contract.ts';
import type { Topology } from '../src/simulator/core/topology.ts';
import { defaultTopology } from '../src/simulator/core/topology.ts';
import { startSimulator } from '../src/simulator/simulator.ts';
import type { Installation } from './support/installation.ts';
import { installationIn } from './support/installation.ts';
import { nasBackendFile } from './support/nas-backend.ts';

/** A backend that is given another SVM of the same cluster, whose administrator sees the old one too. */

const folder = await mkdtemp(join(tmpdir(), 'other-svm-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

const [first] = defaultTopology.svms;
if (first === undefined) throw new Error('the simulator has no SVM by default');
const protocols = ['nfs', 'iscsi', 'nvme'] as const;
const topologyOf = (personality: 'unified' | 'asa-r2'): Topology => ({
  ...defaultTopology,
  cluster: { ...defaultTopology.cluster, personality },
  svms: [
    { ...first, protocols },
    {
      ...first,
      name: 'svm_dr',
      protocols,
      interfaces: first.interfaces.map((lif, index) => ({
        ...lif,
        name: `dr_${lif.name}`,
        address: `192.0.2.${index + 100}`,
      })),
    },
  ],
});

let installations = 0;

const listSchema = v.object({ records: v.array(v.object({ uuid: v.string(), name: v.string() })) });

/** UUIDs of all snapshots that were asked for; where LUNs share a FlexVol, each is a LUN. */
const snapshotsOn = async (simulator: Simulator, driver: string, personality: string): Promise<readonly string[]> => {
  const list = async (path: string) => v.parse(listSchema, (await simulator.call('GET', path)).body).records;
  if (driver === 'ontap-san-economy') return (await list('/storage/luns?name=*_snapshot_*')).map(({ uuid }) => uuid);
  const holders = personality === 'asa-r2' ? '/storage/storage-units' : '/storage/volumes';
  const found = (await list(`${holders}?fields=name`)).map(({ uuid }) => list(`${holders}/${uuid}/snapshots?name=s1`));
  return (await Promise.all(found)).flat().map(({ uuid }) => uuid);
};

const kinds = [
  { storageDriverName: 'ontap-nas', keys: { autoExportPolicy: true }, personality: 'unified' },
  { storageDriverName: 'ontap-nas-flexgroup', keys: { autoExportPolicy: true }, personality: 'unified' },
  {
    storageDriverName: 'ontap-nas-economy',
    keys: { autoExportPolicy: true, defaults: { snapshotDir: 'true' } },
    personality: 'unified',
  },
  { storageDriverName: 'ontap-san', keys: { sanType: 'iscsi' }, personality: 'unified' },
  { storageDriverName: 'ontap-san', keys: { sanType: 'nvme' }, personality: 'unified' },
  { storageDriverName: 'ontap-san-economy', keys: {}, personality: 'unified' },
  { storageDriverName: 'ontap-san', keys: { sanType: 'iscsi' }, personality: 'asa-r2' },
  { storageDriverName: 'ontap-san', keys: { sanType: 'nvme' }, personality: 'asa-r2' },
] as const;

describe.each(kinds)('$storageDriverName $keys.sanType on $personality', ({ storageDriverName, keys, personality }) => {
  const onSvm0 = async (
    work: (
      site: Installation & {
        readonly file: (svm: string) => string;
        readonly snapshots: () => Promise<readonly string[]>;
      },
    ) => Promise<void>,
  ): Promise<void> => {
    const simulator = await startSimulator({ topology: topologyOf(personality) });
    try {
      const installation = installationIn(folder, `${++installations}`);
      const file = (svm: string) =>
        nasBackendFile(folder, simulator, { storageDriverName, svm, autoExportPolicy: undefined, ...keys });
      await installation.must(`create backend -f ${file('svm0')}`);
      await installation.must('create storageclass any');
      await installation.must('create volume v1 --size 1Gi --storage-class any');
      await work({ ...installation, file, snapshots: () => snapshotsOn(simulator, storageDriverName, personality) });
    } finally {
      await simulator.stop();
    }
  };

  it('misses the volumes of the SVM that the backend had before, and has them again with it', () =>
    onSvm0(async ({ run, must, file }) => {
      const away = await run(`update backend nas1 -f ${file('svm_dr')}`);
      expect(away.stderr).toContain('volume v1 is not on the array any more');
      expect(JSON.parse(await must('get volume v1 -o json')).items[0]).toMatchObject({ orphaned: true });
      const back = await run(`update backend nas1 -f ${file('svm0')}`);
      expect(back.stderr).toContain('volume v1 is on the array again');
    }));

  it('deletes nothing on the SVM that the backend had before', () =>
    onSvm0(async ({ must, refused, snapshots, file }) => {
      await must('create snapshot v1/s1');
      const kept = await snapshots();
      expect(kept).toHaveLength(1);
      await must(`update backend nas1 -f ${file('svm_dr')}`);
      await must('delete snapshot v1/s1');
      await must('delete volume v1');
      expect(await snapshots()).toEqual(kept);
      await must(`update backend nas1 -f ${file('svm0')}`);
      expect(await refused('create volume v1 --size 1Gi --storage-class any')).toContain('is already on SVM svm0');
    }));
});
