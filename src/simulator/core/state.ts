import * as v from 'valibot';
import { isObject, type Entry, type Stored } from './entry.ts';
import type { ClockState } from './clock.ts';
import type { World } from './world.ts';

/** The whole state of a simulator as text. Equal states give equal text. */

const FORMAT = 1;
/** Records that become one piece of the text. */
const TOGETHER = 20;

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

/** A value of a text as it is kept; `where` says in which record and member it is. */
const unpacked = (value: unknown, where: string): Stored => {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (Array.isArray(value)) return value.map((each) => unpacked(each, where));
  if (!isObject(value)) throw new Error(`${where}: there are no null values`);
  if (typeof value['$bigint'] === 'string') return BigInt(value['$bigint']);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, unpacked(inner, where)]));
};

const member = (name: string, value: unknown): string => `"${name}":${JSON.stringify(packed(value))}`;

type Table = readonly [kind: string, entries: readonly Entry[]];

const tableTexts = function* (tables: readonly Table[]): Generator<string> {
  for (const [index, [kind, entries]] of tables.entries()) {
    yield `${index === 0 ? '' : '],'}${JSON.stringify(kind)}:[`;
    for (let from = 0; from < entries.length; from += TOGETHER) {
      const text = JSON.stringify(entries.slice(from, from + TOGETHER).map(packed)).slice(1, -1);
      yield from === 0 ? text : `,${text}`;
    }
  }
  yield ']';
};

const joined = function* (head: string, tables: readonly Table[], tail: string): Generator<string> {
  yield head;
  yield* tableTexts(tables);
  yield tail;
};

/**
 * The pieces of one text, which is made as they are taken and is of this moment all the same: records never change in
 * place. Members are in the order of their names, as they are inside records.
 */
export const saveState = (world: World, seed: number): Iterable<string> => {
  const clock = world.clock.state();
  const hidden = [...world.hidden].sort(([a], [b]) => (a < b ? -1 : 1));
  const members = [
    member('format', FORMAT),
    ...(clock.frozenAt === undefined ? [] : [member('frozenAt', clock.frozenAt)]),
    member('hidden', hidden),
    member('random', world.random.positions()),
    ...(clock.running === undefined ? [] : [member('running', clock.running)]),
    member('seed', seed),
  ];
  const kinds = world.store.kinds().toSorted();
  const tables = kinds.map((kind): Table => [kind, [...world.store.all(kind)]]);
  return joined(`{${members.join(',')},"tables":{`, tables, `},${member('topology', world.topology)}}\n`);
};

const savedState = v.object({
  format: v.literal(FORMAT),
  seed: v.number(),
  frozenAt: v.optional(v.number()),
  running: v.optional(v.object({ now: v.number(), speed: v.pipe(v.number(), v.gtValue(0)) })),
  topology: v.unknown(),
  random: v.record(v.string(), v.number()),
  hidden: v.array(v.tuple([v.string(), v.number()])),
  // The many records are looked at one by one, as they are read.
  tables: v.record(v.string(), v.custom<readonly unknown[]>(Array.isArray, 'must be a list of records')),
});

/** Whether a value of a text is kept as it is: it holds no long integers, which are written in another form. */
const isPlain = (value: unknown): value is Stored => {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return true;
  if (Array.isArray(value)) return value.every(isPlain);
  return isObject(value) && !('$bigint' in value) && Object.values(value).every(isPlain);
};

const isPlainEntry = (record: unknown): record is Entry =>
  isObject(record) && typeof record['$id'] === 'string' && isPlain(record);

const readEntry = (record: unknown, kind: string): Entry => {
  // Nearly all: a copy of each would take as much memory again.
  if (isPlainEntry(record)) return record;
  if (!isObject(record) || typeof record['$id'] !== 'string')
    throw new Error(`This is not a saved state of the simulator: tables.${kind}: a record has no $id`);
  const values: Record<string, Stored> = {};
  for (const key of Object.keys(record))
    values[key] = unpacked(record[key], `tables.${kind}: ${record['$id']}: ${key}`);
  return { ...values, $id: record['$id'] };
};

/** Throws an Error that says what is wrong with the text. */
export const readState = (text: string): SavedState => {
  const value: unknown = JSON.parse(text);
  const format = isObject(value) ? value['format'] : undefined;
  if (typeof format === 'number' && format > FORMAT)
    throw new Error(`This state was saved by a newer simulator: its format is ${format}, and ${FORMAT} is read here`);
  const parsed = v.safeParse(savedState, value);
  if (!parsed.success) {
    const issue = parsed.issues[0];
    throw new Error(`This is not a saved state of the simulator: ${v.getDotPath(issue) ?? 'it'}: ${issue.message}`);
  }
  const { frozenAt, running, tables, ...output } = parsed.output;
  return {
    ...output,
    clock: { frozenAt, running },
    tables: Object.fromEntries(
      Object.entries(tables).map(([kind, records]) => [kind, records.map((record) => readEntry(record, kind))]),
    ),
  };
};
