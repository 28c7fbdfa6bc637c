import * as v from 'valibot';
import type { JsonObject } from '../../json.ts';
import { validate } from '../../validation.ts';

const aggregateSchema = v.object({
  name: v.string(),
  /** `hdd`, `ssd`, `hybrid`, or empty when the array does not tell or it is something else. */
  media: v.string(),
});

/** What a discovery found out about the array and later operations rely on. Stored with the backend. */
const factsSchema = v.object({
  svm: v.object({ uuid: v.string(), name: v.string() }),
  version: v.object({ generation: v.number(), major: v.number(), minor: v.number() }),
  sanOptimized: v.boolean(),
  disaggregated: v.boolean(),
  /** Up addresses of the SVM for the protocol, in the array's order. */
  lifs: v.array(v.string()),
  /** The array node each of `lifs` is on, as far as known. */
  lifNodes: v.optional(v.record(v.string(), v.string()), {}),
  /** What nodes connect to: configured, else the first of `lifs`; an IPv6 default is in brackets. Empty for SAN. */
  dataLIF: v.string(),
  /** Name of the SVM as a SAN target, an IQN or WWNN; empty where there is none, or it has not been asked for. */
  targetName: v.optional(v.string(), ''),
  /** How initiators without a credential of their own log in: `none` or `chap`; empty where there is no CHAP. */
  chap: v.optional(v.string(), ''),
  /** Aggregates the backend may use; empty on disaggregated systems. */
  aggregates: v.array(aggregateSchema),
  /** All aggregates of the SVM, also those the configuration excludes. */
  svmAggregates: v.array(v.string()),
  serialNumbers: v.array(v.string()),
  /** When all this was found out, in milliseconds of our clock; 0 where it is not known. */
  foundAt: v.optional(v.number(), 0),
  /** Array's clock minus ours. */
  clockOffsetMs: v.number(),
});
export type Facts = v.InferOutput<typeof factsSchema>;
export type AggregateFact = v.InferOutput<typeof aggregateSchema>;

/**
 * @throws Problem `backend.facts` when stored facts are not ours
 */
export const parseFacts = (facts: JsonObject): Facts =>
  validate(factsSchema, facts, { code: 'backend.facts', what: 'stored facts of the backend' });

export const isAtLeast = (version: Facts['version'], generation: number, major: number, minor: number): boolean => {
  const pairs: readonly (readonly [number, number])[] = [
    [version.generation, generation],
    [version.major, major],
    [version.minor, minor],
  ];
  for (const [have, want] of pairs) if (have !== want) return have > want;
  return true;
};
