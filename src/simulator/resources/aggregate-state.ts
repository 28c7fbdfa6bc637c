import { text, texts, type Entry } from '../core/entry.ts';
import type { World } from '../core/world.ts';

/** `offline` when nothing of the volume can be reached, `mixed` when some constituents of a FlexGroup can. */
const stateOf = (volume: Entry, world: World): string => {
  const layout = texts(volume, '$layout');
  const lost = layout.filter((id) => text(world.store.get('aggregate', id), 'state') !== 'online');
  if (lost.length === 0) return 'online';
  return lost.length === layout.length ? 'offline' : 'mixed';
};

/** Volumes go down with their aggregates, and come back with them unless somebody had taken them offline before. */
export const followAggregates = (world: World) => {
  for (const volume of world.store.all('volume')) {
    const state = stateOf(volume, world);
    if (text(volume, 'state') === state) continue;
    if (volume['$lost'] === true)
      world.store.change('volume', volume.$id, { state, $lost: state === 'online' ? undefined : true });
    else if (text(volume, 'state') === 'online') world.store.change('volume', volume.$id, { state, $lost: true });
  }
};
