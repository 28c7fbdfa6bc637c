import * as v from 'valibot';
import type { JsonObject } from '../../../json.ts';
import type { VolumeConfig } from '../../../orchestrator/model.ts';
import { validate } from '../../../validation.ts';
import type { ImportCandidate, ImportPlan } from '../../objects.ts';
import { unitCommentFor } from './asa-plan.ts';
import type { OntapBackend } from '../backend.ts';
import { lunSchema } from '../containers/lun-record.ts';
import { isOurComment } from '../labels.ts';
import { checkVolumeName, internalName, longestVolumeName } from '../names.ts';
import type { NameContext } from '../names.ts';
import { nameContext, poolOrBackend } from './plan.ts';
import { asJson } from '../as-json.ts';
import { checkLun, deviceConfig, refuseImport } from './san-import-plan.ts';
import { sanAccessInformation } from './san-plan.ts';

const candidateSchema = v.object({ lun: lunSchema });
const detailsSchema = v.object({
  /** The LUN as it was found; what an undone import gives back. */
  lun: lunSchema,
  /** Empty: the comment stays as it is. */
  comment: v.string(),
});

export const parseUnitImport = (details: JsonObject): v.InferOutput<typeof detailsSchema> =>
  validate(detailsSchema, details, { code: 'plan.invalid', what: 'journalled plan of an import' });

/**
 * What becomes of a storage unit, whatever it is.
 * @param device the request with what the device tells of itself
 */
export const unitImportConfig = (
  device: VolumeConfig,
  originalName: string,
  backend: OntapBackend,
): { readonly config: VolumeConfig; readonly context: NameContext } => {
  const context = nameContext(poolOrBackend(undefined, backend.settings), backend);
  const keepsName = device.importNotManaged || device.importNoRename;
  const named = { ...device, importOriginalName: originalName, internalName: '' };
  const config: VolumeConfig = { ...named, internalName: keepsName ? originalName : internalName(named, context) };
  if (!keepsName) checkVolumeName(config.internalName, longestVolumeName);
  return { config: { ...config, accessInformation: sanAccessInformation(config) }, context };
};

/** Every check before the first change, and what would be changed (ontap-drivers.md 14). */
export const planUnitImport = (
  request: VolumeConfig,
  originalName: string,
  candidate: ImportCandidate,
  backend: OntapBackend,
): ImportPlan => {
  const { lun } = validate(candidateSchema, candidate.details, {
    code: 'plan.invalid',
    what: 'LUN found for an import',
  });
  const managed = !request.importNotManaged;
  checkLun(lun, managed);
  if (lun.status?.read_only === true)
    refuseImport(`LUN ${lun.name}`, 'it is read-only', 'break its mirror relationship first');
  const sized = { ...deviceConfig(lun, request, backend.settings), size: lun.space?.size ?? candidate.size };
  const { config, context } = unitImportConfig(sized, originalName, backend);
  const comment = managed && isOurComment(lun.comment) ? unitCommentFor(config, context) : '';
  return { config, originalName, details: { lun: asJson(lun), comment } };
};
