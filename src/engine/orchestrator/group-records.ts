import { Problem } from '../problem.ts';
import type { Core } from './core.ts';
import { locks } from './core.ts';
import type { GroupSnapshotRecord, SnapshotRecord } from './model.ts';
import { snapshotId } from './model.ts';
import { notFound } from './problems.ts';
import type { Locks } from './saga.ts';

/** A member of a group snapshot, with the backend it is on; empty when volume or backend are not on record any more. */
export interface GroupMember {
  readonly volume: string;
  readonly backendUUID: string;
}

const prefix = 'groupsnapshot-';
const validName = /^groupsnapshot-[A-Za-z0-9][\w.-]*$/;

/**
 * What the members of a group are called (GRP-1): `groupsnapshot-<text>` has members `snapshot-<text>`. Stock takes a
 * UUID only; any text that is good for a snapshot's name will do.
 * @throws Problem `groupsnapshot.name` (kind `invalid`)
 */
export const memberNameOf = (group: string): string => {
  if (validName.test(group) && group.indexOf(prefix, 1) === -1) return `snapshot-${group.slice(prefix.length)}`;
  throw new Problem('groupsnapshot.name', 'invalid', `invalid group snapshot ID format: ${group}`, {
    hint: 'it is groupsnapshot- followed by letters, digits, ".", "_" or "-"',
    path: ['name'],
    nothingDone: true,
  });
};

export const groupSubject = ({ name }: { readonly name: string }): string => `group snapshot ${name}`;

export const groupLocks = (name: string, member: string, members: readonly GroupMember[]): Locks => ({
  exclusive: [
    locks.group(name),
    ...members.map(({ volume }) => locks.volume(volume)),
    ...members.map(({ volume }) => locks.snapshot(volume, member)),
  ],
  shared: [...new Set(members.map(({ backendUUID }) => locks.backend(backendUUID)))],
});

/** @throws Problem `groupsnapshot.not-found` */
export const getGroup = async (
  { store }: Core,
  name: string,
  text: (name: string) => string,
): Promise<GroupSnapshotRecord> => {
  const found = await store.get('groupSnapshot', name);
  if (found === undefined) throw notFound('groupsnapshot.not-found', text(name));
  return found.value;
};

/** Members that are still on record. */
export const membersOf = async ({ store }: Core, group: string): Promise<readonly SnapshotRecord[]> =>
  (await store.list('snapshot', { index: 'group', value: group })).map(({ value }) => value);

/**
 * SNAP-12: a member goes with its group.
 * @throws Problem `snapshot.in-group` (kind `conflict`)
 */
export const refuseMember = async ({ store }: Core, snapshot: SnapshotRecord): Promise<void> => {
  const { groupSnapshotName: group } = snapshot;
  if (group === '' || (await store.get('groupSnapshot', group)) === undefined) return;
  throw new Problem(
    'snapshot.in-group',
    'conflict',
    `unable to delete snapshot: '${snapshotId(snapshot)}' while group: '${group}' exists`,
    { hint: 'delete the group snapshot, and its members go with it', nothingDone: true },
  );
};
