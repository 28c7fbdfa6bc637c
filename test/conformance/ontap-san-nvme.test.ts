import { driverConformance } from './driver.ts';
import { asaNvme, nvme, nvmeOfOneNode } from './nvme-drivers.ts';

for (const driver of [nvme, nvmeOfOneNode, asaNvme]) driverConformance(driver);
