import * as v from 'valibot';
import type { JsonObject } from '../../../json.ts';
import type { VolumeConfig } from '../../../orchestrator/model.ts';
import { validate } from '../../../validation.ts';
import type { ImportCandidate, ImportPlan } from '../../objects.ts';
import { asJson } from '../as-json.ts';
import type { OntapBackend } from '../backend.ts';
import { lunSchema } from '../containers/lun-record.ts';
import { volumeSchema } from '../containers/volume-record.ts';
import { flexVolOf, longestPooledLunName } from '../lun-names.ts';
import { checkVolumeName, internalName } from '../names.ts';
import { nameContext, poolOrBackend } from './plan.ts';
import { newPoolName, poolPrefix } from '../pool-names.ts';
import { checkLun, deviceConfig, refuseImport } from './san-import-plan.ts';
import { sanAccessInformation } from './san-plan.ts';
import { overheadOf } from '../san-sizing.ts';

const candidateSchema = v.object({ lun: lunSchema, volume: volumeSchema });
const detailsSchema = v.object({
  /** The LUN and its FlexVol as they were found; what an undone import gives back. */
  lun: lunSchema,
  volume: volumeSchema,
  /** Name of the FlexVol afterwards. */
  flexVol: v.string(),
});

export const parsePooledImport = (details: JsonObject): v.InferOutput<typeof detailsSchema> =>
  validate(detailsSchema, details, { code: 'plan.invalid', what: 'journalled plan of an import' });

/** Prefix of the FlexVols that LUNs of this backend share. */
export const lunPoolPrefix = ({ settings }: Pick<OntapBackend, 'settings'>): string =>
  poolPrefix('lun', settings.context, settings.prefix);

/** Every check before the first change, and what would be changed (ontap-drivers.md 12). */
export const planPooledImport = (
  request: VolumeConfig,
  originalName: string,
  candidate: ImportCandidate,
  backend: OntapBackend,
): ImportPlan => {
  const { settings, client } = backend;
  const { lun, volume } = validate(candidateSchema, candidate.details, {
    code: 'plan.invalid',
    what: 'LUN found for an import',
  });
  const managed = !request.importNotManaged;
  if (volume.type !== 'rw')
    refuseImport(`LUN ${lun.name}`, `its volume is of type ${volume.type ?? 'unknown'}, not rw`);
  checkLun(lun, managed);
  const prefix = lunPoolPrefix(backend);
  const keepsName = !managed || request.importNoRename;
  const shared = flexVolOf(lun.name).startsWith(prefix);
  if (!shared && keepsName)
    refuseImport(
      `LUN ${lun.name}`,
      `the name of its FlexVol does not begin with ${prefix}, and without renaming it stays so`,
      'rename the FlexVol, or import with management and renaming',
    );
  if (!shared && (volume.nas?.path ?? '') !== '')
    refuseImport(
      `LUN ${lun.name}`,
      `its FlexVol is mounted at ${volume.nas?.path ?? ''}, and may hold files that would go with its last LUN`,
      'unmount it if it holds LUNs only',
    );
  const context = nameContext(poolOrBackend(undefined, settings), backend);
  const device = deviceConfig(lun, { ...request, importOriginalName: originalName, internalName: '' }, settings);
  const named = { ...device, size: (lun.space?.size ?? candidate.size) - overheadOf(device) };
  const own = originalName.slice(originalName.indexOf('/') + 1);
  const config: VolumeConfig = { ...named, internalName: keepsName ? own : internalName(named, context) };
  if (!keepsName) checkVolumeName(config.internalName, longestPooledLunName);
  const flexVol = shared ? flexVolOf(lun.name) : newPoolName(prefix, client.options.settings.random);
  return {
    config: { ...config, accessInformation: sanAccessInformation(config) },
    originalName,
    details: { lun: asJson(lun), volume: asJson(volume), flexVol },
  };
};
