import * as v from 'valibot';
import type { JsonObject } from '../../../json.ts';
import type { PoolRecord, VolumeConfig } from '../../../orchestrator/model.ts';
import { validate } from '../../../validation.ts';
import type { ClassRequest, VolumePlan } from '../../objects.ts';
import type { OntapBackend } from '../backend.ts';
import type { PoolOptions } from '../config/settings.ts';
import { fileSystemOf, formatOptionsOf } from '../file-systems.ts';
import { firstGiven, policyOf } from './given.ts';
import { checkVolumeName, longestVolumeName, nameOnArray } from '../names.ts';
import { commentFor, flagOf, nameContext, placementOf, resolveCommonOptions, tieringPolicyOf } from './plan.ts';
import type { PlanDetails } from './plan.ts';
import { parsePool } from '../pools.ts';
import type { StoredPool } from '../pools.ts';
import { checkVolumeLimit, requestedBytes, snapshotReservePercent, volumeBytesFor } from '../sizing.ts';
import { deviceBytes, flexVolBytesFor } from '../san-sizing.ts';

const lunPlanSchema = v.object({
  lun: v.object({
    /** Size of the device, LUKS metadata included. */
    bytes: v.number(),
    /** Lets the array tell a host that space is gone, and take back what the host frees. */
    spaceAllocation: v.boolean(),
    /** Name of a normal or adaptive policy; empty: none. */
    qosPolicy: v.string(),
    /** Pool as the core names it; kept with the LUN. */
    poolName: v.string(),
  }),
});
export type LunPlan = v.InferOutput<typeof lunPlanSchema>['lun'];

export const parseLunPlan = (details: JsonObject): LunPlan =>
  validate(lunPlanSchema, details, { code: 'plan.invalid', what: 'journalled plan of a LUN' }).lun;

/** What a block volume gets unless its class or pool says otherwise: nothing for raw devices. */
const fileSystemFor = (request: VolumeConfig, options: PoolOptions): string =>
  fileSystemOf(firstGiven(request.fileSystem, request.volumeMode === 'Block' ? 'raw' : '', options.fileSystemType));

/** All options of a block volume. */
export const resolveSanOptions = (request: VolumeConfig, storageClass: ClassRequest, options: PoolOptions) => ({
  ...resolveCommonOptions(request, storageClass, options),
  LUKSEncryption: flagOf('LUKSEncryption', firstGiven(request.LUKSEncryption, options.LUKSEncryption, 'false')),
  // The volume around a LUN is not mounted; these are what ONTAP would set by itself, and what stock records.
  exportPolicy: firstGiven(request.exportPolicy, options.exportPolicy),
  securityStyle: firstGiven(request.securityStyle, options.securityStyle),
  fileSystem: fileSystemFor(request, options),
  formatOptions: formatOptionsOf(firstGiven(request.formatOptions, options.formatOptions)),
});

/** What publishing tells of a block volume, whatever the protocol. */
export const sanAccessInformation = (config: VolumeConfig): VolumeConfig['accessInformation'] => ({
  ...config.accessInformation,
  publishEnforcement: true,
  ...(config.formatOptions === '' ? {} : { formatOptions: config.formatOptions }),
});

/** What is the same for a LUN and a namespace in a FlexVol of its own. */
export interface DevicePlan {
  readonly config: VolumeConfig;
  readonly placement: readonly string[];
  readonly stored: StoredPool;
  /** Size of the device, LUKS metadata included. */
  readonly bytes: number;
  /** The FlexVol, without a QoS policy. */
  readonly flexVol: PlanDetails;
}

/** Resolves a request for a device in a FlexVol of its own. No array call. */
export const planDevice = (
  request: VolumeConfig,
  storageClass: ClassRequest,
  pool: PoolRecord,
  backend: OntapBackend,
): DevicePlan => {
  const { settings, facts } = backend;
  const stored = parsePool(pool);
  const context = nameContext(stored, backend);
  const size = requestedBytes(request.size, stored.options.size);
  const named = { ...request, size };
  const config: VolumeConfig = {
    ...named,
    ...resolveSanOptions(request, storageClass, stored.options),
    internalName: nameOnArray(named, context),
  };
  checkVolumeName(config.internalName, longestVolumeName);
  const bytes = deviceBytes(size, config);
  checkVolumeLimit(bytes, settings.limitVolumeSize);
  const reservePercent = snapshotReservePercent(config.snapshotReserve, config.snapshotPolicy);
  return {
    config: { ...config, accessInformation: sanAccessInformation(config) },
    placement: placementOf(config.internalName, pool, stored, storageClass),
    stored,
    bytes,
    flexVol: {
      volumeBytes: flexVolBytesFor(volumeBytesFor(bytes, reservePercent)),
      reservePercent,
      comment: commentFor(config, context),
      tieringPolicy: tieringPolicyOf(config.tieringPolicy, facts),
      qosPolicy: '',
    },
  };
};

/** Resolves a request for a LUN in a FlexVol of its own. No array call. */
export const planSanVolume = (
  request: VolumeConfig,
  storageClass: ClassRequest,
  pool: PoolRecord,
  backend: OntapBackend,
): VolumePlan => {
  const device = planDevice(request, storageClass, pool, backend);
  const { config, placement, stored, bytes, flexVol } = device;
  const lun: LunPlan = {
    bytes,
    spaceAllocation: flagOf('spaceAllocation', stored.options.spaceAllocation) === 'true',
    // The policy holds for the LUN, not for the volume around it.
    qosPolicy: policyOf(config),
    poolName: pool.name,
  };
  return { config, pool, placement, details: { ...flexVol, lun } };
};
