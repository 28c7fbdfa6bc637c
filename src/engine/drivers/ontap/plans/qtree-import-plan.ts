import * as v from 'valibot';
import type { JsonObject } from '../../../json.ts';
import type { VolumeConfig } from '../../../orchestrator/model.ts';
import { Problem } from '../../../problem.ts';
import { validate } from '../../../validation.ts';
import type { ImportCandidate, ImportPlan } from '../../objects.ts';
import type { OntapBackend } from '../backend.ts';
import { qtreeSchema } from '../containers/qtrees.ts';
import { sharedSchema } from '../containers/shared-flexvol.ts';
import { emptyPolicyName, internalName } from '../names.ts';
import { permissionsOf } from '../permissions.ts';
import { nameContext, nasAccessInformation, poolOrBackend } from './plan.ts';
import { newPoolName, poolPrefix } from '../pool-names.ts';
import { longestQtreeName, shortQtreeName } from '../qtree-names.ts';

const foundSchema = v.object({ volume: sharedSchema, qtree: qtreeSchema });
/** What was found, and the name that the FlexVol has afterwards. */
const detailsSchema = v.object({ ...foundSchema.entries, flexVolName: v.string() });

export const parseQtreeImport = (details: JsonObject): v.InferOutput<typeof detailsSchema> =>
  validate(detailsSchema, details, { code: 'plan.invalid', what: 'journalled plan of an import' });

const refuse = (name: string, why: string, hint: string): Problem =>
  new Problem('import.refused', 'conflict', `qtree ${name} cannot be imported: ${why}`, { nothingDone: true, hint });

/** Every check before the first change, and what would be changed (ontap-drivers.md 9.6). */
export const planQtreeImport = (
  request: VolumeConfig,
  originalName: string,
  candidate: ImportCandidate,
  backend: OntapBackend,
): ImportPlan => {
  const { settings, client } = backend;
  const { volume, qtree } = validate(foundSchema, candidate.details, {
    code: 'plan.invalid',
    what: 'qtree found for an import',
  });
  if (volume.type !== 'rw')
    throw refuse(
      originalName,
      `the type of its FlexVol is ${volume.type}, not rw`,
      'break the mirror relationship first',
    );
  if (volume.state !== undefined && volume.state !== 'online')
    throw refuse(originalName, `its FlexVol is ${volume.state}, not online`, 'bring the FlexVol online');
  if ((volume.nas?.path ?? '') === '')
    throw refuse(originalName, 'its FlexVol has no junction path', 'mount the FlexVol');
  if (!['on', 'resizing'].includes(volume.quota?.state ?? 'on'))
    throw refuse(
      originalName,
      `the quotas of its FlexVol are ${volume.quota?.state ?? 'off'}, so that its size is not enforced`,
      `switch them on: volume quota on -volume ${volume.name}`,
    );
  if (candidate.size === 0)
    throw refuse(
      originalName,
      'it has no quota of its own, so that it has no size',
      `give it one: volume quota policy rule create -type tree -target ${qtree.name} -disk-limit SIZE`,
    );
  const managed = !request.importNotManaged;
  const prefix = poolPrefix('qtree', settings.context, settings.prefix);
  const shared = volume.name.startsWith(prefix);
  if (!shared && (!managed || request.importNoRename))
    throw refuse(
      originalName,
      `the name of its FlexVol does not begin with ${prefix}, and it may not be renamed`,
      'import it with renaming, or rename the FlexVol on the array',
    );
  const context = nameContext(poolOrBackend(undefined, settings), backend);
  const named: VolumeConfig = { ...request, importOriginalName: originalName, size: candidate.size, internalName: '' };
  const wanted = internalName(named, context);
  const keeps = !managed || request.importNoRename;
  const automatic = managed && settings.autoExportPolicy;
  const name = keeps ? qtree.name : wanted.length <= longestQtreeName ? wanted : shortQtreeName(settings.context);
  const config: VolumeConfig = {
    ...named,
    internalName: name,
    snapshotReserve: '',
    exportPolicy: automatic ? emptyPolicyName(settings.prefix) : (qtree.export_policy?.name ?? ''),
    snapshotPolicy: volume.snapshot_policy?.name ?? '',
    snapshotDirectory: String(volume.snapshot_directory_access_enabled !== false),
    spaceReserve: volume.guarantee?.type ?? '',
    securityStyle: qtree.security_style ?? '',
    // As in stock, what users may do in it stays as it is unless they say otherwise.
    unixPermissions: managed ? request.unixPermissions : '',
    fileSystem: settings.nasType === 'smb' ? 'smb' : 'nfs',
    accessInformation: nasAccessInformation(request, automatic),
  };
  if (config.unixPermissions !== '') permissionsOf(config.unixPermissions);
  const flexVolName = shared ? volume.name : newPoolName(prefix, client.options.settings.random);
  return { config, originalName, details: { ...candidate.details, flexVolName } };
};
