import type { Context, Fields, Resource, Values } from '../core/declaration.ts';
import { findText, flag, integer, isStoredObject, objects, text, type Entry } from '../core/entry.ts';
import { noEntry, notSettable, notSimulated, Refusal } from '../core/refusal.ts';
import { parseBoolean } from '../core/scalars.ts';
import type { World } from '../core/world.ts';
import { readOnly, unmodelled, uuidField } from './common.ts';
import { durationText } from './cron.ts';
import { release } from './snapmirror-copy.ts';
import { prepareRelationship, setUpRelationship } from './snapmirror-create.ts';
import { sourceKey } from './snapmirror-source.ts';
import { findVolumeAnywhere, reachableFrom } from './snapmirror-endpoint.ts';
import { isSynchronous } from './snapmirror-policy.ts';
import { fateMembers, policyOf, RELATIONSHIP, runningTransfer } from './snapmirror-run.ts';
import { changeState, checkWanted } from './snapmirror-state.ts';

const STATES = [
  'broken_off',
  'paused',
  'snapmirrored',
  'uninitialized',
  'in_sync',
  'out_of_sync',
  'synchronizing',
  'expanding',
  'shrinking',
];

const SIDES = ['source', 'destination'].flatMap((side) =>
  ['path', 'svm.name', 'svm.uuid', 'cluster.name', 'cluster.uuid'].map((member) => `${side}.${member}`),
);

const sideFields: Fields = Object.fromEntries(
  SIDES.map((path) => [path, { kind: 'string', ...(path.endsWith('.path') ? { required: true } : {}) }]),
);

const isDestination = (entry: Entry) => text(entry, '$side') === 'destination';

const fields: Fields = {
  uuid: uuidField,
  ...sideFields,
  policy: {
    kind: 'ref',
    to: 'snapmirror_policy',
    children: ['name', 'uuid', 'type'],
    unknown: (given) => new Refusal(400, 13303821, `The SnapMirror policy "${given}" does not exist.`, 'policy'),
  },
  state: { kind: 'enum', values: STATES },
  healthy: readOnly('boolean'),
  unhealthy_reason: {
    kind: 'objects',
    write: 'never',
    of: { code: { kind: 'string' }, message: { kind: 'string' }, ...unmodelled('arguments') },
  },
  lag_time: readOnly('string', {
    compute: (entry, world) =>
      entry['$lag_from'] === undefined ? undefined : durationText(world.clock.now() - integer(entry, '$lag_from')),
  }),
  last_transfer_type: readOnly('enum', { values: ['initialize', 'update', 'resync', 'restore'] }),
  'transfer.uuid': readOnly('string'),
  'transfer.state': readOnly('enum', {
    values: ['aborted', 'failed', 'hard_aborted', 'queued', 'success', 'transferring'],
  }),
  'transfer.type': readOnly('enum', { values: ['initialize', 'update', 'resync', 'restore'] }),
  'transfer.bytes_transferred': readOnly('size'),
  'transfer.end_time': readOnly('time'),
  'transfer.total_duration': readOnly('string'),
  transfer_schedule: {
    kind: 'ref',
    to: 'schedule',
    clearable: true,
    unknown: (given) => new Refusal(400, 6619699, `The schedule "${given}" does not exist.`, 'transfer_schedule'),
  },
  throttle: { kind: 'integer', minimum: 0, default: 0 },
  restore: { kind: 'boolean', write: 'create', default: false },
  group_type: readOnly('enum', { values: ['none', 'svm_dr', 'consistency_group', 'flexgroup'] }),
  exported_snapshot: readOnly('string'),
  total_transfer_bytes: readOnly('size'),
  total_transfer_duration: readOnly('string', {
    compute: (entry) => (entry['$total_ms'] === undefined ? undefined : durationText(integer(entry, '$total_ms'))),
  }),
  ...unmodelled(
    'backoff_level',
    'consistency_group_failover',
    'destination.consistency_group_volumes',
    'destination.ipspace',
    'destination.luns',
    'identity_preservation',
    'io_serving_copy',
    'last_transfer_network_compression_ratio',
    'master_bias_activated_site',
    'preferred_site',
    'recover_after_break',
    'selective_volumes',
    'source.consistency_group_volumes',
    'source.luns',
    'svmdr_volumes',
    'transfer.last_updated_time',
  ),
  'create_destination.enabled': { kind: 'boolean', write: 'create', secret: true },
  'create_destination.size': { kind: 'size', write: 'create', secret: true },
  restore_to_snapshot: { kind: 'string', write: 'modify', secret: true },
  quick_resync: { kind: 'boolean', write: 'modify', secret: true },
  preserve: { kind: 'boolean', write: 'modify', secret: true },
};

