import { text, texts, type Entry } from '../core/entry.ts';
import type { World } from '../core/world.ts';

/** The node that owns the volume's first aggregate. */
export const nodeOf = (volume: Entry | undefined, world: World): Entry | undefined => {
  const aggregate = volume && world.store.find('aggregate', texts(volume, 'aggregates')[0]);
  return aggregate && world.store.find('node', text(aggregate, 'node'));
};
