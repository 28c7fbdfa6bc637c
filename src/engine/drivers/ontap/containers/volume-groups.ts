import { emptyVolumeConfig } from '../../../orchestrator/model.ts';
import { afterWork, Problem } from '../../../problem.ts';
import type { SnapshotOnArray, VolumeHandle } from '../../objects.ts';
import type { GroupHolder, GroupSnapshots } from '../../group-snapshots.ts';
import type { OntapBackend } from '../backend.ts';
import type { Snapshots } from '../parts.ts';
import { ConsistencyGroups } from './consistency-groups.ts';
import { madeSince } from './origin.ts';

/** Volumes worked on together. */
const atOnce = 8;

/** What ONTAP puts into no consistency group, so that it is taken by itself or not at all. */
export interface Loner {
  /** For people: `FlexGroup`. */
  readonly noun: string;
  /** For people: why. */
  readonly why: string;
}

export interface VolumeGroupsOptions {
  readonly backend: OntapBackend;
  /** What a volume lies in or is, and is snapshotted as a whole; undefined when it is gone. */
  readonly holderOf: (volume: VolumeHandle, signal: AbortSignal) => Promise<GroupHolder | undefined>;
  /** Snapshots of the container's own volumes: what `collect` answers. */
  readonly snapshots: Snapshots;
  /** Snapshots of holders as such; the same where a volume is its holder. */
  readonly holderSnapshots: Snapshots;
  /** A handle for `holderSnapshots`. */
  readonly handleOf: (holder: GroupHolder) => VolumeHandle;
  /** Absent: several holders are taken together. */
  readonly loner?: Loner | undefined;
}

/**
 * Snapshots of several volumes at one instant: of the FlexVols that they lie in, whatever is in them. A group of one needs
 * nothing but a snapshot, so that FlexGroups and storage units of ASA r2 can be in such groups too.
 */
export class VolumeGroups implements GroupSnapshots {
  readonly target: string;
  readonly #backend: OntapBackend;
  readonly #holderOf: VolumeGroupsOptions['holderOf'];
  readonly #handleOf: VolumeGroupsOptions['handleOf'];
  readonly #loner: Loner | undefined;
  readonly #groups: ConsistencyGroups;
  readonly #snapshots: Snapshots;
  readonly #holderSnapshots: Snapshots;

  constructor({ backend, holderOf, snapshots, holderSnapshots, handleOf, loner }: VolumeGroupsOptions) {
    this.target = `ontap/${backend.facts.svm.uuid}${loner === undefined ? '' : `/${loner.noun}`}`;
    this.#backend = backend;
    this.#holderOf = holderOf;
    this.#handleOf = handleOf;
    this.#loner = loner;
    this.#groups = new ConsistencyGroups(backend);
    this.#snapshots = snapshots;
    this.#holderSnapshots = holderSnapshots;
  }

  check(volumes: readonly VolumeHandle[]): void {
    if (this.#loner === undefined || volumes.length < 2) return;
    const names = volumes.map(({ config }) => config.name).join(', ');
    throw new Problem(
      'groupsnapshot.alone',
      'unsupported',
      `volumes ${names} cannot be snapshotted at one instant: ${this.#loner.why}`,
      { hint: `take group snapshots of one ${this.#loner.noun} each, or snapshots`, nothingDone: true },
    );
  }

  holders(volumes: readonly VolumeHandle[], signal: AbortSignal): Promise<readonly GroupHolder[]> {
    return together(volumes, async (volume) => {
      const found = await this.#holderOf(volume, signal);
      if (found !== undefined) return found;
      const { name: svm } = this.#backend.facts.svm;
      throw new Problem(
        'volume.not-on-array',
        'notFound',
        `there is no volume ${volume.config.internalName} on SVM ${svm}`,
        { nothingDone: true },
      );
    });
  }

  /** One holder needs no group. */
  async take(holders: readonly GroupHolder[], name: string, signal: AbortSignal): Promise<void> {
    const distinct = [...new Map(holders.map((holder) => [holder.uuid, holder])).values()];
    const [first, second] = distinct;
    if (first === undefined) return;
    if (second === undefined) {
      await this.#holderSnapshots.create(this.#handleOf(first), name, signal);
      return;
    }
    const group = await this.#groups.create(this.#groups.nameFor(name), distinct, signal);
    try {
      await this.#groups.snapshot(group, name, signal);
    } catch (error) {
      await this.#tidy(group, signal);
      throw afterWork(error);
    }
    try {
      await this.#groups.remove(group, signal);
    } catch (error) {
      throw afterWork(error);
    }
  }

  collect(volumes: readonly VolumeHandle[], name: string, signal: AbortSignal): Promise<readonly SnapshotOnArray[]> {
    return together(volumes, async (volume) => {
      const found = await this.#snapshots.find(volume, name, signal);
      if (found !== undefined) return found;
      throw new Problem(
        'snapshot.not-on-array',
        'notFound',
        `there is no snapshot ${name} of volume ${volume.config.internalName} on the array`,
      );
    });
  }

  async discard(
    volumes: readonly VolumeHandle[],
    name: string,
    since: Date,
    signal: AbortSignal,
  ): Promise<readonly string[]> {
    if (this.#loner === undefined) await this.#discardGroup(name, since, signal);
    const remarks = await together(volumes, async (volume) => this.#discardOne(volume, name, since, signal));
    return remarks.flat();
  }

  async #discardGroup(name: string, since: Date, signal: AbortSignal): Promise<void> {
    const groupName = this.#groups.nameFor(name);
    const group = await this.#groups.find(groupName, signal);
    await this.#groups.refuseRunning(group, groupName, since, signal);
    if (group !== undefined) await this.#groups.remove(group, signal);
  }

  async #discardOne(volume: VolumeHandle, name: string, since: Date, signal: AbortSignal): Promise<readonly string[]> {
    const known = await this.#holderOf(volume, signal);
    if (known === undefined) return [];
    const handle = this.#handleOf(known);
    const found = await this.#holderSnapshots.find(handle, name, signal);
    if (found === undefined) return [];
    if (!madeSince(this.#backend, { create_time: found.created }, since))
      return [`snapshot ${name} of volume ${known.name} was on the array before and was left alone`];
    await this.#holderSnapshots.remove(handle, { name, internalName: name, ref: found.ref }, signal);
    return [];
  }

  /** The first failure is the one to tell; what cannot be removed now is looked for when the snapshot is taken back. */
  async #tidy(group: Parameters<ConsistencyGroups['remove']>[0], signal: AbortSignal): Promise<void> {
    try {
      await this.#groups.remove(group, signal);
    } catch (error) {
      if (!signal.aborted && !Problem.is(error)) throw error;
    }
  }
}

/** A handle for a FlexVol as such. */
export const flexVolHandle = ({ uuid, name }: GroupHolder): VolumeHandle => ({
  config: { ...emptyVolumeConfig, internalName: name },
  ref: { volume: { uuid, name } },
});

/** Results in the order of the items. */
const together = async <A, B>(items: readonly A[], work: (item: A) => Promise<B>): Promise<readonly B[]> => {
  const results = new Map<number, B>();
  const queue = items.entries();
  const worker = async () => {
    for (const [index, item] of queue) results.set(index, await work(item));
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  return items.flatMap((_item, index) => {
    const result = results.get(index);
    return result === undefined ? [] : [result];
  });
};
