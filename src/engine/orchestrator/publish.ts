import type { Driver } from '../drivers/driver.ts';
import type { Published } from '../drivers/objects.ts';
import type { JsonObject } from '../json.ts';
import { Problem } from '../problem.ts';
import type { Change } from '../store/store.ts';
import type { Core } from './core.ts';
import { locks } from './core.ts';
import { readState } from './json-state.ts';
import type { BackendRecord, NodeRecord, PublicationRecord, VolumeConfig, VolumeRecord } from './model.ts';
import { publicationId, publicationName } from './model.ts';
import { nodesOf } from './nodes-of.ts';
import type { CallOptions, PublicationRequest } from './orchestrator.ts';
import { isRefusal, notFound } from './problems.ts';
import { editVolume, getBackend, getNode, getVolume, handleOf, refuseDeleting } from './records.ts';
import type { Locks, Saga } from './saga.ts';
import { requireBackend } from './states.ts';

export interface PublishState {
  readonly volume: string;
  readonly node: string;
  readonly backendUUID: string;
  readonly readOnly: boolean;
  readonly accessMode: number;
  readonly storageClass: string;
  readonly pool: string;
  /** False when it was published before: then there is nothing to take back. */
  readonly isNew: boolean;
  readonly published?: Published;
}

export const publicationLocks = ({
  volume,
  node,
  backendUUID,
}: Pick<PublishState, 'volume' | 'node' | 'backendUUID'>): Locks => ({
  exclusive: [locks.volume(volume)],
  shared: [locks.backend(backendUUID), locks.node(node)],
});

const decodePublished = (json: JsonObject): Published => {
  const published = readState(json);
  return {
    accessInformation: published.object('accessInformation'),
    ref: published.object('ref'),
    config: published.object('config'),
  };
};

/** The volume's record with what granting or revoking told about it. */
export const withPublished = (record: VolumeRecord, published: Published): VolumeRecord => ({
  ...record,
  ref: published.ref,
  config: { ...record.config, ...published.config, accessInformation: published.accessInformation },
});

const recordOf = (state: PublishState): PublicationRecord => ({
  volume: state.volume,
  node: state.node,
  readOnly: state.readOnly,
  accessMode: state.accessMode,
  storageClass: state.storageClass,
  backendUUID: state.backendUUID,
  pool: state.pool,
});

const readVolume = async (core: Core, name: string): Promise<VolumeRecord> =>
  (await getVolume(core.store, name, (volume) => `volume ${volume} not found`)).value;

/** The record is written before the array is touched, so that whatever the array may grant is on record (PUB-13). */
const recordIntent = async (core: Core, state: PublishState): Promise<readonly Change[]> => {
  const existing = await core.store.get('publication', publicationId(state));
  return [{ kind: 'publication', put: recordOf(state), revision: existing?.revision ?? 'new' }];
};

const grant = async (
  core: Core,
  { volume: name, node: nodeName, backendUUID, readOnly, accessMode }: PublishState,
  signal: AbortSignal,
): Promise<Published> => {
  const volume = await readVolume(core, name);
  const node = await getNode(core.store, nodeName);
  const backend = await getBackend(core.store, backendUUID);
  const nodes = await nodesOf(core.store, volume, undefined);
  const request = { volume: handleOf(volume), node: node.value, nodes, readOnly, accessMode };
  return core.drivers.use(backend, (driver) => driver.publish(request, signal));
};

/**
 * Takes back what may have been granted. The record does not know how far that came, and a driver revokes what the
 * record knows; so access is granted once more, which tells, and is then revoked.
 */
const revoke = async (core: Core, state: PublishState, signal: AbortSignal): Promise<undefined> => {
  if (!state.isNew) return undefined;
  const volume = await readVolume(core, state.volume);
  const node = await getNode(core.store, state.node);
  const backend = await getBackend(core.store, state.backendUUID);
  const published = await grant(core, state, signal).catch((error: unknown) => {
    if (!isRefusal(error)) throw error;
    return undefined;
  });
  const known = published === undefined ? volume : withPublished(volume, published);
  const remaining = await nodesOf(core.store, volume, state.node);
  await core.drivers.use(backend, (driver) =>
    driver.unpublish({ volume: handleOf(known), node: node.value, remaining }, signal),
  );
  return undefined;
};

