import { emptyVolumeConfig } from '../../src/engine/orchestrator/model.ts';
import type {
  BackendRecord,
  OperationRecord,
  PublicationRecord,
  VolumeRecord,
} from '../../src/engine/orchestrator/model.ts';

/** Records as the engine writes them, with what a test cares about filled in. */

export const backendRecord = (uuid: string, over: Partial<BackendRecord> = {}): BackendRecord => ({
  uuid,
  name: `backend-${uuid}`,
  driver: 'fake',
  protocol: 'file',
  config: { version: 1, storageDriverName: 'fake', password: 'planted-password' },
  shownConfig: { version: 1, storageDriverName: 'fake', password: '<REDACTED>' },
  pools: [],
  facts: { svm: { uuid: 'planted-fact' } },
  state: 'online',
  userState: 'normal',
  stateReason: '',
  configRef: '',
  ...over,
});

export const volumeRecord = (name: string, over: Partial<VolumeRecord> = {}): VolumeRecord => ({
  config: {
    ...emptyVolumeConfig,
    name,
    internalName: `trident_${name}`,
    size: 1024 ** 3,
    protocol: 'file',
    storageClass: 'gold',
    accessMode: 'ReadWriteOnce',
    accessInformation: { nfsServerIp: '192.0.2.1', nfsPath: `/trident_${name}` },
    snapshotPolicy: 'none',
    exportPolicy: 'default',
    unixPermissions: '---rwxrwxrwx',
  },
  backendUUID: 'b1',
  pool: 'aggr1',
  poolKey: 'aggr1',
  orphaned: false,
  state: 'online',
  ref: { uuid: `uuid-of-${name}`, svm: 'svm1' },
  ...over,
});

export const publicationRecord = (volume: string, node: string): PublicationRecord => ({
  volume,
  node,
  readOnly: false,
  accessMode: 5,
  storageClass: 'gold',
  backendUUID: 'b1',
  pool: 'aggr1',
});

export const operationRecord = (id: string, over: Partial<OperationRecord> = {}): OperationRecord => ({
  id,
  kind: 'volume.create',
  subject: 'volume v1',
  step: 0,
  state: { name: 'v1', secret: 'planted-state' },
  outcome: 'open',
  begun: '2026-01-01T00:00:00Z',
  ended: '',
  owner: 'nobody',
  reason: '',
  ...over,
});
