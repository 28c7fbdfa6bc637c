import * as v from 'valibot';
import type { MoveStatus } from '../../moves.ts';

const named = v.optional(v.object({ name: v.optional(v.string(), '') }));

/** A FlexVol as far as it tells where it is and whether it is being moved. */
export const placedSchema = v.object({
  uuid: v.string(),
  name: v.string(),
  aggregates: v.optional(v.array(v.object({ name: v.string() })), []),
  movement: v.optional(
    v.object({
      state: v.optional(v.string(), ''),
      percent_complete: v.optional(v.number(), 0),
      destination_aggregate: named,
    }),
  ),
});
export type Placed = v.InferOutput<typeof placedSchema>;
export const placedFields =
  'name,aggregates.name,movement.state,movement.percent_complete,movement.destination_aggregate.name';

export const ownerSchema = v.object({ name: v.string(), node: named });
/** The node that owns an aggregate, by the aggregate's name. */
export type Owners = ReadonlyMap<string, string>;

const running = new Set(['queued', 'replicating', 'paused', 'cutover', 'cutover_wait', 'cutover_pending']);

/** The aggregate that it is in. */
export const placeOf = ({ aggregates }: Placed): string => aggregates[0]?.name ?? '';
/** Where it goes, or went when it was moved last. */
export const targetOf = ({ movement }: Placed): string => movement?.destination_aggregate?.name ?? '';
export const isMoving = ({ movement }: Placed): boolean => running.has(movement?.state ?? '');

const stateOf = (found: Placed, target: string): MoveStatus['state'] => {
  const isMeant = targetOf(found) === target && target !== '';
  if (isMeant && isMoving(found)) return 'moving';
  if (target !== '' && placeOf(found) === target) return 'moved';
  return isMeant && ['failed', 'aborted'].includes(found.movement?.state ?? '') ? 'failed' : 'none';
};

/** How it stands on its way to an aggregate. */
export const statusOf = (found: Placed, target: string, owners: Owners): MoveStatus => {
  const [state, pool] = [stateOf(found, target), placeOf(found)];
  return {
    state,
    pool,
    node: owners.get(pool) ?? '',
    targetPool: target,
    targetNode: owners.get(target) ?? '',
    percent: state === 'moved' ? 100 : state === 'moving' ? (found.movement?.percent_complete ?? 0) : 0,
  };
};
