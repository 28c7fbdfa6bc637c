import { operation } from './contract.ts';
import { backendExternal, repairAnswer, repairRequest } from './wire/backend.ts';
import { list, nothing, nullable, object, text } from './wire/codec.ts';
import { operationExternal } from './wire/core.ts';
import { moveExternal, moveRequest } from './wire/move.ts';
import { mirrorExternal, mirrorRequest, mirrorUpdateRequest, promoteRequest, releaseRequest } from './wire/mirror.ts';
import { nodeExternal, publicationExternal, publishRequest } from './wire/node.ts';
import { planAnswer, planRequest } from './wire/plan.ts';
import { groupSnapshotExternal, groupSnapshotRequest, snapshotExternal } from './wire/snapshot.ts';
import { storageClassExternal } from './wire/storage-class.ts';
import { accessInformation, cloneRequest, resizeRequest, volumeExternal } from './wire/volume.ts';
import { names, volumeAnswer, snapshotAnswer, read, remove } from './operation-forms.ts';

const moveAnswer = object('VolumeMoveResponse', { volumeMove: nullable(moveExternal) });
const mirrorAnswer = object('MirrorResponse', { mirror: nullable(mirrorExternal) });
const mirrorVerb = { method: 'POST', success: 200, family: 'get', query: [], response: mirrorAnswer } as const;

/** Operations that stock's cores do not have, on paths of our own. */
export const ownOperations = {
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
} as const;
