import type { Entry, Stored } from './entry.ts';
import { Refusal } from './refusal.ts';
import { parseTime } from './scalars.ts';
import { valuesOf, type Schema, type SchemaNode } from './schema.ts';
import type { World } from './world.ts';

interface SortKey {
  readonly node: SchemaNode;
  readonly descending: boolean;
}

const parseOrder = (schema: Schema, text: string): readonly SortKey[] =>
  text.split(',').map((part) => {
    const [path = '', direction = 'asc'] = part.trim().split(/\s+/);
    const node = schema.find(path);
    if (!node || node.children.size > 0 || !['asc', 'desc'].includes(direction.toLowerCase())) {
      throw new Refusal(400, 262268, `Field "${path}" cannot be sorted on.`, 'order_by');
    }
    return { node, descending: direction.toLowerCase() === 'desc' };
  });

type Comparable = string | number | bigint;

const comparable = (node: SchemaNode, value: Stored | undefined): Comparable | undefined => {
  if (typeof value === 'boolean') return Number(value);
  if (typeof value === 'string') return node.field?.kind === 'time' ? parseTime(value) : value;
  return typeof value === 'number' || typeof value === 'bigint' ? value : undefined;
};

/** Sorts as `order_by` says; records without a value come last, equal ones keep their order. */
export const sortEntries = (
  entries: readonly Entry[],
  schema: Schema,
  orderBy: string,
  world: World,
): readonly Entry[] => {
  const keys = parseOrder(schema, orderBy);
  const rows = entries.map((entry) => ({
    entry,
    values: keys.map(({ node }) => comparable(node, valuesOf(node, entry, world)[0])),
  }));
  rows.sort((a, b) => {
    for (const [index, { descending }] of keys.entries()) {
      const difference = compare(a.values[index], b.values[index], descending);
      if (difference !== 0) return difference;
    }
    return 0;
  });
  return rows.map(({ entry }) => entry);
};

const compare = (a: Comparable | undefined, b: Comparable | undefined, descending: boolean): number => {
  if (a === b) return 0;
  if (a === undefined) return 1;
  if (b === undefined) return -1;
  return (a < b ? -1 : 1) * (descending ? -1 : 1);
};
