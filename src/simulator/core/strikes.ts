import { toTimeText } from './clock.ts';
import type { TransferFate } from './declaration.ts';
import { isObject } from './entry.ts';
import type { FaultAction } from './fault-rules.ts';
import type { Strike } from './faults.ts';
import type { JobFate } from './job-data.ts';
import { isRawJson } from './json.ts';
import { LongList } from './long-list.ts';
import { forbidden, noEntry, Refusal, unauthorized } from './refusal.ts';
import type { Paging, ResourceRequest } from './request.ts';
import type { World } from './world.ts';
import { timeTextAt } from './zone.ts';

/** What the faults that struck a request mean for its work and for its answer. */

export const fateOf = (strikes: readonly Strike[]): JobFate => {
  let fate: JobFate = {};
  for (const { action } of strikes) {
    if (action.type === 'job-stall')
      fate = { ...fate, stall: { state: action.state ?? 'running', milliseconds: action.milliseconds } };
    if (action.type === 'job-fail')
      fate = {
        ...fate,
        fail: {
          code: action.code,
          message: action.message,
          afterWork: action.afterWork ?? false,
          onlyError: action.onlyError ?? false,
        },
      };
    if (action.type === 'job-vanish') fate = { ...fate, vanish: true };
    if (action.type === 'hide') fate = { ...fate, hideMs: action.milliseconds };
  }
  return fate;
};

const fullAggregateOf = (strikes: readonly Strike[], world: World): string | undefined => {
  for (const { action } of strikes) {
    if (action.type !== 'aggregate-full') continue;
    if (action.aggregate === undefined) return '*';
    return world.store.by('aggregate', 'name', action.aggregate)[0]?.$id;
  }
  return undefined;
};

const transferFateOf = (strikes: readonly Strike[]): TransferFate | undefined => {
  let fate: TransferFate | undefined;
  for (const { action } of strikes) {
    if (action.type === 'transfer-stall') fate = { ...fate, stallMs: action.milliseconds ?? Infinity };
    if (action.type === 'transfer-fail')
      fate = { ...fate, failure: { code: action.code ?? 13303841, message: action.message ?? 'Transfer failed' } };
  }
  return fate;
};

export const factsOf = (strikes: readonly Strike[], world: World): ResourceRequest['facts'] => {
  const fullAggregate = fullAggregateOf(strikes, world);
  const transfer = transferFateOf(strikes);
  return { ...(fullAggregate === undefined ? {} : { fullAggregate }), ...(transfer ? { transfer } : {}) };
};

export const pagingOf = (strikes: readonly Strike[], world: World): Paging => {
  let paging: Paging = {};
  for (const { action } of strikes) {
    if (action.type === 'page-size') paging = { ...paging, size: action.records };
    if (action.type === 'empty-page') paging = { ...paging, trailing: true };
    if (action.type === 'expire-pages') paging = { ...paging, expires: world.clock.now() + action.milliseconds };
  }
  return paging;
};

/** The body without a field, at top level and in each record. */
export const withoutField = (body: unknown, path: string): unknown => {
  if (!isObject(body)) return body;
  const records = body['records'];
  if (Array.isArray(records) || records instanceof LongList)
    return { ...body, records: records.map((record) => withoutField(record, path)) };
  const [first = '', ...rest] = path.split('.');
  if (!(first in body)) return body;
  const { [first]: value, ...others } = body;
  if (rest.length === 0) return others;
  return {
    ...others,
    [first]: Array.isArray(value)
      ? value.map((item) => withoutField(item, rest.join('.')))
      : withoutField(value, rest.join('.')),
  };
};

/** How far the clock of an answer is off, and the zone in which it writes. */
export interface Skew {
  readonly milliseconds: number;
  /** `+12:00`; undefined: as it is written without the fault. */
  readonly zone: string | undefined;
}

export const skewOf = (strikes: readonly Strike[]): Skew | undefined => {
  for (const { action } of strikes)
    if (action.type === 'skew') return { milliseconds: action.milliseconds ?? 0, zone: action.zone };
  return undefined;
};

const IS_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:[+-]\d{2}:\d{2}|Z)$/;

/** The body with all its times as a clock that is wrong, or of another zone, would write them. */
export const skewed = (body: unknown, skew: Skew): unknown => {
  if (typeof body === 'string' && IS_TIME.test(body)) {
    const instant = Date.parse(body) + skew.milliseconds;
    return skew.zone === undefined ? toTimeText(instant) : timeTextAt(instant, skew.zone);
  }
  if (Array.isArray(body) || body instanceof LongList) return body.map((item) => skewed(item, skew));
  if (!isObject(body) || isRawJson(body)) return body;
  return Object.fromEntries(Object.entries(body).map(([name, value]) => [name, skewed(value, skew)]));
};

/** What ONTAP says with these statuses, unless the rule says something else. */
const USUAL: ReadonlyMap<number, Refusal> = new Map(
  [unauthorized(), forbidden(), noEntry(), new Refusal(429, 262160, 'Too many requests are queued.')].map((refusal) => [
    refusal.status,
    refusal,
  ]),
);

/** What a fault rule refuses a request with. */
export const refusalBy = (action: Extract<FaultAction, { readonly type: 'refuse' }>): Refusal => {
  const usual = USUAL.get(action.status);
  return new Refusal(
    action.status,
    action.code ?? usual?.code ?? '262145',
    action.message ?? usual?.message ?? 'Refused by a fault rule',
    action.target,
    action.retryAfterSeconds === undefined ? {} : { 'Retry-After': String(action.retryAfterSeconds) },
  );
};
