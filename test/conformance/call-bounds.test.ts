import { expect, test } from 'vitest';
import type { DriverUnderTest } from './driver-bench.ts';
import { asaNvme, nvme, nvmeOfOneNode } from './nvme-drivers.ts';
import { asa, economy, fcp, iscsi } from './san-drivers.ts';

type Bounds = Readonly<Record<string, number>>;

/** What an operation may cost at most where a volume has a place of its own. The suite asserts what it does cost. */
const bounds: Bounds = {
  create: 2,
  publish: 4,
  'publish again': 1,
  'unpublish, last node': 3,
  snapshot: 2,
  'delete snapshot': 2,
  'clone from a snapshot': 3,
  resize: 3,
  delete: 2,
  'import, managed': 4,
  discovery: 6,
  health: 2,
};
/** One look more: a clone that is not looked at afterwards can leave its FlexVol too small (decision 14). */
const inSharedFlexVols: Bounds = {
  ...bounds,
  create: 3,
  snapshot: 3,
  'delete snapshot': 3,
  'clone from a snapshot': 3,
  delete: 3,
};
const inSubsystems: Bounds = { ...bounds, publish: 3, 'unpublish, last node': 4 };
const asUnits: Bounds = { create: 1, 'clone from a snapshot': 2, resize: 2 };

const table: readonly (readonly [DriverUnderTest, Bounds])[] = [
  [iscsi, bounds],
  [fcp, bounds],
  [economy, inSharedFlexVols],
  [nvme, inSubsystems],
  [nvmeOfOneNode, inSubsystems],
  [asa, { ...bounds, ...asUnits }],
  [asaNvme, { ...inSubsystems, ...asUnits }],
];

test.each(table)('$name stays within its bounds', (driver, within) => {
  const { 'look for an import': look = 0, 'import, managed': adopt = 0 } = driver.calls;
  const calls: Bounds = { ...driver.calls, 'import, managed': look + adopt };
  expect(look).toBeGreaterThan(0);
  const over = Object.entries(within).filter(([name, most]) => (calls[name] ?? Number.POSITIVE_INFINITY) > most);
  expect(over).toEqual([]);
});
