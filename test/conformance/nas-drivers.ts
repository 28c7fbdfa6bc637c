import { expect } from 'vitest';
import type { JsonObject } from '../../src/engine/json.ts';
import { ontapNasEconomyWith } from '../../src/engine/drivers/ontap/economy-kind.ts';
import { ontapNasFlexgroupWith, ontapNasWith } from '../../src/engine/drivers/ontap/kind.ts';
import type { DriverUnderTest } from './driver-bench.ts';
import { password } from './driver-bench.ts';
import { qtreesOnArray } from './qtrees-on-array.ts';
import { volumesOnArray } from './volumes-on-array.ts';

/** The drivers for files. */

/** With a UUID in the answer of the POST; an array that does not give it costs one more for create and clone. */
const calls = {
  create: 1,
  delete: 1,
  resize: 2,
  snapshot: 2,
  'delete snapshot': 1,
  'restore snapshot': 2,
  'restore a snapshot that is older than a resize': 2,
  'clone from a snapshot': 2,
  'clone from a volume': 3,
  // And one to find it.
  'import, managed': 1,
  publish: 1,
  'publish again': 1,
  'publish to a second node': 1,
  'unpublish, others remain': 0,
  'unpublish, last node': 0,
  discovery: 5,
  health: 2,
};
/** Where export rules follow the nodes. */
const withRules = {
  publish: 2,
  'publish to a second node': 2,
  'unpublish, others remain': 2,
  'unpublish, last node': 3,
};
const withoutJobs = ['publish again', 'publish to a second node', 'unpublish, others remain'];

/** On the export policies that are there. */
export const plainNas: DriverUnderTest = {
  name: 'ontap-nas',
  objects: volumesOnArray('flexvol'),
  taken: { code: '917526', size: 64 * 2 ** 20, facts: (name) => ['67108864', 'not yours', `/${name}_path`] },
  access: ({ nfsServerIp }) => expect(nfsServerIp).toMatch(/^\d/),
  renamesImports: true,
  tellsAge: true,
  choosesAggregate: true,
  kind: ontapNasWith,
  config: (array, more) => ({
    version: 1,
    storageDriverName: 'ontap-nas',
    managementLIF: array.host,
    svm: 'svm0',
    username: 'admin',
    password,
    trustedCACertificate: Buffer.from(array.certificate).toString('base64'),
    ...more,
  }),
  calls,
  withoutJobs: ['publish', ...withoutJobs],
};

/** The same with other keys of the backend. */
const given =
  (driver: DriverUnderTest, keys: JsonObject): DriverUnderTest['config'] =>
  (array, more) =>
    driver.config(array, { ...keys, ...more });

/** With export rules of their own. */
export const nas: DriverUnderTest = {
  ...plainNas,
  name: 'ontap-nas with autoExportPolicy',
  config: given(plainNas, { autoExportPolicy: true }),
  calls: { ...calls, ...withRules },
  withoutJobs,
};

export const plainFlexgroup: DriverUnderTest = {
  ...plainNas,
  name: 'ontap-nas-flexgroup',
  objects: volumesOnArray('flexgroup'),
  taken: { code: '917526', size: 600 * 2 ** 20, facts: (name) => ['629145600', 'not yours', `/${name}_path`] },
  renamesImports: false,
  choosesAggregate: false,
  kind: ontapNasFlexgroupWith,
  config: given(plainNas, { storageDriverName: 'ontap-nas-flexgroup' }),
  calls: { ...calls, discovery: 4 },
};

export const flexgroup: DriverUnderTest = {
  ...plainFlexgroup,
  name: 'ontap-nas-flexgroup with autoExportPolicy',
  config: given(plainFlexgroup, { autoExportPolicy: true }),
  calls: { ...plainFlexgroup.calls, ...withRules },
  withoutJobs,
};

/** In a shared FlexVol that is known already, as any operation leaves it. */
const qtreeCalls = {
  create: 4,
  delete: 3,
  resize: 3,
  // And three to find it. Where nothing was listed lately, one more to see that no FlexVol has the name.
  'import, managed': 1,
  // One more for the second address of the node.
  publish: 5,
  'publish again': 2,
  'publish to a second node': 3,
  'unpublish, others remain': 2,
  'unpublish, last node': 4,
  discovery: 4,
  health: 2,
};

export const economy: DriverUnderTest = {
  name: 'ontap-nas-economy with autoExportPolicy',
  objects: qtreesOnArray,
  taken: { size: 64 * 2 ** 20, facts: () => ['67108864', 'trident_qtree_pool_trident_FOREIGNXYZ', 'default'] },
  renamesImports: true,
  tellsAge: false,
  choosesAggregate: false,
  kind: ontapNasEconomyWith,
  config: given(plainNas, { storageDriverName: 'ontap-nas-economy', autoExportPolicy: true }),
  calls: qtreeCalls,
  withoutJobs,
};

/** All FlexVols in one aggregate, where every qtree looks for its place. */
export const economyInOnePlace: DriverUnderTest = { ...economy, config: given(economy, { aggregate: 'aggr1_n1' }) };

/** Rules kept by users. */
export const plainEconomy: DriverUnderTest = {
  ...economy,
  name: 'ontap-nas-economy',
  config: given(economy, { autoExportPolicy: false }),
  calls: {
    ...qtreeCalls,
    publish: 1,
    'publish again': 1,
    'publish to a second node': 1,
    'unpublish, others remain': 0,
    'unpublish, last node': 0,
  },
  withoutJobs: ['publish', ...withoutJobs.slice(0, 2)],
};

/** With snapshots to be seen, whose space has to be asked for before a FlexVol is fitted. */
export const economyShown: DriverUnderTest = {
  ...plainEconomy,
  name: 'ontap-nas-economy with snapshots',
  request: { snapshotDirectory: 'true' },
  calls: { ...plainEconomy.calls, create: 5, resize: 4, snapshot: 2, 'delete snapshot': 1 },
};
