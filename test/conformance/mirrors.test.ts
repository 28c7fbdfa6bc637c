import { expect } from 'vitest';
import { ontapNasWith } from '../../src/engine/drivers/ontap/kind.ts';
import type { DriverUnderTest } from './driver-bench.ts';
import { password } from './driver-bench.ts';
import { mirrorConformance } from './mirrors.ts';
import { nvme } from './nvme-drivers.ts';
import { iscsi } from './san-drivers.ts';
import { nodeRecord } from '../support/lab.ts';
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
    username: 'admin',
    password,
    trustedCACertificate: Buffer.from(array.certificate).toString('base64'),
    ...more,
  }),
  calls: {},
  withoutJobs: [],
};

mirrorConformance(nas, {
  config: { autoExportPolicy: true },
  readOnlyRefused: false,
  node: nodeRecord('n1', { ips: ['10.0.0.1'] }),
  told: ({ config }) => ({ nfsPath: `/${config.internalName}` }),
  shown: ({ config }) => ({ type: 'rw', nas: { path: `/${config.internalName}` } }),
});
mirrorConformance(iscsi, {
  config: {},
  readOnlyRefused: true,
  node: nodeRecord('n1', { iqn: 'iqn.1993-08.org.debian:01:n1' }),
  told: () => ({
    iscsiLunNumber: 0,
    iscsiLunSerial: expect.any(String),
    iscsiTargetIqn: expect.stringMatching(/^iqn/),
  }),
  shown: () => ({ type: 'rw' }),
});
mirrorConformance(nvme, {
  config: {},
  readOnlyRefused: true,
  node: nodeRecord('n1', { nqn: 'nqn.2014-08.org.nvmexpress:uuid:n1' }),
  told: () => ({ nvmeNamespaceUUID: expect.any(String), nvmeSubsystemNqn: expect.stringMatching(/^nqn/) }),
  shown: () => ({ type: 'rw' }),
});
