import { isJsonObject } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import { Problem } from '../../problem.ts';

/** A record of the array as plain JSON, so that it can be journalled. */
export const asJson = (found: object): JsonObject => {
  const copy: unknown = JSON.parse(JSON.stringify(found));
  if (!isJsonObject(copy)) throw new Problem('array.unreadable', 'unavailable', 'the object cannot be journalled');
  return copy;
};
