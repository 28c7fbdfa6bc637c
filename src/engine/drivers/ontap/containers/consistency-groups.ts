import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { Problem } from '../../../problem.ts';
import type { GroupHolder } from '../../group-snapshots.ts';
import type { OntapBackend } from '../backend.ts';
import { isAbsent, isDuplicate, ontapCode } from '../client/codes.ts';
import { refuseWhileRunning } from '../client/running-jobs.ts';
import type { Refused } from '../client/outcome.ts';
import { uuidIn } from './flexvol-create.ts';

const path = '/application/consistency-groups';
const longestName = 30;
const uuidPattern = /^snapshot-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const groupSchema = v.object({
  uuid: v.string(),
  name: v.string(),
  volumes: v.optional(v.array(v.object({ name: v.string() })), []),
});
export type ConsistencyGroup = v.InferOutput<typeof groupSchema>;
const snapshotSchema = v.object({ name: v.string() });

/**
 * Consistency groups that last as long as one snapshot of several FlexVols takes. Their names tell whose they are: stock
 * cuts `cg-<snapshot>` to 30 characters, which is unique when the snapshot's name holds a UUID.
 */
export class ConsistencyGroups {
  readonly #backend: OntapBackend;

  constructor(backend: OntapBackend) {
    this.#backend = backend;
  }

  nameFor(snapshot: string): string {
    if (uuidPattern.test(snapshot)) return `cg-${snapshot}`.slice(0, longestName);
    const { installationUUID } = this.#backend.environment;
    const hash = createHash('sha256').update(`${installationUUID}/${snapshot}`).digest('hex');
    return `cg-snapshot-${hash}`.slice(0, longestName);
  }

  async find(name: string, signal: AbortSignal): Promise<ConsistencyGroup | undefined> {
    const query = { name, 'svm.uuid': this.#backend.facts.svm.uuid, fields: 'uuid,name,volumes.name' };
    const answer = await this.#backend.client.list(path, query, groupSchema, signal);
    return this.#backend.must(answer, `looking for consistency group ${name}`).find((group) => group.name === name);
  }

  /** Makes a group of these volumes; one that an interrupted creation left, with the same volumes, is as good. */
  async create(name: string, holders: readonly GroupHolder[], signal: AbortSignal): Promise<ConsistencyGroup> {
    const what = `creating consistency group ${name} of ${holders.map((holder) => holder.name).join(', ')}`;
    const outcome = await this.#backend.change(
      {
        method: 'POST',
        path,
        query: { return_records: true },
        body: {
          name,
          svm: { uuid: this.#backend.facts.svm.uuid },
          volumes: holders.map((holder) => ({ name: holder.name, provisioning_options: { action: 'add' } })),
        },
        job: { name },
        done: async (inner) => {
          const found = await this.find(name, inner);
          if (found === undefined) return false;
          return holdsExactly(found, holders) ? true : 'other';
        },
      },
      signal,
    );
    if (outcome.kind === 'ok') {
      const uuid = uuidIn(outcome.value, name);
      if (uuid !== undefined) return { uuid, name, volumes: holders.map((holder) => ({ name: holder.name })) };
    }
    if (outcome.kind === 'refused' && outcome.refusal.code === ontapCode.groupHasVolume) throw taken(outcome, what);
    const known = outcome.kind === 'ok' || (outcome.kind === 'refused' && isDuplicate(outcome.refusal));
    const found = known ? await this.find(name, signal) : undefined;
    if (found !== undefined && holdsExactly(found, holders)) return found;
    this.#backend.must(outcome, what);
    throw new Problem('group.not-on-array', 'unavailable', `${what}: the array does not show the group it made`);
  }

  /** Takes a snapshot of all volumes of the group at one instant. */
  async snapshot(group: ConsistencyGroup, name: string, signal: AbortSignal): Promise<void> {
    const what = `creating snapshot ${name} of ${group.volumes.map((volume) => volume.name).join(', ')}`;
    const outcome = await this.#backend.change(
      {
        method: 'POST',
        path: `${path}/${group.uuid}/snapshots`,
        body: { name },
        job: { name },
        done: (inner) => this.#hasSnapshot(group, name, inner),
      },
      signal,
    );
    if (outcome.kind === 'refused' && outcome.refusal.code === ontapCode.groupSnapshotFailed) {
      // The code for both: it failed, and it is there already.
      if (await this.#hasSnapshot(group, name, signal)) return;
    }
    if (outcome.kind === 'refused' && outcome.refusal.code === ontapCode.tooManySnapshots)
      throw new Problem('snapshot.limit', 'limit', `${what}: ${outcome.refusal.message}`, {
        array: outcome.refusal,
        hint: 'delete snapshots of the volumes, or change their snapshot policy',
      });
    this.#backend.must(outcome, what);
  }

  /** Removes a group; its volumes and their snapshots stay. One that is gone is as good. */
  async remove(group: ConsistencyGroup, signal: AbortSignal): Promise<void> {
    const outcome = await this.#backend.change(
      {
        method: 'DELETE',
        path: `${path}/${group.uuid}`,
        job: 'byPath',
        done: async (inner) => (await this.find(group.name, inner))?.uuid !== group.uuid,
      },
      signal,
    );
    if (outcome.kind === 'refused' && isAbsent(outcome.refusal)) return;
    this.#backend.must(outcome, `removing consistency group ${group.name}`);
  }

  /**
   * The array may still be making the group, or its snapshot.
   * @throws Problem `array.job-unfinished`
   */
  refuseRunning(group: ConsistencyGroup | undefined, name: string, since: Date, signal: AbortSignal): Promise<void> {
    const posted =
      group === undefined
        ? { path, named: name, since }
        : { path: `${path}/${group.uuid}/snapshots`, named: undefined, since };
    return refuseWhileRunning(this.#backend.client, posted, `working on consistency group ${name}`, signal);
  }

  async #hasSnapshot(group: ConsistencyGroup, name: string, signal: AbortSignal): Promise<boolean> {
    const query = { name, fields: 'name' };
    const answer = await this.#backend.client.list(`${path}/${group.uuid}/snapshots`, query, snapshotSchema, signal);
    if (answer.kind === 'refused' && isAbsent(answer.refusal)) return false;
    return this.#backend
      .must(answer, `looking for snapshot ${name} of consistency group ${group.name}`)
      .some((snapshot) => snapshot.name === name);
  }
}

/** True when a group has these volumes and no others. */
const holdsExactly = ({ volumes }: ConsistencyGroup, holders: readonly GroupHolder[]): boolean =>
  volumes.length === holders.length && holders.every(({ name }) => volumes.some((volume) => volume.name === name));

const taken = ({ refusal }: Refused, what: string): Problem =>
  new Problem('group.volume-in-group', 'conflict', `${what}: ${refusal.message} (ONTAP error ${refusal.code})`, {
    array: refusal,
    nothingDone: true,
    hint: 'ONTAP lets a volume be in one consistency group only; take it out of the other one, or snapshot that one on the array',
  });
