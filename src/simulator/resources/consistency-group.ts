import type { Context, Field, Fields, Resource, Values } from '../core/declaration.ts';
import {
  integer,
  isStoredObject,
  isStoredList,
  text,
  texts,
  type Entry,
  type Stored,
  type StoredObject,
} from '../core/entry.ts';
import { notSimulated, Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { nameField, ownerSvm, readOnly, unmeasured, uuidField } from './common.ts';
import { groupOf, MEMBERS, membersOf } from './consistency-group-members.ts';
import { volumeSpace } from './volume-space.ts';

const GROUP = 'consistency_group';

/** Properties that ONTAP takes and the simulator does not: giving one is answered with 501. */
const UNSIMULATED = [
  'consistency_groups',
  'parent_consistency_group',
  'application',
  'qos',
  'tiering',
  'replication_relationships',
] as const;

const refuseUnsimulated = (values: Values) => {
  const given = [...UNSIMULATED, 'luns', 'namespaces'].find((path) => values[path] !== undefined);
  if (given) throw notSimulated(`The property "${given}" of a consistency group`);
};

interface Wanted {
  readonly volume: Entry;
  readonly action: string;
}

/** The volumes that a body names, with what is to be done to each. Provisioning new ones is not simulated. */
const wantedVolumes = (given: Stored | undefined, svm: string, world: World): readonly Wanted[] =>
  (given !== undefined && isStoredList(given) ? given : []).filter(isStoredObject).map((each) => {
    const action = text(each, 'provisioning_options.action');
    if (action === '' || action === 'create' || action === 'reassign')
      throw notSimulated(`The action "${action || 'create'}" for a volume of a consistency group`);
    return { volume: findVolume(each, svm, world), action };
  });

const findVolume = (each: StoredObject, svm: string, world: World): Entry => {
  const name = text(each, 'name');
  const uuid = text(each, 'uuid');
  const found =
    uuid === ''
      ? world.store.by('volume', 'name', name).find((volume) => volume['svm'] === svm)
      : world.store.find('volume', uuid);
  if (!found || found['svm'] !== svm || (name !== '' && text(found, 'name') !== name)) {
    throw new Refusal(400, 53411861, `The volume "${name || uuid}" was not found in the SVM.`, 'volumes');
  }
  return found;
};

const checkFree = (volume: Entry, group: string, world: World) => {
  const other = groupOf(volume.$id, world);
  if (other && other.$id !== group) {
    throw new Refusal(
      409,
      53411865,
      `The volume "${text(volume, 'name')}" is in the consistency group "${text(other, 'name')}".`,
      'volumes',
    );
  }
};

const prepare = (draft: Entry, { world }: Context): Entry => {
  refuseUnsimulated(draft);
  const { volumes, ...given } = draft;
  const wanted = wantedVolumes(volumes, text(draft, 'svm'), world);
  if (wanted.length === 0) throw new Refusal(400, 53411864, 'A consistency group needs volumes.', 'volumes');
  const leaving = wanted.find(({ action }) => action === 'remove');
  if (leaving)
    throw new Refusal(
      400,
      53411853,
      `The volume "${text(leaving.volume, 'name')}" is not in the consistency group.`,
      'volumes',
    );
  for (const { volume } of wanted) checkFree(volume, draft.$id, world);
  return { ...given, $id: draft.$id, [MEMBERS]: [...new Set(wanted.map(({ volume }) => volume.$id))] };
};

const prepareChange = (changes: Values, before: Entry, { world }: Context): Values => {
  refuseUnsimulated(changes);
  const { volumes, ...given } = changes;
  if (volumes === undefined) return given;
  const members = new Set(texts(before, MEMBERS));
  for (const { volume, action } of wantedVolumes(volumes, text(before, 'svm'), world)) {
    if (action === 'remove' && !members.delete(volume.$id)) {
      throw new Refusal(
        400,
        53411853,
        `The volume "${text(volume, 'name')}" is not in the consistency group.`,
        'volumes',
      );
    }
    if (action === 'add') {
      checkFree(volume, before.$id, world);
      members.add(volume.$id);
    }
  }
  return { ...given, [MEMBERS]: [...members] };
};

/** When the work is done: two requests may have wanted one volume. */
const settle = (group: Entry, { world }: Context) => {
  for (const id of texts(group, MEMBERS)) {
    const volume = world.store.find('volume', id);
    if (!volume) throw new Refusal(400, 53411861, 'A volume of the consistency group does not exist any more.');
    const others = world.store
      .all(GROUP)
      .filter((other) => other.$id !== group.$id && texts(other, MEMBERS).includes(id));
    if (others[0])
      throw new Refusal(
        409,
        53411865,
        `The volume "${text(volume, 'name')}" is in the consistency group "${text(others[0], 'name')}".`,
      );
  }
};

const volumesShown = (group: Entry, world: World): Stored =>
  membersOf(group, world).map((volume) => {
    const { size, used, available } = volumeSpace(volume);
    return {
      $ref: volume.$id,
      name: text(volume, 'name'),
      uuid: volume.$id,
      comment: text(volume, 'comment'),
      'space.size': size,
      'space.used': used,
      'space.available': available,
    };
  });

/** The records of a kind that lie in the group's volumes. */
export const inVolumes = (kind: 'lun' | 'namespace', volumes: readonly Entry[], world: World): readonly string[] =>
  volumes.flatMap((volume) => world.store.by(kind, 'location.volume', volume.$id)).map((entry) => entry.$id);

/** Shown as they lie in the volumes. Making new ones with the group is not simulated. */
const unitsField = (kind: 'lun' | 'namespace'): Field => ({
  kind: 'objects',
  to: kind,
  of: { uuid: { kind: 'string' }, name: { kind: 'string' } },
  compute: (group, world) =>
    inVolumes(kind, membersOf(group, world), world).map((id) => ({
      $ref: id,
      uuid: id,
      name: text(world.store.get(kind, id), 'name'),
    })),
});

const sum = (measure: (volume: Entry) => number): Field =>
  readOnly('size', {
    compute: (group, world) => membersOf(group, world).reduce((total, volume) => total + measure(volume), 0),
  });

const fields: Fields = {
  uuid: uuidField,
  name: nameField,
  svm: ownerSvm,
  volumes: {
    kind: 'objects',
    to: 'volume',
    compute: volumesShown,
    of: {
      name: { kind: 'string' },
      uuid: { kind: 'string' },
      comment: { kind: 'string', write: 'never' },
      'space.size': { kind: 'size' },
      'space.used': readOnly('size'),
      'space.available': readOnly('size'),
      'provisioning_options.action': { kind: 'enum', values: ['create', 'add', 'remove', 'reassign'] },
      'provisioning_options.count': { kind: 'integer' },
    },
  },
  luns: unitsField('lun'),
  namespaces: unitsField('namespace'),
  'space.size': sum((volume) => integer(volume, 'size')),
  'space.used': sum((volume) => volumeSpace(volume).used),
  'space.available': sum((volume) => volumeSpace(volume).available),
  replicated: readOnly('boolean', { compute: () => false }),
  snapshot_policy: {
    kind: 'ref',
    to: 'snapshot_policy',
    scoped: true,
    clearable: true,
    unknown: (given) => new Refusal(400, 917551, `The snapshot policy "${given}" does not exist.`, 'snapshot_policy'),
  },
  ...Object.fromEntries(UNSIMULATED.map((name): [string, Field] => [name, { kind: 'opaque', expensive: true }])),
  ...unmeasured,
};

/** `/application/consistency-groups`: volumes whose snapshots are made at one instant. */
export const consistencyGroup: Resource = {
  kind: GROUP,
  path: '/application/consistency-groups',
  keys: ['uuid'],
  since: '9.10.1',
  personalities: ['unified', 'asa', 'afx'],
  fields,
  indexes: ['svm'],
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
  create: { asynchronous: true, prepare, effects: settle },
  modify: { asynchronous: true, prepare: prepareChange, effects: (after, _before, context) => settle(after, context) },
  // The volumes stay, and so do their snapshots.
  remove: { asynchronous: true },
  reactions: [
    {
      to: 'volume',
      removed: (volume, { world }) => {
        const group = groupOf(volume.$id, world);
        if (group)
          world.store.change(GROUP, group.$id, { [MEMBERS]: texts(group, MEMBERS).filter((id) => id !== volume.$id) });
      },
    },
  ],
};
