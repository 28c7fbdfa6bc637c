import type {
  BackendRecord,
  DriverNoteRecord,
  GroupSnapshotRecord,
  NodeRecord,
  OperationRecord,
  PublicationRecord,
  SnapshotRecord,
  StorageClassRecord,
  VolumeRecord,
} from '../orchestrator/model.ts';
import { driverNoteId, publicationId, snapshotId } from '../orchestrator/model.ts';

/** What is stored, by kind. */
export interface Records {
  readonly backend: BackendRecord;
  readonly volume: VolumeRecord;
  readonly snapshot: SnapshotRecord;
  readonly groupSnapshot: GroupSnapshotRecord;
  readonly storageClass: StorageClassRecord;
  readonly node: NodeRecord;
  readonly publication: PublicationRecord;
  readonly operation: OperationRecord;
  readonly driverNote: DriverNoteRecord;
}
export type Kind = keyof Records;

interface KindDefinition<T> {
  readonly id: (record: T) => string;
  /**
   * Fields that records can be listed by; an empty value is not indexed. A unique one refuses a second record with the
   * same value.
   */
  readonly indexes: Readonly<Record<string, { readonly value: (record: T) => string; readonly unique?: true }>>;
  /** Top-level fields that are encrypted at rest. */
  readonly sealed: readonly (keyof T & string)[];
  /** There are few of them and every operation reads them: a store may keep them decoded while they do not change. */
  readonly kept?: true;
}

const outcomeGroups: Readonly<Record<OperationRecord['outcome'], string>> = {
  open: 'unsettled',
  stuck: 'unsettled',
  undone: 'undone',
  done: '',
};

/** How each kind is identified, indexed and protected; every store implementation reads this table. */
export const kinds: { readonly [K in Kind]: KindDefinition<Records[K]> } = {
  backend: {
    id: (r) => r.uuid,
    indexes: { name: { value: (r) => r.name, unique: true } },
    sealed: ['config', 'facts'],
    kept: true,
  },
  volume: {
    id: (r) => r.config.name,
    indexes: {
      /** BE-74: subordinate volumes are none of their backend's. */
      backend: { value: (r) => (r.state === 'subordinate' ? '' : r.backendUUID) },
      /** `<backend uuid>/<internal name>`: one object on an array has one record. Subordinates have none. */
      object: {
        value: (r) => (r.config.internalName === '' ? '' : `${r.backendUUID}/${r.config.internalName}`),
        unique: true,
      },
      cloneSource: { value: (r) => r.config.cloneSourceVolume },
      shareSource: { value: (r) => r.config.shareSourceVolume },
    },
    sealed: [],
  },
  snapshot: {
    id: snapshotId,
    indexes: { volume: { value: (r) => r.volume }, group: { value: (r) => r.groupSnapshotName } },
    sealed: [],
  },
  groupSnapshot: { id: (r) => r.name, indexes: {}, sealed: [] },
  storageClass: { id: (r) => r.name, indexes: {}, sealed: [], kept: true },
  node: { id: (r) => r.name, indexes: {}, sealed: [] },
  publication: {
    id: publicationId,
    indexes: {
      volume: { value: (r) => r.volume },
      node: { value: (r) => r.node },
      backend: { value: (r) => r.backendUUID },
    },
    sealed: [],
  },
  operation: {
    id: (r) => r.id,
    /** What was done is all the rest: most entries are, and are never looked for. */
    indexes: { outcome: { value: (r) => outcomeGroups[r.outcome] } },
    sealed: ['state'],
  },
  driverNote: { id: driverNoteId, indexes: { backend: { value: (r) => r.backendUUID } }, sealed: [] },
};

/** A record with the revision it was read at. Revisions grow by one with each change of that record. */
export interface Stored<T> {
  readonly value: T;
  readonly revision: number;
}

/** One write. `revision` is the one the caller read, `'new'` when the record must not exist yet, `'any'` to overwrite. */
export type Change = {
  readonly [K in Kind]:
    | { readonly kind: K; readonly put: Records[K]; readonly revision: number | 'new' | 'any' }
    | { readonly kind: K; readonly remove: string; readonly revision?: number };
}[Kind];

export interface LeaseRequest {
  /** Lock names, `volume/v1`; taken in sorted order so that two requests cannot deadlock. */
  readonly exclusive?: readonly string[];
  readonly shared?: readonly string[];
  /** How long to wait for others; then a Problem of kind `conflict` names the lock and its holder. */
  readonly waitMs: number;
}

/** Locks held by this process, renewed until disposed. */
export interface Lease extends AsyncDisposable {
  /** Aborts when the lease could not be renewed and another process may have taken it. */
  readonly lost: AbortSignal;
  /** True when somebody else, here or in another process, waits for one of the locks just now. */
  isWanted(): Promise<boolean>;
}

/**
 * Where the engine keeps its records. Several processes may share one store.
 * Every method rejects with a Problem of kind `unavailable` when the store itself cannot be used.
 */
export interface Store extends AsyncDisposable {
  /** Identifies this installation on arrays; made when the store is first opened. */
  readonly installationUuid: string;
  /** Names this process as the owner of leases and operations. */
  readonly owner: string;

  /** The record, or undefined. Never throws for "not there". */
  get<K extends Kind>(kind: K, id: string): Promise<Stored<Records[K]> | undefined>;
  /** The record with this value in a unique index, or undefined. */
  find<K extends Kind>(kind: K, index: string, value: string): Promise<Stored<Records[K]> | undefined>;
  /** All records in id order, or those with `value` in `index`. The result is one consistent view. */
  list<K extends Kind>(
    kind: K,
    where?: { readonly index: string; readonly value: string },
  ): Promise<readonly Stored<Records[K]>[]>;
  /** The ids of all records in order, or of those that have an index value; without reading more of them. */
  ids(kind: Kind, where?: { readonly index: string; readonly value: string }): Promise<readonly string[]>;
  /** How many there are, without reading them. */
  count(kind: Kind, where?: { readonly index: string; readonly value: string }): Promise<number>;
  /**
   * All changes or none; durable when the promise resolves. A revision that is no longer current is a Problem
   * `store.changed` (kind `conflict`), a record or unique index value that exists already `store.exists` (kind `exists`).
   * Removing what is not there succeeds.
   */
  commit(changes: readonly Change[]): Promise<void>;
  /** Takes all the locks, or none. Waits for others, also in other processes; a holder that died is not waited for. */
  lease(request: LeaseRequest, signal: AbortSignal): Promise<Lease>;
  /** True while the process that calls itself so runs (or may run, on another host, until its leases expire). */
  isAlive(owner: string): Promise<boolean>;
}
