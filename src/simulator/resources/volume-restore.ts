import type { Context } from '../core/declaration.ts';
import { integer, text, type Entry } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import { checkCapacity } from './volume-checks.ts';
import { dataValues } from './volume-data.ts';
import { clonesOn, isMirrorBase } from './snapshot.ts';

/** Sets a volume back to a snapshot; newer snapshots go, so none of them may be held by a clone. */
export const restoreSnapshot = (volume: Entry, wanted: string, context: Context): void => {
  const { world } = context;
  const snapshots = world.store.by('snapshot', 'volume', volume.$id);
  const target = snapshots.find((snapshot) => snapshot.$id === wanted || text(snapshot, 'name') === wanted);
  if (!target)
    throw new Refusal(404, 524511, `The snapshot "${wanted}" does not exist in volume "${text(volume, 'name')}".`);
  const newer = snapshots.filter((snapshot) => integer(snapshot, '$order') > integer(target, '$order'));
  const held = newer.find((snapshot) => clonesOn(snapshot.$id, world).length > 0);
  if (held)
    throw new Refusal(409, 1638555, `The newer snapshot "${text(held, 'name')}" is busy because of a volume clone.`);
  const base = newer.find(isMirrorBase);
  if (base)
    throw new Refusal(
      409,
      1638480,
      `The newer snapshot "${text(base, 'name')}" is the reference of a SnapMirror relationship.`,
    );
  for (const snapshot of newer) world.store.remove('snapshot', snapshot.$id);
  const restored = world.store.change('volume', volume.$id, dataValues(volume, integer(target, '$volume_used'), world));
  checkCapacity(restored, volume, context);
};
