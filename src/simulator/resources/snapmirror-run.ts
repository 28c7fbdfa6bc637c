import { toTimeText } from '../core/clock.ts';
import type { Context } from '../core/declaration.ts';
import { findText, flag, integer, text, type Entry, type StoredObject } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { durationText } from './cron.ts';
import {
  bytesToMove,
  copyVolume,
  findCommonSnapshot,
  hold,
  makeBase,
  release,
  snapshotsOf,
} from './snapmirror-copy.ts';
import { findVolumeAnywhere, type Endpoint } from './snapmirror-endpoint.ts';
import { isSynchronous, retainedLabels } from './snapmirror-policy.ts';
import { tellSource } from './snapmirror-source.ts';

export const RELATIONSHIP = 'snapmirror_relationship';
export const TRANSFER = 'snapmirror_transfer';

export type TransferType = 'initialize' | 'update' | 'resync';

/** The transfer of a relationship that is under way. */
export const runningTransfer = (relationship: string, world: World): Entry | undefined =>
  world.store.by(TRANSFER, 'relationship', relationship).find((transfer) => text(transfer, 'state') === 'transferring');

export const policyOf = (relationship: Entry, world: World): Entry =>
  world.store.get('snapmirror_policy', text(relationship, 'policy'));

/** `snapmirrored`, or what stands for it in a synchronous relationship. */
const establishedState = (relationship: Entry, world: World): string =>
  isSynchronous(policyOf(relationship, world)) ? 'in_sync' : 'snapmirrored';

interface Sides {
  readonly source: Endpoint;
  readonly destination: Endpoint;
}

export const sidesOf = (relationship: Entry, world: World): Sides | undefined => {
  const source = findVolumeAnywhere(text(relationship, '$source'), world);
  const volume = world.store.find('volume', text(relationship, '$volume'));
  if (!source || !volume) return undefined;
  return { source, destination: { world, volume, svm: world.store.get('svm', text(volume, 'svm')) } };
};

/** Shows a transfer in its relationship. */
const show = (relationship: string, transfer: Entry, world: World) => {
  const ended = transfer['$end'] !== undefined;
  world.store.change(RELATIONSHIP, relationship, {
    'transfer.uuid': transfer.$id,
    'transfer.state': transfer['state'],
    'transfer.type': transfer['type'],
    'transfer.bytes_transferred': integer(transfer, '$moved'),
    'transfer.end_time': transfer['end_time'],
    'transfer.total_duration': ended
      ? durationText(integer(transfer, '$end') - integer(transfer, '$started'))
      : undefined,
  });
};

const end = (transfer: Entry, state: string, moved: number, world: World): Entry => {
  const now = world.clock.now();
  return world.store.change(TRANSFER, transfer.$id, {
    state,
    $moved: moved,
    $end: now,
    $due: undefined,
    $abort: undefined,
    end_time: toTimeText(now),
  });
};

const fail = (transfer: Entry, code: number, message: string, world: World) => {
  const relationship = text(transfer, 'relationship');
  world.store.change(TRANSFER, transfer.$id, { 'error_info.code': code, 'error_info.message': message });
  show(relationship, end(transfer, 'failed', 0, world), world);
  world.store.change(RELATIONSHIP, relationship, {
    healthy: false,
    unhealthy_reason: [{ code: String(code), message }],
  });
  const sides = sidesOf(world.store.get(RELATIONSHIP, relationship), world);
  if (sides) release(relationship, sides.source, { version: baseVersion(relationship, world), madeSnapshots: false });
};

const baseVersion = (relationship: string, world: World): string | undefined =>
  findText(world.store.get(RELATIONSHIP, relationship), '$base');

const FATE = ['$stall_ms', '$fail_code', '$fail_message'] as const;
/** A transfer that stalls for ever is due in the far future. */
const NEVER = Number.MAX_SAFE_INTEGER;

/** What a fault does to a transfer, as members of its record, or of its relationship's until it starts. */
export const fateMembers = ({ transfer }: Pick<Context, 'transfer'>): StoredObject => ({
  ...(transfer?.stallMs === undefined ? {} : { $stall_ms: Math.min(transfer.stallMs, NEVER) }),
  ...(transfer?.failure ? { $fail_code: transfer.failure.code, $fail_message: transfer.failure.message } : {}),
});

/** A transfer that fails because a fault wanted it. */
export const isFated = (transfer: Entry): boolean => transfer['$fail_code'] !== undefined;

/** The snapshot that a transfer goes up to: a named one, one made for it, or the newest that the policy wants. */
const chooseBase = (
  { source, destination }: Sides,
  relationship: Entry,
  type: string,
  named: string | undefined,
  world: World,
): Entry | undefined => {
  if (named !== undefined) return snapshotsOf(source).find((snapshot) => snapshot['name'] === named);
  const policy = policyOf(relationship, world);
  if (type !== 'update' || isSynchronous(policy) || flag(policy, 'create_snapshot_on_source'))
    return makeBase(source, destination);
  const labels = retainedLabels(policy);
  return (
    snapshotsOf(source).findLast((snapshot) => labels.has(text(snapshot, 'snapmirror_label'))) ??
    snapshotsOf(source).find((snapshot) => snapshot['version_uuid'] === relationship['$base'])
  );
};

