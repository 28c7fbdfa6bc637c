import type { JsonObject } from '../../../json.ts';
import { afterWork, Problem } from '../../../problem.ts';
import type { ClonePlan, Settled, VolumeHandle } from '../../objects.ts';
import type { OntapBackend } from '../backend.ts';
import { isDuplicate } from '../client/codes.ts';
import { parseCloneDetails } from '../plans/clone-plan.ts';
import type { Contained, Wish } from '../parts.ts';
import { uuidIn } from './flexvol-create.ts';
import type { FlexVolChanges } from './flexvol-changes.ts';
import type { NasFields } from './nas-fields.ts';
import { nasBody } from './nas-fields.ts';
import { madeSince } from './origin.ts';
import type { VolumeSnapshots } from './snapshots.ts';
import type { VolumeRemover } from './volume-removal.ts';
import type { VolumeOnOntap } from './volume-record.ts';
import { describeVolume, identityFields } from './volume-record.ts';
import type { Volumes } from './volumes.ts';

export interface CloneParts {
  readonly backend: OntapBackend;
  readonly volumes: Volumes;
  readonly remover: VolumeRemover;
  readonly snapshots: VolumeSnapshots;
  readonly changes: FlexVolChanges;
}

/** What fails in `action` fails after something was done that has to be taken back. */
const afterChange = async <T>(action: () => Promise<T>): Promise<T> => {
  try {
    return await action();
  } catch (error) {
    throw afterWork(error);
  }
};

/** Makes FlexClones: one POST, one PATCH for what a clone cannot be given at birth. */
export class FlexVolCloning {
  readonly #parts: CloneParts;

  constructor(parts: CloneParts) {
    this.#parts = parts;
  }

  async clone(plan: ClonePlan, wish: Wish<NasFields>, signal: AbortSignal): Promise<Contained> {
    const details = parseCloneDetails(plan.details);
    if (details.view) return this.#view(plan, signal);
    const { volumes, snapshots } = this.#parts;
    const source = await volumes.uuidOf(plan.source, signal);
    if (details.automatic) await snapshots.take(source, plan.source.config.internalName, details.snapshot, signal);
    const uuid = details.automatic
      ? await afterChange(() => this.#post(plan, source, signal))
      : await this.#post(plan, source, signal);
    const name = plan.config.internalName;
    await afterChange(async () => {
      await this.#dress(plan, uuid, wish, signal);
      if (details.split) await this.#split(uuid, name, signal);
    });
    const ref: JsonObject = {
      volume: { uuid, name },
      ...(details.automatic ? { automaticSnapshot: { volume: source, name: details.snapshot } } : {}),
    };
    return { ref, size: plan.config.size, config: {} };
  }

  async discard(plan: ClonePlan, since: Date, signal: AbortSignal): Promise<Settled> {
    const details = parseCloneDetails(plan.details);
    if (details.view) return 'absent';
    const { volumes, remover } = this.#parts;
    const name = plan.config.internalName;
    const found = await volumes.findAny(name, identityFields, signal);
    if (found === undefined) await remover.refuseRunningCreation(name, since, signal);
    const ours = found !== undefined && this.#isOurs(found, plan, since);
    if (found !== undefined && ours) await remover.remove(found.uuid, name, true, signal);
    if (details.automatic) await this.#discardSnapshot(plan.source, details.snapshot, signal);
    return found === undefined ? 'absent' : ours ? 'removed' : 'foreign';
  }

  /** The snapshot that was taken for a clone goes when nothing needs it; one that is still needed stays. */
  async #discardSnapshot(source: VolumeHandle, name: string, signal: AbortSignal): Promise<void> {
    try {
      await this.#parts.snapshots.remove(source, { name, internalName: name, ref: {} }, signal);
    } catch (error) {
      if (!Problem.is(error) || error.kind !== 'conflict') throw error;
    }
  }

