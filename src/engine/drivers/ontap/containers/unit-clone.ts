import { afterWork, Problem } from '../../../problem.ts';
import type { ClonePlan, Settled } from '../../objects.ts';
import type { OntapBackend } from '../backend.ts';
import { isDuplicate } from '../client/codes.ts';
import { refuseWhileRunning } from '../client/running-jobs.ts';
import { parseCloneDetails } from '../plans/clone-plan.ts';
import { madeSince } from './origin.ts';
import type { VolumeSnapshots } from './snapshots.ts';
import type { UnitOnOntap, Units } from './units.ts';

/**
 * Clones of storage units: one POST, and the snapshot before it when none is named. What a clone is, LUN or namespace, it has
 * from its source.
 */
export class UnitCloning {
  readonly #backend: OntapBackend;
  readonly #units: Units;
  readonly #snapshots: VolumeSnapshots;

  constructor(backend: OntapBackend, units: Units, snapshots: VolumeSnapshots) {
    this.#backend = backend;
    this.#units = units;
    this.#snapshots = snapshots;
  }

  /** The ref of the automatic snapshot, if one was taken; it goes with the clone. */
  async clone(plan: ClonePlan, signal: AbortSignal) {
    const { automatic, snapshot } = parseCloneDetails(plan.details);
    const source = await this.#units.uuidOf(plan.source, signal);
    if (!automatic) {
      await this.#post(plan, source, signal);
      return {};
    }
    await this.#snapshots.take(source, plan.source.config.internalName, snapshot, signal);
    try {
      await this.#post(plan, source, signal);
    } catch (error) {
      throw afterWork(error);
    }
    return { automaticSnapshot: { volume: source, name: snapshot } };
  }

  /** Starts to part a clone from its source; that goes on for as long as the data takes. */
  async split(uuid: string, name: string, signal: AbortSignal): Promise<void> {
    const outcome = await this.#backend.change(
      {
        method: 'PATCH',
        path: `${this.#units.path}/${uuid}`,
        body: { clone: { split_initiated: true } },
        job: 'byPath',
        done: async (inner) => {
          const found = await this.#units.find(name, inner);
          return found?.clone?.is_flexclone === false || found?.clone?.split_initiated === true;
        },
      },
      signal,
    );
    if (outcome.kind === 'lost' && outcome.runningJob !== undefined) return;
    this.#backend.must(outcome, `splitting clone ${name} from its source`);
  }

  /**
   * What an interrupted clone left, told from the rest.
   * @param remove removes the unit of that UUID
   */
  async discard(
    plan: ClonePlan,
    since: Date,
    remove: (unit: UnitOnOntap) => Promise<void>,
    signal: AbortSignal,
  ): Promise<Settled> {
    const { automatic, snapshot } = parseCloneDetails(plan.details);
    const name = plan.config.internalName;
    const found = await this.#units.find(name, signal);
    if (found === undefined) await this.#refuseRunning(name, since, signal);
    const ours = found !== undefined && this.#isOurs(found, plan, since);
    if (found !== undefined && ours) await remove(found);
    if (automatic) await this.#discardSnapshot(plan, snapshot, signal);
    return found === undefined ? 'absent' : ours ? 'removed' : 'foreign';
  }

  async #post(plan: ClonePlan, source: string, signal: AbortSignal): Promise<void> {
    const name = plan.config.internalName;
    const { snapshot } = parseCloneDetails(plan.details);
    const { svm } = this.#backend.facts;
    const since = this.#backend.environment.now();
    const outcome = await this.#backend.change(
      {
        method: 'POST',
        path: this.#units.path,
        query: { return_records: true },
        body: {
          name,
          svm: { uuid: svm.uuid },
          clone: {
            is_flexclone: true,
            source: { storage_unit: { uuid: source }, snapshot: { name: snapshot }, svm: { uuid: svm.uuid } },
          },
        },
        job: { name },
        done: async (inner) => {
          const found = await this.#units.find(name, inner);
          if (found === undefined) return false;
          return this.#isOurs(found, plan, since) ? true : 'other';
        },
      },
      signal,
    );
    if (outcome.kind === 'ok') return;
    if (outcome.kind !== 'refused' || !isDuplicate(outcome.refusal))
      throw this.#backend.problem(outcome, `cloning storage unit ${plan.source.config.internalName} to ${name}`);
    const found = await this.#units.find(name, signal);
    const what = found === undefined ? 'the array does not show it' : `a ${found.type}, UUID ${found.uuid}`;
    throw new Problem(
      'volume.exists-on-array',
      'exists',
      `storage unit ${name} is already on SVM ${svm.name}, and it is not ours: ${what}`,
      {
        array: outcome.refusal,
        nothingDone: true,
        hint: 'import it, rename it on the array, or choose another name',
      },
    );
  }

  /** @throws Problem `array.job-unfinished` when the array may still be making it */
  #refuseRunning(name: string, since: Date, signal: AbortSignal): Promise<void> {
    const posted = { path: this.#units.path, named: name, since };
    return refuseWhileRunning(this.#backend.client, posted, `cloning storage unit ${name}`, signal);
  }

  /** A snapshot that is still needed stays. */
  async #discardSnapshot(plan: ClonePlan, name: string, signal: AbortSignal): Promise<void> {
    try {
      await this.#snapshots.remove(plan.source, { name, internalName: name, ref: {} }, signal);
    } catch (error) {
      if (!Problem.is(error) || error.kind !== 'conflict') throw error;
    }
  }

  #isOurs(found: UnitOnOntap, plan: ClonePlan, since: Date): boolean {
    const { snapshot, split } = parseCloneDetails(plan.details);
    if (found.name !== plan.config.internalName || !madeSince(this.#backend, found, since)) return false;
    const source = found.clone?.source;
    if (source?.storage_unit?.name === undefined) return split;
    const from = source.snapshot?.name ?? snapshot;
    return source.storage_unit.name === plan.source.config.internalName && from === snapshot;
  }
}
