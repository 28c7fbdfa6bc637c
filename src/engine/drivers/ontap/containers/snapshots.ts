import * as v from 'valibot';
import { afterWork, Problem } from '../../../problem.ts';
import type { SnapshotHandle, SnapshotOnArray, VolumeHandle } from '../../objects.ts';
import type { OntapBackend } from '../backend.ts';
import { isAbsent, ontapCode } from '../client/codes.ts';
import type { Outcome, Refused } from '../client/outcome.ts';
import type { Snapshots } from '../parts.ts';
import type { SplitTimers } from './split-timers.ts';
import { untilSeen } from './until-seen.ts';

const snapshotSchema = v.object({
  uuid: v.string(),
  name: v.string(),
  create_time: v.optional(v.string(), ''),
  size: v.optional(v.number()),
  logical_size: v.optional(v.number()),
  comment: v.optional(v.string(), ''),
});
type Found = v.InferOutput<typeof snapshotSchema>;
const fields = 'create_time,size,logical_size';
const refSchema = v.object({ uuid: v.string() });
const childSchema = v.object({ name: v.string(), uuid: v.string() });
type Child = v.InferOutput<typeof childSchema>;
/** Nothing in it means more than itself in a query. */
const plainName = /^[\w.:+-]+$/;
/** Names in one query; keeps the URL short. */
const namesAtOnce = 40;

/** What has snapshots on the array: volumes, or on ASA r2 storage units. Both have them in the same way. */
export interface SnapshotHolders {
  /** Collection of the holders below `/api`: `/storage/volumes`. */
  readonly path: string;
  /** UUID of a handle's holder, without a call when it is known. @throws Problem `volume.not-on-array` */
  uuidOf(volume: VolumeHandle, signal: AbortSignal): Promise<string>;
  /** The same; undefined when the array says that there is none. */
  findUuidOf(volume: VolumeHandle, signal: AbortSignal): Promise<string | undefined>;
  /** Query for the clones that are made from a snapshot of a holder. */
  clonesOf(uuid: string, snapshot: string): Readonly<Record<string, string>>;
  /**
   * Where several volumes share a holder: the comment that says whose a snapshot is. One without a comment may be
   * anybody's; one with another comment is somebody else's.
   */
  ownerOf?(volume: VolumeHandle): string;
  missing(name: string): Problem;
}

/** Snapshots of a whole volume (FlexVol or FlexGroup) or storage unit. */
export class VolumeSnapshots implements Snapshots {
  readonly #backend: OntapBackend;
  readonly #holders: SnapshotHolders;
  readonly #timers: SplitTimers;

  constructor(backend: OntapBackend, holders: SnapshotHolders, timers: SplitTimers) {
    this.#backend = backend;
    this.#holders = holders;
    this.#timers = timers;
  }

