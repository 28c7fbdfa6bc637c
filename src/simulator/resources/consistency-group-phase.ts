import type { Context, RequestFacts, Values } from '../core/declaration.ts';
import type { Alarm } from '../core/agenda.ts';
import { integer, type Entry } from '../core/entry.ts';
import { applyOperation } from '../core/operation.ts';
import { Refusal } from '../core/refusal.ts';
import { GROUP_SNAPSHOT } from './consistency-group-parts.ts';

/**
 * Snapshots of a group in two phases: `action=start` makes one that waits for `action=commit`, and that is taken back
 * when this does not come in time.
 */

const ACTION = 'action';
const TIMEOUT = 'action_timeout';
/** Member of a snapshot that waits: the instant (milliseconds) at which it is taken back. */
const DEADLINE = '$deadline';

const USUAL_SECONDS = 7;
const SHORTEST_SECONDS = 5;
const LONGEST_SECONDS = 120;

const since = (name: string) => ({ name, since: '9.11.1' });

/** Two phases were new with 9.11.1. */
export const PHASE_PARAMETERS = { create: [since(ACTION), since(TIMEOUT)], modify: [since(ACTION)] };

const badValue = (name: string, given: string, wanted: string) =>
  new Refusal(400, 262197, `The value "${given}" is invalid for field "${name}" (<${wanted}>)`, name);

/** How long (seconds) a snapshot that the request starts waits for its commit; undefined: it is made in one go. */
export const waitWanted = ({ parameters }: RequestFacts): number | undefined => {
  const [action, given] = [parameters[ACTION], parameters[TIMEOUT]];
  if (action !== undefined && action !== 'start') throw badValue(ACTION, action, 'start');
  if (action === undefined && given !== undefined)
    throw new Refusal(400, 53411853, `"${TIMEOUT}" goes with "${ACTION}=start" alone.`, TIMEOUT);
  if (action === undefined) return undefined;
  const seconds = given === undefined ? USUAL_SECONDS : Number(given);
  if (!Number.isInteger(seconds) || seconds < SHORTEST_SECONDS || seconds > LONGEST_SECONDS)
    throw badValue(TIMEOUT, given ?? '', `${SHORTEST_SECONDS}..${LONGEST_SECONDS}`);
  return seconds;
};

/** What the record of a snapshot that is made now has of it. */
export const waiting = ({ world, parameters }: Context) => {
  const seconds = waitWanted({ parameters });
  return seconds === undefined ? {} : { [DEADLINE]: world.clock.now() + seconds * 1000 };
};

export const isWaiting = (snapshot: Entry): boolean => snapshot[DEADLINE] !== undefined;

/** A request that starts or commits a snapshot; it is done when it is answered. */
export const isPhase = ({ parameters }: RequestFacts): boolean => parameters[ACTION] !== undefined;

/** A PATCH that commits a snapshot: what it changes. */
export const commit = (changes: Values, snapshot: Entry, { parameters }: RequestFacts): Values => {
  const action = parameters[ACTION];
  if (action === undefined) return changes;
  if (action !== 'commit') throw badValue(ACTION, action, 'commit');
  if (!isWaiting(snapshot))
    throw new Refusal(400, 53411925, 'There is no snapshot that was started and waits to be committed.', ACTION);
  return { ...changes, [DEADLINE]: undefined };
};

/** What was not committed in time goes, with the snapshots that it is made of. */
export const takeBack: Alarm = {
  due: (snapshot) => (isWaiting(snapshot) ? integer(snapshot, DEADLINE) : undefined),
  ring: ({ $id }, world) =>
    applyOperation({ verb: 'remove', kind: GROUP_SNAPSHOT, id: $id, values: {}, unset: [], parameters: {} }, world),
};
