import { backendExternal, type BackendExternal } from '../../client/wire/backend.ts';
import { operationExternal, type OperationExternal } from '../../client/wire/core.ts';
import {
  hostSystem,
  nodeExternal,
  publicationExternal,
  type NodeExternal,
  type PublicationExternal,
} from '../../client/wire/node.ts';
import {
  groupSnapshotExternal,
  snapshotConfig,
  snapshotExternal,
  type GroupSnapshotExternal,
  type SnapshotExternal,
} from '../../client/wire/snapshot.ts';
import {
  storageClassConfig,
  storageClassExternal,
  type StorageClassExternal,
} from '../../client/wire/storage-class.ts';
import type { JsonValue } from '../json.ts';
import type {
  GroupSnapshotRecord,
  NodeRecord,
  Offer,
  OperationRecord,
  PoolRecord,
  PublicationRecord,
  SnapshotRecord,
} from '../orchestrator/model.ts';
import { publicationName } from '../orchestrator/model.ts';
import type { BackendView, StorageClassView } from '../orchestrator/orchestrator.ts';

/** Records in the form of the wire (rest-api.md §5); volumes have a file of their own. Nothing here decides anything. */

const offerToWire = (offer: Offer): JsonValue => {
  switch (offer.type) {
    case 'int':
      return { min: offer.min, max: offer.max };
    case 'bool':
    case 'string':
    case 'label':
      return { offer: offer.offer };
  }
};

const poolToWire = (pool: PoolRecord, classes: readonly string[]): JsonValue => ({
  name: pool.name,
  storageClasses: classes,
  storageAttributes: Object.fromEntries(
    Object.keys(pool.offers)
      .sort()
      .flatMap((name) => {
        const offer = pool.offers[name];
        return offer === undefined ? [] : [[name, offerToWire(offer)]];
      }),
  ),
  supportedTopologies: pool.supportedTopologies.length === 0 ? null : pool.supportedTopologies,
});

export const backendToWire = ({ backend, volumes, poolClasses }: BackendView): BackendExternal =>
  backendExternal.write({
    name: backend.name,
    backendUUID: backend.uuid,
    protocol: backend.protocol,
    config: backend.shownConfig,
    storage: Object.fromEntries(
      backend.pools.map((pool) => [pool.name, poolToWire(pool, poolClasses[pool.name] ?? [])]),
    ),
    state: backend.state,
    userState: backend.userState,
    online: backend.state === 'online',
    StateReason: backend.stateReason,
    volumes,
    configRef: backend.configRef,
  });

export const snapshotToWire = (snapshot: SnapshotRecord): SnapshotExternal =>
  snapshotExternal.write({
    Config: snapshotConfig.write({
      version: snapshot.version,
      name: snapshot.name,
      internalName: snapshot.internalName,
      volumeName: snapshot.volume,
      volumeInternalName: snapshot.volumeInternalName,
      luksPassphraseNames: snapshot.luksPassphraseNames,
      importNotManaged: snapshot.importNotManaged,
      groupSnapshotName: snapshot.groupSnapshotName,
    }),
    dateCreated: snapshot.created,
    size: snapshot.size,
    state: snapshot.state,
  });

export const groupSnapshotToWire = (group: GroupSnapshotRecord): GroupSnapshotExternal =>
  groupSnapshotExternal.write({
    version: group.version,
    name: group.name,
    internalName: group.name,
    volumeNames: group.volumes,
    snapshotIDs: group.snapshots,
    dateCreated: group.created,
  });

export const storageClassToWire = ({ storageClass, storage }: StorageClassView): StorageClassExternal =>
  storageClassExternal.write({
    Config: storageClassConfig.write({
      version: storageClass.version,
      name: storageClass.name,
      attributes: storageClass.attributesGiven ? storageClass.attributes : null,
      storagePools: storageClass.storagePools,
      additionalStoragePools: storageClass.additionalStoragePools,
      excludeStoragePools: storageClass.excludeStoragePools,
      autogrowPolicy: storageClass.autogrowPolicy,
    }),
    storage,
  });

export const nodeToWire = (node: NodeRecord): NodeExternal =>
  nodeExternal.write({
    name: node.name,
    iqn: node.iqn,
    nqn: node.nqn,
    hostWWPNMap: node.hostWWPNMap,
    ips: node.ips,
    topologyLabels: node.topologyLabels,
    hostInfo: Object.keys(node.hostInfo).length === 0 ? null : hostSystem.parse(node.hostInfo),
    deleted: node.deleted,
    publicationState: node.publicationState,
    logLevel: node.logLevel,
    logWorkflows: node.logWorkflows,
    logLayers: node.logLayers,
  });

export const publicationToWire = (publication: PublicationRecord): PublicationExternal =>
  publicationExternal.write({
    name: publicationName(publication),
    node: publication.node,
    volume: publication.volume,
    readOnly: publication.readOnly,
    accessMode: publication.accessMode,
    storageClass: publication.storageClass,
    backendUUID: publication.backendUUID,
    pool: publication.pool,
  });

export const operationToWire = (operation: OperationRecord): OperationExternal =>
  operationExternal.write({
    id: operation.id,
    kind: operation.kind,
    subject: operation.subject,
    step: operation.step,
    outcome: operation.outcome,
    begun: operation.begun,
    ended: operation.ended,
    owner: operation.owner,
    reason: operation.reason,
  });
