import { driverConformance } from './driver.ts';
import { nvme } from './nvme-drivers.ts';

driverConformance(nvme);
