import * as v from 'valibot';
import type { JsonObject } from '../../../json.ts';
import type { PoolRecord, VolumeConfig } from '../../../orchestrator/model.ts';
import { Problem } from '../../../problem.ts';
import { parseSize } from '../../../sizes.ts';
import { validate } from '../../../validation.ts';
import type { ClassRequest, ClonePlan, SnapshotHandle, VolumeHandle, VolumePlan } from '../../objects.ts';
import type { OntapBackend } from '../backend.ts';
import { policyOf } from './given.ts';
import { longestPooledLunName, looksLikeSnapshot } from '../lun-names.ts';
import { checkVolumeName, nameOnArray } from '../names.ts';
import { flagOf, nameContext, placementOf, poolOrBackend, tieringPolicyOf } from './plan.ts';
import type { PlanDetails } from './plan.ts';
import { parsePool } from '../pools.ts';
import { copyOfDevice, refuseReadOnly } from './san-clone-plan.ts';
import { resolveSanOptions, sanAccessInformation } from './san-plan.ts';
import type { LunPlan } from './san-plan.ts';
import { deviceBytes } from '../san-sizing.ts';
import { checkVolumeLimit, requestedBytes, smallestVolumeBytes, snapshotReservePercent } from '../sizing.ts';

const cloneSchema = v.object({
  clone: v.object({
    /** Internal name of the snapshot to clone; empty: the volume as it is. */
    snapshot: v.string(),
    qosPolicy: v.string(),
  }),
});
export type PooledClone = v.InferOutput<typeof cloneSchema>['clone'];

export const parsePooledClone = (details: JsonObject): PooledClone =>
  validate(cloneSchema, details, { code: 'plan.invalid', what: 'journalled plan of a clone' }).clone;

const checkName = (name: string): void => {
  checkVolumeName(name, longestPooledLunName);
  if (looksLikeSnapshot(name))
    throw new Problem(
      'volume.name',
      'invalid',
      `${JSON.stringify(name)} would be taken for a snapshot of another LUN`,
      {
        hint: 'choose a volume name without "_snapshot_" and "-snapshot-"',
        nothingDone: true,
      },
    );
};

/** Resolves a request for a LUN in a shared FlexVol. No array call; there is no comment for labels. */
export const planPooledLun = (
  request: VolumeConfig,
  storageClass: ClassRequest,
  pool: PoolRecord,
  backend: OntapBackend,
): VolumePlan => {
  const { settings, facts } = backend;
  const stored = parsePool(pool);
  const context = nameContext(stored, backend);
  const bytes = requestedBytes(request.size, stored.options.size);
  const named = { ...request, size: bytes };
  const config: VolumeConfig = {
    ...named,
    ...resolveSanOptions(request, storageClass, stored.options),
    internalName: nameOnArray(named, context),
  };
  checkName(config.internalName);
  const device = deviceBytes(bytes, config);
  checkVolumeLimit(device, settings.limitVolumeSize);
  checkPooled(device, settings.pooling.limitVolumePoolSize);
  const flexVol: PlanDetails = {
    volumeBytes: smallestVolumeBytes,
    reservePercent: snapshotReservePercent(config.snapshotReserve, config.snapshotPolicy),
    comment: '',
    tieringPolicy: tieringPolicyOf(config.tieringPolicy, facts),
    qosPolicy: '',
  };
  const lun: LunPlan = {
    bytes: device,
    spaceAllocation: flagOf('spaceAllocation', stored.options.spaceAllocation) === 'true',
    qosPolicy: policyOf(config),
    poolName: pool.name,
  };
  return {
    config: { ...config, accessInformation: sanAccessInformation(config) },
    pool,
    placement: placementOf(config.internalName, pool, stored, storageClass),
    details: { ...flexVol, lun },
  };
};

/** @throws Problem `volume.too-large` for a LUN that fits in no shared FlexVol */
const checkPooled = (bytes: number, limit: string): void => {
  if (limit === '' || bytes <= parseSize(limit)) return;
  throw new Problem(
    'volume.too-large',
    'limit',
    `requested size: ${bytes} > the size limit: ${parseSize(limit)} of a shared FlexVol (limitVolumePoolSize)`,
    { nothingDone: true },
  );
};

/** Resolves a clone: a LUN beside its source, made of a snapshot or of the volume as it is. */
export const planPooledClone = (
  request: VolumeConfig,
  source: VolumeHandle,
  snapshot: SnapshotHandle | undefined,
  pool: PoolRecord | undefined,
  backend: OntapBackend,
): ClonePlan => {
  refuseReadOnly(request);
  const context = nameContext(poolOrBackend(pool, backend.settings), backend);
  const config: VolumeConfig = {
    ...copyOfDevice(request, source),
    internalName: nameOnArray(request, context),
    cloneSourceSnapshotInternal: snapshot?.internalName ?? '',
    // A LUN shares no blocks that could be parted from its source's.
    splitOnClone: 'false',
    internalID: '',
  };
  checkName(config.internalName);
  const clone: PooledClone = {
    snapshot: snapshot?.internalName ?? '',
    qosPolicy: policyOf(request),
  };
  return {
    config: { ...config, accessInformation: sanAccessInformation(config) },
    source,
    snapshot,
    details: { clone },
  };
};
