import * as v from 'valibot';
import { Problem } from '../../../problem.ts';
import type { OntapBackend } from '../backend.ts';
import { isAbsent, isDuplicate, ontapCode } from '../client/codes.ts';
import type { Refused } from '../client/outcome.ts';

const ruleSchema = v.object({
  uuid: v.string(),
  qtree: v.optional(v.object({ name: v.optional(v.string(), '') })),
  space: v.optional(v.object({ hard_limit: v.optional(v.number()) })),
  volume: v.optional(v.object({ uuid: v.string() })),
});

/** The rule that limits one qtree. */
export interface QtreeQuota {
  readonly uuid: string;
  readonly qtree: string;
  /** 0: no limit. */
  readonly bytes: number;
  /** UUID of the FlexVol. */
  readonly volume: string;
}

const path = '/storage/quota/rules';
const fields = 'uuid,qtree.name,space.hard_limit';

/** ONTAP counts quotas in whole KiB. */
export const quotaBytes = (bytes: number): number => Math.floor(bytes / 1024) * 1024;

/** Tree quotas of the shared FlexVols of one prefix. */
export class QuotaRules {
  readonly #backend: OntapBackend;

  constructor(backend: OntapBackend) {
    this.#backend = backend;
  }

  /** The rules for qtrees in one FlexVol, or in all whose names begin with a prefix. */
  async list(
    where: { readonly uuid: string } | { readonly poolPrefix: string },
    signal: AbortSignal,
  ): Promise<readonly QtreeQuota[]> {
    const query = {
      type: 'tree',
      'svm.uuid': this.#backend.facts.svm.uuid,
      // The rules of one FlexVol are read again and again, so that no more is asked of them than is needed.
      ...('uuid' in where
        ? { 'volume.uuid': where.uuid, fields }
        : { 'volume.name': `${where.poolPrefix}*`, fields: `${fields},volume.uuid` }),
    };
    const answer = await this.#backend.client.list(path, query, ruleSchema, signal);
    return this.#backend.must(answer, 'reading the quota rules of shared FlexVols').flatMap((rule): QtreeQuota[] => {
      const qtree = rule.qtree?.name ?? '';
      // The rule without a qtree stands for all that have none of their own.
      if (qtree === '') return [];
      const limit = rule.space?.hard_limit ?? 0;
      return [
        {
          uuid: rule.uuid,
          qtree,
          bytes: Math.max(0, limit),
          volume: 'uuid' in where ? where.uuid : (rule.volume?.uuid ?? ''),
        },
      ];
    });
  }

  async findFor(volumeUuid: string, qtree: string, signal: AbortSignal): Promise<QtreeQuota | undefined> {
    return (await this.list({ uuid: volumeUuid }, signal)).find((rule) => rule.qtree === qtree);
  }

  /** Limits a qtree. A rule that is there already is given the limit. */
  async create(volumeUuid: string, qtree: string, bytes: number, signal: AbortSignal): Promise<void> {
    const outcome = await this.#backend.change(
      {
        method: 'POST',
        path,
        body: {
          type: 'tree',
          qtree: { name: qtree },
          volume: { uuid: volumeUuid },
          svm: { uuid: this.#backend.facts.svm.uuid },
          space: { hard_limit: bytes },
        },
        job: 'none',
        done: async (inner) => (await this.findFor(volumeUuid, qtree, inner))?.bytes === bytes,
      },
      signal,
    );
    if (outcome.kind === 'ok') return;
    if (outcome.kind === 'refused' && isDuplicate(outcome.refusal)) {
      const rule = await this.findFor(volumeUuid, qtree, signal);
      if (rule !== undefined && (rule.bytes === bytes || (await this.change(rule, bytes, signal)))) return;
    }
    if (outcome.kind === 'refused') this.#refuseUnapplied(outcome, qtree);
    throw this.#backend.problem(outcome, `limiting qtree ${qtree} to ${bytes} bytes`);
  }

  /** False when the rule is gone. */
  async change(rule: QtreeQuota, bytes: number, signal: AbortSignal): Promise<boolean> {
    const outcome = await this.#backend.change(
      {
        method: 'PATCH',
        path: `${path}/${rule.uuid}`,
        body: { space: { hard_limit: bytes } },
        job: 'byPath',
        done: async (inner) => (await this.findFor(rule.volume, rule.qtree, inner))?.bytes === bytes,
      },
      signal,
    );
    if (outcome.kind === 'ok') return true;
    if (outcome.kind === 'refused' && isAbsent(outcome.refusal)) return false;
    if (outcome.kind === 'refused') this.#refuseUnapplied(outcome, rule.qtree);
    throw this.#backend.problem(outcome, `changing the quota of qtree ${rule.qtree} to ${bytes} bytes`);
  }

  /** Makes the rule without a qtree, which makes quotas enforceable on every qtree of a FlexVol. */
  async createDefault(volumeUuid: string, signal: AbortSignal): Promise<void> {
    const outcome = await this.#backend.change(
      {
        method: 'POST',
        path,
        body: {
          type: 'tree',
          qtree: { name: '' },
          volume: { uuid: volumeUuid },
          svm: { uuid: this.#backend.facts.svm.uuid },
          space: { hard_limit: -1 },
        },
        job: 'none',
        // A second one is refused as a duplicate, which is as good.
        done: async () => false,
      },
      signal,
    );
    if (outcome.kind === 'ok' || (outcome.kind === 'refused' && isDuplicate(outcome.refusal))) return;
    throw this.#backend.problem(outcome, 'making the default quota rule of a shared FlexVol');
  }

  /** The rule is there, and the quotas of the FlexVol do not know it yet. */
  #refuseUnapplied(refused: Refused, qtree: string): void {
    const { code, message } = refused.refusal;
    if (code !== ontapCode.quotaNotResized && code !== ontapCode.quotaResizeSkipped) return;
    throw new Problem(
      'quota.not-applied',
      'conflict',
      `the array has the quota of qtree ${qtree} on record and does not enforce it: ${message} (ONTAP error ${code})`,
      {
        array: refused.refusal,
        hint: 'switch the quotas of the FlexVol off and on (volume quota off, volume quota on), then repeat this',
      },
    );
  }
}
