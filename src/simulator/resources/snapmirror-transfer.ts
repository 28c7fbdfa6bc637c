import type { Resource } from '../core/declaration.ts';
import { findText, integer, text, type Entry } from '../core/entry.ts';
import { noEntry, Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { readOnly, unmodelled, uuidField } from './common.ts';
import { durationText } from './cron.ts';
import { isSynchronous } from './snapmirror-policy.ts';
import {
  abortTransfer,
  beginTransfer,
  fateMembers,
  finishTransfer,
  isFated,
  RELATIONSHIP,
  runningTransfer,
  TRANSFER,
} from './snapmirror-run.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

const percentDone = (transfer: Entry, world: World): number => {
  const started = integer(transfer, '$started');
  const due = integer(transfer, '$due');
  return due > started ? Math.min(1, (world.clock.now() - started) / (due - started)) : 1;
};

const bytesNow = (transfer: Entry, world: World): number =>
  text(transfer, 'state') === 'transferring'
    ? Math.floor(integer(transfer, '$bytes') * percentDone(transfer, world))
    : integer(transfer, '$moved');

const initializing = (relationship: Entry) => text(relationship, 'state') === 'uninitialized';

const refuseStart = (relationship: Entry, why: string): Refusal =>
  initializing(relationship)
    ? new Refusal(409, 13303812, `The SnapMirror initialize operation has failed: ${why}`)
    : new Refusal(409, 13303844, `The SnapMirror update operation has failed: ${why}`);

/** What a POST starts: the first transfer, or an update. */
const typeOf = (relationship: Entry, world: World): 'initialize' | 'update' => {
  if (runningTransfer(relationship.$id, world)) throw refuseStart(relationship, 'Another transfer is in progress');
  const state = text(relationship, 'state');
  if (state === 'paused' || relationship['$quiesced'] === true)
    throw refuseStart(relationship, 'The relationship is quiesced');
  if (state === 'broken_off') throw refuseStart(relationship, 'The relationship is broken off');
  return initializing(relationship) ? 'initialize' : 'update';
};

/** `/snapmirror/relationships/{uuid}/transfers`: those under way and those that ended within a day. */
export const snapmirrorTransfer: Resource = {
  kind: TRANSFER,
  path: '/snapmirror/relationships/{relationship.uuid}/transfers',
  keys: ['uuid'],
  order: ['relationship', '$started', 'uuid'],
  fields: {
    uuid: uuidField,
    relationship: {
      kind: 'ref',
      to: RELATIONSHIP,
      children: ['uuid', 'restore', 'source.path', 'destination.path'],
      write: 'never',
    },
    state: {
      kind: 'enum',
      write: 'modify',
      values: ['aborted', 'failed', 'hard_aborted', 'queued', 'success', 'transferring'],
    },
    type: readOnly('enum', { values: ['initialize', 'update', 'resync', 'restore'] }),
    snapshot: readOnly('string'),
    source_snapshot: { kind: 'string', write: 'create' },
    throttle: { kind: 'integer', write: 'create', minimum: 0, default: 0 },
    storage_efficiency_enabled: { kind: 'boolean', write: 'create' },
    bytes_transferred: readOnly('size', { compute: bytesNow }),
    checkpoint_size: readOnly('size', {
      compute: (entry, world) => (text(entry, 'state') === 'transferring' ? bytesNow(entry, world) : 0),
    }),
    network_compression_ratio: readOnly('string', { compute: () => '1:1' }),
    end_time: readOnly('time'),
    last_updated_time: readOnly('time', {
      compute: (entry, world) => entry['end_time'] ?? world.clock.text(),
    }),
    total_duration: readOnly('string', {
      compute: (entry, world) =>
        durationText(
          (entry['$end'] === undefined ? world.clock.now() : integer(entry, '$end')) - integer(entry, '$started'),
        ),
    }),
    ...unmodelled(
      'files',
      'on_demand_attrs',
      'options',
      'relationship.destination.cluster',
      'relationship.destination.consistency_group_volumes',
      'relationship.destination.ipspace',
      'relationship.destination.luns',
      'relationship.destination.svm',
    ),
    'error_info.code': readOnly('integer'),
    'error_info.message': readOnly('string'),
  },
  indexes: ['relationship'],
  inside: [{ kind: RELATIONSHIP, field: 'relationship' }],
  create: {
    asynchronous: false,
    prepare: (draft, context) => {
      const { world } = context;
      const relationship = world.store.get(RELATIONSHIP, text(draft, 'relationship'));
      if (text(relationship, '$side') !== 'destination') throw noEntry('relationship.uuid');
      const policy = world.store.get('snapmirror_policy', text(relationship, 'policy'));
      if (isSynchronous(policy) && integer(draft, 'throttle') > 0)
        throw new Refusal(400, 13304040, 'A synchronous relationship takes no throttle.', 'throttle');
      return {
        ...draft,
        ...fateMembers(context),
        type: typeOf(relationship, world),
        state: 'queued',
        $started: world.clock.now(),
      };
    },
    effects: (entry, { world }) => {
      beginTransfer(entry, findText(entry, 'source_snapshot'), world);
      const failed = world.store.find(TRANSFER, entry.$id);
      const code = failed && integer(failed, 'error_info.code');
      // What cannot even start is refused at once.
      if (failed && code && !isFated(failed))
        throw new Refusal(
          400,
          text(entry, 'type') === 'initialize' ? 13303812 : 13303844,
          text(failed, 'error_info.message'),
        );
    },
  },
  modify: {
    asynchronous: false,
    prepare: (changes, before, { world }) => {
      const { state } = changes;
      if (state !== 'aborted' && state !== 'hard_aborted')
        throw new Refusal(400, 13303849, 'A transfer can only be aborted or hard-aborted.', 'state');
      const relationship = world.store.get(RELATIONSHIP, text(before, 'relationship'));
      if (isSynchronous(world.store.get('snapmirror_policy', text(relationship, 'policy'))))
        throw new Refusal(400, 13303848, 'A transfer of a synchronous relationship cannot be aborted.', 'state');
      if (text(before, 'state') !== 'transferring')
        throw new Refusal(404, 4, 'There is no transfer in progress.', 'state');
      return { $abort: state };
    },
    effects: (after, _before, { world }) => {
      abortTransfer(after, text(after, '$abort') === 'hard_aborted' ? 'hard_aborted' : 'aborted', world);
    },
  },
  alarm: {
    due: (entry) => {
      if (text(entry, 'state') === 'transferring') return integer(entry, '$due');
      return entry['$end'] === undefined ? undefined : integer(entry, '$end') + DAY_MS;
    },
    ring: (entry, world) => {
      if (text(entry, 'state') === 'transferring') finishTransfer(entry, world);
      else world.store.remove(TRANSFER, entry.$id);
    },
  },
};
