import type { Context, Field, Resource } from '../core/declaration.ts';
import { integer, text, type Entry } from '../core/entry.ts';
import { applyOperation } from '../core/operation.ts';
import { Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { asIn, nameField, readOnly, unmodelled, uuidField } from './common.ts';
import { GROUP, membersOf } from './consistency-group-members.ts';
import {
  forgetSnapshots,
  GROUP_SNAPSHOT,
  isPartial,
  PARTS,
  partsLeft,
  snapshotsOf,
  volumesLeft,
  volumesMissing,
} from './consistency-group-parts.ts';
import {
  commit,
  isPhase,
  isWaiting,
  PHASE_PARAMETERS,
  takeBack,
  waiting,
  waitWanted,
} from './consistency-group-phase.ts';
import { inVolumes } from './consistency-group-unit-fields.ts';
import { checkSnapshotName } from './snapshot-make.ts';

const SNAPSHOT = GROUP_SNAPSHOT;

const failed = (why: string) =>
  new Refusal(409, 53411921, `The consistency group snapshot could not be created. ${why}`);

/** One snapshot per volume, all of one instant; a name that one of the volumes has already fails the whole. */
const takeSnapshots = (entry: Entry, context: Context) => {
  const { world } = context;
  const group = world.store.find(GROUP, text(entry, 'consistency_group'));
  if (!group) throw new Refusal(404, 53411842, 'The consistency group does not exist any more.');
  const name = text(entry, 'name');
  const taken = snapshotsOf(group.$id, world).some((other) => other.$id !== entry.$id && other['name'] === name);
  if (taken) throw failed(`A snapshot with the name "${name}" already exists in the consistency group.`);
  const create_time = world.clock.text();
  const parts = membersOf(group, world).map((volume) => takeOne(volume, name, create_time, world));
  world.store.change(SNAPSHOT, entry.$id, {
    create_time,
    [PARTS]: parts,
    ...waiting(context),
    // One volume needs no fence.
    write_fence: entry['write_fence'] ?? parts.length > 1,
    restore_size: parts.reduce((sum, part) => sum + part.bytes, 0),
  });
};

const takeOne = (volume: Entry, name: string, create_time: string, world: World) => {
  const label = `volume "${text(volume, 'name')}"`;
  if (text(volume, 'state') !== 'online') throw failed(`The ${label} is not online.`);
  if (text(volume, 'type') !== 'rw') throw failed(`The ${label} cannot be written to.`);
  if (world.store.by('snapshot', 'volume', volume.$id).some((other) => other['name'] === name))
    throw failed(`A snapshot with the name "${name}" already exists in ${label}.`);
  const id = world.random.uuid('snapshot');
  const values = {
    uuid: id,
    name,
    volume: volume.$id,
    svm: text(volume, 'svm'),
    state: 'valid',
    version_uuid: world.random.uuid('snapshot-version'),
  };
  applyOperation({ verb: 'create', kind: 'snapshot', id, values, unset: [], parameters: {} }, world);
  world.store.change('snapshot', id, { create_time });
  return { volume: volume.$id, snapshot: id, bytes: integer(volume, 'size') };
};

const units = (kind: 'lun' | 'namespace', volumes: (entry: Entry, world: World) => readonly Entry[]): Field => ({
  kind: 'refs',
  to: kind,
  children: ['uuid', 'name'],
  write: 'never',
  since: '9.16.1',
  compute: (entry, world) => inVolumes(kind, volumes(entry, world), world).map(({ $id }) => $id),
});

/** What the snapshots of the volumes alone hold. */
const reclaimable = (entry: Entry, world: World): number =>
  partsLeft(entry, world).reduce(
    (sum, part) => sum + Number(asIn('snapshot', 'reclaimable_space')({ $id: text(part, 'snapshot') }, world) ?? 0),
    0,
  );

const removeParts = (entry: Entry, { world }: Context) => {
  for (const part of partsLeft(entry, world)) {
    applyOperation(
      { verb: 'remove', kind: 'snapshot', id: text(part, 'snapshot'), values: {}, unset: [], parameters: {} },
      world,
    );
  }
};

/** `/application/consistency-groups/{uuid}/snapshots`. */
export const consistencyGroupSnapshot: Resource = {
  kind: SNAPSHOT,
  path: '/application/consistency-groups/{consistency_group.uuid}/snapshots',
  keys: ['uuid'],
  since: '9.10.1',
  fields: {
    uuid: uuidField,
    name: { ...nameField, write: 'create' },
    consistency_group: { kind: 'ref', to: GROUP, write: 'never' },
    svm: { kind: 'ref', to: 'svm', write: 'create' },
    comment: { kind: 'string' },
    consistency_type: { kind: 'enum', write: 'create', values: ['crash', 'application'], default: 'crash' },
    snapmirror_label: { kind: 'string', maxLength: 31 },
    write_fence: { kind: 'boolean', write: 'create', since: '9.14.1' },
    create_time: readOnly('time'),
    is_partial: readOnly('boolean', { expensive: true, compute: isPartial }),
    restore_size: readOnly('size', { since: '9.16.1' }),
    ...unmodelled('snaplock'),
    reclaimable_space: readOnly('size', { since: '9.16.1', expensive: true, compute: reclaimable }),
    snapshot_volumes: {
      kind: 'objects',
      since: '9.12.1',
      write: 'never',
      of: { volume: { kind: 'ref', to: 'volume' }, snapshot: { kind: 'ref', to: 'snapshot' } },
      compute: (entry, world) =>
        partsLeft(entry, world).map((part) => ({ volume: part['volume'], snapshot: part['snapshot'] })),
    },
    missing_volumes: {
      kind: 'refs',
      expensive: true,
      to: 'volume',
      write: 'never',
      compute: (entry, world) => volumesMissing(entry, world).map((volume) => volume.$id),
    },
    luns: units('lun', volumesLeft),
    namespaces: units('namespace', volumesLeft),
    missing_luns: units('lun', volumesMissing),
    missing_namespaces: units('namespace', volumesMissing),
  },
  indexes: ['consistency_group', 'svm'],
  parameters: PHASE_PARAMETERS,
  noParent: () => new Refusal(404, 53411842, 'The consistency group does not exist.', 'consistency_group.uuid'),
  create: {
    asynchronous: (_values, context) => !isPhase(context),
    prepare: (draft, context) => {
      const { world } = context;
      waitWanted(context);
      checkSnapshotName(text(draft, 'name'));
      const group = world.store.find(GROUP, text(draft, 'consistency_group'));
      if (!group) throw new Refusal(404, 53411842, 'A consistency group is needed.', 'consistency_group.uuid');
      if (snapshotsOf(group.$id, world).some(isWaiting))
        throw new Refusal(400, 53411918, 'A snapshot of the consistency group is being made already.');
      return { ...draft, svm: text(group, 'svm') };
    },
    effects: takeSnapshots,
  },
  modify: { asynchronous: (_values, context) => !isPhase(context), prepare: commit, mayBeEmpty: isPhase },
  alarm: takeBack,
  remove: { asynchronous: true, effects: removeParts },
  // The group goes, and the snapshots of its volumes stay.
  reactions: [
    {
      to: GROUP,
      removed: (group, { world }) => forgetSnapshots(group.$id, world),
    },
  ],
};
