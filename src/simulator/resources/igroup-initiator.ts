import type { Resource } from '../core/declaration.ts';
import { text, type Entry } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import { parseBoolean } from '../core/scalars.ts';
import type { World } from '../core/world.ts';
import { canonicalInitiator, checkInitiatorName } from './initiator-name.ts';

export const INITIATOR = 'igroup_initiator';

export const initiatorsOf = (igroup: string, world: World): readonly Entry[] =>
  world.store.by(INITIATOR, 'igroup', igroup);

/** Igroups of the same SVM that have the initiator. */
export const igroupsOf = (initiator: string, svm: string, world: World): readonly string[] =>
  world.store
    .by(INITIATOR, 'name', initiator)
    .filter((entry) => entry['svm'] === svm)
    .map((entry) => text(entry, 'igroup'));

const mapsOf = (igroup: string, world: World): readonly Entry[] => world.store.by('lun_map', 'igroup', igroup);

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
    for (const map of mapsOf(igroup.$id, world)) {
      for (const there of mapsOf(other.$id, world)) checkClash(name, map, there);
    }
  }
};

const checkClash = (initiator: string, map: Entry, there: Entry) => {
  if (map['lun'] === there['lun'])
    throw new Refusal(409, 1254193, `The initiator "${initiator}" would see a LUN twice.`);
  if (map['logical_unit_number'] === there['logical_unit_number']) {
    throw new Refusal(
      409,
      1254324,
      `The initiator "${initiator}" would see two LUNs under the number ${String(map['logical_unit_number'])}.`,
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
      checkInitiator(name, igroup, 5374734, world);
      return { ...draft, name, svm: text(igroup, 'svm') };
    },
  },
  modify: { asynchronous: false },
  remove: {
    asynchronous: false,
    check: (entry, { world, parameters }) => {
      const allowed = parseBoolean(parameters['allow_delete_while_mapped'] ?? 'false') === true;
      if (!allowed && mapsOf(text(entry, 'igroup'), world).length > 0) {
        throw new Refusal(
          409,
          1254213,
          'The igroup is mapped. Specify "allow_delete_while_mapped" to remove the initiator.',
        );
      }
    },
  },
};
