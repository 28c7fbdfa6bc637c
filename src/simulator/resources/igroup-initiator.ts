import type { Resource } from '../core/declaration.ts';
import { text, type Entry } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { refuseMixed } from './igroup-child.ts';
import {
  allInitiatorsOf,
  checkUnmapped,
  checkView,
  childrenOf,
  igroupsOf,
  igroupsReaching,
  INITIATOR,
  withParents,
} from './igroup-members.ts';
import { canonicalInitiator, checkInitiatorName } from './initiator-name.ts';

/** Refuses an initiator for an igroup: its form, its system, and what it would see. */
export const checkInitiator = (name: string, igroup: Entry, conflict: number, world: World): void => {
  checkInitiatorName(name, text(igroup, 'protocol'));
  const others = igroupsOf(name, text(igroup, 'svm'), world).filter((id) => id !== igroup.$id);
  for (const other of others.flatMap((id) => world.store.find('igroup', id) ?? [])) {
    if (other['os_type'] !== igroup['os_type']) {
      throw new Refusal(
        409,
        conflict,
        `The initiator "${name}" is in igroup "${text(other, 'name')}", which has another operating system type.`,
        'initiators.name',
      );
    }
  }
  const parents = withParents(igroup.$id, world);
  checkHierarchy(name, igroup, parents, world);
  checkView(name, [...parents, ...igroupsReaching(name, text(igroup, 'svm'), world)], world);
};

/** An initiator is in one igroup of a hierarchy. */
const checkHierarchy = (name: string, igroup: Entry, parents: readonly string[], world: World) => {
  const elsewhere = parents.some(
    (each) =>
      each !== igroup.$id &&
      allInitiatorsOf(each, world).some((other) => other['name'] === name && other['igroup'] !== igroup.$id),
  );
  if (elsewhere) {
    throw new Refusal(
      409,
      5374742,
      `The initiator "${name}" is in another igroup of the hierarchy.`,
      'initiators.name',
    );
  }
};

const keyOf = (igroup: string, name: string) => `${igroup}/${name}`;

/** Puts an initiator of a new igroup. */
export const addInitiator = (igroup: Entry, name: string, comment: string | undefined, world: World): void => {
  const canonical = canonicalInitiator(name);
  world.store.put(INITIATOR, {
    $id: keyOf(igroup.$id, canonical),
    igroup: igroup.$id,
    svm: text(igroup, 'svm'),
    name: canonical,
    ...(comment === undefined ? {} : { comment }),
  });
};

/** `/protocols/san/igroups/{igroup.uuid}/initiators`. */
export const igroupInitiator: Resource = {
  kind: INITIATOR,
  path: '/protocols/san/igroups/{igroup.uuid}/initiators',
  keys: ['name'],
  takesRecords: true,
  order: ['igroup', 'name'],
  fields: {
    name: { kind: 'string', key: true, write: 'create' },
    comment: { kind: 'string', maxLength: 254 },
    igroup: { kind: 'ref', to: 'igroup', children: ['uuid', 'name'], write: 'never' },
    proximity: { kind: 'opaque', write: 'never', expensive: true },
    connectivity_tracking: { kind: 'opaque', write: 'never', expensive: true },
  },
  indexes: ['igroup', 'svm'],
  unique: [
    {
      fields: ['igroup', 'name'],
      refusal: (entry) =>
        new Refusal(409, 5374035, `The initiator "${text(entry, 'name')}" is in the igroup already.`, 'name'),
    },
  ],
  parameters: { remove: ['allow_delete_while_mapped'] },
  noParent: (given) => new Refusal(404, 5374852, `The igroup "${given}" does not exist.`, 'igroup.uuid'),
  absent: () => new Refusal(404, 5374034, 'The initiator is not in the igroup.', 'name'),
  inside: [{ kind: 'igroup', field: 'igroup' }],
  identify: (draft) => keyOf(text(draft, 'igroup'), canonicalInitiator(text(draft, 'name'))),
  create: {
    asynchronous: false,
    prepare: (draft, { world }) => {
      const name = canonicalInitiator(text(draft, 'name'));
      if (name === '') throw new Refusal(400, 5374033, 'An initiator must be given.', 'name');
      const igroup = world.store.get('igroup', text(draft, 'igroup'));
      if (childrenOf(igroup.$id, world).length > 0) refuseMixed();
      checkInitiator(name, igroup, 5374734, world);
      return { ...draft, name, svm: text(igroup, 'svm') };
    },
  },
  modify: { asynchronous: false },
  remove: {
    asynchronous: false,
    check: (entry, context) => checkUnmapped(text(entry, 'igroup'), 'remove the initiator', context),
  },
};
