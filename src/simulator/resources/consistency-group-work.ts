import type { Context } from '../core/declaration.ts';
import { flag, text, texts, type Entry } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import {
  childrenOf,
  dropIfEmpty,
  GROUP,
  MEMBERS,
  membersOf,
  PARENT,
  parentOf,
  removeGroup,
} from './consistency-group-members.ts';
import { checkFree, checkGroup } from './consistency-group-membership.ts';
import { forgetSnapshots } from './consistency-group-parts.ts';
import { makeParts } from './request-parts.ts';

/** What a job does to a group: members of its record that are there until it is done. */

/** Keys of volumes that come into the group, and that go. */
export const JOINING = '$joining';
export const LEAVING = '$leaving';
/** The group's snapshots are such no more: those of its volumes stay. */
export const FORGETS = '$forgets';
/** Takes the volumes that its parent has. */
export const INHERITS = '$inherits';
/** Has the volumes of its groups, which go. */
export const FLATTENS = '$flattens';

const DONE = Object.fromEntries([JOINING, LEAVING, FORGETS, INHERITS, FLATTENS].map((path) => [path, undefined]));

const setMembers = (group: string, members: readonly string[], world: World): void => {
  world.store.change(GROUP, group, { [MEMBERS]: members });
};

const leave = (work: Entry, world: World) => {
  const leaving = new Set(texts(work, LEAVING));
  if (leaving.size === 0) return;
  const members = texts(world.store.get(GROUP, work.$id), MEMBERS);
  if ([...leaving].some((id) => !members.includes(id)))
    throw new Refusal(400, 53411853, 'A volume is not in the consistency group any more.');
  setMembers(
    work.$id,
    members.filter((id) => !leaving.has(id)),
    world,
  );
};

const join = (work: Entry, world: World) => {
  const joining = texts(work, JOINING);
  if (joining.length === 0) return;
  for (const id of joining) {
    const volume = world.store.find('volume', id);
    if (!volume) throw new Refusal(400, 53411861, 'A volume of the consistency group does not exist any more.');
    checkFree({ id, name: text(volume, 'name') }, work.$id, world);
  }
  setMembers(work.$id, [...new Set([...texts(world.store.get(GROUP, work.$id), MEMBERS), ...joining])], world);
};

const inherit = (work: Entry, world: World) => {
  const parent = parentOf(work, world);
  if (!flag(work, INHERITS) || !parent) return;
  const members = texts(parent, MEMBERS);
  setMembers(parent.$id, [], world);
  setMembers(work.$id, members, world);
};

const flatten = (work: Entry, world: World) => {
  if (!flag(work, FLATTENS)) return;
  const children = childrenOf(work, world);
  const members = membersOf(work, world).map(({ $id }) => $id);
  for (const child of children) {
    world.store.change(GROUP, child.$id, { [PARENT]: undefined, [MEMBERS]: [] });
    removeGroup(child.$id, world);
  }
  setMembers(work.$id, members, world);
};

/** Does what a request wants of a group and of what is in it. */
export const carryOut = (work: Entry, context: Context): void => {
  const { world } = context;
  if (flag(work, FORGETS)) forgetSnapshots(work.$id, world);
  inherit(work, world);
  leave(work, world);
  flatten(work, world);
  makeParts(GROUP, work, context);
  join(work, world);
  // With the last volume of the groups in it, it went itself.
  if (!world.store.find(GROUP, work.$id)) return;
  const group = world.store.change(GROUP, work.$id, DONE);
  checkGroup(group, world);
  dropIfEmpty(group.$id, world);
};
