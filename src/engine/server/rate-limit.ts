import type { Operations } from './handler.ts';

interface Limit {
  /** Calls per second in the long run. */
  readonly rate: number;
  /** Calls that may come at once. */
  readonly burst: number;
}

/** Stock's limits (rest-api.md §1.6). */
const limits: Partial<Record<keyof Operations, Limit>> = {
  addOrUpdateNode: { rate: 50, burst: 100 },
  updateNode: { rate: 10_000, burst: 10_000 },
  getNode: { rate: 10_000, burst: 10_000 },
};

export interface RateLimiter {
  /** Whole seconds to wait before the next try, or 0 when the call may go ahead. */
  take(name: keyof Operations): number;
}

/** One bucket of tokens for each limited route; refused calls take no token. */
export const createRateLimiter = (nowMs: () => number): RateLimiter => {
  const buckets = new Map<keyof Operations, { tokens: number; filledAt: number }>();
  return {
    take: (name) => {
      const limit = limits[name];
      if (limit === undefined) return 0;
      const now = nowMs();
      const bucket = buckets.get(name) ?? { tokens: limit.burst, filledAt: now };
      buckets.set(name, bucket);
      bucket.tokens = Math.min(limit.burst, bucket.tokens + ((now - bucket.filledAt) / 1000) * limit.rate);
      bucket.filledAt = now;
      if (bucket.tokens < 1) return Math.max(1, Math.ceil((1 - bucket.tokens) / limit.rate));
      bucket.tokens -= 1;
      return 0;
    },
  };
};
