import type { Context, Values } from '../core/declaration.ts';
import { findText, objects, text, type Entry, type StoredObject } from '../core/entry.ts';
import { checkUnique } from '../core/operation.ts';
import { missingValue, Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { hasContents, planNewContents } from './consistency-group-contents.ts';
import { childrenOf, GROUP, PARENT } from './consistency-group-members.ts';
import { hasGeometry } from './consistency-group-membership.ts';
import { restores } from './consistency-group-restore.ts';
import { FORGETS, INHERITS } from './consistency-group-work.ts';
import { isMeant } from './lookups.ts';
import { changePart, withParts, type Part } from './request-parts.ts';
import type { NewPolicies } from './volume-access.ts';

/** The groups in a consistency group, as a body names them. */

const ACTION = 'provisioning_options.action';
const NEW_NAME = 'provisioning_options.name';
/** What a child says about itself, and keeps. */
const KEPT = ['snapshot_policy', 'qos.policy', 'tiering.policy', 'application.type', 'application.component_type'];

const conflict = (message: string, target = 'consistency_groups') => new Refusal(400, 53411853, message, target);

/** The group that is to have the others: on its way, or there already. */
interface Parent {
  readonly id: string;
  readonly svm: Entry;
  /** Export policies that the request makes. */
  readonly policies: NewPolicies;
  readonly group: Entry | undefined;
}

/** What a PATCH of a group changes in its record. */
type ChangeOf = (changes: Values, before: Entry, context: Context) => Values;

/** Members of the parent's record until the work is done. */
export const planChildren = (
  given: StoredObject,
  parent: Parent,
  changeOf: ChangeOf,
  context: Context,
): StoredObject => {
  const elements = objects(given, 'consistency_groups');
  const parts = elements.flatMap((each) => childPart(each, parent, changeOf, context));
  const leaves = elements.some((each) => text(each, ACTION) === 'remove');
  return { ...(leaves ? { [FORGETS]: true } : {}), ...withParts(parts) };
};

const childPart = (given: StoredObject, parent: Parent, changeOf: ChangeOf, context: Context): readonly Part[] => {
  const { world } = context;
  const svm = findText(given, 'svm');
  if (svm !== undefined && svm !== parent.svm.$id)
    throw conflict('The groups in a consistency group are in its SVM.', 'consistency_groups.svm');
  const child = parent.group && childrenOf(parent.group, world).find((each) => isNamed(each, given));
  const action = text(given, ACTION);
  if (action === 'remove') return [leavingChild(child, given)];
  if (action === 'add') return [joiningChild(given, parent, world)];
  if (action === 'promote' || action === 'demote')
    throw conflict('Consistency groups nest two deep at most.', `consistency_groups.${ACTION}`);
  if (action === '' && child) return changedChild(child, given, changeOf, context);
  // What is not there is made.
  if (given['uuid'] !== undefined) throw unknownChild(given);
  if (parent.group && !hasGeometry(world)) throw conflict('A consistency group has the groups that it was made with.');
  return [{ kind: GROUP, entry: newChild(given, parent, false, context) }];
};

const isNamed = (group: Entry, { uuid, name }: StoredObject): boolean =>
  (uuid !== undefined || name !== undefined) && isMeant(group, uuid, name);

const unknownChild = (given: StoredObject) =>
  given['uuid'] === undefined
    ? new Refusal(
        404,
        53411844,
        `The consistency group "${text(given, 'name')}" was not found in the SVM.`,
        'consistency_groups',
      )
    : new Refusal(404, 53411843, `The consistency group ${text(given, 'uuid')} was not found.`, 'consistency_groups');

const onlyMoved = (given: StoredObject) => {
  if (hasContents(given) || KEPT.some((path) => given[path] !== undefined))
    throw conflict('A consistency group cannot be moved and changed in other ways by one request.');
};

const renamed = (given: StoredObject): Values => (given[NEW_NAME] === undefined ? {} : { name: given[NEW_NAME] });

const leavingChild = (child: Entry | undefined, given: StoredObject): Part => {
  if (!child) throw unknownChild(given);
  onlyMoved(given);
  return changePart(GROUP, child.$id, { [PARENT]: undefined, ...renamed(given) });
};

const joiningChild = (given: StoredObject, parent: Parent, world: World): Part => {
  const group = world.store.by(GROUP, 'svm', parent.svm.$id).find((each) => isNamed(each, given));
  if (!group) throw unknownChild(given);
  onlyMoved(given);
  const holder = text(group, PARENT);
  if (holder !== '' && holder !== parent.id)
    throw conflict(`The consistency group "${text(group, 'name')}" is in another one already.`);
  if (group.$id === parent.id || childrenOf(group, world).length > 0)
    throw conflict(`The consistency group "${text(group, 'name')}" has groups: they nest two deep at most.`);
  return changePart(GROUP, group.$id, { [PARENT]: parent.id, ...renamed(given) });
};

const changedChild = (child: Entry, given: StoredObject, changeOf: ChangeOf, context: Context): readonly Part[] => {
  const { uuid: _uuid, name: _name, svm: _svm, [NEW_NAME]: _new, ...changes } = given;
  if (given[NEW_NAME] !== undefined) throw conflict('A group gets a new name when it comes or goes.', NEW_NAME);
  if (Object.keys(changes).length === 0) return [];
  return [changePart(GROUP, child.$id, changeOf(changes, child, context))];
};

/** The whole record of a group that is made in another one. `heir`: it has the volumes that its parent had. */
const newChild = (given: StoredObject, parent: Parent, heir: boolean, context: Context): Entry => {
  const { world } = context;
  if (given[NEW_NAME] !== undefined || restores(given))
    throw conflict('A new group has its name, and nothing to be set back to.');
  const siblings = parent.group ? childrenOf(parent.group, world) : [];
  const contents =
    heir && !hasContents(given)
      ? heirOf(given)
      : planNewContents(given, { svm: parent.svm, group: undefined, siblings, policies: parent.policies }, context);
  const id = world.random.uuid(GROUP);
  const entry: Entry = {
    $id: id,
    uuid: id,
    name: contents.name,
    svm: parent.svm.$id,
    [PARENT]: parent.id,
    ...Object.fromEntries(KEPT.filter((path) => given[path] !== undefined).map((path) => [path, given[path]])),
    ...contents.work,
    ...(heir ? { [INHERITS]: true } : {}),
  };
  checkUnique('create', world.resource(GROUP), entry, world);
  return entry;
};

const heirOf = (given: StoredObject) => {
  const name = text(given, 'name');
  if (name === '') throw missingValue('consistency_groups.name');
  return { name, work: {} };
};

/** A single group becomes one that has a new one, which takes its volumes. */
export const planPromotion = (given: StoredObject, group: Entry, svm: Entry, context: Context): StoredObject => {
  const [heir, other] = objects(given, 'consistency_groups');
  if (!heir) throw missingValue('consistency_groups');
  const action = text(heir, ACTION);
  if (other || (action !== '' && action !== 'create'))
    throw conflict('A group is promoted with one new group, which takes its volumes.');
  if (text(group, PARENT) !== '' || childrenOf(group, context.world).length > 0)
    throw conflict('Only a consistency group that is in no other, and has none, can be promoted.', ACTION);
  return withParts([
    { kind: GROUP, entry: newChild(heir, { id: group.$id, svm, group, policies: new Map() }, true, context) },
  ]);
};
