import type { Context, Values } from '../core/declaration.ts';
import { compact, text, type Entry } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import { planChildren, planPromotion } from './consistency-group-children.ts';
import { planSplit } from './consistency-group-clone.ts';
import { hasContents, planContents } from './consistency-group-contents.ts';
import { childrenOf, PARENT, siblingsOf } from './consistency-group-members.ts';
import { mapsUnits, planMapping } from './consistency-group-own-units.ts';
import { prepareRestore, restores } from './consistency-group-restore.ts';
import { FLATTENS } from './consistency-group-work.ts';

/** What a PATCH changes of a consistency group. */

const ACTION = 'provisioning_options.action';
const NEW_NAME = 'provisioning_options.name';
const SPLIT = 'clone.split_initiated';

const conflict = (message: string, target: string) => new Refusal(400, 53411853, message, target);

/** When the request arrives: what changes in the group's record, with the work that is to be done. */
export const planChange = (changes: Values, before: Entry, context: Context): Values => {
  if (restores(changes)) return prepareRestore(changes, before, context.world);
  const { volumes: _volumes, luns: _luns, namespaces: _namespaces, consistency_groups: groups, ...given } = changes;
  const { [ACTION]: action, [NEW_NAME]: name, [SPLIT]: split, ...kept } = given;
  if (name !== undefined) throw conflict('A group gets a new name when it comes into another or goes.', NEW_NAME);
  const work = [
    ...(action === undefined ? [] : [planGeometry(String(action), changes, before, context)]),
    ...(groups === undefined || action !== undefined ? [] : [planGroups(changes, before, context)]),
    ...(needsContents(changes) ? [planVolumes(changes, before, context)] : []),
    ...(mapsUnits(changes) ? [planMapping(changes, before, context)] : []),
    ...(split === undefined ? [] : [planSplit(before, split === true, context)]),
  ];
  if (work.length > 1) throw conflict('Fields of the request conflict: they change the group in several ways.', ACTION);
  return { ...kept, ...work[0] };
};

const needsContents = (changes: Values): boolean =>
  hasContents(changes) || changes['qos.policy'] !== undefined || changes['tiering.policy'] !== undefined;

const svmOf = (group: Entry, { world }: Context): Entry => world.store.get('svm', text(group, 'svm'));

const planVolumes = (changes: Values, before: Entry, context: Context): Values => {
  if (childrenOf(before, context.world).length > 0)
    throw conflict('The volumes of a nested consistency group belong to the groups in it.', 'volumes');
  const target = {
    svm: svmOf(before, context),
    name: text(before, 'name'),
    group: before,
    siblings: siblingsOf(before, context.world),
    policies: new Map<string, Entry>(),
  };
  return planContents(compact(changes), target, context).work;
};

const planGroups = (changes: Values, before: Entry, context: Context): Values => {
  if (text(before, PARENT) !== '') throw conflict('Consistency groups nest two deep at most.', 'consistency_groups');
  if (childrenOf(before, context.world).length === 0)
    throw conflict('A consistency group that has volumes must be promoted before it has groups.', 'consistency_groups');
  const parent = { id: before.$id, svm: svmOf(before, context), group: before, policies: new Map<string, Entry>() };
  return planChildren(compact(changes), parent, planChange, context);
};

const planGeometry = (action: string, changes: Values, before: Entry, context: Context): Values => {
  if (action === 'promote') return planPromotion(compact(changes), before, svmOf(before, context), context);
  if (action !== 'demote') throw conflict(`The action "${action}" is for a group in another one.`, ACTION);
  if (childrenOf(before, context.world).length === 0)
    throw conflict('Only a consistency group that has groups can be demoted.', ACTION);
  if (changes['consistency_groups'] !== undefined)
    throw conflict('A group that is demoted has no groups.', 'consistency_groups');
  return { [FLATTENS]: true };
};
