import * as v from 'valibot';
import { Problem } from '../../../problem.ts';
import type { OntapBackend } from '../backend.ts';
import { percentLimit } from '../sizing.ts';

const usageSchema = v.object({
  name: v.string(),
  space: v.optional(
    v.object({
      block_storage: v.optional(v.object({ size: v.optional(v.number()), used: v.optional(v.number()) })),
    }),
  ),
});

/** Why an aggregate may not take more, or undefined. */
export type UsageVerdict = ReadonlyMap<string, string>;

/**
 * Aggregates at or above `limitAggregateUsage`, with the reason; a thick volume counts as used already. One call for all
 * of them, and none without a limit. Needs the right to read aggregates, which users of one SVM mostly lack.
 */
export const aggregatesOverLimit = async (
  backend: OntapBackend,
  aggregates: readonly string[],
  thickBytes: number,
  signal: AbortSignal,
): Promise<UsageVerdict> => {
  const limit = percentLimit(backend.settings.limitAggregateUsage);
  const named = aggregates.filter((name) => name !== '');
  if (limit === undefined || named.length === 0) return new Map();
  const query = { name: named.join('|'), fields: 'space.block_storage.size,space.block_storage.used' };
  const answer = await backend.client.list('/storage/aggregates', query, usageSchema, signal);
  const found = backend.must(answer, 'checking limitAggregateUsage');
  const verdict = new Map<string, string>();
  for (const name of named) {
    const space = found.find((aggregate) => aggregate.name === name)?.space?.block_storage;
    if (space?.size === undefined || space.used === undefined || space.size === 0) {
      verdict.set(name, `the array does not tell how full aggregate ${name} is`);
      continue;
    }
    const percent = ((space.used + thickBytes) * 100) / space.size;
    if (percent >= limit)
      verdict.set(
        name,
        `aggregate ${name} ${thickBytes > 0 ? 'would be' : 'is'} ${percent.toFixed(1)} % used, the limit is ${limit} % (limitAggregateUsage)`,
      );
  }
  return verdict;
};

/** @throws Problem `aggregate.limit` when the aggregate of a volume that is to grow is over the limit */
export const checkAggregateForGrowth = async (
  backend: OntapBackend,
  aggregates: readonly string[],
  thickBytes: number,
  signal: AbortSignal,
): Promise<void> => {
  const [reason] = (await aggregatesOverLimit(backend, aggregates, thickBytes, signal)).values();
  if (reason !== undefined) throw new Problem('aggregate.limit', 'limit', reason, { nothingDone: true });
};
