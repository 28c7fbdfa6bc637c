import * as v from 'valibot';
import type { PoolRecord, VolumeConfig } from '../../../orchestrator/model.ts';
import { Problem } from '../../../problem.ts';
import type { ClassRequest, ClonePlan, SnapshotHandle, VolumeHandle, VolumePlan } from '../../objects.ts';
import type { OntapBackend } from '../backend.ts';
import { planClone } from './clone-plan.ts';
import { nameOnArray } from '../names.ts';
import { nameContext, planVolume } from './plan.ts';
import { parsePool } from '../pools.ts';
import { longestQtreeName, shortQtreeName } from '../qtree-names.ts';

const checkedSchema = v.object({ checked: v.pipe(v.string(), v.isoTimestamp()) });

/** When it was seen that the name of the plan is free; undefined when nobody has looked. */
export const checkedAt = ({ details }: VolumePlan): Date | undefined => {
  const result = v.safeParse(checkedSchema, details);
  return result.success ? new Date(result.output.checked) : undefined;
};

export const withChecked = (plan: VolumePlan, at: Date): VolumePlan => ({
  ...plan,
  details: { ...plan.details, checked: at.toISOString() },
});

/**
 * Resolves a request for a qtree: name, size, every option. No array call. The reserve for snapshots is the FlexVol's, so
 * that only the pool decides about it; there is no comment for labels.
 */
export const planQtree = (
  request: VolumeConfig,
  storageClass: ClassRequest,
  pool: PoolRecord,
  backend: OntapBackend,
): VolumePlan => {
  const context = nameContext(parsePool(pool), backend);
  const usual = nameOnArray(request, context);
  const name = usual.length <= longestQtreeName ? usual : shortQtreeName(backend.settings.context);
  const plain = { ...pool, settings: { ...pool.settings, labels: {} } };
  const wanted = { ...request, internalName: name, snapshotReserve: '' };
  return { ...planVolume(wanted, storageClass, plain, backend), pool };
};

/** A read-only view of a snapshot; qtrees have no clones of their own (ontap-drivers.md 9.6). */
export const planQtreeClone = (
  request: VolumeConfig,
  source: VolumeHandle,
  snapshot: SnapshotHandle | undefined,
  pool: PoolRecord | undefined,
  backend: OntapBackend,
): ClonePlan => {
  if (!request.readOnlyClone)
    throw new Problem(
      'clone.unsupported',
      'unsupported',
      `volume ${source.config.name} shares its FlexVol with others, and cannot be cloned`,
      {
        hint: 'make a read-only clone of a snapshot, or use a backend with another driver',
        nothingDone: true,
      },
    );
  return planClone(request, source, snapshot, pool, backend);
};
