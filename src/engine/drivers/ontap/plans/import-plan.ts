import * as v from 'valibot';
import type { JsonObject } from '../../../json.ts';
import type { VolumeConfig } from '../../../orchestrator/model.ts';
import { Problem } from '../../../problem.ts';
import { validate } from '../../../validation.ts';
import type { ImportCandidate, ImportPlan } from '../../objects.ts';
import type { OntapBackend } from '../backend.ts';
import { parseFlag } from '../config/rules.ts';
import type { VolumeOnOntap } from '../containers/volume-record.ts';
import { volumeSchema } from '../containers/volume-record.ts';
import { firstGiven } from './given.ts';
import { checkVolumeName, emptyPolicyName, internalName, longestVolumeName } from '../names.ts';
import { permissionsOf } from '../permissions.ts';
import { isOurComment } from '../labels.ts';
import { commentFor, nameContext, nasAccessInformation, poolOrBackend } from './plan.ts';

const detailsSchema = v.object({
  /** The volume as it was found; what an undone import gives back. */
  found: volumeSchema,
  /** Empty: the comment stays as it is. */
  comment: v.string(),
});
export type ImportDetails = v.InferOutput<typeof detailsSchema>;

export const parseImportDetails = (details: JsonObject): ImportDetails =>
  validate(detailsSchema, details, { code: 'plan.invalid', what: 'journalled plan of an import' });

const parseFoundVolume = (details: JsonObject): VolumeOnOntap =>
  validate(volumeSchema, details, { code: 'plan.invalid', what: 'volume found for an import' });

const refuse = (name: string, why: string, hint?: string): Problem =>
  new Problem('import.refused', 'conflict', `volume ${name} cannot be imported: ${why}`, {
    nothingDone: true,
    ...(hint === undefined ? {} : { hint }),
  });

const checkCandidate = (name: string, found: VolumeOnOntap, request: VolumeConfig): void => {
  if (found.type !== 'rw')
    throw refuse(name, `its type is ${found.type ?? 'unknown'}, not rw`, 'break its mirror relationship first');
  if (found.state !== undefined && found.state !== 'online') throw refuse(name, `it is ${found.state}, not online`);
  if (request.importNotManaged && (found.nas?.path ?? '') === '')
    throw refuse(
      name,
      'it has no junction path, and without management it will not get one',
      'mount it, or import it with management',
    );
};

/**
 * Every check before the first change, and what would be changed (ontap-drivers.md 8.5).
 * @param renames false for products whose imports keep their names on the array whatever is asked for
 */
export const planImport = (
  request: VolumeConfig,
  originalName: string,
  candidate: ImportCandidate,
  backend: OntapBackend,
  renames: boolean,
): ImportPlan => {
  const { settings } = backend;
  const found = parseFoundVolume(candidate.details);
  checkCandidate(originalName, found, request);
  const context = nameContext(poolOrBackend(undefined, settings), backend);
  const managed = !request.importNotManaged;
  const keepsName = !renames || !managed || request.importNoRename;
  const named: VolumeConfig = { ...request, importOriginalName: originalName, size: candidate.size, internalName: '' };
  const name = keepsName ? originalName : internalName(named, context);
  const automatic = managed && settings.autoExportPolicy;
  const smbNtfs = settings.nasType === 'smb' && settings.backend.options.securityStyle === 'ntfs';
  const config: VolumeConfig = {
    ...named,
    internalName: name,
    snapshotReserve: '',
    exportPolicy: automatic ? emptyPolicyName(settings.prefix) : (found.nas?.export_policy?.name ?? ''),
    snapshotPolicy: found.snapshot_policy?.name ?? '',
    spaceReserve: found.guarantee?.type ?? '',
    securityStyle: found.nas?.security_style ?? '',
    unixPermissions:
      managed && !smbNtfs ? firstGiven(request.unixPermissions, settings.backend.options.unixPermissions) : '',
    fileSystem: settings.nasType === 'smb' ? 'smb' : 'nfs',
    accessInformation: nasAccessInformation(request, automatic),
  };
  if (!keepsName) checkVolumeName(name, longestVolumeName);
  if (config.unixPermissions !== '') permissionsOf(config.unixPermissions);
  if (request.snapshotDirectory !== '' && parseFlag(request.snapshotDirectory) === undefined)
    throw new Problem(
      'volume.option',
      'invalid',
      `snapshotDirectory: ${JSON.stringify(request.snapshotDirectory)} is not "true" or "false"`,
      { nothingDone: true },
    );
  const comment = managed && isOurComment(found.comment) ? commentFor(config, context) : '';
  return { config, originalName, details: { found: { ...candidate.details }, comment } };
};
