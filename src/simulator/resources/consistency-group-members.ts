import { text, texts, type Entry } from '../core/entry.ts';
import { applyOperation } from '../core/operation.ts';
import type { World } from '../core/world.ts';

/** Consistency groups: those that have volumes, and those that have such groups. Deeper they do not nest. */

export const GROUP = 'consistency_group';

/** Member of a group's record that lists the keys of its own volumes; a group that has groups has none. */
export const MEMBERS = '$volumes';

/** Member of a group's record: the group that it is in. */
export const PARENT = 'parent_consistency_group';

/** The keys of its volumes, by the record of a group: a record never changes. A list of volumes asks for each. */
const known = new WeakMap<Entry, ReadonlySet<string>>();

const hasMember = (group: Entry, volume: string): boolean => {
  const members = known.get(group) ?? new Set(texts(group, MEMBERS));
  known.set(group, members);
  return members.has(volume);
};

/** The consistency group that a volume is in; it is in one at most. */
export const groupOf = (volume: string, world: World): Entry | undefined =>
  world.store.all(GROUP).find((group) => hasMember(group, volume));

export const childrenOf = (group: Entry, world: World): readonly Entry[] => world.store.by(GROUP, PARENT, group.$id);

export const parentOf = (group: Entry, world: World): Entry | undefined => world.store.find(GROUP, text(group, PARENT));

/** The groups that share its parent with a group. */
export const siblingsOf = (group: Entry, world: World): readonly Entry[] => {
  const parent = parentOf(group, world);
  return parent ? childrenOf(parent, world).filter(({ $id }) => $id !== group.$id) : [];
};

/** The volumes of a group, those of the groups in it too. */
export const membersOf = (group: Entry, world: World): readonly Entry[] =>
  [group, ...childrenOf(group, world)].flatMap((each) =>
    texts(each, MEMBERS).flatMap((id) => world.store.find('volume', id) ?? []),
  );

export const removeGroup = (id: string, world: World): void =>
  applyOperation({ verb: 'remove', kind: GROUP, id, values: {}, unset: [], parameters: {} }, world);

/** A group that has lost its last volume goes. */
export const dropIfEmpty = (id: string, world: World): void => {
  const group = world.store.find(GROUP, id);
  if (group && membersOf(group, world).length === 0 && childrenOf(group, world).length === 0) removeGroup(id, world);
};
