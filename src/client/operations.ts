import { operation, type AnyOperation } from './contract.ts';
import { backendExternal, backendStateRequest, repairAnswer, repairRequest } from './wire/backend.ts';
import { anything, codecOf, list, nothing, nullable, object, optional, request, text } from './wire/codec.ts';
import { autogrowPolicyExternal, chapInfo, operationExternal } from './wire/core.ts';
import { moveExternal, moveRequest } from './wire/move.ts';
import { mirrorExternal, mirrorRequest, mirrorUpdateRequest, promoteRequest, releaseRequest } from './wire/mirror.ts';
import {
  addNodeAnswer,
  nodeExternal,
  nodeRequest,
  nodeStateRequest,
  publicationExternal,
  publishRequest,
} from './wire/node.ts';
import { planAnswer, planRequest } from './wire/plan.ts';
import {
  groupSnapshotExternal,
  groupSnapshotRequest,
  snapshotConfigRequest,
  snapshotExternal,
} from './wire/snapshot.ts';
import { storageClassExternal, storageClassRequest } from './wire/storage-class.ts';
import {
  accessInformation,
  cloneRequest,
  importRequest,
  resizeRequest,
  volumeConfigRequest,
  volumeExternal,
  volumeUpdate,
} from './wire/volume.ts';

/** Path, below the base, where a core of ours answers the whole objects of a list; stock's cores do not say it. */
const details = optional(text);
const empty = object('Empty', {});
const names = list(text);

const volumeAnswer = object('VolumeResponse', { volume: nullable(volumeExternal) });
const snapshotAnswer = object('SnapshotResponse', { snapshot: nullable(snapshotExternal) });
const backendName = object('BackendResponse', { backend: text });
const publications = object('PublicationsResponse', { volumePublications: list(publicationExternal) });
const snapshotNames = object('SnapshotsResponse', { snapshots: names, details });
/** The one kind of answer that always carries `error`. */
const loggingAnswer = object('LoggingResponse', { error: text });

const read = { method: 'GET', success: 200, family: 'get', query: [], request: nothing } as const;
const remove = {
  method: 'DELETE',
  success: 200,
  family: 'delete',
  query: [],
  request: nothing,
  response: empty,
} as const;

const moveAnswer = object('VolumeMoveResponse', { volumeMove: nullable(moveExternal) });
const mirrorAnswer = object('MirrorResponse', { mirror: nullable(mirrorExternal) });
const mirrorVerb = { method: 'POST', success: 200, family: 'get', query: [], response: mirrorAnswer } as const;

/**
 * Every operation of the core, by the name stock gives its route (which is also its label in the metrics), in stock's
 * order, which decides between 404 and 405 for what is not routed; then ours.
 */
