import type { Context, Values } from '../core/declaration.ts';
import { findText, text, texts, type Entry, type StoredObject } from '../core/entry.ts';
import { missingValue, Refusal } from '../core/refusal.ts';
import { MEMBERS } from './consistency-group-members.ts';
import { checkFree, checkMembersChange } from './consistency-group-membership.ts';
import { wantedUnits } from './consistency-group-units.ts';
import { wantedVolumes, type Target, type Wanted } from './consistency-group-volumes.ts';
import { FORGETS, JOINING, LEAVING } from './consistency-group-work.ts';
import { changePart, withParts, type Part } from './request-parts.ts';
import { isDisaggregatedSan } from './unit-volume.ts';

/** What a body wants of the volumes of one group, and of what lies in them. */

const CONTENTS = ['volumes', 'luns', 'namespaces'] as const;
/** What a body may say for all that is made with the group. */
const FOR_NEW = ['qos.policy', 'tiering.policy'] as const;

/** Most volumes that a group takes in by one change. */
const MOST_ADDED = 16;

export const hasContents = (given: Values): boolean => CONTENTS.some((path) => given[path] !== undefined);

export interface Contents {
  /** Members of the group's record: who comes and goes, and what is made, when the work is done. */
  readonly work: StoredObject;
  /** Names of the volumes that it will have, as far as the body says. */
  readonly names: readonly string[];
}

const usualOf = (given: StoredObject): StoredObject => ({
  ...(findText(given, 'qos.policy') === undefined ? {} : { 'qos.policy.uuid': given['qos.policy'] }),
  ...(findText(given, 'tiering.policy') === undefined ? {} : { 'tiering.policy': given['tiering.policy'] }),
});

const notMember = ({ name }: Wanted) =>
  new Refusal(400, 53411853, `The volume "${name}" is not in the consistency group.`, 'volumes');

const checkMoves = (wanted: readonly Wanted[], { group }: Target, { world }: Context) => {
  const members = new Set(group ? texts(group, MEMBERS) : []);
  const coming = wanted.filter(({ action }) => action === 'add' || action === 'create');
  if (group && coming.length > MOST_ADDED)
    throw new Refusal(400, 53411853, `A request can add ${MOST_ADDED} volumes at most.`, 'volumes');
  for (const each of wanted) {
    if (each.action === 'add') checkFree(each, group?.$id, world);
    if (each.action === 'remove' && !members.has(each.id)) throw notMember(each);
  }
};

const membersAfter = (wanted: readonly Wanted[], group: Entry | undefined): ReadonlySet<string> => {
  const members = new Set(group ? texts(group, MEMBERS) : []);
  for (const { action, id } of wanted) {
    if (action === 'remove') members.delete(id);
    else members.add(id);
  }
  return members;
};

/** Those that are moved leave the groups in which they are; snapshots of these are none of theirs any more. */
const departures = (wanted: readonly Wanted[]): readonly Part[] => {
  const leaving = new Map<string, string[]>();
  for (const { id, from } of wanted) if (from !== undefined) leaving.set(from, [...(leaving.get(from) ?? []), id]);
  return [...leaving].map(([group, ids]) =>
    changePart('consistency_group', group, { [LEAVING]: ids, [FORGETS]: true }),
  );
};

const workOf = (wanted: readonly Wanted[], units: readonly Part[]): StoredObject => {
  const idsOf = (...actions: readonly Wanted['action'][]) =>
    wanted.filter(({ action }) => actions.includes(action)).map(({ id }) => id);
  const [joining, leaving] = [idsOf('create', 'add', 'reassign'), idsOf('remove')];
  return {
    ...(joining.length > 0 ? { [JOINING]: joining } : {}),
    ...(leaving.length > 0 ? { [LEAVING]: leaving } : {}),
    ...(wanted.some(({ from }) => from !== undefined) ? { [FORGETS]: true } : {}),
    ...withParts([...departures(wanted), ...wanted.flatMap(({ parts }) => parts), ...units]),
  };
};

export const planContents = (given: StoredObject, target: Target, context: Context): Contents => {
  const usual = usualOf(given);
  const named = wantedVolumes(given, usual, target, context);
  checkMoves(named, target, context);
  const members = membersAfter(named, target.group);
  const units = wantedUnits(given, usual, named, members, target, context);
  const wanted = [...named, ...units.volumes];
  if (target.group && wanted.some(({ action }) => action !== 'modify'))
    checkMembersChange(
      wanted.some(({ action }) => action === 'remove'),
      context.world,
    );
  const forNew = FOR_NEW.find((path) => given[path] !== undefined);
  if (target.group && forNew !== undefined && !wanted.some(({ action }) => action === 'create'))
    throw new Refusal(400, 53411856, `The property "${forNew}" can be given with new volumes alone.`, forNew);
  return { work: workOf(wanted, units.parts), names: wanted.map(({ name }) => name) };
};

/**
 * The contents of a new group, and its name: one of a single volume has that volume's, unless it is given another. On
 * ASA r2 it needs one.
 */
export const planNewContents = (
  given: StoredObject,
  target: Omit<Target, 'name'>,
  context: Context,
): { readonly name: string; readonly work: StoredObject } => {
  const { work, names } = planContents(given, { ...target, name: text(given, 'name') }, context);
  const [first, second] = names;
  const name =
    text(given, 'name') ||
    (first !== undefined && second === undefined && !isDisaggregatedSan(context.world) ? first : '');
  if (first === undefined) throw new Refusal(400, 53411864, 'A consistency group needs volumes.', 'volumes');
  if (name === '') throw missingValue('name');
  return { name, work };
};
