import type { JsonObject } from '../json.ts';
import { Problem } from '../problem.ts';
import type { Core } from './core.ts';
import { locks } from './core.ts';
import { readState } from './json-state.ts';
import type { BackendRecord, SnapshotRecord, VolumeConfig, VolumeRecord } from './model.ts';
import { snapshotId } from './model.ts';
import { notFound } from './problems.ts';
import { getVolume } from './records.ts';
import type { Locks } from './saga.ts';

/** What every operation on a snapshot has to know to find it again. */
export interface SnapshotState {
  readonly volume: string;
  readonly name: string;
  readonly backendUUID: string;
}

export const snapshotLocks = ({ volume, name, backendUUID }: SnapshotState): Locks => ({
  exclusive: [locks.volume(volume), locks.snapshot(volume, name)],
  shared: [locks.backend(backendUUID)],
});

export const snapshotSubject = (state: SnapshotState): string => `snapshot ${snapshotId(state)}`;

export const decodeSnapshotState = (json: JsonObject): SnapshotState => {
  const state = readState(json);
  return { volume: state.text('volume'), name: state.text('name'), backendUUID: state.text('backendUUID') };
};

/** The volume of a snapshot. @throws Problem `volume.not-found`, worded as for a source */
export const getSource = async (core: Core, name: string): Promise<VolumeRecord> =>
  (await getVolume(core.store, name, (volume) => `source volume ${volume} not found`)).value;

/**
 * A read-only clone shows a snapshot of its source, and there is nothing of its own to snapshot or clone.
 * @throws Problem `volume.read-only-clone`
 */
export const refuseView = (
  { config }: VolumeRecord,
  cannot: string,
  instead: (config: VolumeConfig) => string,
): void => {
  if (!config.readOnlyClone) return;
  throw new Problem(
    'volume.read-only-clone',
    'unsupported',
    `volume ${config.name} is a read-only clone and ${cannot}`,
    {
      hint: instead(config),
      nothingDone: true,
    },
  );
};

/** @throws Problem `volume.read-only-clone` */
export const refuseSnapshotOfView = (source: VolumeRecord): void =>
  refuseView(
    source,
    'has no snapshots of its own',
    ({ cloneSourceVolume }) => `take one of volume ${cloneSourceVolume} instead`,
  );

/** @throws Problem `snapshot.unsupported` */
export const requireSnapshots = (backend: BackendRecord, can: boolean): void => {
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
