import { expect } from 'vitest';
import type { DriverUnderTest } from './driver-bench.ts';
import { namespaceUnits, namespacesInVolumes } from './namespaces-on-array.ts';
import { asa, iscsi } from './san-drivers.ts';

const toldToNodes: NonNullable<DriverUnderTest['access']> = ({ nvmeSubsystemNqn, nvmeTargetIPs }) => {
  expect(nvmeSubsystemNqn).toMatch(/^nqn\.1992-08\.com\.netapp:sn\.[0-9a-f]{32}:subsystem\./);
  expect(nvmeTargetIPs).toHaveLength(2);
};

/** Volumes that several nodes may have at once; the first of them makes the subsystem that all share. */
export const nvme: DriverUnderTest = {
  ...iscsi,
  name: 'ontap-san over NVMe/TCP',
  objects: namespacesInVolumes,
  config: (array, more) => iscsi.config(array, { sanType: 'nvme', ...more }),
  access: toldToNodes,
  calls: {
    ...iscsi.calls,
    'import, managed': 1,
    publish: 3,
    'publish to a second node': 2,
    'unpublish, others remain': 1,
    'unpublish, last node': 2,
    discovery: 5,
  },
};

const { 'publish to a second node': _second, 'unpublish, others remain': _others, ...ofOneNode } = nvme.calls;

/** Volumes that one node has at a time, in the subsystem of that node. */
export const nvmeOfOneNode: DriverUnderTest = {
  ...nvme,
  name: 'ontap-san over NVMe/TCP, one node at a time',
  accessMode: 1,
  calls: ofOneNode,
};

export const asaNvme: DriverUnderTest = {
  ...asa,
  name: 'ontap-san on ASA r2 over NVMe/TCP',
  objects: namespaceUnits,
  config: nvme.config,
  access: toldToNodes,
  calls: {
    ...asa.calls,
    publish: 3,
    'publish to a second node': 2,
    'unpublish, others remain': 1,
    'unpublish, last node': 2,
    discovery: 4,
  },
};