export const publishSaga = (core: Core): Saga<PublishState> => ({
  kind: 'publication.publish',
  subject: ({ volume, node }) => `publication of volume ${volume} to node ${node}`,
  locks: publicationLocks,
  decode(json) {
    const state = readState(json);
    const published = state.optionalObject('published');
    return {
      volume: state.text('volume'),
      node: state.text('node'),
      backendUUID: state.text('backendUUID'),
      readOnly: state.flag('readOnly'),
      accessMode: state.integer('accessMode'),
      storageClass: state.text('storageClass'),
      pool: state.text('pool'),
      isNew: state.flag('isNew'),
      ...(published === undefined ? {} : { published: decodePublished(published) }),
    };
  },
  steps: [
    {
      name: 'record',
      describe: ({ volume, node }) => `record that volume ${volume} is published to node ${node}`,
      records: (state) => recordIntent(core, state),
      async undo(state) {
        if (state.isNew) await core.store.commit([{ kind: 'publication', remove: publicationId(state) }]);
        return undefined;
      },
    },
    {
      name: 'grant',
      describe: ({ volume, node }) => `give node ${node} access to volume ${volume}`,
      run: async (state, { signal }) => ({ published: await grant(core, state, signal) }),
      records: ({ volume, published }) =>
        editVolume(core.store, volume, (record) =>
          published === undefined ? undefined : withPublished(record, published),
        ),
      undo: (state, signal) => revoke(core, state, signal),
    },
  ],
});

/** CSI access-mode number that a volume's own mode stands for. */
const accessModeOf = ({ accessMode, protocol }: VolumeConfig): number => {
  switch (accessMode) {
    case 'ReadWriteOnce':
      return 1;
    case 'ReadOnlyMany':
      return 3;
    case 'ReadWriteMany':
      return 5;
    case 'ReadWriteOncePod':
      return 6;
    case '':
      return protocol === 'block' ? 1 : 5;
  }
};

/** PUB-12 */
const requireSafe = (driver: Driver, backend: BackendRecord, node: NodeRecord): void => {
  if (!driver.manifest.publish)
    throw new Problem(
      'volume.publish-unsupported',
      'unsupported',
      `${backend.driver} driver does not support Publish`,
      {
        nothingDone: true,
      },
    );
  if (!driver.manifest.enforcesAccess || node.publicationState === 'clean') return;
  throw new Problem('node.not-safe', 'conflict', `not safe to publish ${backend.driver} volume to node ${node.name}`, {
    hint: `the node is ${node.publicationState}: it has to clean up what it had attached first`,
    nothingDone: true,
  });
};

/** PUB-14 */
const refuseOtherOptions = (existing: PublicationRecord | undefined, readOnly: boolean, accessMode: number): void => {
  if (existing === undefined || (existing.readOnly === readOnly && existing.accessMode === accessMode)) return;
  throw new Problem(
    'publication.other-options',
    'exists',
    'this volume is already published to this node with different options',
    { hint: 'unpublish it first', nothingDone: true },
  );
};

/** Gives a node access to a volume (PUB-10 to PUB-20). Repeating it with the same options succeeds. */
export const publishVolume = async (
  core: Core,
  saga: Saga<PublishState>,
  request: PublicationRequest,
  options: CallOptions,
): Promise<PublicationRecord> => {
  const { volume: name, node: nodeName, readOnly } = request;
  const { backendUUID } = await readVolume(core, name);
  const check = async (): Promise<PublishState> => {
    const volume = await readVolume(core, name);
    refuseDeleting(volume, (volumeName) => `volume ${volumeName} is deleting`);
    const node = await getNode(core.store, nodeName);
    const backend = await getBackend(core.store, backendUUID);
    requireBackend(backend.value, 'publish');
    await core.drivers.use(backend, (driver) => requireSafe(driver, backend.value, node.value));
    const accessMode = request.accessMode === 0 ? accessModeOf(volume.config) : request.accessMode;
    const existing = await core.store.get('publication', publicationId(request));
    refuseOtherOptions(existing?.value, readOnly, accessMode);
    return {
      volume: name,
      node: nodeName,
      backendUUID,
      readOnly,
      accessMode,
      storageClass: volume.config.storageClass,
      pool: volume.pool,
      isNew: existing === undefined,
    };
  };
  const state = await core.runner.run(
    saga,
    publicationLocks({ volume: name, node: nodeName, backendUUID }),
    check,
    options,
  );
  return recordOf(state);
};

/** @throws Problem `publication.not-found` */
export const getPublication = async ({ store }: Core, volume: string, node: string): Promise<PublicationRecord> => {
  const found = await store.get('publication', publicationId({ volume, node }));
  if (found === undefined)
    throw notFound('publication.not-found', `volume publication ${publicationName({ volume, node })} was not found`);
  return found.value;
};
