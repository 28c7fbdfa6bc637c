import { parseSize } from '../../../sizes.ts';
import { attempt, refuse } from './refusals.ts';
import type { Path } from './refusals.ts';
import type { OntapSettings, PoolOptions } from './settings.ts';

const checkCount = (key: string, value: string, most: number): void => {
  if (/^\d+$/.test(value) && Number(value) >= 50 && Number(value) <= most) return;
  refuse([key], `${JSON.stringify(value)} is not a whole number from 50 to ${most}`);
};

/** Rules for drivers that share FlexVols (ontap-drivers.md 2.2). @throws Problem `config.invalid` */
export const checkEconomy = ({ pooling, given }: OntapSettings): void => {
  if (given.storageDriverName === 'ontap-nas-economy') checkCount('qtreesPerFlexvol', pooling.qtreesPerFlexvol, 300);
  else checkCount('lunsPerFlexvol', pooling.lunsPerFlexvol, 200);
  if (pooling.limitVolumePoolSize !== '')
    attempt(['limitVolumePoolSize'], () => parseSize(pooling.limitVolumePoolSize));
};

/** Rules for the options of a pool of qtrees. @throws Problem `config.invalid` */
export const checkQtreeOptions = (options: PoolOptions, path: Path): void => {
  if (options.adaptiveQosPolicy !== '')
    refuse(
      [...path, 'defaults', 'adaptiveQosPolicy'],
      'adaptive policies are for whole volumes, not for qtrees',
      'use qosPolicy',
    );
};
