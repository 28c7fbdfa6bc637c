import type { Fields, Values } from '../core/declaration.ts';
import { flag, integer, isStoredObject, text, type Entry, type Stored, type StoredObject } from '../core/entry.ts';
import { invalidValue, noEntry, Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { MIB, readOnly, unmodelled } from './common.ts';

/**
 * Moves of LUNs to other volumes of their SVM. The LUN is in its new place from the first moment; what takes time, by
 * the pace and by the throttle, is the copying of what is written in it.
 */

const THROTTLE = 'movement.max_throughput';
const STATE = 'movement.progress.state';

/** How long a move that is over is told of. */
const TOLD_MS = 120_000;

/** Instants and lengths in milliseconds. */
interface Move {
  readonly source: string;
  readonly destination: string;
  readonly started: number;
  /** All that it takes, without pauses. */
  readonly span: number;
  readonly due: number;
  /** What was left when it was paused. */
  readonly left: number;
  readonly paused: boolean;
  /** Bytes to be copied. */
  readonly bytes: number;
  /** Bytes a second; 0: as many as go. */
  readonly throttle: number;
}

const toStored = (move: Move): StoredObject => ({ ...move });

const readMove = (lun: Entry): Move | undefined => {
  const stored = lun['$move'];
  if (stored === undefined || !isStoredObject(stored)) return undefined;
  return {
    source: text(stored, 'source'),
    destination: text(stored, 'destination'),
    started: integer(stored, 'started'),
    span: integer(stored, 'span'),
    due: integer(stored, 'due'),
    left: integer(stored, 'left'),
    paused: flag(stored, 'paused'),
    bytes: integer(stored, 'bytes'),
    throttle: integer(stored, 'throttle'),
  };
};

const leftOf = ({ paused, left, due }: Move, now: number): number => (paused ? left : Math.max(0, due - now));

const isActive = (move: Move | undefined, now: number): move is Move => move !== undefined && leftOf(move, now) > 0;

const shown =
  (tell: (move: Move, now: number) => Stored | undefined) =>
  (lun: Entry, world: World): Stored | undefined => {
    const now = world.clock.now();
    const move = readMove(lun);
    return move && (move.paused || now < move.due + TOLD_MS) ? tell(move, now) : undefined;
  };

const stateOf = (move: Move, now: number): string =>
  move.paused ? 'paused' : leftOf(move, now) > 0 ? 'replicating' : 'complete';

export const lunMovementFields: Fields = Object.fromEntries(
  Object.entries<Fields[string]>({
    [THROTTLE]: {
      kind: 'size',
      write: 'modify',
      minimum: 1,
      compute: shown(({ throttle }) => (throttle === 0 ? undefined : throttle)),
    },
    'movement.paths.source': readOnly('string', { compute: shown(({ source }) => source) }),
    'movement.paths.destination': readOnly('string', { compute: shown(({ destination }) => destination) }),
    [STATE]: {
      kind: 'enum',
      write: 'modify',
      values: ['preparing', 'replicating', 'paused', 'paused_error', 'complete', 'reverting', 'failed'],
      compute: shown(stateOf),
    },
    'movement.progress.percent_complete': readOnly('integer', {
      compute: shown((move, now) =>
        move.span === 0 ? 100 : Math.floor(((move.span - leftOf(move, now)) * 100) / move.span),
      ),
    }),
    'movement.progress.elapsed': readOnly('integer', {
      compute: shown((move, now) => Math.floor(((move.paused ? now : Math.min(now, move.due)) - move.started) / 1000)),
    }),
    'movement.progress.volume_snapshot_blocked': readOnly('boolean', { compute: shown(() => false) }),
    ...unmodelled('movement.progress.failure'),
  }).map(([path, field]) => [path, { ...field, expensive: true, personalities: ['unified', 'asa', 'afx'] }]),
);

const spanOf = (bytes: number, throttle: number, world: World): number =>
  world.pace.moveMs + (throttle === 0 ? 0 : Math.ceil((bytes / throttle) * 1000));

/** Throttles are rounded up to whole megabytes. */
const throttleIn = (changes: Values): number | undefined => {
  const given = changes[THROTTLE];
  return typeof given === 'number' ? Math.ceil(given / MIB) * MIB : undefined;
};

/** What a PATCH does to the move of a LUN, which `after` the PATCH may be in another volume. */
export const movementIn = (changes: Values, before: Entry, after: StoredObject, world: World): Values => {
  const { [THROTTLE]: _throttle, [STATE]: state, ...others } = changes;
  const now = world.clock.now();
  const current = readMove(before);
  const throttle = throttleIn(changes);
  if (after['location.volume'] !== before['location.volume']) {
    if (isActive(current, now)) throw new Refusal(409, 8, `The LUN "${text(before, 'name')}" is being moved.`, 'name');
    if (state !== undefined) throw noEntry(STATE);
    return { ...others, $move: toStored(begin(before, after, throttle ?? 0, world)) };
  }
  if (throttle === undefined && state === undefined) return others;
  if (!isActive(current, now)) throw noEntry(STATE);
  const throttled = throttle === undefined ? current : slowed(current, throttle, world);
  return { ...others, $move: toStored(typeof state === 'string' ? steered(throttled, state, now) : throttled) };
};

const begin = (before: Entry, after: StoredObject, throttle: number, world: World): Move => {
  const started = world.clock.now();
  const bytes = integer(before, '$written');
  const span = spanOf(bytes, throttle, world);
  return {
    source: text(before, 'name'),
    destination: text(after, 'name'),
    started,
    span,
    due: started + span,
    left: 0,
    paused: false,
    bytes,
    throttle,
  };
};

/** What is left takes longer, or less long. */
const slowed = (move: Move, throttle: number, world: World): Move => {
  const now = world.clock.now();
  const span = spanOf(move.bytes, throttle, world);
  const left = Math.ceil((leftOf(move, now) * span) / move.span);
  return { ...move, throttle, span, left, due: now + left };
};

const steered = (move: Move, state: string, now: number): Move => {
  if (state === 'paused') return { ...move, paused: true, left: leftOf(move, now) };
  if (state === 'replicating') return { ...move, paused: false, due: now + leftOf(move, now) };
  throw invalidValue(state, STATE, 'paused|replicating');
};
