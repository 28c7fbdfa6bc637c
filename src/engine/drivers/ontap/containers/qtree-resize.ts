import { afterWork, Problem } from '../../../problem.ts';
import type { VolumeHandle } from '../../objects.ts';
import type { Contained } from '../parts.ts';
import { qtreeId } from '../qtree-names.ts';
import { checkVolumeLimit } from '../sizing.ts';
import { checkAggregateForGrowth } from './aggregate-usage.ts';
import type { QtreeParts } from './qtree-create.ts';
import { qtreeRef, withQtreeRef } from './qtree-ref.ts';
import { mountPath } from './qtrees.ts';
import type { QtreeQuota } from './quota-rules.ts';
import { quotaBytes } from './quota-rules.ts';
import type { SharedFlexVol } from './shared-flexvol.ts';

/** Changes the quota of a qtree, and then the size of its FlexVol. */
export class QtreeResize {
  readonly #parts: QtreeParts;

  constructor(parts: QtreeParts) {
    this.#parts = parts;
  }

  async resize(volume: VolumeHandle, bytes: number, signal: AbortSignal): Promise<Contained> {
    const { backend, shared, qtrees } = this.#parts;
    checkVolumeLimit(bytes, backend.settings.limitVolumeSize);
    const found = qtreeRef(volume.ref) ?? (await this.#refOf(volume, signal));
    const flexVol = await shared.find(found.volume.uuid, signal);
    if (flexVol === undefined) throw qtrees.missing(found.name);
    const done: Contained = {
      ref: withQtreeRef(found),
      size: bytes,
      config: { internalID: qtreeId(backend.facts.svm.name, flexVol.name, found.name) },
    };
    const quota = await this.#quotaOf(flexVol, found.name, signal);
    const limit = quotaBytes(bytes);
    const before = quota?.bytes ?? 0;
    if (limit === before && bytes >= volume.config.size) {
      // Whoever set the quota may have been cut off before the size.
      if (flexVol.sizeWith(0) > flexVol.size) await this.#parts.sizes.fit(flexVol, undefined, signal);
      return done;
    }
    if (limit <= before)
      throw new Problem(
        'volume.shrink',
        'limit',
        `requested size ${bytes} is less than existing volume size ${volume.config.size}; qtree ${found.name} has a quota of ${before} bytes on the array and is not made smaller`,
        { nothingDone: true },
      );
    const growth = limit - before;
    shared.checkPoolLimit(flexVol, growth);
    const thick = flexVol.found.guarantee?.type === 'volume' ? growth : 0;
    await checkAggregateForGrowth(backend, flexVol.aggregates, thick, signal);
    await this.#apply(flexVol, found.name, quota, limit, signal);
    return done;
  }

  async #apply(
    flexVol: SharedFlexVol,
    name: string,
    quota: QtreeQuota | undefined,
    limit: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { sizes } = this.#parts;
    await this.#set(flexVol, name, quota, limit, signal);
    try {
      await sizes.fit(flexVol, undefined, signal);
    } catch (error) {
      signal.throwIfAborted();
      // A quota that the FlexVol cannot hold would be a promise that nobody keeps.
      if (quota !== undefined && Problem.is(error) && error.array !== undefined)
        await this.#set(flexVol, name, quota, quota.bytes, signal);
      throw afterWork(error);
    }
  }

  /** Sets the quota; a rule that is gone is made anew. */
  async #set(
    flexVol: SharedFlexVol,
    name: string,
    quota: QtreeQuota | undefined,
    limit: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { quotas } = this.#parts;
    if (quota === undefined || !(await quotas.change(quota, limit, signal)))
      await quotas.create(flexVol.uuid, name, limit, signal);
    flexVol.setQuota({ uuid: quota?.uuid ?? '', qtree: name, bytes: limit, volume: flexVol.uuid });
  }

  /** What is known of it, or else what the array tells now. */
  async #quotaOf(flexVol: SharedFlexVol, name: string, signal: AbortSignal): Promise<QtreeQuota | undefined> {
    const known = flexVol.quotas.get(name);
    if (known !== undefined && known.uuid !== '') return known;
    const look = flexVol.beginLook();
    flexVol.learnQuotas(await this.#parts.quotas.list({ uuid: flexVol.uuid }, signal), new Set(), look);
    const found = flexVol.quotas.get(name);
    if (found !== undefined) return found;
    const { qtrees } = this.#parts;
    if ((await qtrees.findIn(flexVol, name, signal)) === undefined) throw qtrees.missing(name);
    return undefined;
  }

  async #refOf(volume: VolumeHandle, signal: AbortSignal) {
    const found = await this.#parts.qtrees.findOf(volume, signal);
    if (found === undefined) throw this.#parts.qtrees.missing(volume.config.internalName);
    return { volume: found.volume, name: found.name, path: mountPath(found) };
  }
}
