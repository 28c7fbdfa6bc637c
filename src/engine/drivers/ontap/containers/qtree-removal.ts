import type { VolumeHandle } from '../../objects.ts';
import { isAbsent } from '../client/codes.ts';
import { deletedName } from '../qtree-names.ts';
import type { QtreeParts } from './qtree-create.ts';
import type { QtreeOnOntap } from './qtrees.ts';

/** Qtrees that others left, deleted after each listing; each deletion is a job of the array. */
const leftOverAtOnce = 20;

/** Deletes qtrees: renamed first, so that the name is free at once and a deletion that takes long is in nobody's way. */
export class QtreeRemoval {
  readonly #parts: QtreeParts;
  readonly #closing = new AbortController();
  #cleaning: Promise<void> = Promise.resolve();

  constructor(parts: QtreeParts) {
    this.#parts = parts;
  }

  async remove(volume: VolumeHandle, signal: AbortSignal): Promise<void> {
    for (const found of await this.#parts.qtrees.findToDelete(volume, signal)) {
      const renamed = found.name === volume.config.internalName ? await this.#rename(found, signal) : found;
      if (renamed !== undefined) await this.#delete(renamed, found.name, signal);
      this.#parts.shared.known.find(({ uuid }) => uuid === found.volume.uuid)?.drop(found.name);
    }
  }

  /**
   * Goes on with deletions that other processes did not end, in the background: nobody waits for them, and one that fails is
   * tried again after the next listing.
   */
  cleanUp(): void {
    const left = this.#parts.shared.takeLeftOver().slice(0, leftOverAtOnce);
    if (left.length === 0) return;
    this.#cleaning = this.#cleaning.then(async () => {
      for (const qtree of left) {
        if (this.#closing.signal.aborted) return;
        await this.#parts.qtrees.delete(qtree, this.#closing.signal).catch(() => undefined);
      }
    });
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('the backend is being closed'));
    await this.#cleaning;
  }

  /** Undefined when the qtree is gone. */
  async #rename(qtree: QtreeOnOntap, signal: AbortSignal): Promise<QtreeOnOntap | undefined> {
    const { backend, qtrees } = this.#parts;
    const name = deletedName(qtree.name, backend.client.options.settings.random);
    const done = (found: QtreeOnOntap | undefined) => found?.id === qtree.id;
    const outcome = await qtrees.patch(qtree, { name }, done, name, signal);
    if (outcome.kind === 'refused' && isAbsent(outcome.refusal)) return undefined;
    backend.must(outcome, `renaming qtree ${qtree.name} before its deletion`);
    return { ...qtree, name };
  }

  /** Gives the name back when the array refuses: the volume is still there. */
  async #delete(qtree: QtreeOnOntap, original: string, signal: AbortSignal): Promise<void> {
    const { backend, qtrees } = this.#parts;
    const outcome = await qtrees.delete(qtree, signal);
    if (outcome.kind === 'ok') return;
    if (outcome.kind === 'refused' && original !== qtree.name) {
      const done = (found: QtreeOnOntap | undefined) => found?.id === qtree.id;
      await qtrees.patch(qtree, { name: original }, done, original, signal);
    }
    throw backend.problem(outcome, `deleting qtree ${original}`);
  }
}
