import { Problem } from '../../engine/problem.ts';
import type { AnyCore } from './collection.ts';
import { explain } from './explain.ts';

/** @throws Problem when a text is no ID of a group snapshot */
export const checkGroupId = (id: string): void => {
  if (id.split('groupsnapshot-').length !== 2)
    throw new Problem(
      'cli.groupSnapshotId',
      'usage',
      `invalid group snapshot ID ${id}: invalid group snapshot ID format: ${id}`,
      id.includes('groupsnapshot-') ? {} : { hint: `the IDs of group snapshots begin so: ${groupIdOf(id)}` },
    );
};

/** The ID of the group snapshot that a user calls so: the prefix may be left out. */
export const groupIdOf = (name: string): string => (name.startsWith('groupsnapshot-') ? name : `groupsnapshot-${name}`);

export const groupSnapshotNames = async ({ call }: AnyCore, signal: AbortSignal): Promise<readonly string[]> => {
  const answer = await explain('could not get group snapshots', () => call.listGroupSnapshots({ params: {}, signal }));
  if (answer.groupSnapshots === null)
    throw new Problem('core.emptyAnswer', 'unavailable', 'could not get group snapshots; no group snapshots found');
  return answer.groupSnapshots;
};
