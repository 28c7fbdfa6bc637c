import { copyContents, readFrozen, restoreContents } from '../core/contents.ts';
import type { Context, Reaction, Resource, Values } from '../core/declaration.ts';
import { flag, text, type Entry } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import { applyOperation } from '../core/operation.ts';
import type { World } from '../core/world.ts';
import { checkSimpleName, unitNamed } from './lun-name.ts';
import { mirrorSnapshots } from './storage-unit-mirror.ts';
import { storageUnitFields, STORAGE_UNIT, UNIT_KINDS } from './storage-unit-fields.ts';
import { cloneUnitVolume } from './unit-volume.ts';
import { splitClone } from './volume-clone.ts';
import { RESTORE_PARAMETERS, restoreTarget } from './volume-modify.ts';
import { restoreSnapshot } from './volume-restore.ts';

const nameTaken = (entry: Entry) =>
  new Refusal(409, 917526, `The name "${text(entry, 'name')}" is in use in the SVM.`, 'name');

const checkName = (unit: Entry, world: World) => {
  checkSimpleName(text(unit, 'name'));
  const other = unitNamed(text(unit, 'name'), text(unit, 'svm'), world);
  if (other && other.$id !== unit.$id) throw nameTaken(unit);
};

const snapshotOf = (draft: Entry, source: Entry, world: World): string | undefined => {
  const given = text(draft, 'clone.source.snapshot');
  if (given === '') return undefined;
  const name = text(world.store.get('storage_unit_snapshot', given), 'name');
  // A name alone finds the first snapshot of that name; the one meant is the source's.
  const own = world.store
    .by('storage_unit_snapshot', 'storage_unit', source.$id)
    .find((snapshot) => snapshot['name'] === name);
  if (!own)
    throw new Refusal(
      404,
      1638600,
      `The snapshot "${name}" does not exist in the storage unit "${text(source, 'name')}".`,
      'clone.source.snapshot',
    );
  return own.$id;
};

/** Units are made as LUNs and namespaces; here they are only cloned. */
const prepareClone = (draft: Entry, { world }: Context): Entry => {
  if (draft['clone.is_flexclone'] !== true)
    throw new Refusal(
      400,
      5374604,
      'A storage unit is created as a clone only: "clone.is_flexclone" must be true.',
      'clone.is_flexclone',
    );
  const source = world.store.find(STORAGE_UNIT, text(draft, 'clone.source.storage_unit'));
  if (!source)
    throw new Refusal(400, 5376492, 'No source storage unit was specified for the clone.', 'clone.source.storage_unit');
  const sourceSvm = text(draft, 'clone.source.svm') || text(draft, 'svm');
  if (source['svm'] !== sourceSvm || source['svm'] !== draft['svm']) {
    throw new Refusal(404, 5376490, 'The source storage unit does not exist in the SVM.', 'clone.source.storage_unit');
  }
  const unit: Entry = {
    $id: draft.$id,
    uuid: text(draft, 'uuid'),
    name: text(draft, 'name'),
    svm: text(draft, 'svm'),
    type: text(source, 'type'),
    'location.volume': world.random.uuid('volume'),
    $source: source.$id,
    $snapshot: snapshotOf(draft, source, world),
  };
  checkName(unit, world);
  return unit;
};

/** Volume, snapshot and the LUN or namespace itself, which has the unit's own UUID. */
const makeClone = (unit: Entry, context: Context) => {
  const { world } = context;
  const kind = text(unit, 'type');
  const source = world.store.find(STORAGE_UNIT, text(unit, '$source'));
  if (!source) throw new Refusal(404, 5376490, 'The source storage unit does not exist any more.');
  const volume = cloneUnitVolume(unit, text(source, 'location.volume'), text(unit, '$snapshot'), context);
  mirrorSnapshots(source, world);
  const snapshot = world.store.get('snapshot', text(volume, 'clone.parent_snapshot'));
  const frozen = readFrozen(snapshot['$contents']).find((record) => record.kind === kind);
  const inside = world.resource(kind).inside?.find((each) => each.kind === 'volume');
  if (!frozen || !inside?.copied) throw new Error(`Snapshot ${snapshot.$id} of a unit holds no ${kind}`);
  const made = inside.copied(
    { ...frozen.entry, uuid: unit.$id, 'location.volume': volume.$id, $id: unit.$id },
    volume,
    world,
  );
  world.store.put(kind, made);
  copyContents(kind, made, frozen.contents, world);
  world.store.change(STORAGE_UNIT, unit.$id, { $source: undefined, $snapshot: undefined });
};

