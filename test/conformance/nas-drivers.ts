import { ontapNasEconomyWith } from '../../src/engine/drivers/ontap/economy-kind.ts';
import { ontapNasFlexgroupWith, ontapNasWith } from '../../src/engine/drivers/ontap/kind.ts';
import type { DriverUnderTest } from './driver-bench.ts';
import { password } from './driver-bench.ts';
import { qtreesOnArray } from './qtrees-on-array.ts';
import { volumesOnArray } from './volumes-on-array.ts';

/** The drivers for files, with export rules of their own, for cases beside the suite; calls are not counted there. */

export const nas: DriverUnderTest = {
  name: 'ontap-nas',
  objects: volumesOnArray('flexvol'),
  taken: { size: 64 * 2 ** 20, facts: () => [] },
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
    autoExportPolicy: true,
    ...more,
  }),
  calls: {},
  withoutJobs: [],
};

export const flexgroup: DriverUnderTest = {
  ...nas,
  name: 'ontap-nas-flexgroup',
  objects: volumesOnArray('flexgroup'),
  kind: ontapNasFlexgroupWith,
  config: (array, more) => nas.config(array, { storageDriverName: 'ontap-nas-flexgroup', ...more }),
};
export const economy: DriverUnderTest = {
  ...nas,
  name: 'ontap-nas-economy',
  objects: qtreesOnArray,
  kind: ontapNasEconomyWith,
  config: (array, more) =>
    nas.config(array, { storageDriverName: 'ontap-nas-economy', aggregate: 'aggr1_n1', ...more }),
};
