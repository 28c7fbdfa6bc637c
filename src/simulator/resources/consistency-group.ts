import type { Context, Reaction, Resource } from '../core/declaration.ts';
import { text, texts, type Entry } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { planChange } from './consistency-group-change.ts';
import { planChildren } from './consistency-group-children.ts';
import { isClone, planClone } from './consistency-group-clone.ts';
import { hasContents, planNewContents } from './consistency-group-contents.ts';
import { groupFields } from './consistency-group-fields.ts';
import {
  childrenOf,
  dropIfEmpty,
  GROUP,
  groupOf,
  MEMBERS,
  PARENT,
  parentOf,
  removeGroup,
} from './consistency-group-members.ts';
import { checkParents } from './consistency-group-membership.ts';
import { restoreGroup } from './consistency-group-restore.ts';
import { carryOut } from './consistency-group-work.ts';
import { forgetQosPolicy } from './qos-policy.ts';
import { isDisaggregatedSan } from './unit-volume.ts';

const ACTION = 'provisioning_options.action';

const conflict = (message: string, target: string) => new Refusal(400, 53411853, message, target);

const prepare = (draft: Entry, context: Context): Entry => {
  const { [ACTION]: action, 'provisioning_options.name': newName, ...given } = draft;
  if (action !== undefined && action !== 'create') throw conflict('A new group can only be created.', ACTION);
  if (newName !== undefined) throw conflict('A new group has its name.', 'provisioning_options.name');
  if (isClone(given)) return planClone({ ...given, $id: draft.$id }, context);
  const svm = context.world.store.get('svm', text(draft, 'svm'));
  const { volumes: _volumes, luns: _luns, namespaces: _namespaces, consistency_groups: groups, ...own } = given;
  if (groups === undefined) {
    const contents = planNewContents(given, { svm, group: undefined, siblings: [], policies: new Map() }, context);
    return { ...own, ...contents.work, $id: draft.$id, name: contents.name };
  }
  if (hasContents(given))
    throw conflict('The volumes of a nested consistency group belong to the groups in it.', 'volumes');
  if (text(draft, 'name') === '') throw new Refusal(400, 262212, 'Field "name" requires a value', 'name');
  const parent = { id: draft.$id, svm, group: undefined, policies: new Map<string, Entry>() };
  return { ...own, ...planChildren(given, parent, planChange, context), $id: draft.$id };
};

/** A volume that goes is in no group any more; the last one ends its group. */
const leaveGroup = (volume: string, world: World) => {
  const group = groupOf(volume, world);
  if (!group) return;
  world.store.change(GROUP, group.$id, { [MEMBERS]: texts(group, MEMBERS).filter((id) => id !== volume) });
  dropIfEmpty(group.$id, world);
};

/** `/application/consistency-groups`: volumes, or groups of volumes, whose snapshots are made at one instant. */
export const consistencyGroup: Resource = {
  kind: GROUP,
  path: '/application/consistency-groups',
  keys: ['uuid'],
  since: '9.10.1',
  fields: groupFields,
  indexes: ['svm', PARENT, 'snapshot_policy', 'qos.policy'],
  unique: [
    {
      fields: ['svm', 'name'],
      refusal: (entry) =>
        new Refusal(
          409,
          53411860,
          `A consistency group with the name "${text(entry, 'name')}" already exists in the SVM.`,
          'name',
        ),
    },
  ],
  absent: () => new Refusal(404, 53411842, 'The consistency group does not exist.', 'uuid'),
  inside: [{ kind: 'svm', field: 'svm' }],
  create: { asynchronous: true, prepare, effects: carryOut },
  modify: {
    asynchronous: true,
    prepare: planChange,
    effects: (after, before, context) => {
      checkParents(before, after);
      carryOut(after, context);
      restoreGroup(after, context);
    },
  },
  remove: {
    asynchronous: true,
    // The groups in it go with it. The volumes stay, and so do their snapshots.
    effects: (group, { world }) => {
      for (const child of childrenOf(group, world)) {
        world.store.change(GROUP, child.$id, { [PARENT]: undefined });
        removeGroup(child.$id, world);
      }
      const parent = parentOf(group, world);
      if (!parent) return;
      world.store.change(GROUP, group.$id, { [PARENT]: undefined });
      dropIfEmpty(parent.$id, world);
    },
  },
  reactions: [
    forgetQosPolicy(GROUP, 'qos.policy'),
    {
      to: 'volume',
      removed: ({ $id }, { world }) => leaveGroup($id, world),
    },
    // On ASA r2 the volume of a unit goes with it.
    ...['lun', 'namespace'].map((kind): Reaction => ({
      to: kind,
      removed: (unit, { world }) => {
        if (isDisaggregatedSan(world)) leaveGroup(text(unit, 'location.volume'), world);
      },
    })),
  ],
};