const volumeOf = (unit: Entry, world: World): Entry => world.store.get('volume', text(unit, 'location.volume'));

const prepareChange = (changes: Values, before: Entry, context: Context): Values => {
  if (restoreTarget(context) !== undefined) {
    if (Object.keys(changes).length > 0)
      throw new Refusal(400, 918251, 'Other properties cannot be changed in a request that restores a snapshot.');
    return {};
  }
  const { name } = changes;
  if (typeof name === 'string') checkName({ ...before, name, $id: before.$id }, context.world);
  if (changes['clone.split_initiated'] === true && !flag(volumeOf(before, context.world), 'clone.is_flexclone')) {
    throw new Refusal(
      400,
      524849,
      `The storage unit "${text(before, 'name')}" is not a clone.`,
      'clone.split_initiated',
    );
  }
  return changes;
};

const finishChange = (after: Entry, before: Entry, context: Context, changes: Values) => {
  const { world } = context;
  const snapshot = restoreTarget(context);
  if (snapshot !== undefined) return restoreUnit(after, snapshot, context);
  if (changes['clone.split_initiated'] === true) {
    splitClone(volumeOf(after, world), context);
    world.store.change(STORAGE_UNIT, after.$id, { 'clone.split_initiated': undefined });
  }
  if (after['name'] !== before['name']) {
    applyOperation(
      {
        verb: 'modify',
        kind: text(after, 'type'),
        id: after.$id,
        values: { name: text(after, 'name') },
        unset: [],
        parameters: {},
      },
      world,
    );
  }
};

/** The unit has the data, size and attributes of the snapshot again; newer snapshots are gone. */
const restoreUnit = (unit: Entry, wanted: string, context: Context) => {
  const { world } = context;
  const volume = volumeOf(unit, world);
  const snapshot = world.store
    .by('snapshot', 'volume', volume.$id)
    .find((each) => each.$id === wanted || text(each, 'name') === wanted);
  restoreSnapshot(volume, wanted, context);
  restoreContents('volume', volumeOf(unit, world), snapshot?.['$contents'], world);
  const restored = world.store.get(text(unit, 'type'), unit.$id);
  world.store.change('volume', volume.$id, { size: Number(restored['space.size']) });
  mirrorSnapshots(unit, world);
};

/** Each LUN and namespace is a unit, from its first moment to its last. */
const followKind = (kind: string): Reaction => ({
  to: kind,
  created: (entry, { world }) => {
    world.store.put(STORAGE_UNIT, {
      $id: entry.$id,
      uuid: entry.$id,
      name: text(entry, 'name'),
      svm: text(entry, 'svm'),
      type: kind,
      'location.volume': text(entry, 'location.volume'),
    });
  },
  modified: (entry, _before, { world }) => {
    world.store.change(STORAGE_UNIT, entry.$id, { name: text(entry, 'name') });
  },
  removed: (entry, { world }) => {
    for (const { $id } of world.store.by('storage_unit_snapshot', 'storage_unit', entry.$id))
      world.store.remove('storage_unit_snapshot', $id);
    world.store.remove(STORAGE_UNIT, entry.$id);
  },
});

/** Volumes cannot be managed by themselves: they are made, changed and removed with their units. */
const guardVolumes: Reaction = {
  to: 'volume',
  planned: (verb, volume) => {
    if (verb !== 'modify')
      throw new Refusal(
        400,
        918701,
        `Volumes cannot be ${verb === 'create' ? 'created' : 'deleted'} on this platform.`,
      );
    if (flag(volume, '$unit'))
      throw new Refusal(400, 918703, 'The volume of a storage unit cannot be modified on this platform.');
  },
};

/** `/storage/storage-units`: the LUNs and namespaces of an ASA r2 system. */
export const storageUnit: Resource = {
  kind: STORAGE_UNIT,
  path: '/storage/storage-units',
  keys: ['uuid'],
  since: '9.16.1',
  personalities: ['asa-r2'],
  fields: storageUnitFields,
  indexes: ['svm', 'location.volume'],
  unique: [{ fields: ['svm', 'name'], refusal: nameTaken }],
  unknown: (given, field) => new Refusal(400, 5376490, `The storage unit "${given}" does not exist.`, field),
  parameters: { modify: RESTORE_PARAMETERS },
  create: { asynchronous: true, prepare: prepareClone, effects: makeClone },
  modify: {
    asynchronous: true,
    mayBeEmpty: (context) => restoreTarget(context) !== undefined,
    prepare: prepareChange,
    effects: finishChange,
  },
  reactions: [...UNIT_KINDS.map(followKind), guardVolumes],
};
