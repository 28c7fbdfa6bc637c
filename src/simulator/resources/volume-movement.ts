import type { Context, Fields, Values } from '../core/declaration.ts';
import { integer, text, texts, type Entry } from '../core/entry.ts';
import { notSimulated, Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { aggregateSpace } from './aggregate.ts';
import { readOnly } from './common.ts';
import { volumeCharges } from './volume-space.ts';

const DESTINATION = 'movement.destination_aggregate';
const VALIDATE_ONLY = 'validate_only';

/** Properties of a movement that ONTAP takes and the simulator does not. */
const UNSIMULATED = ['movement.state', 'movement.cutover_window', 'movement.tiering_policy'];

/** A movement of the volume that a job has under way. */
const findRunning = (
  volume: Entry,
  world: World,
): { readonly job: Entry; readonly destination: string } | undefined => {
  for (const { job, operation } of world.jobs.workOn(volume.$id)) {
    const destination = text(operation.values, DESTINATION);
    if (destination !== '') return { job, destination };
  }
  return undefined;
};

const stateOf = (volume: Entry, world: World): string | undefined =>
  findRunning(volume, world) ? 'replicating' : text(volume, 'movement.state') || undefined;

const percentOf = (volume: Entry, world: World): number | undefined => {
  const running = findRunning(volume, world);
  if (!running) return text(volume, 'movement.state') === 'success' ? 100 : undefined;
  const started = Date.parse(text(running.job, 'start_time'));
  const due = integer(running.job, '$due');
  return due > started ? Math.min(99, Math.floor(((world.clock.now() - started) / (due - started)) * 100)) : 0;
};

export const movementFields: Fields = {
  'movement.destination_aggregate': {
    kind: 'ref',
    to: 'aggregate',
    write: 'modify',
    expensive: true,
    unknown: (given) => new Refusal(400, 918267, `The destination aggregate "${given}" does not exist.`, DESTINATION),
    compute: (entry, world) => findRunning(entry, world)?.destination ?? entry[DESTINATION],
  },
  'movement.state': {
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
    compute: (entry, world) => findRunning(entry, world)?.job['start_time'] ?? entry['movement.start_time'],
  }),
  'movement.cutover_window': { kind: 'integer', write: 'modify', expensive: true },
  'movement.tiering_policy': {
    kind: 'enum',
    write: 'modify',
    expensive: true,
    values: ['all', 'auto', 'backup', 'none', 'snapshot_only'],
  },
};

export const MOVEMENT_PARAMETERS = [VALIDATE_ONLY];

/** Whether the request only wants to know if it would be accepted. */
export const onlyValidates = ({ parameters }: Pick<Context, 'parameters'>): boolean =>
  parameters[VALIDATE_ONLY]?.toLowerCase() === 'true';

/** When a PATCH that moves the volume arrives: refuses what cannot be moved there. */
export const checkMovement = (changes: Values, before: Entry, { world, fullAggregate }: Context): void => {
  const unsimulated = UNSIMULATED.find((path) => changes[path] !== undefined);
  if (unsimulated) throw notSimulated(`The property "${unsimulated}"`);
  const destination = changes[DESTINATION];
  if (typeof destination !== 'string') return;
  if (Object.keys(changes).length > 1)
    throw new Refusal(400, 918266, 'A volume cannot be moved and changed in other ways by one request.', 'movement');
  if (text(before, 'style') !== 'flexvol')
    throw new Refusal(400, 524849, `The volume "${text(before, 'name')}" is not a FlexVol volume.`, 'movement');
  if (text(before, 'state') !== 'online')
    throw new Refusal(400, 9437885, 'A volume that is not online cannot be moved.');
  const name = text(world.store.get('aggregate', destination), 'name');
  if (texts(before, 'aggregates').includes(destination))
    throw new Refusal(400, 918265, `The volume is in aggregate "${name}" already.`, DESTINATION);
  if (findRunning(before, world))
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
  return world.store.change('volume', volume.$id, {
    aggregates: [destination],
    $layout: [destination],
    'movement.state': 'success',
    'movement.start_time': world.clock.text(),
  });
};
