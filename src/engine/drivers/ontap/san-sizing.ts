import type { VolumeConfig } from '../../orchestrator/model.ts';
import { parseFlag } from './config/rules.ts';

/** Bytes that LUKS takes at the start of a device for its own data. */
const luksMetadataBytes = 18 * 1024 * 1024;

/**
 * Bytes by which a device or the volume around it may differ from what is wanted and still count as right: ONTAP rounds
 * LUNs to the geometry of a disk.
 */
export const sanResizeTolerance = 50_000_000;

/** Bytes of LUKS metadata in a device of this configuration. */
export const overheadOf = ({ LUKSEncryption }: Pick<VolumeConfig, 'LUKSEncryption'>): number =>
  parseFlag(LUKSEncryption) === true ? luksMetadataBytes : 0;

/** Size of the device in which `bytes` are left to the user. */
export const deviceBytes = (bytes: number, config: Pick<VolumeConfig, 'LUKSEncryption'>): number =>
  bytes + overheadOf(config);

/** Size of the FlexVol around a device: a tenth more, for the metadata of the array. */
export const flexVolBytesFor = (bytes: number): number => Number((BigInt(bytes) * 11n) / 10n);

/**
 * The size to record for a device that has `found` usable bytes: the size on record, unless it has more than the array's
 * rounding explains.
 */
export const recordedSize = (found: number, { size }: Pick<VolumeConfig, 'size'>): number =>
  found - size > sanResizeTolerance ? found : size;
