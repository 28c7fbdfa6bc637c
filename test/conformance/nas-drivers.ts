import { ontapNasEconomyWith } from '../../src/engine/drivers/ontap/economy-kind.ts';
import { ontapNasFlexgroupWith, ontapNasWith } from '../../src/engine/drivers/ontap/kind.ts';
import type { DriverUnderTest } from './driver-bench.ts';
import { password } from './driver-bench.ts';
import { qtreesOnArray } from './qtrees-on-array.ts';
import { volumesOnArray } from './volumes-on-array.ts';

/** The drivers for files, for cases beside the suite; calls are not counted there. */

/** On the export policies that are there. */
export const plainNas: DriverUnderTest = {
  name: 'ontap-nas',
  objects: volumesOnArray('flexvol'),
  taken: { code: '917526', size: 64 * 2 ** 20, facts: () => [] },
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
  calls: {},
  withoutJobs: [],
};

export const plainFlexgroup: DriverUnderTest = {
  ...plainNas,
  name: 'ontap-nas-flexgroup',
  objects: volumesOnArray('flexgroup'),
  kind: ontapNasFlexgroupWith,
  config: (array, more) => plainNas.config(array, { storageDriverName: 'ontap-nas-flexgroup', ...more }),
};

/** With export rules of their own. */
const withRules = (driver: DriverUnderTest): DriverUnderTest => ({
  ...driver,
  config: (array, more) => driver.config(array, { autoExportPolicy: true, ...more }),
});

export const nas = withRules(plainNas);
export const flexgroup = withRules(plainFlexgroup);
export const economy: DriverUnderTest = {
  ...nas,
  name: 'ontap-nas-economy',
  objects: qtreesOnArray,
  kind: ontapNasEconomyWith,
  config: (array, more) =>
    nas.config(array, { storageDriverName: 'ontap-nas-economy', aggregate: 'aggr1_n1', ...more }),
};
