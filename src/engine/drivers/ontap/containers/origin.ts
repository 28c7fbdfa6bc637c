import type { OntapBackend } from '../backend.ts';

/** The array's clock has whole seconds, and the offset between the clocks is known to about a second. */
const clockToleranceMs = 2_000;

/** True when the array made the object at or after `since` of our clock. Without a time it counts as older. */
export const madeSince = (
  backend: OntapBackend,
  found: { readonly create_time?: string | undefined },
  since: Date,
): boolean => {
  const made = Date.parse(found.create_time ?? '');
  return !Number.isNaN(made) && made >= since.getTime() + backend.clockOffsetMs - clockToleranceMs;
};
