import { copyContents, freezeContents, restoreContents } from '../core/contents.ts';
import type { Reaction } from '../core/declaration.ts';
import { integer, text, type Entry } from '../core/entry.ts';
import type { World } from '../core/world.ts';
import { dataValues } from './volume-data.ts';
import { restoreTarget } from './volume-modify.ts';

const VOLUME = 'volume';
const SNAPSHOT = 'snapshot';

/** Kinds of records whose `$held` bytes are taken out of their volume, by `location.volume`. */
const HOLDERS = ['lun', 'namespace'] as const;

/** Bytes that the reserved LUNs and namespaces in a volume take. */
export const heldIn = (volume: string, world: World): number =>
  HOLDERS.flatMap((kind) => world.store.by(kind, 'location.volume', volume)).reduce(
    (sum, entry) => sum + integer(entry, '$held'),
    0,
  );

/** Bytes that are written in the LUNs and namespaces of a volume. */
export const writtenIn = (volume: string, world: World): number =>
  HOLDERS.flatMap((kind) => world.store.by(kind, 'location.volume', volume)).reduce(
    (sum, entry) => sum + integer(entry, '$written'),
    0,
  );

const setHeld = (volume: Entry, held: number, world: World) => {
  if (held !== integer(volume, '$held'))
    world.store.change(VOLUME, volume.$id, { $held: held === 0 ? undefined : held });
};

/** A record in the volume takes so many bytes more than before, or fewer. */
export const shiftHeld = (volume: string, bytes: number, world: World): void => {
  const current = world.store.find(VOLUME, volume);
  if (current) setHeld(current, integer(current, '$held') + bytes, world);
};

/** Writes down in the volume what all that is in it takes. */
const accountHeld = (volume: string, world: World): void => {
  const current = world.store.find(VOLUME, volume);
  if (current) setHeld(current, heldIn(volume, world), world);
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
      // What has gone took its data along; the snapshot knows how much there was.
      world.store.change(VOLUME, volume.$id, dataValues(volume, integer(volume, '$used'), world));
    },
  },
];
