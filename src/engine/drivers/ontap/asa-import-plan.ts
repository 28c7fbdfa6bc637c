import * as v from 'valibot';
import type { JsonObject } from '../../json.ts';
import type { VolumeConfig } from '../../orchestrator/model.ts';
import { validate } from '../../validation.ts';
import type { ImportCandidate, ImportPlan } from '../driver.ts';
import { unitCommentFor } from './asa-plan.ts';
import type { OntapSettings } from './config/settings.ts';
import { lunSchema } from './containers/lun-record.ts';
import { isOurComment } from './labels.ts';
import { checkVolumeName, internalName, longestVolumeName } from './names.ts';
import { nameContext, poolOrBackend } from './plan.ts';
import { asJson } from './as-json.ts';
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

/** Every check before the first change, and what would be changed (ontap-drivers.md 14). */
export const planUnitImport = (
  request: VolumeConfig,
  originalName: string,
  candidate: ImportCandidate,
  settings: OntapSettings,
  backendName: string,
): ImportPlan => {
  const { lun } = validate(candidateSchema, candidate.details, {
    code: 'plan.invalid',
    what: 'LUN found for an import',
  });
  const managed = !request.importNotManaged;
  checkLun(lun, managed);
  if (lun.status?.read_only === true)
    refuseImport(`LUN ${lun.name}`, 'it is read-only', 'break its mirror relationship first');
  const context = nameContext(poolOrBackend(undefined, settings), settings, backendName);
  const keepsName = !managed || request.importNoRename;
  const device = deviceConfig(lun, { ...request, importOriginalName: originalName, internalName: '' }, settings);
  const named = { ...device, size: lun.space?.size ?? candidate.size };
  const config: VolumeConfig = { ...named, internalName: keepsName ? originalName : internalName(named, context) };
  if (!keepsName) checkVolumeName(config.internalName, longestVolumeName);
  const comment = managed && isOurComment(lun.comment) ? unitCommentFor(config, context) : '';
  return {
    config: { ...config, accessInformation: sanAccessInformation(config) },
    originalName,
    details: { lun: asJson(lun), comment },
  };
};
