import * as v from 'valibot';
import { isObject, type Entry, type Stored } from './entry.ts';
import type { ClockState } from './clock.ts';
import type { World } from './world.ts';

/** The whole state of a simulator as text. Equal states give equal text. */

const FORMAT = 1;

export interface SavedState {
  readonly seed: number;
  readonly clock: ClockState;
  readonly topology: unknown;
  readonly random: Readonly<Record<string, number>>;
  readonly hidden: readonly (readonly [string, number])[];
  readonly tables: Readonly<Record<string, readonly Entry[]>>;
}

const packed = (value: unknown): unknown => {
  if (typeof value === 'bigint') return { $bigint: String(value) };
  if (Array.isArray(value)) return value.map(packed);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .filter((key) => value[key] !== undefined)
      .map((key) => [key, packed(value[key])]),
  );
};

const unpacked = (value: unknown): Stored => {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (Array.isArray(value)) return value.map(unpacked);
  if (!isObject(value)) throw new Error('A saved state holds no null values.');
  if (typeof value['$bigint'] === 'string') return BigInt(value['$bigint']);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, unpacked(inner)]));
};

export const saveState = (world: World, seed: number): string => {
  const tables = Object.fromEntries(world.store.kinds().map((kind) => [kind, world.store.all(kind)]));
  const hidden = [...world.hidden].sort(([a], [b]) => (a < b ? -1 : 1));
  return `${JSON.stringify(packed({ format: FORMAT, seed, ...world.clock.state(), topology: world.topology, random: world.random.positions(), hidden, tables }))}\n`;
};

const savedState = v.object({
  format: v.literal(FORMAT),
  seed: v.number(),
  frozenAt: v.optional(v.number()),
  running: v.optional(v.object({ now: v.number(), speed: v.pipe(v.number(), v.gtValue(0)) })),
  topology: v.unknown(),
  random: v.record(v.string(), v.number()),
  hidden: v.array(v.tuple([v.string(), v.number()])),
  tables: v.record(v.string(), v.array(v.looseObject({ $id: v.string() }))),
});

/** Throws an Error that says what is wrong with the text. */
export const readState = (text: string): SavedState => {
  const parsed = v.safeParse(savedState, JSON.parse(text));
  if (!parsed.success) {
    const issue = parsed.issues[0];
    throw new Error(`This is not a saved state of the simulator: ${v.getDotPath(issue) ?? 'it'}: ${issue.message}`);
  }
  const { output } = parsed;
  const entry = (record: { readonly $id: string }): Entry => {
    const values = Object.fromEntries(Object.entries(record).map(([key, value]) => [key, unpacked(value)]));
    return { ...values, $id: record.$id };
  };
  return {
    ...output,
    clock: { frozenAt: output.frozenAt, running: output.running },
    tables: Object.fromEntries(Object.entries(output.tables).map(([kind, records]) => [kind, records.map(entry)])),
  };
};
