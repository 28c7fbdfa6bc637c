import { driverConformance } from './driver.ts';
import { economy, economyOverFc } from './san-drivers.ts';

for (const driver of [economy, economyOverFc]) driverConformance(driver);
