import * as v from 'valibot';
import { Problem } from '../../../problem.ts';
import type { OntapBackend } from '../backend.ts';
import type { QuotaRules } from './quota-rules.ts';
import { resizePool } from './pool-resize.ts';
import { Rounds } from './rounds.ts';
import type { SharedFlexVol } from './shared-flexvol.ts';
import type { SharedFlexVols } from './shared-flexvols.ts';

const sizeSchema = v.object({
  size: v.optional(v.number(), 0),
  space: v.optional(v.object({ snapshot: v.optional(v.object({ used: v.optional(v.number(), 0) })) })),
});
const attemptsAtMost = 8;
/** After so many attempts the size runs ahead of others. */
const exactAttempts = 3;

/** Names that found no place, since others were quicker. */
export type Outpaced = ReadonlySet<string>;

/**
 * Keeps shared FlexVols as large as their quotas need. All who have just made or changed a quota share one round: one PATCH,
 * then one look at the quotas, during which the next round may set the size again. The look comes last, so that whoever sets the size last has seen every quota that was there
 * before, whichever process or installation made it (docs/decisions/0013).
 */
export class SharedSizes {
  readonly #backend: OntapBackend;
  readonly #quotas: QuotaRules;
  readonly #shared: SharedFlexVols;
  readonly #rounds = new Rounds<Outpaced>();

  constructor(backend: OntapBackend, quotas: QuotaRules, shared: SharedFlexVols) {
    this.#backend = backend;
    this.#quotas = quotas;
    this.#shared = shared;
  }

  /**
   * Fits the FlexVol to its quotas.
   * @param name a qtree that was just made there; it must leave again when the answer names it
   * @throws Problem when the array refuses the size
   */
  fit(flexVol: SharedFlexVol, name: string | undefined, signal: AbortSignal): Promise<Outpaced> {
    return this.#rounds.join(
      flexVol.uuid,
      name,
      (names, inner, letFollow) => this.#run(flexVol, names, letFollow, inner),
      signal,
    );
  }

  async #run(
    flexVol: SharedFlexVol,
    names: ReadonlySet<string>,
    letFollow: () => void,
    signal: AbortSignal,
  ): Promise<Outpaced> {
    let spare = 0;
    for (let attempt = 1; attempt <= attemptsAtMost; attempt++) {
      signal.throwIfAborted();
      const { target, counted } = await flexVol.sizing.run(() => this.#setSize(flexVol, names, spare, signal), signal);
      letFollow();
      const begun = flexVol.beginLook();
      flexVol.learnQuotas(await this.#quotas.list({ uuid: flexVol.uuid }, signal), names, begun);
      // Qtrees that this process began meanwhile have the next round before them.
      const needed = flexVol.sizeWithout((name) => flexVol.reserved.has(name) && !counted.has(name));
      if (needed <= target) return this.#outpaced(flexVol, names);
      // Many processes at once would be late again and again; the next one that creates or resizes takes back what is too much.
      if (attempt >= exactAttempts) spare = 2 * (needed - target + spare);
    }
    throw new Problem(
      'flexvol.contended',
      'conflict',
      `others change quotas of FlexVol ${flexVol.name} faster than its size can follow`,
      { hint: 'repeat the operation' },
    );
  }

  /** Sets the size to what is needed as far as is known; answers it, and which qtrees of ours were counted. */
  async #setSize(flexVol: SharedFlexVol, names: ReadonlySet<string>, spare: number, signal: AbortSignal) {
    if (flexVol.mayHoldSnapshots) await this.#lookAtSnapshots(flexVol, signal);
    const counted = new Set([...names, ...flexVol.reserved.keys()]);
    const target = this.#shared.sizeWithSpare(flexVol, spare);
    await resizePool(this.#backend, flexVol, target, (inner) => this.#look(flexVol, inner), signal);
    return { target, counted };
  }

  #outpaced(flexVol: SharedFlexVol, names: ReadonlySet<string>): Outpaced {
    const excess = flexVol.count - this.#shared.qtreesPerFlexVol;
    return excess > 0 ? new Set([...names].toSorted().slice(-excess)) : new Set();
  }

  async #lookAtSnapshots(flexVol: SharedFlexVol, signal: AbortSignal): Promise<void> {
    const { size, space } = await this.#look(flexVol, signal);
    flexVol.size = size;
    const snapshot = { ...flexVol.found.space?.snapshot };
    flexVol.found = {
      ...flexVol.found,
      space: { snapshot: { reserve_percent: snapshot.reserve_percent ?? 0, used: space?.snapshot?.used ?? 0 } },
    };
  }

  async #look(flexVol: SharedFlexVol, signal: AbortSignal) {
    const answer = await this.#backend.client.read(
      `/storage/volumes/${flexVol.uuid}`,
      { fields: 'size,space.snapshot.used' },
      sizeSchema,
      signal,
    );
    return this.#backend.must(answer, `reading the size of FlexVol ${flexVol.name}`);
  }
}
