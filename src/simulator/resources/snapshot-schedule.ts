import { integer, text, type Entry } from '../core/entry.ts';
import type { World } from '../core/world.ts';
import { clonesOn, isMirrorBase } from './snapshot.ts';
import { addSnapshot, hasSnapshotRoom } from './snapshot-make.ts';
import { dropSnapshot } from './volume-data.ts';
import { COPY, NO_LABEL } from './snapshot-copies.ts';

const SNAPSHOT = 'snapshot';
const ORDINAL = 'ordinal';

/** `hourly.2025-05-01_0905`. */
const stampedName = (prefix: string, world: World): string =>
  `${prefix}.${world.clock.text().slice(0, 16).replace('T', '_').replaceAll(':', '')}`;

const madeBy = (volume: string, prefix: string, world: World): readonly Entry[] =>
  world.store.by(SNAPSHOT, 'volume', volume).filter((snapshot) => snapshot['$scheduled'] === prefix);

/** `hourly.0` is always the newest: the others move on by one. */
const makeWayForOrdinal = (volume: Entry, prefix: string, world: World) => {
  const older = madeBy(volume.$id, prefix, world).toReversed();
  for (const [index, snapshot] of [...older.entries()].toReversed())
    world.store.change(SNAPSHOT, snapshot.$id, { name: `${prefix}.${index + 1}` });
};

const isHeld = (snapshot: Entry, world: World) => clonesOn(snapshot.$id, world).length > 0 || isMirrorBase(snapshot);

const dropOldest = (volume: Entry, prefix: string, count: number, world: World) => {
  const all = madeBy(volume.$id, prefix, world);
  for (const snapshot of all.slice(0, Math.max(0, all.length - count)))
    if (!isHeld(snapshot, world)) dropSnapshot(snapshot, world);
};

const takeSnapshot = (volume: Entry, copy: Entry, world: World) => {
  const prefix = text(copy, 'prefix');
  const ordinal = text(volume, 'scheduled_snapshot_naming_scheme') === ORDINAL;
  const name = ordinal ? `${prefix}.0` : stampedName(prefix, world);
  if (!hasSnapshotRoom(volume, world)) return;
  if (ordinal) makeWayForOrdinal(volume, prefix, world);
  if (world.store.by(SNAPSHOT, 'volume', volume.$id).some((snapshot) => snapshot['name'] === name)) return;
  addSnapshot(volume, name, world, {
    $scheduled: prefix,
    ...(text(copy, 'snapmirror_label') === NO_LABEL ? {} : { snapmirror_label: copy['snapmirror_label'] }),
  });
  dropOldest(volume, prefix, integer(copy, 'count'), world);
};

/** Whether a policy of some volume has copies with the schedule. */
export const hasScheduledVolumes = (schedule: Entry, world: World): boolean =>
  world.store
    .by(COPY, 'schedule', schedule.$id)
    .some((copy) => world.store.by('volume', 'snapshot_policy', text(copy, 'snapshot_policy')).length > 0);

/** A schedule runs: every read-write volume whose policy has copies with it gets a snapshot, and loses the oldest. */
export const takeScheduledSnapshots = (schedule: Entry, world: World): void => {
  for (const copy of world.store.by(COPY, 'schedule', schedule.$id)) {
    const policy = world.store.find('snapshot_policy', text(copy, 'snapshot_policy'));
    if (policy?.['enabled'] !== true) continue;
    for (const volume of world.store.by('volume', 'snapshot_policy', policy.$id))
      if (text(volume, 'type') === 'rw' && text(volume, 'state') === 'online') takeSnapshot(volume, copy, world);
  }
};
