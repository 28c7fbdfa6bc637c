import { objects, text, type Entry, type StoredObject } from '../core/entry.ts';
import type { World } from '../core/world.ts';
import { GROUP, membersOf } from './consistency-group-members.ts';

/** A snapshot of a group is made of one snapshot for each of its volumes. */

export const GROUP_SNAPSHOT = 'consistency_group_snapshot';

/** Member of its record: pairs of volume and snapshot that it was made of. */
export const PARTS = '$parts';

export const snapshotsOf = (group: string, world: World): readonly Entry[] =>
  world.store.by(GROUP_SNAPSHOT, 'consistency_group', group);

/** Its snapshots are none of the group's any more; those of the volumes stay. */
export const forgetSnapshots = (group: string, world: World): void => {
  for (const { $id } of snapshotsOf(group, world)) world.store.remove(GROUP_SNAPSHOT, $id);
};

/** What is left of it: snapshots of volumes can be deleted one by one. */
export const partsLeft = (entry: Entry, world: World): readonly StoredObject[] =>
  objects(entry, PARTS).filter(
    (part) => world.store.find('snapshot', text(part, 'snapshot')) && world.store.find('volume', text(part, 'volume')),
  );

export const volumesLeft = (entry: Entry, world: World): readonly Entry[] =>
  partsLeft(entry, world).flatMap((part) => world.store.find('volume', text(part, 'volume')) ?? []);

const membersNow = (entry: Entry, world: World): readonly Entry[] => {
  const group = world.store.find(GROUP, text(entry, 'consistency_group'));
  return group ? membersOf(group, world) : [];
};

/** Volumes that are in the group and not in the snapshot. */
export const volumesMissing = (entry: Entry, world: World): readonly Entry[] => {
  const left = new Set(volumesLeft(entry, world).map((volume) => volume.$id));
  return membersNow(entry, world).filter((volume) => !left.has(volume.$id));
};

/** Whether a part of it has gone, or the group has a volume that it is not of. */
export const isPartial = (entry: Entry, world: World): boolean =>
  partsLeft(entry, world).length < objects(entry, PARTS).length || volumesMissing(entry, world).length > 0;

/** Whether the group cannot be set back to it: a part of it has gone, or one of its volumes is not in the group any more. */
export const isStale = (entry: Entry, world: World): boolean => {
  const members = new Set(membersNow(entry, world).map(({ $id }) => $id));
  return (
    partsLeft(entry, world).length < objects(entry, PARTS).length ||
    volumesLeft(entry, world).some(({ $id }) => !members.has($id))
  );
};
