import * as v from 'valibot';
import type { JsonObject } from '../../../json.ts';
import type { VolumeConfig } from '../../../orchestrator/model.ts';
import { Problem } from '../../../problem.ts';
import { validate } from '../../../validation.ts';
import type { ImportCandidate, ImportPlan } from '../../objects.ts';
import type { OntapBackend } from '../backend.ts';
import type { OntapSettings } from '../config/settings.ts';
import { lunAttribute } from '../containers/lun-fields.ts';
import { attributeOf, lunSchema } from '../containers/lun-record.ts';
import type { LunOnOntap } from '../containers/lun-record.ts';
import { volumeSchema } from '../containers/volume-record.ts';
import type { VolumeOnOntap } from '../containers/volume-record.ts';
import { asJson } from '../as-json.ts';
import { fileSystemOf } from '../file-systems.ts';
import { firstGiven } from './given.ts';
import { isOurComment } from '../labels.ts';
import { checkVolumeName, internalName, longestVolumeName } from '../names.ts';
import { commentFor, nameContext, poolOrBackend } from './plan.ts';
import { sanAccessInformation } from './san-plan.ts';
import { overheadOf } from '../san-sizing.ts';

const candidateSchema = v.object({ found: volumeSchema, luns: v.array(lunSchema) });
const detailsSchema = v.object({
  /** The FlexVol as it was found; what an undone import gives back. */
  found: volumeSchema,
  /** Empty: the comment stays as it is. */
  comment: v.string(),
  /** Its LUN as it was found. */
  lun: lunSchema,
});

export const parseLunImport = (details: JsonObject): v.InferOutput<typeof detailsSchema> =>
  validate(detailsSchema, details, { code: 'plan.invalid', what: 'journalled plan of an import' });

/** @throws Problem `import.refused`, always */
export const refuseImport = (what: string, why: string, hint?: string): never => {
  throw new Problem('import.refused', 'conflict', `${what} cannot be imported: ${why}`, {
    nothingDone: true,
    ...(hint === undefined ? {} : { hint }),
  });
};

/** What the FlexVol around a device must be. @throws Problem `import.refused` */
export const checkVolume = (name: string, found: VolumeOnOntap): void => {
  if (found.type !== 'rw')
    refuseImport(
      `volume ${name}`,
      `its type is ${found.type ?? 'unknown'}, not rw`,
      'break its mirror relationship first',
    );
  if (found.state !== undefined && found.state !== 'online')
    refuseImport(`volume ${name}`, `it is ${found.state}, not online`);
};

/** What a LUN must be, wherever it is. @throws Problem `import.refused` */
export const checkLun = (lun: LunOnOntap, managed: boolean): void => {
  const state = lun.status?.state ?? 'online';
  if (state !== 'online') refuseImport(`LUN ${lun.name}`, `it is ${state}, not online`);
  const igroups = lun.lun_maps.map((map) => map.igroup?.name ?? '').filter((name) => name !== '');
  if (managed && igroups.length > 0)
    refuseImport(
      `LUN ${lun.name}`,
      `it is mapped to ${igroups.join(', ')}, whose hosts would go on using it`,
      'unmap it on the array when its hosts no longer need it, or import it without management',
    );
};

/** The device of a volume. @throws Problem `import.refused` unless there is exactly one */
export const onlyIn = <D extends { readonly name: string }>(noun: string, volume: string, devices: readonly D[]): D => {
  const [device, ...others] = devices;
  if (device === undefined) return refuseImport(`volume ${volume}`, `there is no ${noun} in it`);
  if (others.length > 0)
    refuseImport(
      `volume ${volume}`,
      `it holds ${devices.length} ${noun}s, and a volume of this driver has one: ${devices.map((each) => each.name).join(', ')}`,
      `${noun === 'LUN' ? 'import them with ontap-san-economy, or ' : ''}move the others away`,
    );
  return device;
};

/** File system and options as the LUN itself tells them; what it does not tell, as the request or the backend says. */
export const deviceConfig = (lun: LunOnOntap, request: VolumeConfig, settings: OntapSettings): VolumeConfig => {
  const { options } = poolOrBackend(undefined, settings);
  return {
    ...request,
    fileSystem: fileSystemOf(
      firstGiven(attributeOf(lun, lunAttribute.fileSystem), request.fileSystem, options.fileSystemType),
    ),
    formatOptions: firstGiven(attributeOf(lun, lunAttribute.formatOptions), request.formatOptions),
    LUKSEncryption: firstGiven(request.LUKSEncryption, attributeOf(lun, lunAttribute.luks), 'false'),
  };
};

/**
 * What becomes of a FlexVol with a device, whatever the device is.
 * @param device the request with what the device tells of itself, and its usable size
 */
export const planDeviceImport = (
  device: VolumeConfig,
  originalName: string,
  found: VolumeOnOntap,
  backend: OntapBackend,
): { readonly config: VolumeConfig; readonly comment: string } => {
  const managed = !device.importNotManaged;
  const keepsName = !managed || device.importNoRename;
  const context = nameContext(poolOrBackend(undefined, backend.settings), backend);
  const named = { ...device, importOriginalName: originalName, internalName: '' };
  const config: VolumeConfig = {
    ...named,
    internalName: keepsName ? originalName : internalName(named, context),
    snapshotReserve: '',
    snapshotPolicy: found.snapshot_policy?.name ?? '',
    spaceReserve: found.guarantee?.type ?? '',
  };
  if (!keepsName) checkVolumeName(config.internalName, longestVolumeName);
  const comment = managed && isOurComment(found.comment) ? commentFor(config, context) : '';
  return { config: { ...config, accessInformation: sanAccessInformation(config) }, comment };
};

/** Every check before the first change, and what would be changed (ontap-drivers.md 11.2). */
export const planSanImport = (
  request: VolumeConfig,
  originalName: string,
  candidate: ImportCandidate,
  backend: OntapBackend,
): ImportPlan => {
  const { found, luns } = validate(candidateSchema, candidate.details, {
    code: 'plan.invalid',
    what: 'volume found for an import',
  });
  checkVolume(originalName, found);
  const lun = onlyIn('LUN', originalName, luns);
  checkLun(lun, !request.importNotManaged);
  const device = deviceConfig(lun, request, backend.settings);
  const sized = { ...device, size: (lun.space?.size ?? candidate.size) - overheadOf(device) };
  const { config, comment } = planDeviceImport(sized, originalName, found, backend);
  return { config, originalName, details: { found: asJson(found), comment, lun: asJson(lun) } };
};
