import { snapshotHandle } from '../drivers/objects.ts';
import { messageOf } from '../problem.ts';
import type { Core } from './core.ts';
import { locks } from './core.ts';
import { getGroup, groupLocks, groupSubject, memberNameOf, membersOf } from './group-records.ts';
import type { GroupMember } from './group-records.ts';
import { findHeirs, removeInherited } from './heirs.ts';
import { readState } from './json-state.ts';
import type { SnapshotRecord } from './model.ts';
import { snapshotId } from './model.ts';
import type { CallOptions } from './orchestrator.ts';
import { combineProblems } from './problems.ts';
import { handleOf } from './records.ts';
import type { FollowUp, Locks, Saga } from './saga.ts';
import { followDeletion, refuseSource } from './snapshot-remove.ts';
import { requireBackend } from './states.ts';

export interface GroupRemoveState {
  readonly name: string;
  readonly members: readonly GroupMember[];
  /** Volumes that may have inherited copies of members. */
  readonly heirs: readonly string[];
}

const removeLocks = ({ name, members, heirs }: GroupRemoveState): Locks => {
  const { exclusive, shared } = groupLocks(name, memberNameOf(name), members);
  return { exclusive: [...exclusive, ...heirs.map((heir) => locks.volume(heir))], shared };
};

/** GRP-9: without volume or backend only the record is left to remove. */
const removeMember = async (
  core: Core,
  snapshot: SnapshotRecord,
  locked: readonly string[],
  signal: AbortSignal,
): Promise<void> => {
  const volume = await core.store.get('volume', snapshot.volume);
  const backend = volume === undefined ? undefined : await core.store.get('backend', volume.value.backendUUID);
  if (volume !== undefined && backend !== undefined && !snapshot.importNotManaged) {
    const handle = handleOf(volume.value);
    await core.drivers.use(backend, (driver) => driver.deleteSnapshot(handle, snapshotHandle(snapshot), signal));
    const heirs = (await findHeirs(core, snapshot)).filter((heir) => locked.includes(heir));
    await removeInherited(core, heirs, snapshot, signal);
  }
  // At once, so that no record tells of a snapshot that is gone when another member stays.
  await core.store.commit([{ kind: 'snapshot', remove: snapshotId(snapshot) }]);
};

export const groupRemoveSaga = (core: Core): Saga<GroupRemoveState> => ({
  kind: 'group.delete',
  subject: groupSubject,
  locks: removeLocks,
  decode(json) {
    const state = readState(json);
    return {
      name: state.text('name'),
      heirs: state.texts('heirs'),
      members: state.objects('members').map((member) => {
        const read = readState(member);
        return { volume: read.text('volume'), backendUUID: read.text('backendUUID') };
      }),
    };
  },
  steps: [
    {
      name: 'delete',
      describe: ({ name, members }) =>
        `delete snapshot ${memberNameOf(name)} of volumes ${members.map(({ volume }) => volume).join(', ')}`,
      async run({ name, heirs }, { signal }) {
        const failures: unknown[] = [];
        for (const snapshot of await membersOf(core, name))
          try {
            await removeMember(core, snapshot, heirs, signal);
          } catch (error) {
            signal.throwIfAborted();
            failures.push(error);
          }
        if (failures.length === 0) return {};
        // Some of it may be done: nothing that was removed comes back, and the group stays so that this can be repeated.
        throw combineProblems('groupsnapshot.delete-failed', failures.map(messageOf).join('; '), failures, {
          nothingDone: false,
        });
      },
      records: async ({ name }) => [{ kind: 'groupSnapshot', remove: name }],
    },
  ],
  async followUps({ members }): Promise<readonly FollowUp[]> {
    const next = await Promise.all(members.map(({ volume }) => followDeletion(core, volume, undefined)));
    return next.flat();
  },
});

/** Deletes a group snapshot with its members (GRP-8 to GRP-10). */
export const removeGroupSnapshot = async (
  core: Core,
  saga: Saga<GroupRemoveState>,
  name: string,
  options: CallOptions,
): Promise<void> => {
  const findMembers = async (): Promise<readonly GroupMember[]> => {
    await getGroup(core, name, (group) => `group snapshot '${group}' not found`);
    const members: GroupMember[] = [];
    for (const { volume } of await membersOf(core, name)) {
      const backendUUID = (await core.store.get('volume', volume))?.value.backendUUID ?? '';
      members.push({ volume, backendUUID });
    }
    return members;
  };
  const known = await findMembers();
  const found = await Promise.all(known.map(({ volume }) => findHeirs(core, { volume, name: memberNameOf(name) })));
  const heirs = [...new Set(found.flat())];
  const check = async (): Promise<GroupRemoveState> => {
    const members = await findMembers();
    // Before anything is touched.
    for (const { volume, backendUUID } of members) {
      await refuseSource(core, volume, memberNameOf(name));
      const backend = await core.store.get('backend', backendUUID);
      if (backend !== undefined) requireBackend(backend.value, 'release');
    }
    return { name, members, heirs };
  };
  await core.runner.run(saga, removeLocks({ name, members: known, heirs }), check, options);
};
