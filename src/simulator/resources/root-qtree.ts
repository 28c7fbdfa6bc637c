import { text, type Entry } from '../core/entry.ts';
import type { World } from '../core/world.ts';

/** Key of the qtree of that number in a volume. */
export const qtreeKey = (volume: string, id: number | string): string => `${volume}/${id}`;

/** Every volume is its own qtree 0. */
export const addRootQtree = (volume: Entry, world: World) => {
  const id = qtreeKey(volume.$id, 0);
  if (!world.store.find('qtree', id)) world.store.put('qtree', rootQtree(volume));
};

export const rootQtree = (volume: Entry): Entry => ({
  $id: qtreeKey(volume.$id, 0),
  id: 0,
  name: '',
  volume: volume.$id,
  svm: text(volume, 'svm'),
});