  async #view(plan: ClonePlan, signal: AbortSignal): Promise<Contained> {
    const { volumes, snapshots } = this.#parts;
    const { source } = plan;
    const name = source.config.internalName;
    const found = await volumes.getOf(source, 'snapshot_directory_access_enabled,nas.path', signal);
    if (found.snapshot_directory_access_enabled === false)
      throw new Problem(
        'clone.no-snapshot-directory',
        'conflict',
        `read-only clone ${plan.config.name} needs the snapshot directory of ${source.config.name}, which is hidden`,
        {
          hint: 'set snapshotDirectory to true on the source volume',
          nothingDone: true,
        },
      );
    const { snapshot } = parseCloneDetails(plan.details);
    if ((await snapshots.find(source, snapshot, signal)) === undefined)
      throw new Problem(
        'snapshot.not-on-array',
        'notFound',
        `there is no snapshot ${snapshot} of volume ${name} on the array`,
        { nothingDone: true },
      );
    const path = found.nas?.path ?? `/${name}`;
    return { ref: { view: { uuid: found.uuid, name, path, snapshot } }, size: plan.config.size, config: {} };
  }

  async #post(plan: ClonePlan, source: string, signal: AbortSignal): Promise<string> {
    const { backend, volumes } = this.#parts;
    const name = plan.config.internalName;
    const { snapshot, qosPolicy } = parseCloneDetails(plan.details);
    const since = backend.environment.now();
    const outcome = await backend.change(
      {
        method: 'POST',
        path: '/storage/volumes',
        query: { return_records: true },
        body: {
          name,
          svm: { uuid: backend.facts.svm.uuid },
          clone: { is_flexclone: true, parent_volume: { uuid: source }, parent_snapshot: { name: snapshot } },
          ...(qosPolicy === '' ? {} : { qos: { policy: { name: qosPolicy } } }),
        },
        job: { name },
        done: async (inner) => {
          const found = await volumes.findAny(name, identityFields, inner);
          if (found === undefined) return false;
          return this.#isOurs(found, plan, since) ? true : 'other';
        },
      },
      signal,
    );
    if (outcome.kind === 'ok')
      return (
        uuidIn(outcome.value, name) ??
        (await afterChange(async () => (await volumes.getMade(name, 'uuid', signal)).uuid))
      );
    const what = `cloning volume ${plan.source.config.internalName} to ${name}`;
    if (outcome.kind !== 'refused' || !isDuplicate(outcome.refusal)) throw backend.problem(outcome, what);
    const found = await volumes.findAny(name, identityFields, signal);
    throw new Problem(
      'volume.exists-on-array',
      'exists',
      `volume ${name} is already on SVM ${backend.facts.svm.name}, and it is not ours: ${found === undefined ? 'the array does not show it' : describeVolume(found)}`,
      {
        array: outcome.refusal,
        nothingDone: !parseCloneDetails(plan.details).automatic,
        hint: 'import it, rename it on the array, or choose another name',
      },
    );
  }

  /** Comment, junction and access in one PATCH; before it, the clone is not mounted and nobody can reach it. */
  async #dress(plan: ClonePlan, uuid: string, wish: Wish<NasFields>, signal: AbortSignal): Promise<void> {
    const { comment } = parseCloneDetails(plan.details);
    const name = plan.config.internalName;
    const done = await this.#parts.changes.patch(
      { uuid, name },
      { comment, ...nasBody(wish.fields) },
      wish,
      `setting up clone ${name}`,
      signal,
    );
    if (!done) throw this.#parts.volumes.missing(name);
  }

  async #split(uuid: string, name: string, signal: AbortSignal): Promise<void> {
    const { backend, volumes } = this.#parts;
    const outcome = await backend.change(
      {
        method: 'PATCH',
        path: `/storage/volumes/${uuid}`,
        body: { clone: { split_initiated: true } },
        job: 'byPath',
        done: async (inner) => {
          const found = await volumes.findByUuid(uuid, 'clone.is_flexclone,clone.split_initiated', inner);
          return found?.clone?.is_flexclone === false || found?.clone?.split_initiated === true;
        },
      },
      signal,
    );
    // The split goes on for as long as the data takes; a job that has not ended is no failure.
    if (outcome.kind === 'lost' && outcome.runningJob !== undefined) return;
    backend.must(outcome, `splitting clone ${name} from its parent`);
  }

  #isOurs(found: VolumeOnOntap, plan: ClonePlan, since: Date): boolean {
    const { backend } = this.#parts;
    if (found.name !== plan.config.internalName || !madeSince(backend, found, since)) return false;
    const details = parseCloneDetails(plan.details);
    if (found.clone?.is_flexclone === true)
      return (
        found.clone.parent_volume?.name === plan.source.config.internalName &&
        (found.clone.parent_snapshot?.name === undefined || found.clone.parent_snapshot.name === details.snapshot)
      );
    // Split off already: it has lost its parent, but not the comment that is set before the split.
    return details.split && found.comment === details.comment;
  }
}
