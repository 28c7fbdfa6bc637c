import { ontapNasWith } from '../../src/engine/drivers/ontap/kind.ts';
import type { DriverUnderTest } from './driver-bench.ts';
import { password } from './driver-bench.ts';
import { groupConformance } from './groups.ts';
import { nvme } from './nvme-drivers.ts';
import { iscsi } from './san-drivers.ts';
import { volumesOnArray } from './volumes-on-array.ts';

const nas: DriverUnderTest = {
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

groupConformance(nas);
groupConformance(iscsi);
groupConformance(nvme);
