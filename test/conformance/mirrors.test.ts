import { expect } from 'vitest';
import { mirrorConformance } from './mirrors.ts';
import { plainNas } from './nas-drivers.ts';
import { nvme } from './nvme-drivers.ts';
import { iscsi } from './san-drivers.ts';
import { nodeRecord } from '../support/lab.ts';

mirrorConformance(plainNas, {
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
