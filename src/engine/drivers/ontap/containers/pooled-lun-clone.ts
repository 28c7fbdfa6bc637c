import { afterWork } from '../../../problem.ts';
import type { ClonePlan, Settled } from '../../objects.ts';
import { isDuplicate } from '../client/codes.ts';
import { baseOf, pathOf, snapshotLun } from '../lun-names.ts';
import type { Contained } from '../parts.ts';
import { parsePooledClone } from '../plans/pooled-lun-plan.ts';
import { deviceBytes } from '../san-sizing.ts';
import { lunFieldNames } from './lun-record.ts';
import { lunRef } from './lun-ref.ts';
import { madeSince } from './origin.ts';
import type { PooledParts } from './pooled-parts.ts';
import { volumeRef } from './volumes.ts';

/** Clones LUNs beside their sources. */
export class PooledLunCloning {
  readonly #parts: PooledParts;

  constructor(parts: PooledParts) {
    this.#parts = parts;
  }

  /** A LUN beside its source. It may be larger than the snapshot: the volume has grown since. */
  async clone(plan: ClonePlan, signal: AbortSignal): Promise<Contained> {
    const { backend, luns, pools, sizes } = this.#parts;
    const { snapshot, qosPolicy } = parsePooledClone(plan.details);
    const name = plan.config.internalName;
    const pool = await this.#parts.lookup.poolOf(plan.source, signal);
    const bytes = deviceBytes(plan.config.size, plan.config);
    pools.checkPoolLimit(pool, bytes);
    const own = lunRef(plan.source.ref)?.name;
    const base = own === undefined ? plan.source.config.internalName : baseOf(own);
    const source = pathOf(pool.name, snapshot === '' ? base : snapshotLun(base, snapshot));
    const draft = { name: pathOf(pool.name, name), source, qosPolicy };
    const outcome = await luns.clone(draft, backend.environment.now(), signal);
    if (outcome.kind === 'refused' && isDuplicate(outcome.refusal))
      throw luns.taken(draft.name, await luns.find(draft.name, lunFieldNames, signal), outcome.refusal);
    if (outcome.kind !== 'ok') throw backend.problem(outcome, `cloning LUN ${source} to ${draft.name}`);
    try {
      const lun = outcome.value ?? (await this.#parts.lookup.getMade(draft.name, signal));
      if ((lun.space?.size ?? bytes) < bytes) await luns.grow(lun, bytes, signal);
      pool.add({ uuid: lun.uuid, name, bytes, created: '' }, backend.environment.now());
      await sizes.fit(pool, name, signal);
      return this.#parts.lookup.contained(plan.config, lun, pool);
    } catch (error) {
      throw afterWork(error);
    }
  }

  async discard(plan: ClonePlan, since: Date, signal: AbortSignal): Promise<Settled> {
    const { backend, pools } = this.#parts;
    const name = plan.config.internalName;
    const found = await this.#parts.lookup.findAll(name, signal);
    if (found.length === 0) {
      await this.#parts.removal.refuseRunningCreation(name, since, signal);
      return 'absent';
    }
    const source = volumeRef(plan.source.ref)?.uuid;
    const [only, ...others] = found.filter(
      (lun) =>
        madeSince(backend, lun, since) &&
        lun.status?.mapped !== true &&
        (source === undefined || lun.location?.volume?.uuid === source),
    );
    if (only === undefined || others.length > 0) return 'foreign';
    await this.#parts.removal.removeLun(only, signal);
    await this.#parts.removal.fitAfter(await pools.find(only.location?.volume?.uuid ?? '', signal), name, signal);
    return 'removed';
  }
}
