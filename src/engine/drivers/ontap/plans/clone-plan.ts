import * as v from 'valibot';
import type { JsonObject } from '../../../json.ts';
import type { PoolRecord, VolumeConfig } from '../../../orchestrator/model.ts';
import { Problem } from '../../../problem.ts';
import { validate } from '../../../validation.ts';
import type { ClonePlan, SnapshotHandle, VolumeHandle } from '../../objects.ts';
import type { OntapBackend } from '../backend.ts';
import { parseFlag } from '../config/rules.ts';
import { firstGiven, policyOf } from './given.ts';
import { automaticSnapshotName, checkVolumeName, emptyPolicyName, longestVolumeName, nameOnArray } from '../names.ts';
import { commentFor, nameContext, nasAccessInformation, poolOrBackend, shareAclFor } from './plan.ts';

const detailsSchema = v.object({
  /** A view of the source's snapshot directory, and no object of its own. */
  view: v.boolean(),
  comment: v.string(),
  qosPolicy: v.string(),
  split: v.boolean(),
  /** Name of the snapshot to clone from. */
  snapshot: v.string(),
  /** True when the driver takes that snapshot itself, and removes it with the clone. */
  automatic: v.boolean(),
});
export type CloneDetails = v.InferOutput<typeof detailsSchema>;

export const parseCloneDetails = (details: JsonObject): CloneDetails =>
  validate(detailsSchema, details, { code: 'plan.invalid', what: 'journalled plan of a clone' });

/** The snapshot to clone from: the one asked for, else a new one of the driver's own. */
export const snapshotToClone = (
  snapshot: SnapshotHandle | undefined,
  { environment, client }: OntapBackend,
): Pick<CloneDetails, 'snapshot' | 'automatic'> => ({
  snapshot: snapshot?.internalName ?? automaticSnapshotName(environment.now(), client.options.settings.random),
  automatic: snapshot === undefined,
});

/** Resolves a clone: name, policies, split, and the snapshot it is made from (ontap-drivers.md 7.3, 8.3). */
export const planClone = (
  request: VolumeConfig,
  source: VolumeHandle,
  snapshot: SnapshotHandle | undefined,
  pool: PoolRecord | undefined,
  backend: OntapBackend,
): ClonePlan => {
  const { settings } = backend;
  const stored = poolOrBackend(pool, settings);
  const context = nameContext(stored, backend);
  if (request.readOnlyClone && snapshot === undefined)
    throw new Problem(
      'clone.no-snapshot',
      'invalid',
      `read-only clone ${request.name} needs a snapshot of ${source.config.name}`,
      {
        hint: 'name a snapshot of the source',
        nothingDone: true,
      },
    );
  const taken = snapshotToClone(snapshot, backend);
  const split = firstGiven(request.splitOnClone, source.config.splitOnClone, stored.options.splitOnClone);
  const exportPolicy = settings.autoExportPolicy
    ? emptyPolicyName(settings.prefix)
    : firstGiven(request.exportPolicy, stored.options.exportPolicy, source.config.exportPolicy);
  const config: VolumeConfig = {
    ...request,
    size: source.config.size,
    internalName: nameOnArray(request, context),
    cloneSourceVolumeInternal: source.config.internalName,
    cloneSourceSnapshotInternal: taken.snapshot,
    splitOnClone: split,
    exportPolicy,
    fileSystem: source.config.fileSystem,
    smbShareACL: shareAclFor(request, stored.options.adAdminUser),
    accessInformation: nasAccessInformation(request, settings.autoExportPolicy),
  };
  if (!request.readOnlyClone) checkVolumeName(config.internalName, longestVolumeName);
  const details: CloneDetails = {
    view: request.readOnlyClone,
    comment: commentFor(config, context),
    qosPolicy: policyOf(request),
    split: parseFlag(split) === true && !request.readOnlyClone,
    ...taken,
  };
  return { config, source, snapshot, details };
};