/** Changes of state wait in the record until the job runs. */
const prepareChange = (changes: Values, before: Entry, { world }: Context): Values => {
  if (!isDestination(before)) throw noEntry('uuid');
  const { state, restore_to_snapshot: snapshot, quick_resync, preserve, ...given } = changes;
  // Terraform repeats both sides with every change; neither can be another one.
  const other = SIDES.find((path) => given[path] !== undefined && given[path] !== before[path]);
  if (other !== undefined) throw notSettable(other);
  const others: Values = Object.fromEntries(Object.entries(given).filter(([path]) => !SIDES.includes(path)));
  for (const [path, value] of Object.entries({ quick_resync, preserve }))
    if (value === true) throw notSimulated(`The property "${path}"`);
  if (state === undefined && snapshot !== undefined)
    throw new Refusal(400, 13303837, '"restore_to_snapshot" needs a change of state.', 'restore_to_snapshot');
  if (typeof others['policy'] === 'string') {
    const policy = world.store.get('snapmirror_policy', others['policy']);
    if (isSynchronous(policy) !== isSynchronous(policyOf(before, world)))
      throw new Refusal(400, 13303866, 'The policy is not of the type of the relationship.', 'policy');
  }
  checkSchedule(others, world);
  if (typeof state !== 'string') return others;
  const wanted = { state, snapshot: typeof snapshot === 'string' ? snapshot : undefined };
  checkWanted({ ...before, ...others, $id: before.$id }, wanted, world);
  return { ...others, $wanted: state, ...(wanted.snapshot === undefined ? {} : { $wanted_snapshot: wanted.snapshot }) };
};

const checkSchedule = (values: Values, world: World) => {
  const schedule = values['transfer_schedule'];
  if (typeof schedule === 'string' && text(world.store.get('schedule', schedule), 'type') === 'interval')
    throw new Refusal(400, 6619714, 'A mirror cannot go by a schedule of intervals.', 'transfer_schedule');
};

const isTrue = (value: string | undefined) => value !== undefined && parseBoolean(value) === true;

/** Which side's knowledge a DELETE is about; undefined: both. */
const removedSide = ({ parameters }: Pick<Context, 'parameters'>): 'destination' | 'source' | undefined => {
  const given = ['destination_only', 'source_only', 'source_info_only'].filter((name) => isTrue(parameters[name]));
  if (given.length > 1)
    throw new Refusal(400, 262186, `"${given.join('" and "')}" cannot be given together.`, given[1]);
  return given[0] === undefined ? undefined : given[0] === 'destination_only' ? 'destination' : 'source';
};

const bareId = (entry: Entry): string => text(entry, 'uuid');

const targetOf = (addressed: Entry, context: Context): Entry => {
  const wanted = removedSide(context);
  const find = (id: string) => context.world.store.find(RELATIONSHIP, id);
  const found =
    wanted === undefined
      ? addressed
      : find(wanted === 'destination' ? bareId(addressed) : sourceKey(bareId(addressed)));
  if (!found) throw noEntry('uuid');
  return found;
};

/** A change of the relationship that a job has under way. */
const isBeingModified = (entry: Entry, world: World): boolean =>
  world.store.all('job').some((job) => {
    const request = job['$request'];
    return (
      request !== undefined &&
      isStoredObject(request) &&
      objects(request, 'operations').some((each) => text(each, 'id') === entry.$id && text(each, 'verb') === 'modify')
    );
  });

const checkRemoval = (entry: Entry, { world }: Context) => {
  if (!isDestination(entry)) return;
  if (isBeingModified(entry, world))
    throw new Refusal(409, 6619715, 'The relationship is being modified. Try again after a few minutes.');
  if (runningTransfer(entry.$id, world))
    throw new Refusal(409, 13303822, 'The relationship has a transfer in progress. Abort it first.');
};

