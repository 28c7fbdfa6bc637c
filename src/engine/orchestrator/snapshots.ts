import type { SnapshotOnArray, VolumeHandle } from '../drivers/driver.ts';
import { snapshotHandle } from '../drivers/driver.ts';
import type { JsonObject } from '../json.ts';
import { Problem } from '../problem.ts';
import type { Core } from './core.ts';
import { locks } from './core.ts';
import { readState } from './json-state.ts';
import type { BackendRecord, SnapshotRecord, VolumeRecord } from './model.ts';
import { snapshotId } from './model.ts';
import type { CallOptions, SnapshotRequest } from './orchestrator.ts';
import { notFound, wrapProblem } from './problems.ts';
import { getBackend, getVolume, handleOf, refuseDeleting, requireManaged } from './records.ts';
import type { FollowUp, Locks, Saga } from './saga.ts';
import { requireBackend } from './states.ts';
import { volumeCollect } from './volume-remove.ts';

/** What every operation on a snapshot has to know to find it again. */
export interface SnapshotState {
  readonly volume: string;
  readonly name: string;
  readonly backendUUID: string;
}

export interface TakeState extends SnapshotState {
  readonly version: string;
  readonly since: string;
  readonly made?: SnapshotOnArray;
}

const snapshotLocks = ({ volume, name, backendUUID }: SnapshotState): Locks => ({
  exclusive: [locks.volume(volume), locks.snapshot(volume, name)],
  shared: [locks.backend(backendUUID)],
});

const subject = (state: SnapshotState): string => `snapshot ${snapshotId(state)}`;

const decodeTarget = (json: JsonObject): SnapshotState => {
  const state = readState(json);
  return { volume: state.text('volume'), name: state.text('name'), backendUUID: state.text('backendUUID') };
};

const decodeMade = (json: JsonObject): SnapshotOnArray => {
  const made = readState(json);
  return {
    internalName: made.text('internalName'),
    created: made.text('created'),
    size: made.integer('size'),
    ref: made.object('ref'),
  };
};

/** Arrays tell times in whole seconds; the comparison must not be finer. */
const isSince = (created: string, since: string): boolean =>
  Math.floor(Date.parse(created) / 1000) >= Math.floor(Date.parse(since) / 1000);

/** Removes what an interrupted snapshot left. One that was there before is not ours to remove. */
const discard = async (core: Core, state: TakeState, signal: AbortSignal): Promise<string | undefined> => {
  const volume = await core.store.get('volume', state.volume);
  if (volume === undefined) return undefined;
  const handle = handleOf(volume.value);
  const backend = await getBackend(core.store, state.backendUUID);
  return core.drivers.use(backend, async (driver) => {
    const found = await driver.findSnapshot(handle, state.name, signal);
    if (found === undefined) return undefined;
    if (!isSince(found.created, state.since)) return `${subject(state)} was on the array before and was left alone`;
    await driver.deleteSnapshot(handle, { name: state.name, internalName: found.internalName, ref: found.ref }, signal);
    return undefined;
  });
};

export const snapshotCreateSaga = (core: Core): Saga<TakeState> => ({
  kind: 'snapshot.create',
  subject,
  locks: snapshotLocks,
  decode(json) {
    const state = readState(json);
    const made = state.optionalObject('made');
    return {
      ...decodeTarget(json),
      version: state.text('version'),
      since: state.text('since'),
      ...(made === undefined ? {} : { made: decodeMade(made) }),
    };
  },
  steps: [
    {
      name: 'take',
      describe: ({ volume, name }) => `take snapshot ${name} of volume ${volume}`,
      async run({ volume, name, backendUUID }, { signal }) {
        const backend = await getBackend(core.store, backendUUID);
        const handle = handleOf(await getSource(core, volume));
        try {
          return { made: await core.drivers.use(backend, (driver) => driver.createSnapshot(handle, name, signal)) };
        } catch (error) {
          signal.throwIfAborted();
          throw wrapProblem(
            'snapshot.create-failed',
            (text) =>
              `failed to create snapshot ${name} for volume ${volume} on backend ${backend.value.name}: ${text}`,
            error,
          );
        }
      },
      async records({ volume, name, version, made }) {
        if (made === undefined) return [];
        const { config } = await getSource(core, volume);
        const put: SnapshotRecord = {
          volume,
          name,
          internalName: made.internalName,
          volumeInternalName: config.internalName,
          created: made.created,
          size: made.size,
          state: 'online',
          version,
          importNotManaged: false,
          groupSnapshotName: '',
          // SNAP-7: the names at the end, which a rotation meanwhile may have changed.
          luksPassphraseNames: config.luksPassphraseNames,
          ref: made.ref,
        };
        return [{ kind: 'snapshot', put, revision: 'new' }];
      },
      undo: (state, signal) => discard(core, state, signal),
    },
  ],
});

