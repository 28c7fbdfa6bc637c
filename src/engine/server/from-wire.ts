import type { StorageClassRequest } from '../../client/wire/storage-class.ts';
import type { NodeRequest } from '../../client/wire/node.ts';
import type { CloneWire, ImportWire, VolumeConfigRequest } from '../../client/wire/volume.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json.ts';
import { canonicalAttributes } from '../orchestrator/attributes.ts';
import type {
  AccessMode,
  NodeRecord,
  Protocol,
  PublicationState,
  StorageClassRecord,
  VolumeConfig,
  VolumeMode,
} from '../orchestrator/model.ts';
import type { CloneRequest, ImportRequest, VolumeRequest } from '../orchestrator/orchestrator.ts';
import { resolveProtocol } from '../orchestrator/protocols.ts';
import { detailsOf, Problem } from '../problem.ts';
import { mandatory } from './handler.ts';
import { readClaim } from './volume-claim.ts';

/** Requests in the form of the use cases. Words that must be one of a few are checked here. */

const isAccessMode = (text: string): text is AccessMode =>
  ['', 'ReadWriteOnce', 'ReadWriteOncePod', 'ReadOnlyMany', 'ReadWriteMany'].includes(text);
const isVolumeMode = (text: string): text is VolumeMode => text === 'Filesystem' || text === 'Block';
const isProtocol = (text: string): text is Protocol | '' => text === '' || text === 'file' || text === 'block';

const unsupportedProtocol = (protocol: string): Problem =>
  new Problem(
    'volume.protocol',
    'invalid',
    `${protocol} is an unsupported protocol; acceptable values: "", file, block`,
    {
      path: ['protocol'],
      nothingDone: true,
    },
  );

interface Modes {
  readonly protocol: Protocol | '';
  readonly accessMode: AccessMode;
  readonly volumeMode: VolumeMode;
}

/**
 * The three words that together say how a volume is used. The volume mode has no default on stock's route.
 * @throws Problem `volume.protocol`
 */
const readModes = (given: { protocol?: string; accessMode?: string; volumeMode?: string }): Modes => {
  const { protocol = '', accessMode = '', volumeMode = '' } = given;
  if (!isProtocol(protocol)) throw unsupportedProtocol(protocol);
  resolveProtocol(volumeMode, accessMode, protocol);
  if (isAccessMode(accessMode) && isVolumeMode(volumeMode)) return { protocol, accessMode, volumeMode };
  throw new Problem('volume.protocol', 'invalid', `invalid volume mode (${volumeMode}) or access mode (${accessMode})`);
};

/** The settings a caller may choose; names, sizes, modes and what only the core fills in are left out. */
const settingsOf = (config: VolumeConfigRequest): Partial<VolumeConfig> => {
  const {
    version: _version,
    name: _name,
    internalName: _internalName,
    size: _size,
    protocol: _protocol,
    accessMode: _accessMode,
    volumeMode: _volumeMode,
    accessInformation: _accessInformation,
    cloneSourceVolume: _cloneSourceVolume,
    cloneSourceVolumeInternal: _cloneSourceVolumeInternal,
    cloneSourceSnapshot: _cloneSourceSnapshot,
    cloneSourceSnapshotInternal: _cloneSourceSnapshotInternal,
    readOnlyClone: _readOnlyClone,
    importOriginalName: _importOriginalName,
    importBackendUUID: _importBackendUUID,
    importNotManaged: _importNotManaged,
    importNoRename: _importNoRename,
    internalID: _internalID,
    allowedTopologies: _allowedTopologies,
    ...settings
  } = config;
  return settings;
};

/** `cloneSource…` is ignored here, as on stock's route; cloning has a route of its own. */
export const volumeRequestOf = (body: VolumeConfigRequest): VolumeRequest => {
  const { name = '', size = '' } = body;
  if (name === '' || size === '')
    throw mandatory('the following fields for "Volume" are mandatory: name and size', [name === '' ? 'name' : 'size']);
  return { ...settingsOf(body), ...readModes(body), name, size };
};

export const cloneRequestOf = (source: string, body: CloneWire): CloneRequest => {
  const { name = '', snapshot = '', size = '', storageClass = '', readOnly = false, splitOnClone = '' } = body;
  if (name === '') throw mandatory('the following field for a clone is mandatory: name', ['name']);
  return {
    name,
    source,
    snapshot,
    size,
    storageClass,
    readOnly,
    splitOnClone,
    overrides: settingsOf(body.config ?? {}),
  };
};

