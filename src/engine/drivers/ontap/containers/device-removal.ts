import { Problem } from '../../../problem.ts';
import type { OntapBackend } from '../backend.ts';
import { isAbsent, ontapCode } from '../client/codes.ts';
import { refuseWhileRunning } from '../client/running-jobs.ts';
import type { DeviceRef } from './device.ts';

/**
 * Takes a device that is to go away from the nodes that were left with it.
 * @throws Problem of kind `conflict` when somebody else uses it
 */
export type DeviceRelease = (device: DeviceRef, signal: AbortSignal) => Promise<void>;

/** The devices of one kind, as far as deleting them goes. */
export interface Deletable {
  /** For messages: `LUN`. */
  readonly noun: string;
  /** Collection below `/api`. */
  readonly path: string;
  /** What the array says of one that is mapped. */
  readonly mappedCode: string;
  isThere(uuid: string, signal: AbortSignal): Promise<boolean>;
}

/** Deletes devices that are no part of a volume of their own. */
export class DeviceRemover {
  readonly #backend: OntapBackend;
  readonly #devices: Deletable;
  readonly #release: DeviceRelease;

  constructor(backend: OntapBackend, devices: Deletable, release: DeviceRelease) {
    this.#backend = backend;
    this.#devices = devices;
    this.#release = release;
  }

  /**
   * Deletes a device; one that is gone counts as deleted. Maps of ours that were left behind go with it; whoever else uses it
   * keeps it.
   * @param clones names the clones that need it, when the array says that there are some
   * @throws Problem of kind `conflict` when it is mapped for others, or `volume.has-clones`
   */
  async remove(
    device: DeviceRef,
    clones: (signal: AbortSignal) => Promise<readonly string[]>,
    signal: AbortSignal,
  ): Promise<void> {
    const { path, noun, mappedCode } = this.#devices;
    for (let attempt = 0; ; attempt++) {
      const outcome = await this.#backend.change(
        {
          method: 'DELETE',
          path: `${path}/${device.uuid}`,
          job: 'byPath',
          done: async (inner) => !(await this.#devices.isThere(device.uuid, inner)),
        },
        signal,
      );
      if (outcome.kind === 'ok' || (outcome.kind === 'refused' && isAbsent(outcome.refusal))) return;
      const code = outcome.kind === 'refused' ? outcome.refusal.code : '';
      if (code === ontapCode.unitIsCloneParent)
        throw new Problem(
          'volume.has-clones',
          'conflict',
          `volume ${device.name} cannot be deleted: it has clones: ${(await clones(signal)).join(', ')}`,
          { hint: 'delete or split the clones first', nothingDone: true },
        );
      if (code !== mappedCode || attempt > 0) throw this.#backend.problem(outcome, `deleting ${noun} ${device.name}`);
      await this.#release(device, signal);
    }
  }

  /**
   * For a device that is not there: the array may still be making it.
   * @throws Problem `array.job-unfinished`
   */
  refuseRunningCreation(name: string, since: Date, signal: AbortSignal): Promise<void> {
    const { path, noun } = this.#devices;
    return refuseWhileRunning(this.#backend.client, { path, named: name, since }, `creating ${noun} ${name}`, signal);
  }
}
