import * as v from 'valibot';
import { Problem } from '../../../problem.ts';
import type { OntapBackend } from '../backend.ts';
import { isAbsent, isDuplicate } from '../client/codes.ts';
import { hiddenPoolName, shownPoolName } from '../pool-names.ts';
import type { LunPool } from './lun-pool.ts';
import type { LunPools } from './lun-pools.ts';
import { resizePool } from './pool-resize.ts';
import { Rounds } from './rounds.ts';
import type { VolumeRemover } from './volume-removal.ts';

const sizeSchema = v.object({ name: v.optional(v.string(), ''), size: v.optional(v.number(), 0) });
const attemptsAtMost = 6;

/** Names that found no place, since others were quicker. */
export type Outpaced = ReadonlySet<string>;

/**
 * Keeps shared FlexVols as large as their LUNs need. All who have just changed something in one share a round: one PATCH, then one
 * look at the LUNs. The look comes last, so that whoever sets the size last has seen every LUN that was there before,
 * whichever process or installation made it.
 */
export class LunPoolSizes {
  readonly #backend: OntapBackend;
  readonly #pools: LunPools;
  readonly #remover: VolumeRemover;
  readonly #rounds = new Rounds<Outpaced>();
  readonly #reaping = new Rounds<void>();

  constructor(backend: OntapBackend, pools: LunPools, remover: VolumeRemover) {
    this.#backend = backend;
    this.#pools = pools;
    this.#remover = remover;
  }

  /**
   * Fits the FlexVol to its LUNs.
   * @param name a LUN that was just made or changed there; one that holds a place must leave again when the answer names it
   * @throws Problem when the array refuses the size
   */
  async fit(pool: LunPool, name: string | undefined, signal: AbortSignal): Promise<Outpaced> {
    try {
      return await this.#rounds.join(pool.uuid, name, (names, inner) => this.#run(pool, names, inner), signal);
    } finally {
      if (name !== undefined) pool.due.delete(name);
    }
  }

  /**
   * Removes a FlexVol that holds no LUN any more. It gets another name first: LUNs are made by path, so that from then on
   * nobody can make one in it. One that turns out not to be empty gets its name back. One that has the other name already
   * is one whose removal was interrupted, and meets the same end. Whoever removes a last LUN while that goes on waits for its
   * end.
   */
  reap(pool: LunPool, signal: AbortSignal): Promise<void> {
    return this.#reaping.join(pool.uuid, undefined, (_, inner) => this.#reapAlone(pool, inner), signal);
  }

  async #reapAlone(pool: LunPool, signal: AbortSignal): Promise<void> {
    if (!this.#pools.known.includes(pool) || (!pool.isEmpty && !pool.isHidden)) return;
    const { facts } = this.#backend;
    // Another process that is in the midst of it would give the name back when it is not wanted any more.
    await this.#backend.exclusively(
      `${facts.svm.uuid}/${hiddenPoolName(this.#pools.prefix)}`,
      () => this.#reap(pool, signal),
      signal,
    );
  }

  async #reap(pool: LunPool, signal: AbortSignal): Promise<void> {
    const hidden = hiddenPoolName(pool.name);
    if (!pool.isHidden && !(await this.#rename(pool, hidden, signal))) return this.#pools.forget(pool.uuid);
    const isEmpty = await this.#isEmpty(hidden, pool, signal);
    // Looked at last: another installation may give it its name back meanwhile.
    if (pool.isHidden && !(await this.#isCalled(pool, hidden, signal))) return this.#pools.forget(pool.uuid);
    if (isEmpty) {
      this.#pools.forget(pool.uuid);
      await this.#remover.remove(pool.uuid, hidden, true, signal);
      return;
    }
    await this.#rename(pool, shownPoolName(hidden), signal);
    if (pool.isHidden) this.#pools.forget(pool.uuid);
  }

  async #run(pool: LunPool, names: ReadonlySet<string>, signal: AbortSignal): Promise<Outpaced> {
    for (let attempt = 0; attempt < attemptsAtMost; attempt++) {
      signal.throwIfAborted();
      const target = pool.sizeWith(0);
      await resizePool(this.#backend, pool, target, (inner) => this.#look(pool, inner), signal);
      const creations = [...names].filter((name) => pool.reserved.has(name)).toSorted();
      await (creations.length === 0 ? this.#pools.look(pool, signal) : this.#pools.lookFor(pool, creations, signal));
      if (pool.neededFor(names) <= target) {
        const excess = pool.count - this.#pools.lunsPerFlexVol;
        return new Set(excess > 0 ? creations.slice(-excess) : []);
      }
    }
    throw new Problem(
      'flexvol.contended',
      'conflict',
      `others change LUNs in FlexVol ${pool.name} faster than its size can follow`,
      { hint: 'repeat the operation' },
    );
  }

  async #look(pool: LunPool, signal: AbortSignal) {
    const path = `/storage/volumes/${pool.uuid}`;
    const answer = await this.#backend.client.read(path, { fields: 'name,size' }, sizeSchema, signal);
    return this.#backend.must(answer, `reading the size of FlexVol ${pool.name}`);
  }

  /** False when it is gone, or when another process is about to remove it. */
  async #rename(pool: LunPool, name: string, signal: AbortSignal): Promise<boolean> {
    const outcome = await this.#backend.change(
      {
        method: 'PATCH',
        path: `/storage/volumes/${pool.uuid}`,
        body: { name },
        job: 'byPath',
        done: async (inner) => (await this.#look(pool, inner)).name === name,
      },
      signal,
    );
    // Names of FlexVols are drawn at random: nobody else gives one this name.
    if (outcome.kind === 'refused' && (isAbsent(outcome.refusal) || isDuplicate(outcome.refusal))) return false;
    this.#backend.must(outcome, `renaming FlexVol ${pool.name} to ${name}`);
    return true;
  }

  /** False when it is gone, or somebody gave it another name. */
  async #isCalled(pool: LunPool, name: string, signal: AbortSignal): Promise<boolean> {
    const path = `/storage/volumes/${pool.uuid}`;
    const answer = await this.#backend.client.read(path, { fields: 'name' }, sizeSchema, signal);
    if (answer.kind === 'refused' && isAbsent(answer.refusal)) return false;
    return this.#backend.must(answer, `looking at FlexVol ${name}`).name === name;
  }

  async #isEmpty(name: string, pool: LunPool, signal: AbortSignal): Promise<boolean> {
    const query = {
      'location.volume.uuid': pool.uuid,
      'svm.uuid': this.#backend.facts.svm.uuid,
      fields: 'name',
      max_records: 1,
    };
    const schema = v.object({ records: v.optional(v.array(v.unknown()), []) });
    const answer = await this.#backend.client.read('/storage/luns', query, schema, signal);
    return this.#backend.must(answer, `looking whether FlexVol ${name} is empty`).records.length === 0;
  }
}
