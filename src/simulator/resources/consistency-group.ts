import type { Context, Field, Fields, Resource, Values } from '../core/declaration.ts';
import { integer, text, texts, type Entry } from '../core/entry.ts';
import { missingValue, notSimulated, Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { ownerSvm, readOnly, unmeasured, uuidField } from './common.ts';
import { groupOf, MEMBERS, membersOf } from './consistency-group-members.ts';
import { prepareRestore, restoreFields, restoreGroup, restores } from './consistency-group-restore.ts';
import { unitsField, wantedUnits } from './consistency-group-units.ts';
import { groupVolumes, wantedVolumes, type Wanted } from './consistency-group-volumes.ts';
import { makeParts, withParts } from './request-parts.ts';
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
  const given = UNSIMULATED.find((path) => values[path] !== undefined);
  if (given) throw notSimulated(`The property "${given}" of a consistency group`);
};

const checkFree = ({ id, name }: Wanted, group: string, world: World) => {
  const other = groupOf(id, world);
  if (other && other.$id !== group) {
    throw new Refusal(
      409,
      53411865,
      `The volume "${name}" is in the consistency group "${text(other, 'name')}".`,
      'volumes',
    );
  }
};

/** What is made with the group: its volumes, and the LUNs and namespaces in those that it has. */
const madeWith = (
  values: Values,
  svm: string,
  wanted: readonly Wanted[],
  members: ReadonlySet<string>,
  context: Context,
) =>
  withParts([
    ...wanted.flatMap(({ made }) => (made ? [{ kind: 'volume', entry: made }] : [])),
    ...wantedUnits(values, svm, members, context),
  ]);

const notMember = ({ name }: Wanted) =>
  new Refusal(400, 53411853, `The volume "${name}" is not in the consistency group.`, 'volumes');

const prepare = (draft: Entry, context: Context): Entry => {
  refuseUnsimulated(draft);
  const { volumes, luns, namespaces, ...given } = draft;
  const wanted = wantedVolumes(volumes, text(draft, 'svm'), context);
  const [first, second] = wanted;
  if (!first && (luns ?? namespaces) !== undefined)
    throw notSimulated('Volumes of a consistency group that follow from its LUNs or namespaces');
  if (!first) throw new Refusal(400, 53411864, 'A consistency group needs volumes.', 'volumes');
  // A group of one volume has that volume's name, unless it is given another.
  const name = text(draft, 'name') || (second ? '' : first.name);
  if (name === '') throw missingValue('name');
  const leaving = wanted.find(({ action }) => action === 'remove');
  if (leaving) throw notMember(leaving);
  for (const each of wanted) checkFree(each, draft.$id, context.world);
  const members = new Set(wanted.map(({ id }) => id));
  const made = madeWith(draft, text(draft, 'svm'), wanted, members, context);
  return { ...given, ...made, $id: draft.$id, name, [MEMBERS]: [...members] };
};

const prepareChange = (changes: Values, before: Entry, context: Context): Values => {
  if (restores(changes)) return prepareRestore(changes, before, context.world);
  refuseUnsimulated(changes);
  const { volumes, luns: _luns, namespaces: _namespaces, ...given } = changes;
  const svm = text(before, 'svm');
  const members = new Set(texts(before, MEMBERS));
  const wanted = wantedVolumes(volumes, svm, context);
  for (const each of wanted) {
    if (each.action === 'remove') {
      if (!members.delete(each.id)) throw notMember(each);
    } else {
      checkFree(each, before.$id, context.world);
      members.add(each.id);
    }
  }
  const made = madeWith(changes, svm, wanted, members, context);
  return { ...given, ...made, ...(volumes === undefined ? {} : { [MEMBERS]: [...members] }) };
};

/** Makes what is made with the group, and checks again: two requests may have wanted one volume. */
const apply = (group: Entry, context: Context) => {
  makeParts(GROUP, group, context);
  settle(group, context);
};

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

const sum = (measure: (volume: Entry) => number): Field =>
  readOnly('size', {
    compute: (group, world) => membersOf(group, world).reduce((total, volume) => total + measure(volume), 0),
  });

const fields: Fields = {
  uuid: uuidField,
  name: { kind: 'string', key: true },
  svm: ownerSvm,
  volumes: groupVolumes,
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
  ...restoreFields,
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
  create: { asynchronous: true, prepare, effects: apply },
  modify: {
    asynchronous: true,
    prepare: prepareChange,
    effects: (after, _before, context) => {
      apply(after, context);
      restoreGroup(after, context);
    },
  },
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
