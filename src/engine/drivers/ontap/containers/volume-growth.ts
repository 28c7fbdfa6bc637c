import { Problem } from '../../../problem.ts';
import type { OntapBackend } from '../backend.ts';
import { checkAggregateForGrowth } from './aggregate-usage.ts';
import type { VolumeOnOntap } from './volume-record.ts';
import type { Volumes } from './volumes.ts';

/** What has to be known of a volume that is to grow. */
export const growthFields = 'size,space.snapshot.reserve_percent,aggregates.name,guarantee.type';

/**
 * Makes a volume as large as `target` bytes; a larger one is left.
 * @param what for messages: `resizing volume v1 to 10 bytes`
 * @param volume with its `growthFields`
 * @throws Problem `aggregate.limit` when `limitAggregateUsage` is in the way
 */
export const growVolume = async (
  backend: OntapBackend,
  volumes: Volumes,
  volume: VolumeOnOntap,
  target: number,
  what: string,
  signal: AbortSignal,
): Promise<void> => {
  const current = volume.size ?? 0;
  if (current >= target) return;
  const growth = volume.guarantee?.type === 'volume' ? target - current : 0;
  const aggregates = volume.aggregates.map(({ name }) => name);
  await checkAggregateForGrowth(backend, aggregates, growth, signal);
  const outcome = await backend.change(
    {
      method: 'PATCH',
      path: `/storage/volumes/${volume.uuid}`,
      body: { size: target },
      job: 'byPath',
      done: async (inner) => ((await volumes.findByUuid(volume.uuid, 'size', inner))?.size ?? 0) >= target,
    },
    signal,
  );
  backend.must(outcome, what);
};

/** For what may stay as it is: undefined where the array, or a limit, refuses to make it larger. */
export const unlessRefused = async <T>(grow: () => Promise<T>): Promise<T | undefined> => {
  try {
    return await grow();
  } catch (error) {
    // An array that was not reached has refused nothing, although nothing was done.
    const isRefused = (problem: Problem) =>
      problem.array !== undefined || (problem.nothingDone && problem.kind !== 'unavailable');
    if (Problem.is(error) && isRefused(error)) return undefined;
    throw error;
  }
};
