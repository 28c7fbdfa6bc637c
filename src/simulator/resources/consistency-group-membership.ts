import { text, texts, type Entry } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import { isOffered } from '../core/schema.ts';
import type { World } from '../core/world.ts';
import { childrenOf, groupOf, MEMBERS, membersOf, PARENT, parentOf } from './consistency-group-members.ts';
import { isDisaggregatedSan } from './unit-volume.ts';

/** What holds for all consistency groups. The limits are ONTAP's; with which code it refuses more is not documented. */

const MOST_VOLUMES = 80;
/** On ASA r2 a volume is a storage unit. */
const MOST_UNITS = 256;
const MOST_CHILDREN = 5;

const conflict = (message: string) => new Refusal(400, 53411853, message);

/** Groups can be moved, and volumes between them, since 9.13.1; before, they are what they were made. */
export const hasGeometry = ({ version, personality }: World): boolean =>
  isOffered({ since: '9.13.1' }, version, personality);

/** Volumes come and go since 9.12.1. */
export const checkMembersChange = (removes: boolean, { version, personality }: World): void => {
  if (isOffered({ since: '9.12.1' }, version, personality)) return;
  throw removes
    ? new Refusal(400, 262285, 'A PATCH of a consistency group does not remove volumes.', 'volumes')
    : conflict('The volumes of a consistency group are those that it was made with.');
};

/** A volume cannot come into a group, as it is in another. */
export const inOther = (volume: string, group: Entry): Refusal =>
  new Refusal(409, 53411865, `The volume "${volume}" is in the consistency group "${text(group, 'name')}".`, 'volumes');

/** A volume is in one group at most. */
export const checkFree = (
  { id, name }: { readonly id: string; readonly name: string },
  group: string | undefined,
  world: World,
): void => {
  const other = groupOf(id, world);
  if (other && other.$id !== group) throw inOther(name, other);
};

/** A group that is in another must leave it before it comes into a third; that it is may be new since the request. */
export const checkParents = (before: Entry, after: Entry): void => {
  const [left, taken] = [text(before, PARENT), text(after, PARENT)];
  if (left !== '' && taken !== '' && left !== taken)
    throw conflict(`The consistency group "${text(after, 'name')}" is in another one already.`);
};

/** Two requests may have wanted what only one can have: looks again when the work is done. */
export const checkGroup = (group: Entry, world: World): void => {
  const name = text(group, 'name');
  const children = childrenOf(group, world);
  const parent = parentOf(group, world);
  const most = isDisaggregatedSan(world) ? MOST_UNITS : MOST_VOLUMES;
  if (parent && (children.length > 0 || parentOf(parent, world)))
    throw conflict(`The consistency group "${name}" cannot be in another: they nest two deep at most.`);
  for (const each of [group, ...(parent ? [parent] : [])])
    if (texts(each, MEMBERS).length > 0 && childrenOf(each, world).length > 0)
      throw conflict(`The consistency group "${text(each, 'name')}" has volumes and cannot have groups too.`);
  if (children.length > MOST_CHILDREN)
    throw conflict(`The consistency group "${name}" would have more than ${MOST_CHILDREN} groups.`);
  for (const each of [group, ...(parent ? [parent] : [])])
    if (membersOf(each, world).length > most)
      throw conflict(`The consistency group "${text(each, 'name')}" would have more than ${most} volumes.`);
};
