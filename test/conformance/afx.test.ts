import { driverConformance } from './driver.ts';
import { economy, flexgroup, nas } from './nas-drivers.ts';
import { on } from './personality.ts';

/** The system has the aggregates, so that nobody chooses among them. */
const placed = { choosesAggregate: false } as const;

for (const driver of [
  on('afx', '9.17.1', nas, placed),
  on('afx', '9.17.1', flexgroup, placed),
  on('afx', '9.17.1', economy, placed),
  on('afx', '9.19.1', nas, {
    ...placed,
    objects: { ...nas.objects, path: '/application/containers' },
    // The request that places a volume tells no UUID, and takes neither junction nor snapshot directory.
    calls: { ...nas.calls, create: 3 },
    // Its job has a path of its own; how it ends is tried with balanced placement.
    withoutJobs: ['create', ...nas.withoutJobs],
  }),
])
  driverConformance(driver);
