import { Problem } from '../../../problem.ts';
import type { OntapBackend } from '../backend.ts';
import { isAbsent, ontapCode } from '../client/codes.ts';
import { listJobsOf } from '../client/jobs.ts';
import { arrayTime } from '../client/settle.ts';
import type { Luns } from './luns.ts';

const path = '/storage/luns';

interface Named {
  readonly uuid: string;
  readonly name: string;
}

/**
 * Takes a LUN that is to go away from the nodes that were left with it.
 * @throws Problem `lun.mapped` when somebody else uses it
 */
export type LunRelease = (lun: Named, signal: AbortSignal) => Promise<void>;

/** Deletes LUNs that are no part of a volume of their own. */
export class LunRemover {
  readonly #backend: OntapBackend;
  readonly #luns: Luns;
  readonly #release: LunRelease;

  constructor(backend: OntapBackend, luns: Luns, release: LunRelease) {
    this.#backend = backend;
    this.#luns = luns;
    this.#release = release;
  }

  /**
   * Deletes a LUN; one that is gone counts as deleted. Maps of ours that were left behind go with it; whoever else uses the
   * LUN keeps it.
   * @param clones names the clones that need the LUN, when the array says that there are some
   * @throws Problem `lun.mapped` or `volume.has-clones`
   */
  async remove(
    lun: Named,
    clones: (signal: AbortSignal) => Promise<readonly string[]>,
    signal: AbortSignal,
  ): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      const outcome = await this.#backend.change(
        {
          method: 'DELETE',
          path: `${path}/${lun.uuid}`,
          job: 'byPath',
          done: async (inner) => (await this.#luns.findByUuid(lun.uuid, 'name', inner)) === undefined,
        },
        signal,
      );
      if (outcome.kind === 'ok' || (outcome.kind === 'refused' && isAbsent(outcome.refusal))) return;
      const code = outcome.kind === 'refused' ? outcome.refusal.code : '';
      if (code === ontapCode.unitIsCloneParent)
        throw new Problem(
          'volume.has-clones',
          'conflict',
          `volume ${lun.name} cannot be deleted: it has clones: ${(await clones(signal)).join(', ')}`,
          { hint: 'delete or split the clones first', nothingDone: true },
        );
      if (code !== ontapCode.lunMapped || attempt > 0) throw this.#backend.problem(outcome, `deleting LUN ${lun.name}`);
      await this.#release(lun, signal);
    }
  }

  /**
   * For a LUN that is not there: the array may still be making it.
   * @throws Problem `array.job-unfinished`
   */
  async refuseRunningCreation(name: string, since: Date, signal: AbortSignal): Promise<void> {
    const { client } = this.#backend;
    const asked = { method: 'POST', path } as const;
    const jobs = await listJobsOf(client, asked, name, arrayTime(client, since), signal);
    const running = jobs.find((job) => job.state !== 'success' && job.state !== 'failure');
    if (running !== undefined)
      throw new Problem(
        'array.job-unfinished',
        'unavailable',
        `the array is still creating LUN ${name} (job ${running.uuid})`,
        { hint: 'repeat this when the job has ended' },
      );
  }
}
