import type { Field, Reaction, Resource } from '../core/declaration.ts';
import { text, type Entry } from '../core/entry.ts';
import { applyOperation } from '../core/operation.ts';
import { Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { nameField, readOnly, unmodelled, uuidField } from './common.ts';
import { checkSnapshotName, checkSnapshotRoom, snapshotValues } from './snapshot-make.ts';
import { mirrorOf, mirrorSnapshots } from './storage-unit-mirror.ts';

const SNAPSHOT = 'storage_unit_snapshot';
const UNIT = 'storage_unit';

/** A field of the snapshot of the unit's volume. */
const own = (field: Field, path: string): Field => ({
  ...field,
  compute: (entry, world) => {
    const snapshot = world.store.find('snapshot', entry.$id);
    return snapshot && world.schema('snapshot').find(path)?.get(snapshot, world);
  },
});

/** A field that the volume's snapshot computes. */
const ofSnapshot =
  (path: string): NonNullable<Field['compute']> =>
  (entry, world) => {
    const snapshot = world.store.find('snapshot', entry.$id);
    return snapshot && world.schema('snapshot').find(path)?.get(snapshot, world);
  };

const unitOfVolume = (volume: string, world: World): Entry | undefined =>
  world.store.by(UNIT, 'location.volume', volume)[0];

/** Snapshots of a unit's volume that are made, renamed or removed as such. */
const followSnapshots: Reaction = {
  to: 'snapshot',
  created: (snapshot, { world }) => {
    const unit = unitOfVolume(text(snapshot, 'volume'), world);
    if (unit) world.store.put(SNAPSHOT, mirrorOf(unit, snapshot));
  },
  modified: (snapshot, _before, { world }) => {
    if (world.store.find(SNAPSHOT, snapshot.$id))
      world.store.change(SNAPSHOT, snapshot.$id, { name: text(snapshot, 'name') });
  },
  removed: (snapshot, { world }) => {
    if (world.store.find(SNAPSHOT, snapshot.$id)) world.store.remove(SNAPSHOT, snapshot.$id);
  },
};

const unitOf = (entry: Entry, world: World): Entry => {
  const unit = world.store.find(UNIT, text(entry, 'storage_unit'));
  if (!unit) throw new Refusal(404, 5376489, 'The storage unit does not exist.', 'storage_unit.uuid');
  return unit;
};

const PASSED = ['comment', 'expiry_time', 'snapmirror_label'];

/** `/storage/storage-units/{uuid}/snapshots`: those of the unit's volume. */
export const storageUnitSnapshot: Resource = {
  kind: SNAPSHOT,
  path: '/storage/storage-units/{storage_unit.uuid}/snapshots',
  keys: ['uuid'],
  order: ['storage_unit', '$order'],
  since: '9.16.1',
  personalities: ['asa-r2'],
  fields: {
    uuid: uuidField,
    name: nameField,
    storage_unit: { kind: 'ref', to: UNIT, write: 'never' },
    svm: { kind: 'ref', to: 'svm', write: 'create' },
    comment: own({ kind: 'string', maxLength: 255 }, 'comment'),
    expiry_time: own({ kind: 'time', clearable: true }, 'expiry_time'),
    snapmirror_label: own({ kind: 'string', maxLength: 31, clearable: true }, 'snapmirror_label'),
    create_time: own(readOnly('time'), 'create_time'),
    state: readOnly('enum', { values: ['valid', 'unknown'], compute: () => 'valid' }),
    owners: own(readOnly('strings'), 'owners'),
    size: own(readOnly('size'), 'size'),
    logical_size: own(readOnly('size'), 'logical_size'),
    reclaimable_space: own(readOnly('size', { expensive: true }), 'reclaimable_space'),
    version_uuid: own(readOnly('string'), 'version_uuid'),
    'delta.size_consumed': readOnly('size', { expensive: true, compute: ofSnapshot('delta.size_consumed') }),
    'delta.time_elapsed': readOnly('string', { expensive: true, compute: ofSnapshot('delta.time_elapsed') }),
    ...unmodelled('snaplock'),
  },
  indexes: ['storage_unit', 'svm'],
  unique: [
    {
      fields: ['storage_unit', 'name'],
      refusal: (entry) =>
        new Refusal(
          409,
          525059,
          `A snapshot with the name "${text(entry, 'name')}" already exists in the storage unit.`,
          'name',
        ),
    },
  ],
  noParent: () => new Refusal(404, 5376489, 'The storage unit does not exist.', 'storage_unit.uuid'),
  absent: () => new Refusal(404, 1638600, 'The snapshot does not exist.', 'uuid'),
  create: {
    asynchronous: true,
    location: 'query',
    prepare: (draft, { world }) => {
      checkSnapshotName(text(draft, 'name'));
      const unit = unitOf(draft, world);
      checkSnapshotRoom(world.store.get('volume', text(unit, 'location.volume')), world);
      return { ...draft, svm: text(unit, 'svm') };
    },
    effects: (entry, { world, fullAggregate }) => {
      const unit = unitOf(entry, world);
      if (fullAggregate !== undefined)
        throw new Refusal(500, 524479, `There is no space for a snapshot of "${text(unit, 'name')}".`);
      const volume = world.store.get('volume', text(unit, 'location.volume'));
      const passed = Object.fromEntries(
        PASSED.filter((path) => entry[path] !== undefined).map((path) => [path, entry[path]]),
      );
      world.store.put('snapshot', {
        $id: entry.$id,
        uuid: entry.$id,
        name: text(entry, 'name'),
        version_uuid: world.random.uuid('snapshot-version'),
        state: 'valid',
        ...passed,
        ...snapshotValues(volume, world),
      });
      world.store.remove(SNAPSHOT, entry.$id);
      mirrorSnapshots(unit, world);
    },
  },
  modify: {
    asynchronous: true,
    prepare: (changes) => {
      if (typeof changes['name'] === 'string') checkSnapshotName(changes['name']);
      return changes;
    },
    effects: (after, _before, { world }, changes) => {
      const values = Object.fromEntries(
        ['name', ...PASSED].filter((path) => path in changes).map((path) => [path, changes[path]]),
      );
      world.store.change('snapshot', after.$id, values);
      world.store.change(SNAPSHOT, after.$id, Object.fromEntries(PASSED.map((path) => [path, undefined])));
    },
  },
  remove: {
    asynchronous: true,
    effects: (entry, { world }) =>
      applyOperation({ verb: 'remove', kind: 'snapshot', id: entry.$id, values: {}, unset: [], parameters: {} }, world),
  },
  reactions: [followSnapshots],
};
