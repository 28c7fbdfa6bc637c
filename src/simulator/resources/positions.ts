import { integer, type Entry } from '../core/entry.ts';
import type { World } from '../core/world.ts';

/** Frees an index among records that have one: those from there on move up by one, as far as the first gap. */
export const makeRoom = (kind: string, records: readonly Entry[], index: number, world: World): void => {
  const taken = new Map(records.map((record) => [integer(record, 'index'), record]));
  let end = index;
  while (taken.has(end)) end += 1;
  for (let at = end - 1; at >= index; at--) {
    const record = taken.get(at);
    if (record) world.store.change(kind, record.$id, { index: at + 1 });
  }
};
