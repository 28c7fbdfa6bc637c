import type { VolumeConfig } from '../../../orchestrator/model.ts';
import type { DriverContext } from '../../driver.ts';

/** What SCSI access wants of a new LUN. */
export interface LunFields {
  readonly osType: string;
  /** Attributes kept with the LUN, by which another Trident knows it again. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** Attributes that every Trident reads and writes (ontap-drivers.md 11.1). */
export const lunAttribute = {
  fileSystem: 'com.netapp.ndvp.fstype',
  context: 'context',
  luks: 'LUKS',
  formatOptions: 'formatOptions',
  /** Written last by stock, and so its mark of a LUN that is complete. */
  poolName: 'poolName',
} as const;

/** What is kept with a new LUN about its volume. */
export const attributesFor = (config: VolumeConfig, context: DriverContext): Readonly<Record<string, string>> => ({
  [lunAttribute.fileSystem]: config.fileSystem,
  [lunAttribute.context]: context,
  [lunAttribute.luks]: config.LUKSEncryption,
  ...(config.formatOptions === '' ? {} : { [lunAttribute.formatOptions]: config.formatOptions }),
});
