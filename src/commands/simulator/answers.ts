import * as v from 'valibot';

/** What the control plane of a simulator answers, as far as commands show it. */

const optionalText = v.optional(v.string());

export const faultsAnswer = v.object({
  faults: v.array(
    v.looseObject({
      name: v.string(),
      when: v.looseObject({}),
      then: v.looseObject({ type: v.string() }),
      seen: v.number(),
      hits: v.number(),
    }),
  ),
});
export type ShownFault = v.InferOutput<typeof faultsAnswer>['faults'][number];

export const requestsAnswer = v.object({
  count: v.number(),
  requests: v.array(
    v.looseObject({
      number: v.number(),
      time: v.string(),
      user: optionalText,
      method: v.string(),
      path: v.string(),
      query: v.string(),
      status: v.number(),
      code: optionalText,
      faults: v.array(v.string()),
    }),
  ),
});
export type ShownRequest = v.InferOutput<typeof requestsAnswer>['requests'][number];

export const clockAnswer = v.object({ now: v.string(), frozen: v.boolean(), speed: v.exactOptional(v.number()) });
export const nameAnswer = v.object({ name: v.string() });
export const removedAnswer = v.object({ removed: v.boolean() });
