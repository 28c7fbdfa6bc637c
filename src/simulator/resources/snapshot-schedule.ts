import { text, type Entry } from '../core/entry.ts';
import type { World } from '../core/world.ts';
import { byDepth, groupsWith, takeGroupSnapshot } from './consistency-group-schedule.ts';
import { clonesOn, isMirrorBase } from './snapshot.ts';
import { addSnapshot, hasSnapshotRoom } from './snapshot-make.ts';
import { dropSnapshot } from './volume-data.ts';
import { COPY, pastCount, scheduledMarks, stampedName } from './snapshot-copies.ts';

const SNAPSHOT = 'snapshot';
const ORDINAL = 'ordinal';

const madeBy = (volume: string, prefix: string, world: World): readonly Entry[] =>
  world.store.by(SNAPSHOT, 'volume', volume).filter((snapshot) => snapshot['$scheduled'] === prefix);

/** `hourly.0` is always the newest: the others move on by one. */
const makeWayForOrdinal = (volume: Entry, prefix: string, world: World) => {
  const older = madeBy(volume.$id, prefix, world).toReversed();
  for (const [index, snapshot] of [...older.entries()].toReversed())
    world.store.change(SNAPSHOT, snapshot.$id, { name: `${prefix}.${index + 1}` });
};

const isHeld = (snapshot: Entry, world: World) => clonesOn(snapshot.$id, world).length > 0 || isMirrorBase(snapshot);

const takeSnapshot = (volume: Entry, copy: Entry, world: World) => {
  const prefix = text(copy, 'prefix');
  const ordinal = text(volume, 'scheduled_snapshot_naming_scheme') === ORDINAL;
  const name = ordinal ? `${prefix}.0` : stampedName(copy, world);
  if (!hasSnapshotRoom(volume, world)) return;
  if (ordinal) makeWayForOrdinal(volume, prefix, world);
  if (world.store.by(SNAPSHOT, 'volume', volume.$id).some((snapshot) => snapshot['name'] === name)) return;
  addSnapshot(volume, name, world, scheduledMarks(copy));
  for (const snapshot of pastCount(madeBy(volume.$id, prefix, world), copy))
    if (!isHeld(snapshot, world)) dropSnapshot(snapshot, world);
};

/** Whether a policy of some volume or consistency group has copies with the schedule. */
export const hasScheduledSnapshots = (schedule: Entry, world: World): boolean =>
  world.store.by(COPY, 'schedule', schedule.$id).some((copy) => {
    const policy = text(copy, 'snapshot_policy');
    return world.store.by('volume', 'snapshot_policy', policy).length > 0 || groupsWith(policy, world).length > 0;
  });

/**
 * A schedule runs: consistency groups whose policy has copies with it get a snapshot, and so does every read-write
 * volume by its own policy. The groups go first: a volume that has a snapshot of the name by then gets no second one.
 */
export const takeScheduledSnapshots = (schedule: Entry, world: World): void => {
  const copies = world.store
    .by(COPY, 'schedule', schedule.$id)
    .filter((copy) => world.store.find('snapshot_policy', text(copy, 'snapshot_policy'))?.['enabled'] === true);
  const groups = copies.flatMap((copy) =>
    groupsWith(text(copy, 'snapshot_policy'), world).map((group) => ({ group, copy })),
  );
  for (const { group, copy } of groups.toSorted((a, b) => byDepth(a.group, b.group)))
    takeGroupSnapshot(group, copy, world);
  for (const copy of copies)
    for (const volume of world.store.by('volume', 'snapshot_policy', text(copy, 'snapshot_policy')))
      if (text(volume, 'type') === 'rw' && text(volume, 'state') === 'online') takeSnapshot(volume, copy, world);
};