/** What is not said in the request itself is taken from the claim, where one is given. */
export const importRequestOf = (body: ImportWire): ImportRequest => {
  const { backend = '', internalName = '', pvcData = '' } = body;
  if (backend === '' || internalName === '')
    throw mandatory('the following fields are mandatory: backend and internalName', [
      backend === '' ? 'backend' : 'internalName',
    ]);
  const claim = pvcData === '' ? undefined : readClaim(pvcData);
  const modes = readModes({
    protocol: body.protocol ?? '',
    accessMode: body.accessMode ?? claim?.accessMode ?? '',
    volumeMode: body.volumeMode ?? claim?.volumeMode ?? 'Filesystem',
  });
  return {
    backend,
    originalName: internalName,
    name: body.name ?? claim?.name ?? '',
    noManage: body.noManage ?? false,
    noRename: body.noRename ?? false,
    size: body.size ?? claim?.size ?? '',
    storageClass: body.storageClass ?? claim?.storageClass ?? '',
    ...modes,
    overrides: {
      ...(claim === undefined ? {} : { namespace: claim.namespace, requestName: claim.name }),
      ...settingsOf(body.config ?? {}),
    },
  };
};

export const storageClassOf = (body: StorageClassRequest): StorageClassRecord => {
  const { name = '', attributes } = body;
  if (name === '') throw mandatory('the following field for a storage class is mandatory: name', ['name']);
  return {
    name,
    version: body.version ?? '1',
    attributes: readAttributes(attributes ?? {}),
    attributesGiven: attributes !== undefined && attributes !== null,
    storagePools: body.storagePools ?? {},
    additionalStoragePools: body.additionalStoragePools ?? body.requiredStorage ?? {},
    excludeStoragePools: body.excludeStoragePools ?? {},
    autogrowPolicy: body.autogrowPolicy ?? '',
  };
};

/** Stock meets a wrong attribute while it decodes, and says so. */
const readAttributes = (attributes: Readonly<Record<string, string>>): Readonly<Record<string, string>> => {
  try {
    return canonicalAttributes(attributes);
  } catch (error) {
    if (!Problem.is(error)) throw error;
    throw new Problem(error.code, error.kind, `invalid JSON: ${error.message}`, {
      ...detailsOf(error),
      cause: error,
      nothingDone: true,
    });
  }
};

const isPublicationState = (text: string): text is PublicationState =>
  text === 'clean' || text === 'cleanable' || text === 'dirty';

const hostInfoOf = (hostInfo: NodeRequest['hostInfo']): JsonObject => {
  if (hostInfo === undefined || hostInfo === null) return {};
  const { os, services } = hostInfo;
  const { distro, version, release } = os;
  return {
    os: { distro, version, ...(release === undefined ? {} : { release }) },
    ...(services === undefined ? {} : { services }),
  };
};

/** Logging values are the core's to tell, not the node's; topology labels are kept, since nothing else knows them here. */
export const nodeOf = (body: NodeRequest): NodeRecord => {
  const { name = '', publicationState = 'clean' } = body;
  if (name === '') throw mandatory('the following field for a node is mandatory: name', ['name']);
  if (!isPublicationState(publicationState))
    throw new Problem('node.state', 'invalid', `${publicationState} is not a publication state`, {
      path: ['publicationState'],
      hint: 'use clean, cleanable or dirty',
      nothingDone: true,
    });
  return {
    name,
    iqn: body.iqn ?? '',
    nqn: body.nqn ?? '',
    hostWWPNMap: body.hostWWPNMap ?? {},
    ips: body.ips ?? [],
    topologyLabels: body.topologyLabels ?? {},
    hostInfo: hostInfoOf(body.hostInfo),
    deleted: false,
    publicationState,
    logLevel: body.logLevel ?? '',
    logWorkflows: body.logWorkflows ?? '',
    logLayers: body.logLayers ?? '',
  };
};

/**
 * A backend's configuration, which must be an object.
 * @throws Problem `backend.config` with stock's text
 */
export const backendConfigOf = (document: JsonValue): JsonObject => {
  if (isJsonObject(document)) return document;
  const kind = Array.isArray(document) ? 'array' : typeof document === 'boolean' ? 'bool' : typeof document;
  const why =
    document === null
      ? 'could not parse JSON configuration: empty config'
      : `input failed validation: could not parse JSON configuration: json: cannot unmarshal ${kind} into Go value of type storagedrivers.CommonStorageDriverConfig`;
  throw new Problem('backend.config', 'invalid', why, {
    hint: 'a backend is described by a YAML or JSON object with at least version and storageDriverName',
    nothingDone: true,
  });
};
