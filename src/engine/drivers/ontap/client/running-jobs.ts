import { Problem } from '../../../problem.ts';
import type { OntapClient } from './client.ts';
import { listJobsOf } from './jobs.ts';
import { arrayTime } from './settle.ts';

/** A POST of ours of which nothing is to be seen. */
export interface Posted {
  readonly path: string;
  /** The name in the descriptions of its jobs; undefined when it is not in them. */
  readonly named: string | undefined;
  /** By our clock. */
  readonly since: Date;
}

/**
 * The array may still be at it.
 * @param doing for the message: `creating volume v1`
 * @throws Problem `array.job-unfinished` when it is
 */
export const refuseWhileRunning = async (
  client: OntapClient,
  { path, named, since }: Posted,
  doing: string,
  signal: AbortSignal,
): Promise<void> => {
  const jobs = await listJobsOf(client, { method: 'POST', path }, named, arrayTime(client, since), signal);
  const running = jobs.find(({ state }) => state !== 'success' && state !== 'failure');
  if (running !== undefined)
    throw new Problem('array.job-unfinished', 'unavailable', `the array is still ${doing} (job ${running.uuid})`, {
      hint: 'repeat this when the job has ended',
    });
};
