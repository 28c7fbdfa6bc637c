import * as v from 'valibot';
import type { JsonObject } from '../../../json.ts';
import type { PoolRecord, VolumeConfig } from '../../../orchestrator/model.ts';
import { validate } from '../../../validation.ts';
import type {
  ClassRequest,
  ClonePlan,
  ImportCandidate,
  ImportPlan,
  SnapshotHandle,
  VolumeHandle,
  VolumePlan,
} from '../../objects.ts';
import { unitImportConfig } from './asa-import-plan.ts';
import { parseUnitPlan, planUnit, planUnitClone, unitCommentFor } from './asa-plan.ts';
import { asJson } from '../as-json.ts';
import type { OntapBackend } from '../backend.ts';
import { namespaceComment, readNamespaceComment } from '../containers/namespace-comment.ts';
import { namespaceSchema } from '../containers/namespace-record.ts';
import { checkNamespace, namespaceConfig } from './nvme-import-plan.ts';
import { refuseImport } from './san-import-plan.ts';

const candidateSchema = v.object({ namespace: namespaceSchema });
const importSchema = v.object({
  /** The namespace as it was found; what an undone import gives back. */
  namespace: namespaceSchema,
  /** Empty: the comment stays as it is. */
  comment: v.string(),
});

export const parseNamespaceUnitImport = (details: JsonObject): v.InferOutput<typeof importSchema> =>
  validate(importSchema, details, { code: 'plan.invalid', what: 'journalled plan of an import' });

/** Resolves a request for a namespace that is a storage unit: its comment holds what is known of it, and the labels. */
export const planNamespaceUnit = (
  request: VolumeConfig,
  storageClass: ClassRequest,
  pool: PoolRecord,
  backend: OntapBackend,
): VolumePlan => {
  const plan = planUnit(request, storageClass, pool, backend);
  const unit = parseUnitPlan(plan.details);
  const comment = namespaceComment(plan.config, backend.settings.context, unit.comment);
  return { ...plan, details: { ...plan.details, unit: { ...unit, comment } } };
};

export const planNamespaceUnitClone = (
  request: VolumeConfig,
  source: VolumeHandle,
  snapshot: SnapshotHandle | undefined,
  pool: PoolRecord | undefined,
  backend: OntapBackend,
): ClonePlan => {
  const plan = planUnitClone(request, source, snapshot, pool, backend);
  const unit = parseUnitPlan(plan.details);
  const comment = namespaceComment(plan.config, backend.settings.context, unit.comment);
  return { ...plan, details: { ...plan.details, comment, unit: { ...unit, comment } } };
};

/** Every check before the first change, and what would be changed (ontap-drivers.md 14). */
export const planNamespaceUnitImport = (
  request: VolumeConfig,
  originalName: string,
  candidate: ImportCandidate,
  backend: OntapBackend,
): ImportPlan => {
  const { settings } = backend;
  const { namespace } = validate(candidateSchema, candidate.details, {
    code: 'plan.invalid',
    what: 'namespace found for an import',
  });
  checkNamespace(namespace);
  if (namespace.status?.read_only === true)
    refuseImport(`namespace ${namespace.name}`, 'it is read-only', 'break its mirror relationship first');
  const device = namespaceConfig(namespace, request, settings);
  const sized = { ...device, size: namespace.space?.size ?? candidate.size };
  const { config, context } = unitImportConfig(sized, originalName, backend);
  // A comment that nobody needs, or that a Trident wrote, may be replaced.
  const replaces =
    !request.importNotManaged && (namespace.comment === '' || readNamespaceComment(namespace.comment) !== undefined);
  const comment = replaces ? namespaceComment(config, settings.context, unitCommentFor(config, context)) : '';
  return { config, originalName, details: { namespace: asJson(namespace), comment } };
};
