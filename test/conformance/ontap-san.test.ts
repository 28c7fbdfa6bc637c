import { driverConformance } from './driver.ts';
import { asa, asaOverFc, fcp, iscsi } from './san-drivers.ts';

for (const driver of [iscsi, fcp, asa, asaOverFc]) driverConformance(driver);