  async create(volume: VolumeHandle, name: string, signal: AbortSignal): Promise<SnapshotOnArray> {
    const uuid = await this.#holders.uuidOf(volume, signal);
    await this.take(uuid, volume.config.internalName, name, signal, this.#holders.ownerOf?.(volume));
    const look = (inner: AbortSignal) => this.#look(uuid, name, inner);
    const made = await untilSeen(this.#backend, look, signal).catch((error: unknown) => {
      throw afterWork(error);
    });
    if (made === undefined) throw this.#missing(volume, name);
    if (this.#isOf(volume, made)) return toSnapshot(made);
    throw new Problem(
      'snapshot.exists-on-array',
      'exists',
      `there is a snapshot ${name} already, of another volume that lies in the same FlexVol: ${made.comment}`,
      { hint: 'choose another name; the volumes of this backend share their FlexVols', nothingDone: true },
    );
  }

  /** Takes a snapshot; one of that name is as good as taken, and its facts tell how old it is. */
  async take(
    volumeUuid: string,
    volumeName: string,
    name: string,
    signal: AbortSignal,
    comment?: string,
  ): Promise<void> {
    const what = `creating snapshot ${name} of volume ${volumeName}`;
    const outcome = await this.#backend.change(
      {
        method: 'POST',
        path: `${this.#holders.path}/${volumeUuid}/snapshots`,
        body: { name, ...(comment === undefined ? {} : { comment }) },
        job: { name },
        done: async (inner) => (await this.#look(volumeUuid, name, inner)) !== undefined,
      },
      signal,
    );
    if (outcome.kind === 'ok') return;
    if (outcome.kind === 'refused') {
      const { code } = outcome.refusal;
      if (code === ontapCode.snapshotNameInUse) return;
      if (code === ontapCode.tooManySnapshots)
        throw new Problem('snapshot.limit', 'limit', `${what}: ${outcome.refusal.message} (ONTAP error ${code})`, {
          array: outcome.refusal,
          nothingDone: true,
          hint: 'delete snapshots of the volume, or change its snapshot policy',
        });
      if (isAbsent(outcome.refusal)) throw this.#holders.missing(volumeName);
    }
    throw this.#backend.problem(outcome, what);
  }

  async find(volume: VolumeHandle, internalName: string, signal: AbortSignal): Promise<SnapshotOnArray | undefined> {
    const found = await this.#look(await this.#holders.uuidOf(volume, signal), internalName, signal);
    return found === undefined || !this.#isOf(volume, found) ? undefined : toSnapshot(found);
  }

  async list(volume: VolumeHandle, signal: AbortSignal): Promise<readonly SnapshotOnArray[]> {
    const uuid = await this.#holders.uuidOf(volume, signal);
    const found = await this.#all(uuid, volume.config.internalName, signal);
    return found.filter((snapshot) => this.#isOf(volume, snapshot)).map(toSnapshot);
  }

  async remove(volume: VolumeHandle, snapshot: SnapshotHandle, signal: AbortSignal): Promise<void> {
    const volumeUuid = await this.#holders.findUuidOf(volume, signal);
    // With the volume, its snapshots are gone.
    if (volumeUuid === undefined) return;
    const known = v.safeParse(refSchema, snapshot.ref);
    const uuid = known.success
      ? known.output.uuid
      : await this.#uuidOf(volume, volumeUuid, snapshot.internalName, signal);
    if (uuid === undefined) return;
    const name = volume.config.internalName;
    const outcome = await this.#backend.change(
      {
        method: 'DELETE',
        path: `${this.#holders.path}/${volumeUuid}/snapshots/${uuid}`,
        job: 'byPath',
        done: async (inner) => (await this.#look(volumeUuid, snapshot.internalName, inner))?.uuid !== uuid,
      },
      signal,
    );
    const timer = `${volumeUuid}/${uuid}`;
    if (outcome.kind === 'ok' || (outcome.kind === 'refused' && isAbsent(outcome.refusal))) {
      await this.#timers.forget(timer);
      return;
    }
    if (isHeld(outcome)) throw await this.#busy(volumeUuid, name, snapshot.internalName, timer, outcome, signal);
    throw this.#backend.problem(outcome, `deleting snapshot ${snapshot.internalName} of volume ${name}`);
  }

  async restore(volume: VolumeHandle, snapshot: SnapshotHandle, signal: AbortSignal): Promise<void> {
    const uuid = await this.#holders.uuidOf(volume, signal);
    const name = volume.config.internalName;
    const outcome = await this.#backend.change(
      {
        method: 'PATCH',
        path: `${this.#holders.path}/${uuid}`,
        query: { 'restore_to.snapshot.name': snapshot.internalName },
        job: 'byPath',
        // Nothing on the volume shows it; the job tells, and restoring once more to the same snapshot changes nothing.
        done: async () => false,
      },
      signal,
    );
    if (outcome.kind === 'refused' && isAbsent(outcome.refusal)) throw this.#missing(volume, snapshot.internalName);
    if (isHeld(outcome)) throw await this.#heldBack(uuid, name, snapshot.internalName, outcome, signal);
    this.#backend.must(outcome, `restoring volume ${name} to snapshot ${snapshot.internalName}`);
  }

  async #all(holder: string, name: string, signal: AbortSignal): Promise<readonly Found[]> {
    const path = `${this.#holders.path}/${holder}/snapshots`;
    const answer = await this.#backend.client.list(path, { fields: this.#fields }, snapshotSchema, signal);
    if (answer.kind === 'refused' && isAbsent(answer.refusal)) throw this.#holders.missing(name);
    return this.#backend.must(answer, `listing the snapshots of volume ${name}`);
  }

