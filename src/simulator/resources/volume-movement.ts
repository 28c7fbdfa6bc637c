import type { Context, Fields, Values } from '../core/declaration.ts';
import { findText, text, texts, type Entry, type StoredObject } from '../core/entry.ts';
import { leftOf, percentDone } from '../core/job-time.ts';
import { Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { aggregateSpace } from './aggregate.ts';
import { readOnly } from './common.ts';
import { volumeCharges } from './volume-space.ts';

/** Moves of volumes to other aggregates. The job of the PATCH lasts as long as the move. */

export const DESTINATION = 'movement.destination_aggregate';
export const STATE = 'movement.state';
export const WINDOW = 'movement.cutover_window';
const TIERING = 'movement.tiering_policy';
const VALIDATE_ONLY = 'validate_only';

/** Of the job of a move: its cutover waits to be asked for. */
export const WAITS = '$waits';
/** Of the job of a move: the cutover window that was set on the way. */
export const LATE_WINDOW = '$window';

interface Movement {
  readonly job: Entry;
  readonly values: StoredObject;
}

/** The move of the volume that a job has under way. */
export const findMovement = (volume: Entry, world: World): Movement | undefined => {
  const found = world.jobs.workOn(volume.$id).find(({ operation }) => text(operation.values, DESTINATION) !== '');
  return found && { job: found.job, values: found.operation.values };
};

const stateOf = (volume: Entry, world: World): string | undefined => {
  const running = findMovement(volume, world);
  if (!running) return findText(volume, STATE);
  const { job } = running;
  if (text(job, 'state') !== 'running') return text(job, 'state');
  const waits = job[WAITS] !== undefined;
  // A job that stands still for ever, without waiting for anybody, is one that a fault has struck.
  if ((!waits && job['$due'] === undefined) || leftOf(job, world.clock.now()) > 0) return 'replicating';
  return waits ? 'cutover_pending' : 'cutover';
};

const percentOf = (volume: Entry, world: World): number | undefined => {
  const running = findMovement(volume, world);
  if (running) return percentDone(running.job, world.clock.now());
  return text(volume, STATE) === 'success' ? 100 : undefined;
};

export const movementFields: Fields = {
  [DESTINATION]: {
    kind: 'ref',
    to: 'aggregate',
    write: 'modify',
    expensive: true,
    unknown: (given) => new Refusal(400, 918267, `The destination aggregate "${given}" does not exist.`, DESTINATION),
    compute: (entry, world) => findMovement(entry, world)?.values[DESTINATION] ?? entry[DESTINATION],
  },
  [STATE]: {
    kind: 'enum',
    write: 'modify',
    expensive: true,
    values: [
      'aborted',
      'cutover',
      'cutover_wait',
      'cutover_pending',
      'failed',
      'paused',
      'queued',
      'replicating',
      'success',
    ],
    compute: stateOf,
  },
  'movement.percent_complete': readOnly('integer', { expensive: true, compute: percentOf }),
  'movement.start_time': readOnly('time', {
    expensive: true,
    compute: (entry, world) => findMovement(entry, world)?.job['start_time'] ?? entry['movement.start_time'],
  }),
  [WINDOW]: {
    kind: 'integer',
    write: 'modify',
    expensive: true,
    minimum: 30,
    maximum: 300,
    compute: (entry, world) => {
      const running = findMovement(entry, world);
      return running?.job[LATE_WINDOW] ?? running?.values[WINDOW] ?? entry[WINDOW];
    },
  },
  [TIERING]: {
    kind: 'enum',
    write: 'modify',
    expensive: true,
    values: ['all', 'auto', 'backup', 'none', 'snapshot_only'],
    compute: (entry, world) => findMovement(entry, world)?.values[TIERING] ?? entry[TIERING],
  },
};

export const MOVEMENT_PARAMETERS = [VALIDATE_ONLY];

/** Whether the request only wants to know if it would be accepted. */
export const onlyValidates = ({ parameters }: Pick<Context, 'parameters'>): boolean =>
  parameters[VALIDATE_ONLY]?.toLowerCase() === 'true';

/** Milliseconds that the move takes that a PATCH asks for. */
export const movementLasts = (values: StoredObject, { pace }: World): number | undefined =>
  values[DESTINATION] === undefined ? undefined : pace.moveMs;

/** When a PATCH that moves the volume arrives: refuses what cannot be moved there. */
export const checkMovement = (changes: Values, before: Entry, { world, fullAggregate }: Context): void => {
  const destination = changes[DESTINATION];
  if (typeof destination !== 'string') return;
  if (Object.keys(changes).some((path) => ![DESTINATION, WINDOW, TIERING].includes(path)))
    throw new Refusal(400, 918266, 'A volume cannot be moved and changed in other ways by one request.', 'movement');
  if (text(before, 'style') !== 'flexvol')
    throw new Refusal(400, 524849, `The volume "${text(before, 'name')}" is not a FlexVol volume.`, 'movement');
  if (text(before, 'state') !== 'online')
    throw new Refusal(400, 9437885, 'A volume that is not online cannot be moved.');
  const name = text(world.store.get('aggregate', destination), 'name');
  if (texts(before, 'aggregates').includes(destination))
    throw new Refusal(400, 918265, `The volume is in aggregate "${name}" already.`, DESTINATION);
  if (findMovement(before, world))
    throw new Refusal(409, 8, `The volume "${text(before, 'name')}" is being moved.`, 'movement');
  const needed = volumeCharges(before).reduce((sum, { bytes }) => sum + bytes, 0);
  const struck = fullAggregate === '*' || fullAggregate === destination;
  if (struck || aggregateSpace(world.store.get('aggregate', destination), world).available < needed)
    throw new Refusal(400, 460770, `There is not enough space in aggregate "${name}" for the volume.`, DESTINATION);
};

/** When the move is done: the volume is in the other aggregate. */
export const finishMovement = (volume: Entry, changes: Values, world: World): Entry => {
  const destination = changes[DESTINATION];
  if (typeof destination !== 'string') return volume;
  const tiering = text(volume, TIERING);
  return world.store.change('volume', volume.$id, {
    aggregates: [destination],
    $layout: [destination],
    [STATE]: 'success',
    'movement.start_time': world.clock.text(),
    // Later releases call "backup" "all".
    ...(tiering === '' ? {} : { 'tiering.policy': tiering === 'backup' ? 'all' : tiering }),
  });
};
