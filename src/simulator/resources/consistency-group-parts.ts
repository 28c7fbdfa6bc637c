import { objects, text, type Entry, type StoredObject } from '../core/entry.ts';
import type { World } from '../core/world.ts';
import { membersOf } from './consistency-group-members.ts';

/** A snapshot of a group is made of one snapshot for each of its volumes. */

export const GROUP_SNAPSHOT = 'consistency_group_snapshot';

/** Member of its record: pairs of volume and snapshot that it was made of. */
export const PARTS = '$parts';

/** What is left of it: snapshots of volumes can be deleted one by one. */
export const partsLeft = (entry: Entry, world: World): readonly StoredObject[] =>
  objects(entry, PARTS).filter(
    (part) => world.store.find('snapshot', text(part, 'snapshot')) && world.store.find('volume', text(part, 'volume')),
  );

export const volumesLeft = (entry: Entry, world: World): readonly Entry[] =>
  partsLeft(entry, world).flatMap((part) => world.store.find('volume', text(part, 'volume')) ?? []);

/** Volumes that are in the group and not in the snapshot. */
export const volumesMissing = (entry: Entry, world: World): readonly Entry[] => {
  const group = world.store.find('consistency_group', text(entry, 'consistency_group'));
  const left = new Set(volumesLeft(entry, world).map((volume) => volume.$id));
  return group ? membersOf(group, world).filter((volume) => !left.has(volume.$id)) : [];
};

/** Whether a part of it has gone, or the group has a volume that it is not of. */
export const isPartial = (entry: Entry, world: World): boolean =>
  partsLeft(entry, world).length < objects(entry, PARTS).length || volumesMissing(entry, world).length > 0;
