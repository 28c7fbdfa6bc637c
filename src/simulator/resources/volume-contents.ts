import { copyContents, freezeContents, restoreContents } from '../core/contents.ts';
import type { Reaction } from '../core/declaration.ts';
import { integer, text, type Entry } from '../core/entry.ts';
import type { World } from '../core/world.ts';
import { restoreTarget } from './volume-modify.ts';

const VOLUME = 'volume';
const SNAPSHOT = 'snapshot';

/** Kinds of records whose `$held` bytes are taken out of their volume, by `location.volume`. */
const HOLDERS = ['lun', 'namespace'] as const;

/** Bytes that the reserved LUNs and namespaces in a volume take. */
export const heldIn = (volume: string, world: World, leaving?: string): number => {
  const kinds = world.store.kinds();
  return HOLDERS.filter((kind) => kinds.includes(kind))
    .flatMap((kind) => world.store.by(kind, 'location.volume', volume))
    .filter((entry) => entry.$id !== leaving)
    .reduce((sum, entry) => sum + integer(entry, '$held'), 0);
};

/** Writes down in the volume what is taken in it; `leaving` is a record that is about to go. */
export const accountHeld = (volume: string, world: World, leaving?: string): void => {
  const current = world.store.find(VOLUME, volume);
  if (!current) return;
  const held = heldIn(volume, world, leaving);
  if (held !== integer(current, '$held')) world.store.change(VOLUME, volume, { $held: held === 0 ? undefined : held });
};

const frozenIn = (snapshot: Entry, world: World) =>
  snapshot['$contents'] ?? freezeContents(VOLUME, text(snapshot, 'volume'), world);

/** What is in a volume is in its snapshots and clones too, and comes back with a restore. */
export const volumeContents: readonly Reaction[] = [
  {
    to: VOLUME,
    created: (volume, { world }) => {
      const snapshot = world.store.find(SNAPSHOT, text(volume, 'clone.parent_snapshot'));
      if (!snapshot) return;
      copyContents(VOLUME, volume, frozenIn(snapshot, world), world);
      accountHeld(volume.$id, world);
    },
    modified: (volume, _before, context) => {
      const { world } = context;
      const wanted = restoreTarget(context);
      const snapshot = world.store
        .by(SNAPSHOT, 'volume', volume.$id)
        .find((each) => each.$id === wanted || text(each, 'name') === wanted);
      if (wanted === undefined || !snapshot) return;
      restoreContents(VOLUME, volume, snapshot['$contents'], world);
      accountHeld(volume.$id, world);
    },
  },
];
