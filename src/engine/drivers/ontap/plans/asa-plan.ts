import * as v from 'valibot';
import type { JsonObject } from '../../../json.ts';
import type { PoolRecord, VolumeConfig } from '../../../orchestrator/model.ts';
import { Problem } from '../../../problem.ts';
import { validate } from '../../../validation.ts';
import type { ClassRequest, ClonePlan, SnapshotHandle, VolumeHandle, VolumePlan } from '../../objects.ts';
import type { OntapBackend } from '../backend.ts';
import { policyOf } from './given.ts';
import { commentOf, longestUnitComment, renderLabels } from '../labels.ts';
import { checkVolumeName, longestVolumeName, nameOnArray, templateData } from '../names.ts';
import type { NameContext } from '../names.ts';
import { nameContext, poolOrBackend } from './plan.ts';
import { parsePool } from '../pools.ts';
import { planSanClone } from './san-clone-plan.ts';
import { resolveSanOptions, sanAccessInformation } from './san-plan.ts';
import { checkVolumeLimit, requestedBytes } from '../sizing.ts';

const unitPlanSchema = v.object({
  unit: v.object({
    bytes: v.number(),
    comment: v.string(),
    /** Name of a normal or adaptive policy; empty: none. */
    qosPolicy: v.string(),
    /** Pool as the core names it; kept with the LUN. */
    poolName: v.string(),
  }),
});
export type UnitPlan = v.InferOutput<typeof unitPlanSchema>['unit'];

export const parseUnitPlan = (details: JsonObject): UnitPlan =>
  validate(unitPlanSchema, details, { code: 'plan.invalid', what: 'journalled plan of a storage unit' }).unit;

/** What the system decides by itself, with the only value that may be asked for. */
const fixed = { spaceReserve: 'none', snapshotPolicy: 'none', snapshotReserve: '', LUKSEncryption: 'false' } as const;

const refuseOption = (name: string, value: string, allowed: string): never => {
  const only = allowed === '' ? 'it cannot be set' : `only ${allowed} is possible`;
  throw new Problem('volume.option', 'invalid', `${name}: ${JSON.stringify(value)}: on ASA r2 ${only}`, {
    nothingDone: true,
  });
};

/** The comment of a unit carries the labels; it is shorter than a volume's. */
export const unitCommentFor = (config: VolumeConfig, context: NameContext): string =>
  commentOf(
    renderLabels(context.labels, () => templateData(config, context)),
    longestUnitComment,
  );

/** Resolves a request for a storage unit. No array call. */
export const planUnit = (
  request: VolumeConfig,
  storageClass: ClassRequest,
  pool: PoolRecord,
  backend: OntapBackend,
): VolumePlan => {
  const stored = parsePool(pool);
  const context = nameContext(stored, backend);
  const bytes = requestedBytes(request.size, stored.options.size);
  const named = { ...request, size: bytes };
  const options = resolveSanOptions(request, storageClass, stored.options);
  for (const key of ['spaceReserve', 'snapshotPolicy', 'snapshotReserve', 'LUKSEncryption'] as const)
    if (options[key] !== fixed[key]) refuseOption(key, options[key], fixed[key]);
  if (options.encryption === 'false') refuseOption('encryption', 'false', 'true');
  const config: VolumeConfig = {
    ...named,
    ...options,
    exportPolicy: '',
    securityStyle: '',
    internalName: nameOnArray(named, context),
  };
  checkVolumeName(config.internalName, longestVolumeName);
  checkVolumeLimit(bytes, backend.settings.limitVolumeSize);
  const unit: UnitPlan = {
    bytes,
    comment: unitCommentFor(config, context),
    qosPolicy: policyOf(config),
    poolName: pool.name,
  };
  return {
    config: { ...config, accessInformation: sanAccessInformation(config) },
    pool,
    placement: [''],
    details: { unit },
  };
};

/** Resolves a clone of a storage unit. */
export const planUnitClone = (
  request: VolumeConfig,
  source: VolumeHandle,
  snapshot: SnapshotHandle | undefined,
  pool: PoolRecord | undefined,
  backend: OntapBackend,
): ClonePlan => {
  const plan = planSanClone(request, source, snapshot, pool, backend);
  const context = nameContext(poolOrBackend(pool, backend.settings), backend);
  const unit: UnitPlan = {
    bytes: plan.config.size,
    comment: unitCommentFor(plan.config, context),
    qosPolicy: policyOf(request),
    poolName: pool?.name ?? '',
  };
  return { ...plan, details: { ...plan.details, comment: unit.comment, unit } };
};
