import { driverConformance } from './driver.ts';
import { economy } from './san-drivers.ts';

driverConformance(economy);
