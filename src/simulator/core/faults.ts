import { isObject } from './entry.ts';
import type { ActiveFault, FaultAction, FaultMatch, FaultRule, TlsFlaw } from './fault-rules.ts';
import { checkConnectionRule } from './input.ts';
import { barePath, pathPattern, textPattern } from './pattern.ts';
import type { Random } from './random.ts';

/** What a fault rule is compared with. */
export interface FaultSubject {
  readonly method: string;
  readonly path: string;
  readonly query: readonly (readonly [string, string])[];
  readonly body: unknown;
  readonly user: string | undefined;
}

export interface Strike {
  readonly name: string;
  readonly action: FaultAction;
}

interface Counted {
  readonly rule: FaultRule & { readonly name: string };
  seen: number;
  hits: number;
  /** When it struck first (milliseconds of the simulated clock). */
  since: number | undefined;
}

const memberOf = (body: unknown, path: string): unknown => {
  if (!isObject(body)) return undefined;
  if (path in body) return body[path];
  const [first = '', ...rest] = path.split('.');
  return rest.length === 0 ? undefined : memberOf(body[first], rest.join('.'));
};

const fits = (match: FaultMatch, subject: FaultSubject): boolean => {
  const methods = match.method === undefined ? undefined : [match.method].flat();
  if (methods && !methods.includes(subject.method)) return false;
  if (match.path !== undefined && !pathPattern(match.path).test(barePath(subject.path))) return false;
  if (match.user !== undefined && match.user !== subject.user) return false;
  for (const [name, pattern] of Object.entries(match.query ?? {})) {
    if (!subject.query.some(([key, value]) => key === name && textPattern(pattern).test(value))) return false;
  }
  return Object.entries(match.body ?? {}).every(([path, wanted]) => {
    const value = memberOf(subject.body, path);
    return value !== undefined && textPattern(String(wanted)).test(String(value));
  });
};

/** Counts a subject that fits; true when the rule strikes it. */
const counts = (counted: Counted, random: Random, now: number): boolean => {
  const { when, name } = counted.rule;
  counted.seen += 1;
  if (when.nth !== undefined && counted.seen !== when.nth) return false;
  if (when.skip !== undefined && counted.seen <= when.skip) return false;
  if (when.count !== undefined && counted.hits >= when.count) return false;
  const { since = now } = counted;
  if (when.forMilliseconds !== undefined && now - since >= when.forMilliseconds) return false;
  if (when.probability !== undefined && random.fraction(`fault/${name}`) >= when.probability) return false;
  counted.hits += 1;
  counted.since = since;
  return true;
};

/** The fault rules of one simulator, with their counters. */
export class FaultTable {
  readonly #rules = new Map<string, Counted>();
  #named = 0;

  add(rule: FaultRule): string {
    this.#named += 1;
    const name = rule.name ?? `fault-${this.#named}`;
    if (this.#rules.has(name)) throw new Error(`There is a fault "${name}" already.`);
    checkConnectionRule(rule, 'fault rule', '');
    this.#rules.set(name, { rule: { ...rule, name }, seen: 0, hits: 0, since: undefined });
    return name;
  }

  list(): readonly ActiveFault[] {
    return [...this.#rules.values()].map(({ rule, seen, hits }) => ({ ...rule, seen, hits }));
  }

  remove(name: string): boolean {
    return this.#rules.delete(name);
  }

  clear(): void {
    this.#rules.clear();
  }

  /** The rules that strike a request, in the order they were added; counts it. */
  strike(subject: FaultSubject, random: Random, now: number): readonly Strike[] {
    const strikes: Strike[] = [];
    for (const counted of this.#rules.values()) {
      const { when, then, name } = counted.rule;
      if (then.type === 'tls' || !fits(when, subject) || !counts(counted, random, now)) continue;
      strikes.push({ name, action: then });
    }
    return strikes;
  }

  /** What is wrong with a connection that is being opened; counts it. */
  strikeConnection(random: Random, now: number): TlsFlaw | undefined {
    let flaw: TlsFlaw | undefined;
    for (const counted of this.#rules.values()) {
      const { then } = counted.rule;
      if (then.type === 'tls' && counts(counted, random, now)) flaw ??= then.how;
    }
    return flaw;
  }
}
