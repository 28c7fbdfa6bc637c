import { expect, test } from 'vitest';
import { ontapNasEconomyWith } from '../../src/engine/drivers/ontap/economy-kind.ts';
import { driverConformance } from './driver.ts';
import type { DriverUnderTest } from './driver-bench.ts';
import { password } from './driver-bench.ts';
import { qtreesOnArray } from './qtrees-on-array.ts';

const calls = {
  create: 4,
  delete: 3,
  resize: 3,
  // And three to find it.
  'import, managed': 2,
  // One more for the second address of the node.
  publish: 5,
  'publish to a second node': 3,
  'unpublish, others remain': 2,
  'unpublish, last node': 4,
  discovery: 6,
  health: 2,
};

const economy: DriverUnderTest = {
  name: 'ontap-nas-economy with autoExportPolicy',
  objects: qtreesOnArray,
  taken: { size: 64 * 2 ** 20, facts: () => ['67108864', 'trident_qtree_pool_trident_FOREIGNXYZ', 'default'] },
  renamesImports: true,
  tellsAge: false,
  choosesAggregate: false,
  kind: ontapNasEconomyWith,
  config: (array, more) => ({
    version: 1,
    storageDriverName: 'ontap-nas-economy',
    backendName: 'economy',
    managementLIF: array.host,
    svm: 'svm0',
    username: 'admin',
    password,
    trustedCACertificate: Buffer.from(array.certificate).toString('base64'),
    autoExportPolicy: true,
    ...more,
  }),
  calls,
  withoutJobs: ['publish to a second node', 'unpublish, others remain'],
};

driverConformance(economy);
