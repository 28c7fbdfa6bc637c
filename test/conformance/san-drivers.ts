import { expect } from 'vitest';
import { ontapSanEconomyWith } from '../../src/engine/drivers/ontap/san-economy-kind.ts';
import { ontapSanWith } from '../../src/engine/drivers/ontap/san-kind.ts';
import { defaultTopology } from '../../src/simulator/core/topology.ts';
import type { DriverUnderTest } from './driver-bench.ts';
import { password } from './driver-bench.ts';
import { lunUnits, lunsInPools, lunsInVolumes } from './luns-on-array.ts';

/** The array makes LUNs, igroups and maps at once, without jobs. */
const calls = {
  create: 2,
  delete: 1,
  resize: 3,
  snapshot: 2,
  'delete snapshot': 1,
  'restore snapshot': 2,
  'restore a snapshot that is older than a resize': 4,
  'clone from a snapshot': 3,
  'clone from a volume': 4,
  // The LUN and the volume.
  'look for an import': 2,
  'import, managed': 2,
  publish: 3,
  'publish again': 1,
  'publish to a second node': 3,
  'unpublish, others remain': 2,
  'unpublish, last node': 2,
  // One more than a file backend: the CHAP state, without which no node can log in.
  discovery: 6,
  health: 2,
};

export const iscsi: DriverUnderTest = {
  name: 'ontap-san over iSCSI',
  objects: lunsInVolumes,
  taken: { code: '917526', size: 64 * 2 ** 20, facts: (name) => ['67108864', 'not yours', `/${name}_path`] },
  renamesImports: true,
  tellsAge: true,
  choosesAggregate: true,
  access: ({ iscsiTargetPortal }) => expect(iscsiTargetPortal).toMatch(/^192/),
  kind: ontapSanWith,
  config: (array, more) => ({
    version: 1,
    storageDriverName: 'ontap-san',
    backendName: 'san',
    managementLIF: array.host,
    svm: 'svm0',
    username: 'admin',
    password,
    trustedCACertificate: Buffer.from(array.certificate).toString('base64'),
    ...more,
  }),
  calls,
  withoutJobs: [
    'publish',
    'publish again',
    'publish to a second node',
    'unpublish, others remain',
    'unpublish, last node',
  ],
};

const withFc = defaultTopology.svms.map((svm) =>
  svm.name === 'svm0' ? { ...svm, protocols: [...svm.protocols, 'fcp' as const] } : svm,
);

const toldOverFc: NonNullable<DriverUnderTest['access']> = ({ fcpLunSerial, fcTargetWWNN }) =>
  expect([fcpLunSerial, fcTargetWWNN]).not.toContain('');

const overFc = (driver: DriverUnderTest, name: string): DriverUnderTest => ({
  ...driver,
  name,
  array: { topology: { ...defaultTopology, ...driver.array?.topology, svms: withFc } },
  config: (array, more) => driver.config(array, { sanType: 'fcp', ...more }),
  access: toldOverFc,
  // There is no CHAP.
  calls: { ...driver.calls, discovery: (driver.calls['discovery'] ?? 0) - 1 },
});

export const fcp = overFc(iscsi, 'ontap-san over FC');

export const asa: DriverUnderTest = {
  ...iscsi,
  name: 'ontap-san on ASA r2 over iSCSI',
  objects: lunUnits,
  taken: { code: '5440688', size: 64 * 2 ** 20, facts: () => ['67108864', 'not yours'] },
  choosesAggregate: false,
  array: {
    topology: { ...defaultTopology, cluster: { ...defaultTopology.cluster, personality: 'asa-r2', version: '9.17.1' } },
  },
  calls: {
    ...calls,
    create: 1,
    resize: 1,
    'restore a snapshot that is older than a resize': 3,
    'clone from a snapshot': 2,
    'clone from a volume': 3,
    'look for an import': 1,
    'import, managed': 1,
    discovery: 5,
  },
  // Sizes change at once.
  withoutJobs: [...iscsi.withoutJobs, 'resize'],
};

/** In a shared FlexVol that is known already, as any operation leaves it. */
export const economy: DriverUnderTest = {
  ...iscsi,
  name: 'ontap-san-economy',
  objects: lunsInPools,
  taken: { size: 64 * 2 ** 20, facts: () => ['67108864', 'trident_lun_pool_trident_FOREIGNXYZ', 'not yours'] },
  choosesAggregate: false,
  snapshotsStandAlone: true,
  sharesObjects: true,
  kind: ontapSanEconomyWith,
  config: (array, more) =>
    iscsi.config(array, { storageDriverName: 'ontap-san-economy', lunsPerFlexvol: '200', ...more }),
  calls: {
    ...calls,
    create: 3,
    delete: 3,
    snapshot: 3,
    'delete snapshot': 3,
    'restore snapshot': 1,
    'restore a snapshot that is older than a resize': 2,
    'clone from a snapshot': 3,
    'clone from a volume': 3,
    'import, managed': 1,
    discovery: 5,
  },
  // LUNs change at once; the size of the FlexVol, which follows, has a test of its own.
  withoutJobs: [
    ...iscsi.withoutJobs,
    'delete',
    'resize',
    'snapshot',
    'delete snapshot',
    'restore snapshot',
    'restore a snapshot that is older than a resize',
    'clone from a snapshot',
    'clone from a volume',
    'import, managed',
  ],
};

export const economyOverFc = overFc(economy, 'ontap-san-economy over FC');
export const asaOverFc = overFc(asa, 'ontap-san on ASA r2 over FC');
