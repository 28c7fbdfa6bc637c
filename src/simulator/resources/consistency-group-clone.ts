import type { Context, Field, Fields } from '../core/declaration.ts';
import { findText, flag, text, type Entry, type StoredObject } from '../core/entry.ts';
import { missingValue, noEntry, notSimulated, Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { asIn, readOnly, unmodelled } from './common.ts';
import { hasContents } from './consistency-group-contents.ts';
import { childrenOf, GROUP, membersOf, PARENT } from './consistency-group-members.ts';
import { GROUP_SNAPSHOT, isPartial, isStale, partsLeft } from './consistency-group-parts.ts';
import { isWaiting } from './consistency-group-phase.ts';
import { JOINING } from './consistency-group-work.ts';
import { changePart, planPart, withParts, type Part } from './request-parts.ts';

/** Clones of consistency groups: groups of clones of their volumes. */

const SOURCE = 'clone.parent_consistency_group';
const NAME = 'clone.parent_snapshot.name';
const UUID = 'clone.parent_snapshot.uuid';
const PREFIX = 'clone.volume.prefix';
const SUFFIX = 'clone.volume.suffix';
const GUARANTEE = 'clone.guarantee.type';
const SPLIT = 'clone.split_initiated';
/** Members of a clone's record: the key of the group, and that of the snapshot, as long as these are there. */
const CLONED = '$cloned';
const FROM = '$cloned_from';

const clonesIn = (group: Entry, world: World): readonly Entry[] =>
  group[CLONED] === undefined ? [] : membersOf(group, world).filter((volume) => flag(volume, 'clone.is_flexclone'));

const snapshotOf =
  (member: string): Field['compute'] =>
  (group, world) =>
    world.store.find(GROUP_SNAPSHOT, findText(group, FROM))?.[member];

const sum = (path: string): NonNullable<Field['compute']> => {
  const read = asIn('volume', path);
  return (group, world) => {
    const clones = clonesIn(group, world);
    if (clones.length === 0) return undefined;
    return clones.reduce((total, volume) => total + Number(read(volume, world) ?? 0), 0);
  };
};

/** Clones were new with 9.12.1. */
export const cloneFields: Fields = {
  ...Object.fromEntries(
    Object.entries<Field>({
      [SOURCE]: {
        kind: 'ref',
        to: GROUP,
        scoped: true,
        write: 'create',
        compute: (group, world) => world.store.find(GROUP, findText(group, CLONED))?.$id,
        unknown: (given) =>
          new Refusal(400, 53411844, `The consistency group "${given}" was not found in the SVM.`, SOURCE),
      },
      [NAME]: { kind: 'string', write: 'create', compute: snapshotOf('name') ?? (() => undefined) },
      [UUID]: { kind: 'string', write: 'create', compute: snapshotOf('uuid') ?? (() => undefined) },
      [PREFIX]: { kind: 'string', write: 'create' },
      [SUFFIX]: { kind: 'string', write: 'create' },
      [GUARANTEE]: { kind: 'enum', write: 'create', values: ['volume', 'none'] },
      [SPLIT]: { kind: 'boolean' },
    }).map(([path, field]) => [path, { ...field, since: '9.12.1' }]),
  ),
  'clone.parent_svm': {
    kind: 'ref',
    to: 'svm',
    write: 'never',
    since: '9.15.1',
    compute: (group) => (group[CLONED] === undefined ? undefined : group['svm']),
  },
  'clone.is_flexclone': readOnly('boolean', {
    since: '9.15.1',
    compute: (group, world) => (group[PARENT] === undefined ? clonesIn(group, world).length > 0 : undefined),
  }),
  'clone.split_estimate': readOnly('size', { since: '9.15.1', compute: sum('clone.split_estimate') }),
  'clone.split_complete_percent': readOnly('integer', {
    since: '9.15.1',
    compute: (group, world) => {
      const percent = sum('clone.split_complete_percent')(group, world);
      return percent === undefined ? undefined : Math.floor(Number(percent) / clonesIn(group, world).length);
    },
  }),
  ...unmodelled('clone.snaplock_type', 'clone.storage_unit'),
};

const CLONE = [SOURCE, NAME, UUID, PREFIX, SUFFIX, GUARANTEE, SPLIT];

export const isClone = (draft: StoredObject): boolean => CLONE.some((path) => draft[path] !== undefined);

const findSource = (draft: Entry, { world }: Context): Entry => {
  const source = world.store.find(GROUP, text(draft, SOURCE));
  if (!source) throw missingValue(SOURCE);
  if (text(source, PARENT) !== '' || childrenOf(source, world).length > 0)
    throw notSimulated('A clone of a nested consistency group');
  return source;
};

/** The snapshot that is cloned; undefined: the group as it is now. It must be one of the group as it is now. */
const findSnapshot = (draft: Entry, source: Entry, world: World): Entry | undefined => {
  const [name, uuid] = [draft[NAME], draft[UUID]];
  if (name === undefined && uuid === undefined) return undefined;
  const found = world.store
    .by(GROUP_SNAPSHOT, 'consistency_group', source.$id)
    .find((snapshot) => (uuid ?? snapshot.$id) === snapshot.$id && (name ?? snapshot['name']) === snapshot['name']);
  if (!found) throw noEntry('clone.parent_snapshot');
  if (isPartial(found, world) || isStale(found, world) || isWaiting(found))
    throw new Refusal(
      400,
      53411918,
      `The snapshot "${text(found, 'name')}" is not one of all volumes that the group has.`,
      'clone.parent_snapshot',
    );
  return found;
};

const cloneOf = (volume: Entry, draft: Entry, snapshot: string | undefined, context: Context): Entry => {
  const guarantee = findText(draft, GUARANTEE);
  const body = {
    name: `${text(draft, PREFIX)}${text(volume, 'name')}${text(draft, SUFFIX)}`,
    'svm.uuid': text(draft, 'svm'),
    clone: {
      is_flexclone: true,
      parent_volume: { uuid: volume.$id },
      ...(snapshot === undefined ? {} : { parent_snapshot: { uuid: snapshot } }),
    },
    ...(guarantee === undefined ? {} : { guarantee: { type: guarantee } }),
  };
  return planPart('volume', body, context);
};

const splitParts = (volumes: readonly string[]): readonly Part[] =>
  volumes.map((id) => changePart('volume', id, { [SPLIT]: true }));

/** When a POST arrives: the record of the clone, with what is to be made. */
export const planClone = (draft: Entry, context: Context): Entry => {
  const { world } = context;
  if (hasContents(draft) || draft['consistency_groups'] !== undefined)
    throw new Refusal(400, 53411853, 'A clone has the volumes of the group that is cloned.', 'clone');
  const source = findSource(draft, context);
  const snapshot = findSnapshot(draft, source, world);
  if (text(draft, 'name') === '') throw missingValue('name');
  if (text(draft, PREFIX) === '' && text(draft, SUFFIX) === '')
    throw notSimulated('How ONTAP names the volumes of a clone without a prefix and a suffix');
  const snapshots = new Map(
    (snapshot ? partsLeft(snapshot, world) : []).map((part) => [text(part, 'volume'), text(part, 'snapshot')]),
  );
  const made = membersOf(source, world).map((volume) => cloneOf(volume, draft, snapshots.get(volume.$id), context));
  const ids = made.map(({ $id }) => $id);
  const { [SOURCE]: _source, [NAME]: _name, [UUID]: _uuid, [SPLIT]: split, ...given } = draft;
  return {
    ...given,
    $id: draft.$id,
    [CLONED]: source.$id,
    ...(snapshot ? { [FROM]: snapshot.$id } : {}),
    [JOINING]: ids,
    ...withParts([...made.map((entry) => ({ kind: 'volume', entry })), ...(split === true ? splitParts(ids) : [])]),
  };
};

/** When a PATCH arrives that splits the clone's volumes. */
export const planSplit = (group: Entry, wanted: boolean, { world }: Context): StoredObject => {
  const clones = clonesIn(group, world).map(({ $id }) => $id);
  if (clones.length === 0) throw new Refusal(400, 53412056, 'The consistency group is not a FlexClone.', SPLIT);
  if (!wanted) throw new Refusal(400, 262197, `The value "false" is invalid for field "${SPLIT}" (<true>)`, SPLIT);
  return withParts(splitParts(clones));
};
