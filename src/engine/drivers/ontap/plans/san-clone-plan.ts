import type { PoolRecord, VolumeConfig } from '../../../orchestrator/model.ts';
import { Problem } from '../../../problem.ts';
import type { ClonePlan, SnapshotHandle, VolumeHandle } from '../../objects.ts';
import type { OntapBackend } from '../backend.ts';
import { snapshotToClone } from './clone-plan.ts';
import type { CloneDetails } from './clone-plan.ts';
import { parseFlag } from '../config/rules.ts';
import { firstGiven, policyOf } from './given.ts';
import { checkVolumeName, longestVolumeName, nameOnArray } from '../names.ts';
import { commentFor, nameContext, poolOrBackend } from './plan.ts';
import { sanAccessInformation } from './san-plan.ts';
import type { LunPlan } from './san-plan.ts';
import { deviceBytes } from '../san-sizing.ts';

/** @throws Problem `clone.read-only` for a clone that a block volume cannot have */
export const refuseReadOnly = ({ readOnlyClone }: VolumeConfig): void => {
  if (!readOnlyClone) return;
  throw new Problem('clone.read-only', 'unsupported', 'block volumes have no read-only clones', {
    hint: 'make an ordinary clone',
    nothingDone: true,
  });
};

/** The request for a clone with what comes from the source: its size, and what is on the device. */
export const copyOfDevice = (request: VolumeConfig, { config: source }: VolumeHandle): VolumeConfig => ({
  ...request,
  size: source.size,
  cloneSourceVolumeInternal: source.internalName,
  fileSystem: source.fileSystem,
  formatOptions: source.formatOptions,
  LUKSEncryption: source.LUKSEncryption,
});

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
  backend: OntapBackend,
): DeviceClonePlan => {
  refuseReadOnly(request);
  const stored = poolOrBackend(pool, backend.settings);
  const context = nameContext(stored, backend);
  const taken = snapshotToClone(snapshot, backend);
  const split = firstGiven(request.splitOnClone, source.config.splitOnClone, stored.options.splitOnClone);
  const config: VolumeConfig = {
    ...copyOfDevice(request, source),
    internalName: nameOnArray(request, context),
    cloneSourceSnapshotInternal: taken.snapshot,
    splitOnClone: split,
  };
  checkVolumeName(config.internalName, longestVolumeName);
  return {
    config: { ...config, accessInformation: sanAccessInformation(config) },
    flexVol: {
      view: false,
      comment: commentFor(config, context),
      qosPolicy: '',
      split: parseFlag(split) === true,
      ...taken,
    },
  };
};

/** Resolves a clone with a LUN in it. The policy holds for the LUN, not for the volume around it. */
export const planSanClone = (
  request: VolumeConfig,
  source: VolumeHandle,
  snapshot: SnapshotHandle | undefined,
  pool: PoolRecord | undefined,
  backend: OntapBackend,
): ClonePlan => {
  const { config, flexVol } = planDeviceClone(request, source, snapshot, pool, backend);
  const lun: LunPlan = {
    bytes: deviceBytes(config.size, config),
    spaceAllocation: true,
    qosPolicy: policyOf(request),
    poolName: pool?.name ?? '',
  };
  return { config, source, snapshot, details: { ...flexVol, lun } };
};
