import { snapshotHandle } from '../drivers/objects.ts';
import { Problem } from '../problem.ts';
import type { Core } from './core.ts';
import { locks } from './core.ts';
import { refuseMember } from './group-records.ts';
import { findHeirs, removeInherited } from './heirs.ts';
import { readState } from './json-state.ts';
import { snapshotId } from './model.ts';
import type { CallOptions } from './orchestrator.ts';
import { handleOf } from './records.ts';
import type { FollowUp, Locks, Saga } from './saga.ts';
import { decodeSnapshotState, getSnapshot, snapshotLocks, snapshotSubject } from './snapshot-records.ts';
import type { SnapshotState } from './snapshot-records.ts';
import { requireBackend } from './states.ts';
import { volumeCollect } from './volume-remove.ts';

export interface SnapshotRemoveState extends SnapshotState {
  /** Volumes that may have inherited a copy. */
  readonly heirs: readonly string[];
}

const removeLocks = (state: SnapshotRemoveState): Locks => {
  const { exclusive, shared } = snapshotLocks(state);
  return { exclusive: [...exclusive, ...state.heirs.map((heir) => locks.volume(heir))], shared };
};

export const snapshotRemoveSaga = (core: Core): Saga<SnapshotRemoveState> => ({
  kind: 'snapshot.delete',
  subject: snapshotSubject,
  locks: removeLocks,
  decode: (json) => ({
    ...decodeSnapshotState(json),
    heirs: json['heirs'] === undefined ? [] : readState(json).texts('heirs'),
  }),
  steps: [
    {
      name: 'delete',
      describe: ({ volume, name }) => `delete snapshot ${name} of volume ${volume}`,
      async run({ volume, name, backendUUID, heirs }, { signal }) {
        const record = await core.store.get('snapshot', snapshotId({ volume, name }));
        const source = await core.store.get('volume', volume);
        const backend = await core.store.get('backend', backendUUID);
        if (record === undefined || source === undefined || backend === undefined || record.value.importNotManaged)
          return {};
        const handle = handleOf(source.value);
        await core.drivers.use(backend, (driver) =>
          driver.deleteSnapshot(handle, snapshotHandle(record.value), signal),
        );
        await removeInherited(core, heirs, record.value, signal);
        return {};
      },
      records: async (state) => [{ kind: 'snapshot', remove: snapshotId(state) }],
    },
  ],
  followUps: ({ volume, name }) => followDeletion(core, volume, name),
});

/** SNAP-16: a volume may have waited for its last snapshot. `except`: the one whose record goes in this commit. */
export const followDeletion = async (
  { store }: Core,
  volume: string,
  except: string | undefined,
): Promise<readonly FollowUp[]> => {
  const source = await store.get('volume', volume);
  if (source?.value.state !== 'deleting') return [];
  const left = await store.list('snapshot', { index: 'volume', value: volume });
  return left.every(({ value }) => value.name === except) ? [volumeCollect(source.value)] : [];
};

/** SNAP-14, by volume and name. @throws Problem `snapshot.in-use` (kind `conflict`) */
export const refuseSource = async ({ store }: Core, volume: string, name: string): Promise<void> => {
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

/** Deletes a snapshot (SNAP-12 to SNAP-17). */
export const removeSnapshot = async (
  core: Core,
  saga: Saga<SnapshotRemoveState>,
  volume: string,
  name: string,
  options: CallOptions,
): Promise<void> => {
  const missing = (snapshot: string) => `snapshot ${snapshot} not found on volume ${volume}`;
  await getSnapshot(core, volume, name, missing);
  const backendUUID = (await core.store.get('volume', volume))?.value.backendUUID ?? '';
  const heirs = await findHeirs(core, { volume, name });
  const check = async (): Promise<SnapshotRemoveState> => {
    await refuseMember(core, await getSnapshot(core, volume, name, missing));
    await refuseSource(core, volume, name);
    const backend = await core.store.get('backend', backendUUID);
    // SNAP-13: without volume or backend only the record is left to remove.
    if (backend !== undefined) requireBackend(backend.value, 'release');
    return { volume, name, backendUUID, heirs };
  };
  await core.runner.run(saga, removeLocks({ volume, name, backendUUID, heirs }), check, options);
};
