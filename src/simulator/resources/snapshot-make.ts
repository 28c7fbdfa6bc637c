import { freezeContents } from '../core/contents.ts';
import { integer, text, type Entry, type StoredObject } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';

const SNAPSHOT = 'snapshot';
const GREATEST_COUNT = 1023;

export const checkSnapshotName = (name: string): void => {
  if (name === '' || name.length > 255 || /[/*?"'\s]/.test(name) || name === '.' || name === '..') {
    throw new Refusal(400, 1638518, `The snapshot name "${name}" is not valid.`, 'name');
  }
  if (/^snapmirror\./i.test(name))
    throw new Refusal(400, 1638477, `Snapshot names that start with "snapmirror." are reserved.`, 'name');
};

export const hasSnapshotRoom = (volume: Entry, world: World): boolean =>
  world.store.by(SNAPSHOT, 'volume', volume.$id).length < GREATEST_COUNT;

export const checkSnapshotRoom = (volume: Entry, world: World): void => {
  if (!hasSnapshotRoom(volume, world)) {
    throw new Refusal(400, 525062, `The volume "${text(volume, 'name')}" has ${GREATEST_COUNT} snapshots already.`);
  }
};

/** What a snapshot keeps of its volume at the moment it is made. */
export const snapshotValues = (volume: Entry, world: World) => ({
  volume: volume.$id,
  svm: text(volume, 'svm'),
  create_time: world.clock.text(),
  $order:
    world.store
      .by(SNAPSHOT, 'volume', volume.$id)
      .reduce((greatest, each) => Math.max(greatest, integer(each, '$order')), 0) + 1,
  $volume_used: integer(volume, '$used'),
  $contents: freezeContents('volume', volume.$id, world),
  size: 0,
  logical_size: integer(volume, '$used'),
});

/** The name, with a number after it when one of the snapshots has it. */
export const freeNameAmong = (snapshots: readonly Entry[], name: string): string => {
  const taken = new Set(snapshots.map((snapshot) => snapshot['name']));
  let free = name;
  for (let number = 1; taken.has(free); number++) free = `${name}_${number}`;
  return free;
};

/** The same among the snapshots of a volume. */
export const freeSnapshotName = (volume: Entry, name: string, world: World): string =>
  freeNameAmong(world.store.by(SNAPSHOT, 'volume', volume.$id), name);

/** A snapshot that ONTAP makes by itself, such as the one under a clone; its name is made free. */
export const newSnapshot = (volume: Entry, name: string, world: World): Entry => {
  checkSnapshotRoom(volume, world);
  return addSnapshot(volume, freeSnapshotName(volume, name, world), world, {});
};

/** The same, with more to it, where room is known to be. */
export const addSnapshot = (volume: Entry, name: string, world: World, more: StoredObject): Entry => {
  const id = world.random.uuid(SNAPSHOT);
  const snapshot: Entry = {
    $id: id,
    uuid: id,
    name,
    version_uuid: world.random.uuid('snapshot-version'),
    state: 'valid',
    ...snapshotValues(volume, world),
    ...more,
  };
  world.store.put(SNAPSHOT, snapshot);
  return snapshot;
};
