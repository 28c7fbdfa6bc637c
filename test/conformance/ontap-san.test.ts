import { driverConformance } from './driver.ts';
import { asa, fcp, iscsi } from './san-drivers.ts';

for (const driver of [iscsi, fcp, asa]) driverConformance(driver);