/** Starts a transfer that is in the store as `queued`; one that takes no time is done when this returns. */
export const beginTransfer = (transfer: Entry, named: string | undefined, world: World): void => {
  const relationship = world.store.get(RELATIONSHIP, text(transfer, 'relationship'));
  const type = text(transfer, 'type');
  const sides = sidesOf(relationship, world);
  if (!sides) return fail(transfer, 13303841, 'The source volume cannot be reached', world);
  if (text(sides.source.volume, 'state') !== 'online')
    return fail(transfer, 9437885, 'The source volume is not online', world);
  const base = chooseBase(sides, relationship, type, named, world);
  if (!base)
    return fail(transfer, 524511, `There is no source snapshot${named === undefined ? '' : ` "${named}"`}`, world);
  tellSource(relationship, sides.source, world);
  hold(base, relationship.$id, sides.source.world);
  const bytes = bytesToMove(
    base,
    type === 'initialize' ? undefined : findCommonSnapshot(sides.source, sides.destination),
  );
  const { transferMs, transferBytesPerSecond } = world.pace;
  const now = world.clock.now();
  const rate = transferBytesPerSecond === undefined ? 0 : Math.ceil((bytes * 1000) / transferBytesPerSecond);
  const started = world.store.change(TRANSFER, transfer.$id, {
    state: 'transferring',
    snapshot: base['name'],
    $version: base['version_uuid'],
    $bytes: bytes,
    $started: now,
    $due: Math.min(NEVER, now + transferMs + rate + integer(transfer, '$stall_ms')),
  });
  show(relationship.$id, started, world);
  if (integer(started, '$due') <= now) finishTransfer(started, world);
};

/** Starts a transfer that no client asked for by itself: a schedule's, or the one that a change of state brings. */
export const startTransfer = (relationship: string, type: TransferType, world: World): Entry => {
  const $id = world.random.uuid(TRANSFER);
  const before = world.store.get(RELATIONSHIP, relationship);
  const fated = FATE.filter((member) => before[member] !== undefined);
  if (fated.length > 0)
    world.store.change(RELATIONSHIP, relationship, Object.fromEntries(fated.map((member) => [member, undefined])));
  const transfer: Entry = {
    ...Object.fromEntries(fated.map((member) => [member, before[member]])),
    $id,
    uuid: $id,
    relationship,
    type,
    state: 'queued',
    throttle: 0,
    $started: world.clock.now(),
  };
  world.store.put(TRANSFER, transfer);
  beginTransfer(transfer, undefined, world);
  return world.store.get(TRANSFER, $id);
};

/** A transfer is done: the destination is what the source was at the base. */
export const finishTransfer = (transfer: Entry, world: World): void => {
  if (isFated(transfer)) return fail(transfer, integer(transfer, '$fail_code'), text(transfer, '$fail_message'), world);
  const relationship = world.store.get(RELATIONSHIP, text(transfer, 'relationship'));
  const sides = sidesOf(relationship, world);
  const base = sides && snapshotsOf(sides.source).find((each) => each['version_uuid'] === transfer['$version']);
  if (!sides || !base) return fail(transfer, 13303841, 'The source of the transfer is gone', world);
  const type = text(transfer, 'type');
  try {
    const common = type === 'resync' ? findCommonSnapshot(sides.source, sides.destination) : undefined;
    copyVolume(sides.source, sides.destination, base, policyOf(relationship, world), common);
  } catch (cause) {
    if (!(cause instanceof Refusal)) throw cause;
    return fail(transfer, Number(cause.code), cause.message, world);
  }
  const moved = integer(transfer, '$bytes');
  const ended = end(transfer, 'success', moved, world);
  show(relationship.$id, ended, world);
  world.store.change(RELATIONSHIP, relationship.$id, {
    state: establishedState(relationship, world),
    healthy: true,
    unhealthy_reason: undefined,
    last_transfer_type: type,
    exported_snapshot: base['name'],
    $base: base['version_uuid'],
    $lag_from: Date.parse(text(base, 'create_time')),
    total_transfer_bytes: integer(relationship, 'total_transfer_bytes') + moved,
    $total_ms: integer(relationship, '$total_ms') + integer(ended, '$end') - integer(ended, '$started'),
  });
  release(relationship.$id, sides.source, { version: text(base, 'version_uuid'), madeSnapshots: false });
};

/** Ends a transfer before it is done; the relationship stays as it was. */
export const abortTransfer = (transfer: Entry, state: 'aborted' | 'hard_aborted', world: World): void => {
  const relationship = text(transfer, 'relationship');
  show(relationship, end(transfer, state, 0, world), world);
  const sides = sidesOf(world.store.get(RELATIONSHIP, relationship), world);
  if (sides) release(relationship, sides.source, { version: baseVersion(relationship, world), madeSnapshots: false });
};
