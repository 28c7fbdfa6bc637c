import { applyOperation } from '../core/operation.ts';
import { text, type Entry } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { copyVolume, findCommonSnapshot, makeBase, snapshotsOf } from './snapmirror-copy.ts';
import { isSynchronous } from './snapmirror-policy.ts';
import { policyOf, RELATIONSHIP, runningTransfer, sidesOf, startTransfer } from './snapmirror-run.ts';

/** What a PATCH asks of a relationship. */
export interface WantedState {
  readonly state: string;
  /** For `broken_off`: the snapshot to which the destination goes back. */
  readonly snapshot: string | undefined;
}

const REACHABLE = ['broken_off', 'paused', 'snapmirrored', 'in_sync'];

/** When the request arrives: states that nobody can ask for, or not of this relationship. */
export const checkWanted = (relationship: Entry, { state, snapshot }: WantedState, world: World): void => {
  const from = text(relationship, 'state');
  if (!REACHABLE.includes(state))
    throw new Refusal(400, 13303818, `A relationship cannot be brought from "${from}" to "${state}".`, 'state');
  const sync = isSynchronous(policyOf(relationship, world));
  if (state === 'snapmirrored' && sync)
    throw new Refusal(400, 13303829, 'The state "snapmirrored" does not go with a synchronous policy.', 'state');
  if (state === 'in_sync' && !sync)
    throw new Refusal(400, 13303831, 'The state "in_sync" does not go with an asynchronous policy.', 'state');
  if (snapshot !== undefined && state !== 'broken_off')
    throw new Refusal(
      400,
      13303835,
      '"restore_to_snapshot" goes with the state "broken_off" alone.',
      'restore_to_snapshot',
    );
  if ((state === 'snapmirrored' || state === 'in_sync') && from === state)
    throw new Refusal(400, 13303832, 'The relationship is initialized already.', 'state');
};

const BUSY = 'Another transfer is in progress';

/** When the work is done: brings the relationship into the state. */
export const changeState = (relationship: Entry, wanted: WantedState, world: World): void => {
  switch (wanted.state) {
    case 'paused':
      return quiesce(relationship, world);
    case 'broken_off':
      return breakOff(relationship, wanted.snapshot, world);
    default:
      return establish(relationship, world);
  }
};

/** A relationship that has had no transfer yet is quiesced too, and stays uninitialized. */
const quiesce = (relationship: Entry, world: World) => {
  if (runningTransfer(relationship.$id, world)) throw new Refusal(409, 13303809, BUSY);
  const state = text(relationship, 'state');
  const flows = state === 'snapmirrored' || state === 'in_sync' || state === 'out_of_sync';
  world.store.change(RELATIONSHIP, relationship.$id, { $quiesced: true, ...(flows ? { state: 'paused' } : {}) });
};

const breakOff = (relationship: Entry, snapshot: string | undefined, world: World) => {
  if (runningTransfer(relationship.$id, world)) throw new Refusal(409, 13303808, BUSY);
  const state = text(relationship, 'state');
  if (state === 'uninitialized') throw new Refusal(400, 13303808, 'The relationship is not initialized');
  const sides = sidesOf(relationship, world);
  if (state === 'in_sync' && sides)
    copyVolume(
      sides.source,
      sides.destination,
      makeBase(sides.source, sides.destination),
      policyOf(relationship, world),
      undefined,
    );
  const volume = text(relationship, '$volume');
  const modify = { verb: 'modify', kind: 'volume', id: volume, unset: [] } as const;
  if (state !== 'broken_off') applyOperation({ ...modify, values: { type: 'rw' }, parameters: {} }, world);
  if (snapshot !== undefined) {
    if (!world.store.by('snapshot', 'volume', volume).some((each) => each['name'] === snapshot))
      throw new Refusal(400, 13303808, `The destination has no snapshot "${snapshot}"`);
    applyOperation({ ...modify, values: {}, parameters: { 'restore_to.snapshot.name': snapshot } }, world);
  }
  world.store.change(RELATIONSHIP, relationship.$id, { state: 'broken_off', $quiesced: undefined });
};

const establish = (relationship: Entry, world: World) => {
  if (runningTransfer(relationship.$id, world)) throw new Refusal(409, 13303810, BUSY);
  world.store.change(RELATIONSHIP, relationship.$id, { $quiesced: undefined });
  switch (text(relationship, 'state')) {
    case 'paused': {
      const sync = isSynchronous(policyOf(relationship, world));
      world.store.change(RELATIONSHIP, relationship.$id, { state: sync ? 'in_sync' : 'snapmirrored' });
      return;
    }
    case 'uninitialized':
      startTransfer(relationship.$id, 'initialize', world);
      return;
    default:
      resync(relationship, world);
  }
};

/** From a snapshot that both sides have; what the destination has gained since then is lost. */
const resync = (relationship: Entry, world: World) => {
  const sides = sidesOf(relationship, world);
  if (!sides) throw new Refusal(400, 13303810, 'The source volume cannot be reached');
  if (!findCommonSnapshot(sides.source, sides.destination))
    throw new Refusal(400, 13303810, 'Source and destination have no snapshot in common');
  const [clone] = world.store.by('volume', 'clone.parent_volume', sides.destination.volume.$id);
  if (clone && snapshotsOf(sides.destination).length === 0)
    throw new Refusal(409, 13303810, `The destination is the parent of the clone "${text(clone, 'name')}"`);
  world.store.change('volume', sides.destination.volume.$id, { type: 'dp' });
  const transfer = startTransfer(relationship.$id, 'resync', world);
  const message = text(transfer, 'error_info.message');
  if (message !== '') throw new Refusal(409, 13303810, message);
};