  async #uuidOf(volume: VolumeHandle, holder: string, name: string, signal: AbortSignal): Promise<string | undefined> {
    const found = await this.#look(holder, name, signal);
    return found === undefined || !this.#isOf(volume, found) ? undefined : found.uuid;
  }

  get #fields(): string {
    return this.#holders.ownerOf === undefined ? fields : `${fields},comment`;
  }

  #isOf(volume: VolumeHandle, { comment }: Found): boolean {
    const owner = this.#holders.ownerOf?.(volume);
    return owner === undefined || comment === '' || comment === owner;
  }

  async #look(volumeUuid: string, name: string, signal: AbortSignal): Promise<Found | undefined> {
    // Names with a meaning in queries are compared here.
    const query = { ...(plainName.test(name) ? { name } : {}), fields: this.#fields };
    const answer = await this.#backend.client.list(
      `${this.#holders.path}/${volumeUuid}/snapshots`,
      query,
      snapshotSchema,
      signal,
    );
    if (answer.kind === 'refused' && isAbsent(answer.refusal)) return undefined;
    return this.#backend.must(answer, `looking for snapshot ${name}`).find((snapshot) => snapshot.name === name);
  }

  /** Names the clones that hold a snapshot, and in time starts to split one off. */
  async #busy(
    volumeUuid: string,
    volumeName: string,
    name: string,
    timer: string,
    refused: Refused,
    signal: AbortSignal,
  ): Promise<Problem> {
    const clones = await this.#clonesOf(volumeUuid, name, signal);
    const [first] = clones;
    const splitting = first !== undefined && (await this.#timers.busy(timer, () => this.#split(first.uuid, signal)));
    return new Problem(
      'snapshot.busy',
      'conflict',
      `snapshot ${name} of volume ${volumeName} cannot be deleted: ${heldBy(clones)}`,
      {
        array: refused.refusal,
        nothingDone: true,
        hint: splitting
          ? `clone ${first.name} is being split off; repeat the deletion later`
          : 'delete the clones, split them from their parent, or wait until what holds the snapshot has ended',
      },
    );
  }

  /** Restoring removes what is newer: names the clones of newer snapshots, which are in the way. */
  async #heldBack(
    volumeUuid: string,
    volumeName: string,
    name: string,
    refused: Refused,
    signal: AbortSignal,
  ): Promise<Problem> {
    const all = await this.#all(volumeUuid, volumeName, signal);
    const time = Date.parse(all.find((snapshot) => snapshot.name === name)?.create_time ?? '');
    // Times are whole seconds. Names with a meaning in queries are left out.
    const newer = all.filter(
      (other) => other.name !== name && plainName.test(other.name) && Date.parse(other.create_time) >= time,
    );
    const names = newer.slice(0, namesAtOnce).map((other) => other.name);
    const clones = names.length === 0 ? [] : await this.#clonesOf(volumeUuid, names.join('|'), signal);
    return new Problem(
      'snapshot.busy',
      'conflict',
      `volume ${volumeName} cannot be restored to snapshot ${name}: a newer snapshot would go, and ${heldBy(clones)}`,
      {
        array: refused.refusal,
        nothingDone: true,
        hint: 'delete the clones, or split them from their parent',
      },
    );
  }

  /** @param snapshots a name, or several with `|` between them */
  async #clonesOf(holder: string, snapshots: string, signal: AbortSignal): Promise<readonly Child[]> {
    const query = {
      ...this.#holders.clonesOf(holder, snapshots),
      'svm.uuid': this.#backend.facts.svm.uuid,
      fields: 'name,uuid',
    };
    const answer = await this.#backend.client.list(this.#holders.path, query, childSchema, signal);
    return this.#backend
      .must(answer, `looking for the clones of snapshot ${snapshots}`)
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  async #split(cloneUuid: string, signal: AbortSignal): Promise<boolean> {
    const change = {
      method: 'PATCH',
      path: `${this.#holders.path}/${cloneUuid}`,
      body: { clone: { split_initiated: true } },
    } as const;
    const outcome = await this.#backend.client.change(change, signal);
    return outcome.kind !== 'refused';
  }

  #missing(volume: VolumeHandle, name: string): Problem {
    return new Problem(
      'snapshot.not-on-array',
      'notFound',
      `there is no snapshot ${name} of volume ${volume.config.internalName} on the array`,
    );
  }
}

const heldCodes: readonly string[] = [ontapCode.snapshotBusy, ontapCode.snapshotHasOwner];
/** True when the array keeps a snapshot because something is made from it. */
const isHeld = (outcome: Outcome<unknown>): outcome is Refused =>
  outcome.kind === 'refused' && heldCodes.includes(outcome.refusal.code);

const heldBy = (clones: readonly Child[]): string =>
  clones.length === 0
    ? 'the array says that it is in use'
    : `it is held by ${clones.map((clone) => clone.name).join(', ')}`;

const toSnapshot = (found: Found): SnapshotOnArray => ({
  internalName: found.name,
  created: utc(found.create_time),
  // What the data took at that moment, as stock reports; not what the snapshot alone holds.
  size: found.logical_size ?? found.size ?? 0,
  ref: { uuid: found.uuid },
});

/** RFC 3339 in UTC without fractions, `2025-05-01T09:30:00Z`. */
const utc = (time: string): string => {
  const instant = Date.parse(time);
  return Number.isNaN(instant) ? time : new Date(instant).toISOString().replace(/\.\d+Z$/, 'Z');
};
