import * as v from 'valibot';
import type { JsonObject } from '../../../json.ts';
import type { VolumeConfig } from '../../../orchestrator/model.ts';
import { validate } from '../../../validation.ts';
import type { ImportCandidate, ImportPlan } from '../../objects.ts';
import { asJson } from '../as-json.ts';
import type { OntapBackend } from '../backend.ts';
import type { OntapSettings } from '../config/settings.ts';
import { readNamespaceComment } from '../containers/namespace-comment.ts';
import { namespaceSchema } from '../containers/namespace-record.ts';
import type { NamespaceOnOntap } from '../containers/namespace-record.ts';
import { volumeSchema } from '../containers/volume-record.ts';
import { fileSystemOf } from '../file-systems.ts';
import { firstGiven } from './given.ts';
import { poolOrBackend } from './plan.ts';
import { checkVolume, onlyIn, planDeviceImport, refuseImport } from './san-import-plan.ts';
import { overheadOf } from '../san-sizing.ts';

const candidateSchema = v.object({ found: volumeSchema, namespaces: v.array(namespaceSchema) });
const detailsSchema = v.object({
  /** The FlexVol as it was found; what an undone import gives back. */
  found: volumeSchema,
  /** Empty: the comment stays as it is. */
  comment: v.string(),
  /** Its namespace as it was found. */
  namespace: namespaceSchema,
});

export const parseNamespaceImport = (details: JsonObject): v.InferOutput<typeof detailsSchema> =>
  validate(detailsSchema, details, { code: 'plan.invalid', what: 'journalled plan of an import' });

/** What a namespace must be, wherever it is. @throws Problem `import.refused` */
export const checkNamespace = (namespace: NamespaceOnOntap): void => {
  const state = namespace.status?.state ?? 'online';
  if (state !== 'online') refuseImport(`namespace ${namespace.name}`, `it is ${state}, not online`);
  const holder = namespace.subsystem_map?.subsystem?.name;
  if (holder !== undefined || namespace.status?.mapped === true)
    refuseImport(
      `namespace ${namespace.name}`,
      `it is mapped to subsystem ${holder ?? 'of which the array tells nothing'}, and a namespace can be in one subsystem only`,
      'unmap it on the array when its hosts no longer need it',
    );
};

/** File system and options as the namespace itself tells them; what it does not tell, as the request or the backend says. */
export const namespaceConfig = (
  namespace: NamespaceOnOntap,
  request: VolumeConfig,
  settings: OntapSettings,
): VolumeConfig => {
  const { options } = poolOrBackend(undefined, settings);
  const told = readNamespaceComment(namespace.comment);
  return {
    ...request,
    fileSystem: fileSystemOf(firstGiven(told?.fileSystem, request.fileSystem, options.fileSystemType)),
    formatOptions: firstGiven(told?.formatOptions, request.formatOptions),
    LUKSEncryption: firstGiven(request.LUKSEncryption, told?.LUKSEncryption, 'false'),
  };
};

/** Every check before the first change, and what would be changed (ontap-drivers.md 13.1). */
export const planNvmeImport = (
  request: VolumeConfig,
  originalName: string,
  candidate: ImportCandidate,
  backend: OntapBackend,
): ImportPlan => {
  const { found, namespaces } = validate(candidateSchema, candidate.details, {
    code: 'plan.invalid',
    what: 'volume found for an import',
  });
  checkVolume(originalName, found);
  const namespace = onlyIn('namespace', originalName, namespaces);
  checkNamespace(namespace);
  const device = namespaceConfig(namespace, request, backend.settings);
  const sized = { ...device, size: (namespace.space?.size ?? candidate.size) - overheadOf(device) };
  const { config, comment } = planDeviceImport(sized, originalName, found, backend);
  return { config, originalName, details: { found: asJson(found), comment, namespace: asJson(namespace) } };
};
