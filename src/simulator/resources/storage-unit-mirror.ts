import { text, type Entry } from '../core/entry.ts';
import type { World } from '../core/world.ts';

const MIRROR = 'storage_unit_snapshot';

/** A snapshot of a unit's volume, as the unit's: they have one key. */
export const mirrorOf = (unit: Entry, snapshot: Entry): Entry => ({
  $id: snapshot.$id,
  uuid: snapshot.$id,
  name: text(snapshot, 'name'),
  svm: text(unit, 'svm'),
  storage_unit: unit.$id,
  $order: snapshot['$order'],
});

/** Lists the snapshots of a unit's volume anew as those of the unit. */
export const mirrorSnapshots = (unit: Entry, world: World): void => {
  const snapshots = world.store.by('snapshot', 'volume', text(unit, 'location.volume'));
  const present = new Set(snapshots.map((snapshot) => snapshot.$id));
  for (const { $id } of world.store.by(MIRROR, 'storage_unit', unit.$id))
    if (!present.has($id)) world.store.remove(MIRROR, $id);
  for (const snapshot of snapshots)
    if (!world.store.find(MIRROR, snapshot.$id)) world.store.put(MIRROR, mirrorOf(unit, snapshot));
};
