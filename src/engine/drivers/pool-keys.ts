import { createHash } from 'node:crypto';

/** Sorted keys, so that the order in a file does not matter. */
const canonical = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, canonical(inner)]),
  );
};

/**
 * Stable identities of virtual pools: what an entry itself says, whatever its place in the list. Equal entries are
 * told apart by their order among each other.
 */
export const virtualPoolKeys = (entries: readonly unknown[]): readonly string[] => {
  const seen = new Map<string, number>();
  return entries.map((entry) => {
    const digest = createHash('sha256')
      .update(JSON.stringify(canonical(entry)))
      .digest('hex')
      .slice(0, 16);
    const count = (seen.get(digest) ?? 0) + 1;
    seen.set(digest, count);
    return count === 1 ? `virtual:${digest}` : `virtual:${digest}#${count}`;
  });
};
