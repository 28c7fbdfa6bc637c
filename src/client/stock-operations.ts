import { operation } from './contract.ts';
import { backendExternal, backendStateRequest } from './wire/backend.ts';
import { anything, codecOf, list, nothing, nullable, object, optional, request, text } from './wire/codec.ts';
import { autogrowPolicyExternal, chapInfo } from './wire/core.ts';
import { addNodeAnswer, nodeExternal, nodeRequest, nodeStateRequest, publicationExternal } from './wire/node.ts';
import { groupSnapshotExternal, snapshotConfigRequest } from './wire/snapshot.ts';
import { storageClassExternal, storageClassRequest } from './wire/storage-class.ts';
import { importRequest, volumeConfigRequest, volumeUpdate } from './wire/volume.ts';
import { details, names, volumeAnswer, snapshotAnswer, read, remove, removed, warnings } from './operation-forms.ts';

const backendName = object('BackendResponse', { backend: text, warnings });
const publications = object('PublicationsResponse', { volumePublications: list(publicationExternal) });
const snapshotNames = object('SnapshotsResponse', { snapshots: names, details });
/** The one kind of answer that always carries `error`. */
const loggingAnswer = object('LoggingResponse', { error: text });

/** Operations of stock's cores, by the names that stock gives their routes and in stock's order. */
export const stockOperations = {
  getVersion: operation({
    ...read,
    path: '/version',
    response: object('VersionResponse', { version: text, goVersion: text, acpVersion: optional(text) }),
  }),

  addBackend: operation({
    method: 'POST',
    path: '/backend',
    success: 201,
    family: 'add',
    query: [],
    request: codecOf(anything),
    requestForm: 'document',
    response: backendName,
  }),
  updateBackend: operation({
    method: 'POST',
    path: '/backend/{backend}',
    success: 200,
    family: 'get',
    query: [],
    request: codecOf(anything),
    requestForm: 'document',
    response: backendName,
  }),
  updateBackendState: operation({
    method: 'POST',
    path: '/backend/{backend}/state',
    success: 200,
    family: 'get',
    query: [],
    request: backendStateRequest,
    response: backendName,
  }),
  getBackend: operation({
    ...read,
    path: '/backend/{backend}',
    response: object('BackendResponse', { backend: nullable(backendExternal) }),
  }),
  listBackends: operation({
    ...read,
    path: '/backend',
    response: object('BackendsResponse', { backends: names, details }),
  }),
  deleteBackend: operation({ ...remove, path: '/backend/{backend}', response: removed }),

  addVolume: operation({
    method: 'POST',
    path: '/volume',
    success: 201,
    family: 'add',
    query: [],
    request: volumeConfigRequest,
    /** The backend's UUID, under a key that elsewhere holds its name. */
    response: object('AddVolumeResponse', { backend: text }),
  }),
  getVolume: operation({ ...read, path: '/volume/{volume}', response: volumeAnswer }),
  listVolumes: operation({
    ...read,
    path: '/volume',
    query: ['subordinateOf', 'parentOfSubordinate'],
    response: object('VolumesResponse', { volumes: names, details }),
  }),
  deleteVolume: operation({ ...remove, path: '/volume/{volume}', response: removed }),
  updateVolumeLUKSPassphraseNames: operation({
    method: 'PUT',
    path: '/volume/{volume}/luksPassphraseNames',
    success: 200,
    family: 'luks',
    query: [],
    request: codecOf(list(text)),
    response: volumeAnswer,
  }),
  updateVolume: operation({
    method: 'PUT',
    path: '/volume/{volume}',
    success: 200,
    family: 'volumeUpdate',
    query: [],
    request: volumeUpdate,
    response: volumeAnswer,
  }),
  importVolume: operation({
    method: 'POST',
    path: '/volume/import',
    success: 201,
    family: 'add',
    query: [],
    request: importRequest,
    response: volumeAnswer,
  }),

  addStorageClass: operation({
    method: 'POST',
    path: '/storageclass',
    success: 201,
    family: 'add',
    query: [],
    request: storageClassRequest,
    response: object('StorageClassResponse', { storageClass: text }),
  }),
  getStorageClass: operation({
    ...read,
    path: '/storageclass/{storageClass}',
    response: object('StorageClassResponse', { storageClass: nullable(storageClassExternal) }),
  }),
  listStorageClasses: operation({
    ...read,
    path: '/storageclass',
    response: object('StorageClassesResponse', { storageClasses: names, details }),
  }),
  deleteStorageClass: operation({ ...remove, path: '/storageclass/{storageClass}' }),

  /** The name that counts is the one in the body. */
  addOrUpdateNode: operation({
    method: 'PUT',
    path: '/node/{node}',
    success: 201,
    family: 'add',
    query: [],
    request: nodeRequest,
    response: addNodeAnswer,
  }),
  updateNode: operation({
    method: 'PUT',
    path: '/node/{node}/publicationState',
    success: 202,
    alsoSuccess: [200],
    family: 'get',
    query: [],
    request: nodeStateRequest,
    response: object('UpdateNodeResponse', { name: text }),
  }),
  getNode: operation({
    ...read,
    path: '/node/{node}',
    response: object('NodeResponse', { node: nullable(nodeExternal) }),
  }),
  listNodes: operation({ ...read, path: '/node', response: object('NodesResponse', { nodes: names, details }) }),
  deleteNode: operation({ ...remove, path: '/node/{node}' }),

  getVolumePublication: operation({
    ...read,
    path: '/publication/{volume}/{node}',
    response: object('PublicationResponse', { volumePublication: nullable(publicationExternal) }),
  }),
  listVolumePublications: operation({ ...read, path: '/publication', response: publications }),
  listVolumePublicationsForVolume: operation({
    ...read,
    path: '/volume/{volume}/publication',
    response: publications,
  }),
  listVolumePublicationsForNode: operation({ ...read, path: '/node/{node}/publication', response: publications }),

  listSnapshots: operation({ ...read, path: '/snapshot', query: ['volume', 'group'], response: snapshotNames }),
  listSnapshotsForVolume: operation({ ...read, path: '/volume/{volume}/snapshot', response: snapshotNames }),
  getSnapshot: operation({ ...read, path: '/snapshot/{volume}/{snapshot}', response: snapshotAnswer }),
  addSnapshot: operation({
    method: 'POST',
    path: '/snapshot',
    success: 201,
    family: 'add',
    query: [],
    request: snapshotConfigRequest,
    response: object('AddSnapshotResponse', { snapshotID: text }),
  }),
  deleteSnapshot: operation({ ...remove, path: '/snapshot/{volume}/{snapshot}' }),

  getGroupSnapshot: operation({
    ...read,
    path: '/groupsnapshot/{group}',
    response: object('GroupSnapshotResponse', { groupSnapshot: nullable(groupSnapshotExternal) }),
  }),
  listGroupSnapshots: operation({
    ...read,
    path: '/groupsnapshot',
    /** Null is an error of the server. */
    response: object('GroupSnapshotsResponse', { groupSnapshots: nullable(names) }),
  }),
  deleteGroupSnapshot: operation({ ...remove, path: '/groupsnapshot/{group}' }),

  getCHAP: operation({
    ...read,
    path: '/chap/{volume}/{node}',
    response: object('ChapResponse', { chap: nullable(chapInfo) }),
  }),

  getCurrentLogLevel: operation({
    ...read,
    path: '/logging/level',
    response: object('LogLevelResponse', { logLevel: text }),
  }),
  setLogLevel: operation({
    method: 'POST',
    path: '/logging/level/{level}',
    success: 200,
    family: 'get',
    query: [],
    request: nothing,
    response: loggingAnswer,
  }),
  getLoggingWorkflows: operation({
    ...read,
    path: '/logging/workflows/selected',
    response: object('WorkflowsResponse', { logWorkflows: text }),
  }),
  listLoggingWorkflows: operation({
    ...read,
    path: '/logging/workflows',
    response: object('WorkflowsResponse', { availableLoggingWorkflows: names }),
  }),
  setLoggingWorkflows: operation({
    method: 'POST',
    path: '/logging/workflows',
    success: 200,
    family: 'get',
    query: [],
    request: request('WorkflowsRequest', { logWorkflows: text }),
    response: loggingAnswer,
  }),
  getLogLayers: operation({
    ...read,
    path: '/logging/layers/selected',
    response: object('LayersResponse', { logLayers: text }),
  }),
  listLogLayers: operation({
    ...read,
    path: '/logging/layers',
    response: object('LayersResponse', { availableLogLayers: names }),
  }),
  setLoggingLayers: operation({
    method: 'POST',
    path: '/logging/layers',
    success: 200,
    family: 'get',
    query: [],
    request: request('LayersRequest', { logLayers: text }),
    response: loggingAnswer,
  }),

  getAutogrowPolicy: operation({
    ...read,
    path: '/autogrowpolicy/{autogrowPolicy}',
    response: object('AutogrowPolicyResponse', { autogrowPolicy: autogrowPolicyExternal }),
  }),
  listAutogrowPolicies: operation({
    ...read,
    path: '/autogrowpolicy',
    response: object('AutogrowPoliciesResponse', { autogrowPolicies: nullable(names) }),
  }),
} as const;
