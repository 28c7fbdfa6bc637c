import * as v from 'valibot';
import { Problem } from '../../../problem.ts';
import type { OntapBackend } from '../backend.ts';
import { isAbsent, ontapCode } from '../client/codes.ts';
import { refuseWhileRunning } from '../client/running-jobs.ts';
import { growingDelays, pause } from '../client/waiting.ts';
import type { Volumes } from './volumes.ts';

const busyTimeoutMs = 60_000;
const nameSchema = v.object({ name: v.string() });

/** Deletes volumes. */
export class VolumeRemover {
  readonly #backend: OntapBackend;
  readonly #volumes: Volumes;

  constructor(backend: OntapBackend, volumes: Volumes) {
    this.#backend = backend;
    this.#volumes = volumes;
  }

  /**
   * Deletes the volume with that UUID, mounted or not; one that is gone counts as deleted. A busy one is tried again for a
   * minute. `force` passes by the recovery queue, which would keep its space for half a day.
   * @throws Problem `volume.has-clones` that names them
   */
  async remove(uuid: string, name: string, force: boolean, signal: AbortSignal): Promise<void> {
    const { settings, now } = this.#backend.client.options;
    const delay = growingDelays(2_000, 10_000, settings.random);
    const until = now().getTime() + busyTimeoutMs;
    let path = '';
    for (let attempt = 0; ; attempt++) {
      const outcome = await this.#backend.change(
        {
          method: 'DELETE',
          path: `/storage/volumes/${uuid}`,
          ...(force ? { query: { force: true } } : {}),
          job: 'byPath',
          done: async (inner) => (await this.#volumes.findByUuid(uuid, 'uuid', inner)) === undefined,
        },
        signal,
      );
      if (outcome.kind === 'ok' || (outcome.kind === 'refused' && isAbsent(outcome.refusal))) return;
      if (outcome.kind === 'refused' && outcome.refusal.code === ontapCode.volumeHasClones)
        throw await this.#hasClones(uuid, name, signal);
      const busy = outcome.kind === 'refused' && outcome.refusal.code === ontapCode.volumeBusy;
      if (!busy || now().getTime() >= until) {
        if (path !== '') await this.#mount(uuid, path, signal);
        throw this.#backend.problem(outcome, `deleting volume ${name}`);
      }
      if (attempt === 0) path = await this.#unmount(uuid, signal);
      await pause(delay(), signal);
    }
  }

  /**
   * For an object that is not there: the array may still be making it.
   * @throws Problem `array.job-unfinished`
   */
  refuseRunningCreation(name: string, since: Date, signal: AbortSignal): Promise<void> {
    return this.refuseRunning('/storage/volumes', name, name, since, signal);
  }

  /**
   * The same for a creation at another place; `named` is the name in the descriptions of its jobs, if it is in them.
   * @throws Problem `array.job-unfinished`
   */
  refuseRunning(
    path: string,
    named: string | undefined,
    name: string,
    since: Date,
    signal: AbortSignal,
  ): Promise<void> {
    return refuseWhileRunning(this.#backend.client, { path, named, since }, `creating volume ${name}`, signal);
  }

  /**
   * Some releases call a mounted volume busy. A failure shows at the next try of the deletion.
   * @returns where it was mounted; empty when it was not
   */
  async #unmount(uuid: string, signal: AbortSignal): Promise<string> {
    const found = await this.#volumes.findByUuid(uuid, 'nas.path', signal);
    const path = found?.nas?.path ?? '';
    if (path !== '') await this.#mount(uuid, '', signal);
    return path;
  }

  /** Whoever uses a volume that is not deleted after all finds it where it was. */
  async #mount(uuid: string, path: string, signal: AbortSignal): Promise<void> {
    const body = { nas: { path } };
    await this.#backend.client.change({ method: 'PATCH', path: `/storage/volumes/${uuid}`, body }, signal);
  }

  async #hasClones(uuid: string, name: string, signal: AbortSignal): Promise<Problem> {
    const query = { 'clone.parent_volume.uuid': uuid, 'svm.uuid': this.#backend.facts.svm.uuid, fields: 'name' };
    const answer = await this.#backend.client.list('/storage/volumes', query, nameSchema, signal);
    const clones = this.#backend.must(answer, `looking for the clones of volume ${name}`).map((clone) => clone.name);
    return new Problem(
      'volume.has-clones',
      'conflict',
      `volume ${name} cannot be deleted: it has clones: ${clones.toSorted().join(', ')}`,
      {
        hint: 'delete or split the clones first',
        nothingDone: true,
      },
    );
  }
}
