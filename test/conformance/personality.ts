import { defaultTopology } from '../../src/simulator/core/topology.ts';
import type { Personality } from '../../src/simulator/core/topology.ts';
import type { DriverUnderTest } from './driver-bench.ts';

/** The driver on another kind of system than AFF and FAS. */
export const on = (
  personality: Personality,
  version: string,
  driver: DriverUnderTest,
  change: Partial<DriverUnderTest> = {},
): DriverUnderTest => {
  const topology = { ...defaultTopology, ...driver.array?.topology };
  return {
    ...driver,
    name: `${driver.name} on ${personality.toUpperCase()} ${version}`,
    array: { topology: { ...topology, cluster: { ...topology.cluster, personality, version } } },
    ...change,
  };
};
