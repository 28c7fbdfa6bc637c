import type { SnapshotOnArray } from '../drivers/objects.ts';
import type { JsonObject } from '../json.ts';
import { requireAddressable } from '../object-names.ts';
import { Problem } from '../problem.ts';
import type { Core } from './core.ts';
import { readState } from './json-state.ts';
import type { SnapshotRecord } from './model.ts';
import { snapshotId } from './model.ts';
import type { CallOptions, SnapshotRequest } from './orchestrator.ts';
import { notFound, wrapProblem } from './problems.ts';
import { getBackend, handleOf, refuseDeleting, requireManaged } from './records.ts';
import type { Saga } from './saga.ts';
import {
  decodeSnapshotState,
  getSnapshot,
  getSource,
  refuseSnapshotOfView,
  requireSnapshots,
  snapshotLocks,
  snapshotSubject,
} from './snapshot-records.ts';
import type { SnapshotState } from './snapshot-records.ts';
import { requireBackend } from './states.ts';

export interface TakeState extends SnapshotState {
  readonly version: string;
  readonly since: string;
  readonly made?: SnapshotOnArray;
}

/** A journalled snapshot. @throws Problem `journal.unreadable` */
export const decodeMade = (json: JsonObject): SnapshotOnArray => {
  const made = readState(json);
  return {
    internalName: made.text('internalName'),
    created: made.text('created'),
    size: made.integer('size'),
    ref: made.object('ref'),
  };
};

/** How far the array's clock may be behind ours, in milliseconds. */
const clockTolerance = 60_000;

/** True for a snapshot that the interrupted operation may have made: nobody else makes one of that name just then. */
const isSince = (created: string, since: string): boolean => Date.parse(created) >= Date.parse(since) - clockTolerance;

/** Removes what an interrupted snapshot left. One that was there before is not ours to remove. */
const discard = async (core: Core, state: TakeState, signal: AbortSignal): Promise<string | undefined> => {
  const volume = await core.store.get('volume', state.volume);
  if (volume === undefined) return undefined;
  const handle = handleOf(volume.value);
  const backend = await getBackend(core.store, state.backendUUID);
  return core.drivers.use(backend, async (driver) => {
    const found = await driver.findSnapshot(handle, state.name, signal);
    if (found === undefined) return undefined;
    if (!isSince(found.created, state.since))
      return `${snapshotSubject(state)} was on the array before and was left alone`;
    await driver.deleteSnapshot(handle, { name: state.name, internalName: found.internalName, ref: found.ref }, signal);
    return undefined;
  });
};

export const snapshotCreateSaga = (core: Core): Saga<TakeState> => ({
  kind: 'snapshot.create',
  subject: snapshotSubject,
  locks: snapshotLocks,
  decode(json) {
    const state = readState(json);
    const made = state.optionalObject('made');
    return {
      ...decodeSnapshotState(json),
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
  requireAddressable('snapshot', name, 'name');
  await refuseKnown(core, request);
  const { backendUUID } = await getSource(core, volume);
  const check = async (): Promise<TakeState> => {
    await refuseKnown(core, request);
    const source = await getSource(core, volume);
    if (source.state === 'subordinate')
      throw notFound('snapshot.subordinate', `creating snapshot is not allowed on subordinate volume ${volume}`);
    refuseDeleting(source, (volumeName) => `source volume ${volumeName} is deleting`);
    requireManaged(source.config, 'snapshotted');
    refuseSnapshotOfView(source);
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
