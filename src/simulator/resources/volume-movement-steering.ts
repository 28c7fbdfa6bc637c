import type { Values } from '../core/declaration.ts';
import { isStoredObject, text, type Entry } from '../core/entry.ts';
import { invalidValue, noEntry, Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { DESTINATION, findMovement, LATE_WINDOW, STATE, WAITS, WINDOW } from './volume-movement.ts';

/** Pausing, resuming and aborting the move of a volume, and when its cutover is. */

/** What a PATCH wants of the move under way, until it is done. */
const WISH = '$movement';

const WISHES = ['aborted', 'cutover', 'cutover_wait', 'paused', 'replicating'];

/** When a PATCH arrives that steers a move: refuses it where there is none. Gives back what it changes. */
export const steeringOf = (changes: Values, before: Entry, world: World): Values => {
  const { [STATE]: state, [WINDOW]: window, ...others } = changes;
  const isStart = changes[DESTINATION] !== undefined && state === undefined;
  if (isStart || (state === undefined && window === undefined)) return changes;
  if (Object.keys(others).length > 0)
    throw new Refusal(400, 918266, 'A move cannot be steered and the volume changed by one request.', STATE);
  if (typeof state === 'string') checkWish(state, before, world);
  else movementOf(before, world);
  return { [WISH]: { state, window } };
};

const movementOf = (volume: Entry, world: World) => {
  const movement = findMovement(volume, world);
  if (!movement) throw noEntry(STATE);
  return movement;
};

const checkWish = (wish: string, volume: Entry, world: World) => {
  if (!WISHES.includes(wish)) throw invalidValue(wish, STATE, WISHES.join('|'));
  const { job } = movementOf(volume, world);
  if (wish === 'cutover' && text(job, 'state') === 'paused')
    throw new Refusal(409, 8, `The move of volume "${text(volume, 'name')}" is paused.`, STATE);
};

/** When such a PATCH is done. */
export const steerMovement = (volume: Entry, world: World): Entry => {
  const given = volume[WISH];
  if (given === undefined || !isStoredObject(given)) return volume;
  const { state: wish, window } = given;
  const steered = world.store.change('volume', volume.$id, {
    [WISH]: undefined,
    ...(window === undefined ? {} : { [WINDOW]: window }),
  });
  const { job } = movementOf(steered, world);
  if (window !== undefined) world.store.change('job', job.$id, { [LATE_WINDOW]: window });
  return typeof wish === 'string' ? steer(steered, wish, world) : steered;
};

const steer = (volume: Entry, wish: string, world: World): Entry => {
  checkWish(wish, volume, world);
  const { job, values } = movementOf(volume, world);
  const state = text(job, 'state');
  switch (wish) {
    case 'aborted':
      return abort(volume, job, values[DESTINATION], world);
    case 'paused':
      if (state !== 'paused') world.jobs.hold(job.$id, 'paused');
      break;
    case 'cutover_wait':
      world.store.change('job', job.$id, { [WAITS]: true });
      if (state !== 'paused') world.jobs.hold(job.$id, 'running');
      break;
    case 'cutover':
      world.store.change('job', job.$id, { [WAITS]: undefined });
      world.jobs.takeUp(job.$id);
      break;
    default:
      if (state === 'paused') goOnMoving(job, world);
  }
  return volume;
};

/** Lets the job of a paused move go on; what waits for its cutover goes on with copying alone. */
export const goOnMoving = (job: Entry, world: World): void => {
  if (job[WAITS] === undefined) world.jobs.goOn(job.$id);
  else world.jobs.hold(job.$id, 'running');
};

const abort = (volume: Entry, job: Entry, destination: Values[string], world: World): Entry => {
  world.jobs.giveUp(
    job.$id,
    new Refusal(500, 460770, `The move of volume "${text(volume, 'name')}" was aborted.`, 'movement'),
  );
  return world.store.change('volume', volume.$id, {
    [STATE]: 'aborted',
    [DESTINATION]: destination,
    'movement.start_time': job['start_time'],
  });
};
