import type { PoolRecord, VolumeConfig } from '../../orchestrator/model.ts';
import { Problem } from '../../problem.ts';
import type { ClonePlan, SnapshotHandle, VolumeHandle } from '../driver.ts';
import type { CloneDetails, ClonePlanning } from './clone-plan.ts';
import { parseFlag } from './config/rules.ts';
import { firstGiven, policyOf } from './given.ts';
import { automaticSnapshotName, checkVolumeName, internalName, longestVolumeName } from './names.ts';
import { commentFor, nameContext, poolOrBackend } from './plan.ts';
import { sanAccessInformation } from './san-plan.ts';
import type { LunPlan } from './san-plan.ts';
import { deviceBytes } from './san-sizing.ts';

/** What is the same for a clone with a LUN and one with a namespace in it. */
export interface DeviceClonePlan {
  readonly config: VolumeConfig;
  /** The FlexVol, without a QoS policy. */
  readonly flexVol: CloneDetails;
}

/** Resolves a clone of a block volume; what is on the device comes from the source (ontap-drivers.md 7.3, 11.2). */
export const planDeviceClone = (
  request: VolumeConfig,
  source: VolumeHandle,
  snapshot: SnapshotHandle | undefined,
  pool: PoolRecord | undefined,
  planning: ClonePlanning,
): DeviceClonePlan => {
  const { settings, now, random } = planning;
  if (request.readOnlyClone)
    throw new Problem('clone.read-only', 'unsupported', 'block volumes have no read-only clones', {
      hint: 'make an ordinary clone',
      nothingDone: true,
    });
  const stored = poolOrBackend(pool, settings);
  const context = nameContext(stored, settings, planning.backendName);
  const taken = snapshot?.internalName ?? automaticSnapshotName(now, random);
  const split = firstGiven(request.splitOnClone, source.config.splitOnClone, stored.options.splitOnClone);
  const config: VolumeConfig = {
    ...request,
    size: source.config.size,
    internalName: request.internalName === '' ? internalName(request, context) : request.internalName,
    cloneSourceVolumeInternal: source.config.internalName,
    cloneSourceSnapshotInternal: taken,
    splitOnClone: split,
    fileSystem: source.config.fileSystem,
    formatOptions: source.config.formatOptions,
    LUKSEncryption: source.config.LUKSEncryption,
  };
  checkVolumeName(config.internalName, longestVolumeName);
  return {
    config: { ...config, accessInformation: sanAccessInformation(config) },
    flexVol: {
      view: false,
      comment: commentFor(config, context),
      qosPolicy: '',
      split: parseFlag(split) === true,
      snapshot: taken,
      automatic: snapshot === undefined,
    },
  };
};

/** Resolves a clone with a LUN in it. The policy holds for the LUN, not for the volume around it. */
export const planSanClone = (
  request: VolumeConfig,
  source: VolumeHandle,
  snapshot: SnapshotHandle | undefined,
  pool: PoolRecord | undefined,
  planning: ClonePlanning,
): ClonePlan => {
  const { config, flexVol } = planDeviceClone(request, source, snapshot, pool, planning);
  const lun: LunPlan = {
    bytes: deviceBytes(config.size, config),
    spaceAllocation: true,
    qosPolicy: policyOf(request),
    poolName: pool?.name ?? '',
  };
  return { config, source, snapshot, details: { ...flexVol, lun } };
};