const getSource = async (core: Core, name: string): Promise<VolumeRecord> =>
  (await getVolume(core.store, name, (volume) => `source volume ${volume} not found`)).value;

const requireSnapshots = (backend: BackendRecord, can: boolean): void => {
  if (can) return;
  throw new Problem(
    'snapshot.unsupported',
    'unsupported',
    `snapshots are not supported by backend type ${backend.driver}`,
    {
      nothingDone: true,
    },
  );
};

/** Takes a snapshot (SNAP-2 to SNAP-8); one that the array has already under this name is taken on record. */
export const createSnapshot = async (
  core: Core,
  saga: Saga<TakeState>,
  request: SnapshotRequest,
  options: CallOptions,
): Promise<SnapshotRecord> => {
  const { volume, name, version } = request;
  if (volume === '' || name === '')
    throw new Problem(
      'snapshot.incomplete',
      'invalid',
      'the following fields for "Snapshot" are mandatory: name and volumeName',
    );
  await refuseKnown(core, request);
  const { backendUUID } = await getSource(core, volume);
  const check = async (): Promise<TakeState> => {
    await refuseKnown(core, request);
    const source = await getSource(core, volume);
    if (source.state === 'subordinate')
      throw notFound('snapshot.subordinate', `creating snapshot is not allowed on subordinate volume ${volume}`);
    refuseDeleting(source, (volumeName) => `source volume ${volumeName} is deleting`);
    requireManaged(source.config, 'snapshotted');
    const backend = await getBackend(core.store, backendUUID);
    requireBackend(backend.value, 'provision');
    await core.drivers.use(backend, ({ manifest }) => requireSnapshots(backend.value, manifest.snapshots));
    return { volume, name, backendUUID, version, since: core.now().toISOString() };
  };
  await core.runner.run(saga, snapshotLocks({ volume, name, backendUUID }), check, options);
  return getSnapshot(core, volume, name, (snapshot) => `snapshot ${snapshot} was not found`);
};

const refuseKnown = async ({ store }: Core, { volume, name }: SnapshotRequest): Promise<void> => {
  const id = snapshotId({ volume, name });
  if ((await store.get('snapshot', id)) !== undefined)
    throw new Problem('snapshot.exists', 'exists', `snapshot ${id} already exists`, { nothingDone: true });
};

/** @throws Problem `snapshot.not-found` */
export const getSnapshot = async (
  { store }: Core,
  volume: string,
  name: string,
  text: (name: string) => string,
): Promise<SnapshotRecord> => {
  const found = await store.get('snapshot', snapshotId({ volume, name }));
  if (found === undefined) throw notFound('snapshot.not-found', text(name));
  return found.value;
};

export const snapshotRemoveSaga = (core: Core): Saga<SnapshotState> => ({
  kind: 'snapshot.delete',
  subject,
  locks: snapshotLocks,
  decode: decodeTarget,
  steps: [
    {
      name: 'delete',
      describe: ({ volume, name }) => `delete snapshot ${name} of volume ${volume}`,
      async run({ volume, name, backendUUID }, { signal }) {
        const record = await core.store.get('snapshot', snapshotId({ volume, name }));
        const source = await core.store.get('volume', volume);
        const backend = await core.store.get('backend', backendUUID);
        if (record === undefined || source === undefined || backend === undefined || record.value.importNotManaged)
          return {};
        const handle: VolumeHandle = handleOf(source.value);
        await core.drivers.use(backend, (driver) =>
          driver.deleteSnapshot(handle, snapshotHandle(record.value), signal),
        );
        return {};
      },
      records: async (state) => [{ kind: 'snapshot', remove: snapshotId(state) }],
    },
  ],
  // SNAP-16: the volume may have waited for its last snapshot.
  async followUps({ volume, name }): Promise<readonly FollowUp[]> {
    const source = await core.store.get('volume', volume);
    if (source?.value.state !== 'deleting') return [];
    const left = await core.store.list('snapshot', { index: 'volume', value: volume });
    return left.every(({ value }) => value.name === name) ? [volumeCollect(source.value)] : [];
  },
});