/** The source forgets the mirror, and with `source_only` loses the snapshots that the mirror made. */
const forgetSource = (uuid: string, keepSnapshots: boolean, world: World) => {
  for (const there of reachableFrom(world)) {
    const known = there.store.find(RELATIONSHIP, sourceKey(uuid));
    if (!known) continue;
    const source = findVolumeAnywhere(text(known, '$volume'), there);
    if (source) release(uuid, source, { version: undefined, madeSnapshots: keepSnapshots });
    there.store.remove(RELATIONSHIP, known.$id);
  }
};

const removeSide = (entry: Entry, context: Context) => {
  const { world, parameters } = context;
  const wanted = removedSide(context);
  if (wanted === 'destination') return;
  if (wanted === undefined) return forgetSource(bareId(entry), false, world);
  const source = findVolumeAnywhere(text(entry, '$volume'), world);
  if (source)
    release(bareId(entry), source, { version: undefined, madeSnapshots: isTrue(parameters['source_info_only']) });
};

/** The volume's new name is part of the path. */
const followVolume = (volume: Entry, world: World) => {
  for (const there of reachableFrom(world)) {
    for (const [member, path] of [
      ['$source', 'source.path'],
      ['$destination', 'destination.path'],
    ] as const) {
      for (const entry of there.store.by(RELATIONSHIP, member, volume.$id)) {
        const [svm = ''] = text(entry, path).split(':');
        there.store.change(RELATIONSHIP, entry.$id, { [path]: `${svm}:${text(volume, 'name')}` });
      }
    }
  }
};

/** `/snapmirror/relationships`: what the destination knows and, with `list_destinations_only`, what the source does. */
export const snapmirrorRelationship: Resource = {
  kind: RELATIONSHIP,
  path: '/snapmirror/relationships',
  keys: ['uuid'],
  fields,
  indexes: ['uuid', '$volume', '$source', '$destination', 'destination.path', 'source.path'],
  unique: [
    {
      fields: ['$side', '$listed', 'destination.path'],
      refusal: (entry) =>
        new Refusal(
          409,
          6619637,
          `The destination "${text(entry, 'destination.path')}" has a relationship already.`,
          'destination.path',
        ),
    },
  ],
  parameters: {
    get: ['list_destinations_only'],
    remove: ['destination_only', 'source_only', 'source_info_only'],
  },
  hides: (entry, _world, parameters) => isDestination(entry) === isTrue(parameters['list_destinations_only']),
  create: {
    asynchronous: true,
    prepare: (draft, context) => {
      const entry = prepareRelationship(draft, context);
      return flag(entry, '$initialize') ? { ...entry, ...fateMembers(context), $id: entry.$id } : entry;
    },
    effects: setUpRelationship,
  },
  modify: {
    asynchronous: true,
    prepare: (changes, before, context) => {
      const wanted = prepareChange(changes, before, context);
      const transfers = wanted['$wanted'] === 'snapmirrored' || wanted['$wanted'] === 'in_sync';
      return transfers && text(before, 'state') !== 'paused' ? { ...wanted, ...fateMembers(context) } : wanted;
    },
    effects: (after, _before, { world }) => {
      const state = findText(after, '$wanted');
      if (state === undefined) return;
      const snapshot = findText(after, '$wanted_snapshot');
      const plain = world.store.change(RELATIONSHIP, after.$id, { $wanted: undefined, $wanted_snapshot: undefined });
      changeState(plain, { state, snapshot }, world);
    },
  },
  remove: { asynchronous: true, target: targetOf, check: checkRemoval, effects: removeSide },
  reactions: [
    {
      to: 'volume',
      planned: (verb, volume, { world }) => {
        const [known] = world.store.by(RELATIONSHIP, '$volume', volume.$id);
        if (verb !== 'remove' || !known) return;
        const what = isDestination(known) ? 'destination' : 'source';
        throw new Refusal(409, 8, `The volume "${text(volume, 'name')}" is the ${what} of a SnapMirror relationship.`);
      },
      modified: (after, before, { world }) => {
        if (after['name'] !== before['name']) followVolume(after, world);
      },
    },
    {
      to: 'svm',
      planned: (verb, svm, { world }) => {
        if (verb === 'remove' && world.store.all(RELATIONSHIP).some((entry) => entry['svm'] === svm.$id))
          throw new Refusal(409, 9895956, `The SVM "${text(svm, 'name')}" has SnapMirror relationships.`);
      },
    },
  ],
};
