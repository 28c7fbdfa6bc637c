import { texts, type Entry } from '../core/entry.ts';
import type { World } from '../core/world.ts';

/** Member of a group's record that lists the keys of its volumes. */
export const MEMBERS = '$volumes';

/** The consistency group that a volume is in; it is in one at most. */
export const groupOf = (volume: string, world: World): Entry | undefined =>
  world.store.all('consistency_group').find((group) => texts(group, MEMBERS).includes(volume));

export const membersOf = (group: Entry, world: World): readonly Entry[] =>
  texts(group, MEMBERS).flatMap((id) => world.store.find('volume', id) ?? []);
