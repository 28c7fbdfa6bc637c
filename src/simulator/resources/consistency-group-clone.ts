import type { Context, Field, Fields } from '../core/declaration.ts';
import { findText, flag, text, type Entry, type StoredObject } from '../core/entry.ts';
import { missingValue, noEntry, notSimulated, Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { asIn, readOnly, unmodelled } from './common.ts';
import { hasContents } from './consistency-group-contents.ts';
import { childrenOf, GROUP, membersOf, PARENT } from './consistency-group-members.ts';
import { GROUP_SNAPSHOT, isPartial, isStale, partsLeft, snapshotsOf } from './consistency-group-parts.ts';
import { isWaiting } from './consistency-group-phase.ts';
import { JOINING } from './consistency-group-work.ts';
import { isMeant } from './lookups.ts';
import { changePart, planPart, withParts, type Part } from './request-parts.ts';
import { isDisaggregatedSan } from './unit-volume.ts';

/** Clones of consistency groups: groups of clones of their volumes. */

const SOURCE = 'clone.parent_consistency_group';
const NAME = 'clone.parent_snapshot.name';
const UUID = 'clone.parent_snapshot.uuid';
const PREFIX = 'clone.volume.prefix';
const SUFFIX = 'clone.volume.suffix';
const UNIT_PREFIX = 'clone.storage_unit.prefix';
const UNIT_SUFFIX = 'clone.storage_unit.suffix';
const GUARANTEE = 'clone.guarantee.type';
const SPLIT = 'clone.split_initiated';
/** Members of a clone's record: the key of the group, and that of the snapshot, as long as these are there. */
const CLONED = '$cloned';
const FROM = '$cloned_from';

const clonesIn = (group: Entry, world: World): readonly Entry[] =>
  group[CLONED] === undefined ? [] : membersOf(group, world).filter((volume) => flag(volume, 'clone.is_flexclone'));

const snapshotOf =
  (member: string): NonNullable<Field['compute']> =>
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

/** What is said when a clone is made; clones were new with 9.12.1. */
const taken = (kind: Field['kind'], more: Partial<Field> = {}): Field => ({
  kind,
  write: 'create',
  since: '9.12.1',
  ...more,
});

/** On ASA r2 volumes have no names of their own. */
const ofVolumes = { personalities: ['unified', 'asa', 'afx'] } as const;
const ofUnits = { personalities: ['asa-r2'] } as const;

export const cloneFields: Fields = {
  [SOURCE]: taken('ref', {
    to: GROUP,
    scoped: true,
    compute: (group, world) => world.store.find(GROUP, findText(group, CLONED))?.$id,
    unknown: (given) =>
      new Refusal(400, 53411844, `The consistency group "${given}" was not found in the SVM.`, SOURCE),
  }),
  [NAME]: taken('string', { compute: snapshotOf('name') }),
  [UUID]: taken('string', { compute: snapshotOf('uuid') }),
  [PREFIX]: taken('string', ofVolumes),
  [SUFFIX]: taken('string', ofVolumes),
  [UNIT_PREFIX]: taken('string', ofUnits),
  [UNIT_SUFFIX]: taken('string', ofUnits),
  [GUARANTEE]: taken('enum', { values: ['volume', 'none'], ...ofVolumes }),
  [SPLIT]: { kind: 'boolean', since: '9.12.1' },
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
  ...unmodelled('clone.snaplock_type'),
};

const CLONE = [SOURCE, NAME, UUID, PREFIX, SUFFIX, UNIT_PREFIX, UNIT_SUFFIX, GUARANTEE, SPLIT];

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
  const found = snapshotsOf(source.$id, world).find((snapshot) => isMeant(snapshot, uuid, name));
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

/** What is cloned of a group: its volumes, or on ASA r2 its units. */
const piecesOf = (group: Entry, world: World): readonly Entry[] =>
  isDisaggregatedSan(world)
    ? membersOf(group, world).flatMap(({ $id }) => world.store.by('storage_unit', 'location.volume', $id))
    : membersOf(group, world);

const kindOfPieces = (world: World) => (isDisaggregatedSan(world) ? 'storage_unit' : 'volume');

/** Key of the volume of a piece. */
const volumeOf = (piece: Entry): string => text(piece, 'location.volume') || piece.$id;

const cloneOf = (piece: Entry, draft: Entry, snapshot: string | undefined, context: Context): Entry => {
  const own = isDisaggregatedSan(context.world);
  const [prefix, suffix] = own ? [UNIT_PREFIX, UNIT_SUFFIX] : [PREFIX, SUFFIX];
  const guarantee = findText(draft, GUARANTEE);
  const from = snapshot === undefined ? undefined : { uuid: snapshot };
  const source = { storage_unit: { uuid: piece.$id }, ...(from ? { snapshot: from } : {}) };
  const parent = { parent_volume: { uuid: piece.$id }, ...(from ? { parent_snapshot: from } : {}) };
  const body = {
    name: `${text(draft, prefix)}${text(piece, 'name')}${text(draft, suffix)}`,
    'svm.uuid': text(draft, 'svm'),
    clone: { is_flexclone: true, ...(own ? { source } : parent) },
    ...(guarantee === undefined ? {} : { guarantee: { type: guarantee } }),
  };
  return planPart(kindOfPieces(context.world), body, context);
};

const splitParts = (pieces: readonly Entry[], world: World): readonly Part[] =>
  pieces.map(({ $id }) => changePart(kindOfPieces(world), $id, { [SPLIT]: true }));

/** When a POST arrives: the record of the clone, with what is to be made. */
export const planClone = (draft: Entry, context: Context): Entry => {
  const { world } = context;
  if (hasContents(draft) || draft['consistency_groups'] !== undefined)
    throw new Refusal(400, 53411853, 'A clone has the volumes of the group that is cloned.', 'clone');
  const source = findSource(draft, context);
  const snapshot = findSnapshot(draft, source, world);
  if (text(draft, 'name') === '') throw missingValue('name');
  if ([PREFIX, SUFFIX, UNIT_PREFIX, UNIT_SUFFIX].every((path) => text(draft, path) === ''))
    throw notSimulated('How ONTAP names the volumes of a clone without a prefix and a suffix');
  const snapshots = new Map(
    (snapshot ? partsLeft(snapshot, world) : []).map((part) => [text(part, 'volume'), text(part, 'snapshot')]),
  );
  const made = piecesOf(source, world).map((each) => cloneOf(each, draft, snapshots.get(volumeOf(each)), context));
  const kind = kindOfPieces(world);
  const { [SOURCE]: _source, [NAME]: _name, [UUID]: _uuid, [SPLIT]: split, ...given } = draft;
  return {
    ...given,
    $id: draft.$id,
    [CLONED]: source.$id,
    ...(snapshot ? { [FROM]: snapshot.$id } : {}),
    [JOINING]: made.map(volumeOf),
    ...withParts([...made.map((entry) => ({ kind, entry })), ...(split === true ? splitParts(made, world) : [])]),
  };
};

/** When a PATCH arrives that splits the clone's volumes. */
export const planSplit = (group: Entry, wanted: boolean, { world }: Context): StoredObject => {
  const volumes = new Set(clonesIn(group, world).map(({ $id }) => $id));
  const clones = piecesOf(group, world).filter((each) => volumes.has(volumeOf(each)));
  if (clones.length === 0) throw new Refusal(400, 53412056, 'The consistency group is not a FlexClone.', SPLIT);
  if (!wanted) throw new Refusal(400, 262197, `The value "false" is invalid for field "${SPLIT}" (<true>)`, SPLIT);
  return withParts(splitParts(clones, world));
};