export const operations = {
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
  deleteBackend: operation({ ...remove, path: '/backend/{backend}' }),

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
  deleteVolume: operation({ ...remove, path: '/volume/{volume}' }),
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

  // From here on: paths of our own.
  listBackendDetails: operation({
    ...read,
    path: '/details/backend',
    response: object('BackendDetails', { backends: list(backendExternal) }),
  }),
  listVolumeDetails: operation({
    ...read,
    path: '/details/volume',
    query: ['subordinateOf', 'parentOfSubordinate'],
    response: object('VolumeDetails', { volumes: list(volumeExternal) }),
  }),
  listSnapshotDetails: operation({
    ...read,
    path: '/details/snapshot',
    query: ['volume', 'group'],
    response: object('SnapshotDetails', { snapshots: list(snapshotExternal) }),
  }),
  listStorageClassDetails: operation({
    ...read,
    path: '/details/storageclass',
    response: object('StorageClassDetails', { storageClasses: list(storageClassExternal) }),
  }),
  listNodeDetails: operation({
    ...read,
    path: '/details/node',
    response: object('NodeDetails', { nodes: list(nodeExternal) }),
  }),
  /** Brings access rules on the array in line with what is on record. */
  repairBackend: operation({
    method: 'POST',
    path: '/backend/{backend}/repair',
    success: 200,
    family: 'get',
    query: [],
    request: repairRequest,
    response: repairAnswer,
  }),
  cloneVolume: operation({
    method: 'POST',
    path: '/volume/{volume}/clone',
    success: 201,
    family: 'add',
    query: [],
    request: cloneRequest,
    response: volumeAnswer,
  }),
  resizeVolume: operation({
    method: 'PUT',
    path: '/volume/{volume}/size',
    success: 200,
    family: 'get',
    query: [],
    request: resizeRequest,
    response: volumeAnswer,
  }),
  /** Answers what the node needs to attach, CHAP secrets replaced. */
  publishVolume: operation({
    method: 'POST',
    path: '/publication/{volume}/{node}',
    success: 201,
    family: 'add',
    query: [],
    request: publishRequest,
    response: object('PublishResponse', {
      volumePublication: nullable(publicationExternal),
      accessInformation: nullable(accessInformation),
    }),
  }),
  unpublishVolume: operation({ ...remove, path: '/publication/{volume}/{node}' }),
  /** Takes snapshots of several volumes at one instant. */
  addGroupSnapshot: operation({
    method: 'POST',
    path: '/groupsnapshot/{group}',
    success: 201,
    family: 'add',
    query: [],
    request: groupSnapshotRequest,
    response: object('GroupSnapshotResponse', { groupSnapshot: nullable(groupSnapshotExternal) }),
  }),
  restoreSnapshot: operation({
    method: 'POST',
    path: '/snapshot/{volume}/{snapshot}/restore',
    success: 200,
    family: 'get',
    query: [],
    request: nothing,
    response: snapshotAnswer,
  }),
  getMirror: operation({ ...read, path: '/mirror/{volume}', response: mirrorAnswer }),
  establishMirror: operation({ ...mirrorVerb, path: '/mirror/{volume}/establish', request: mirrorRequest }),
  reestablishMirror: operation({ ...mirrorVerb, path: '/mirror/{volume}/reestablish', request: mirrorRequest }),
  promoteMirror: operation({ ...mirrorVerb, path: '/mirror/{volume}/promote', request: promoteRequest }),
  updateMirror: operation({ ...mirrorVerb, path: '/mirror/{volume}/update', request: mirrorUpdateRequest }),
  /** Of a source: forgets its mirrors. */
  releaseMirrors: operation({
    ...mirrorVerb,
    path: '/mirror/{volume}/release',
    request: releaseRequest,
    response: object('ReleaseResponse', { released: names }),
  }),
  /** What another operation would do. A path of its own: a core that does not know it does nothing. */
  planOperation: operation({
    method: 'POST',
    path: '/plan/{operation}',
    success: 200,
    family: 'get',
    query: [],
    request: planRequest,
    response: planAnswer,
  }),
  getVolumeMove: operation({ ...read, path: '/volume/{volume}/move', response: moveAnswer }),
  moveVolume: operation({
    method: 'POST',
    path: '/volume/{volume}/move',
    success: 200,
    family: 'get',
    query: [],
    request: moveRequest,
    response: moveAnswer,
  }),
  listOperations: operation({
    ...read,
    path: '/operation',
    response: object('OperationsResponse', { operations: list(operationExternal) }),
  }),
  getOperation: operation({
    ...read,
    path: '/operation/{operation}',
    response: object('OperationResponse', { operation: nullable(operationExternal) }),
  }),
  recoverOperations: operation({
    method: 'POST',
    path: '/operation/recover',
    success: 200,
    family: 'get',
    query: [],
    request: nothing,
    response: object('RecoverResponse', { operations: list(operationExternal) }),
  }),
  /** 200 when the core is ready, 503 while it starts. */
  health: operation({ ...read, path: '/health', response: object('HealthResponse', { status: text, version: text }) }),
} as const satisfies Record<string, AnyOperation>;
