import { driverConformance } from './driver.ts';
import { nvme } from './nvme-drivers.ts';
import { on } from './personality.ts';
import { economy, fcp, iscsi } from './san-drivers.ts';

/** The first generation of ASA has FlexVols and aggregates as other systems have. */
for (const driver of [iscsi, fcp, economy, nvme]) driverConformance(on('asa', '9.17.1', driver));
