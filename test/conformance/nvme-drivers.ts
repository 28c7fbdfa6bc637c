import { expect } from 'vitest';
import type { DriverUnderTest } from './driver-bench.ts';
import { namespacesInVolumes } from './namespaces-on-array.ts';
import { iscsi } from './san-drivers.ts';

/** Volumes that several nodes may have at once; the first of them makes the subsystem that all share. */
export const nvme: DriverUnderTest = {
  ...iscsi,
  name: 'ontap-san over NVMe/TCP',
  objects: namespacesInVolumes,
  config: (array, more) => iscsi.config(array, { sanType: 'nvme', ...more }),
  access: ({ nvmeSubsystemNqn, nvmeTargetIPs }) => {
    expect(nvmeSubsystemNqn).toMatch(/^nqn\.1992-08\.com\.netapp:sn\.[0-9a-f]{32}:subsystem\./);
    expect(nvmeTargetIPs).toHaveLength(2);
  },
  calls: {
    ...iscsi.calls,
    'import, managed': 1,
    publish: 3,
    'publish to a second node': 2,
    'unpublish, others remain': 1,
    'unpublish, last node': 2,
    discovery: 6,
  },
};