/** SNAP-14, by volume and name. */
const refuseSource = async ({ store }: Core, volume: string, name: string): Promise<void> => {
  const clones = await store.list('volume', { index: 'cloneSource', value: volume });
  const clone = clones.find(({ value: { config } }) => config.readOnlyClone && config.cloneSourceSnapshot === name);
  if (clone === undefined) return;
  throw new Problem(
    'snapshot.in-use',
    'conflict',
    `unable to delete snapshot ${snapshotId({ volume, name })}: it is the source of read-only clone ${clone.value.config.name}`,
    { hint: `delete volume ${clone.value.config.name} first`, nothingDone: true },
  );
};

/** Deletes a snapshot (SNAP-12 to SNAP-16). */
export const removeSnapshot = async (
  core: Core,
  saga: Saga<SnapshotState>,
  volume: string,
  name: string,
  options: CallOptions,
): Promise<void> => {
  const missing = (snapshot: string) => `snapshot ${snapshot} not found on volume ${volume}`;
  await getSnapshot(core, volume, name, missing);
  const backendUUID = (await core.store.get('volume', volume))?.value.backendUUID ?? '';
  const check = async (): Promise<SnapshotState> => {
    await getSnapshot(core, volume, name, missing);
    await refuseSource(core, volume, name);
    const backend = await core.store.get('backend', backendUUID);
    // SNAP-13: without volume or backend only the record is left to remove.
    if (backend !== undefined) requireBackend(backend.value, 'release');
    return { volume, name, backendUUID };
  };
  await core.runner.run(saga, snapshotLocks({ volume, name, backendUUID }), check, options);
};

export const snapshotRestoreSaga = (core: Core): Saga<SnapshotState> => ({
  kind: 'snapshot.restore',
  subject,
  locks: snapshotLocks,
  decode: decodeTarget,
  steps: [
    {
      name: 'restore',
      describe: ({ volume, name }) => `restore volume ${volume} to snapshot ${name}`,
      async run({ volume, name, backendUUID }, { signal }) {
        const snapshot = await getSnapshot(
          core,
          volume,
          name,
          (text) => `snapshot ${text} not found on volume ${volume}`,
        );
        const handle = handleOf(await getSource(core, volume));
        const backend = await getBackend(core.store, backendUUID);
        await core.drivers.use(backend, (driver) => driver.restoreSnapshot(handle, snapshotHandle(snapshot), signal));
        return {};
      },
    },
  ],
});

/** SNAP-18, publications of volumes that share this one included. */
const refuseAttached = async ({ store }: Core, volume: string): Promise<void> => {
  const sharing = await store.list('volume', { index: 'shareSource', value: volume });
  for (const name of [volume, ...sharing.map(({ value }) => value.config.name)]) {
    const [publication] = await store.list('publication', { index: 'volume', value: name });
    if (publication === undefined) continue;
    throw new Problem('snapshot.attached', 'conflict', 'cannot restore attached volume to snapshot', {
      hint: `volume ${name} is published to node ${publication.value.node}`,
      nothingDone: true,
    });
  }
};

/** Puts a volume back to what a snapshot holds; the volume must not be published. */
export const restoreSnapshot = async (
  core: Core,
  saga: Saga<SnapshotState>,
  volume: string,
  name: string,
  options: CallOptions,
): Promise<SnapshotRecord> => {
  const missing = (snapshot: string) => `snapshot ${snapshot} not found on volume ${volume}`;
  const { backendUUID } = (await getVolume(core.store, volume, (text) => `volume ${text} not found`)).value;
  const check = async (): Promise<SnapshotState> => {
    await getSnapshot(core, volume, name, missing);
    const { config } = (await getVolume(core.store, volume, (text) => `volume ${text} not found`)).value;
    await refuseAttached(core, volume);
    requireManaged(config, 'restored');
    const backend = await getBackend(core.store, backendUUID);
    requireBackend(backend.value, 'provision');
    await core.drivers.use(backend, ({ manifest }) => requireSnapshots(backend.value, manifest.restore));
    return { volume, name, backendUUID };
  };
  await core.runner.run(saga, snapshotLocks({ volume, name, backendUUID }), check, options);
  return getSnapshot(core, volume, name, missing);
};
