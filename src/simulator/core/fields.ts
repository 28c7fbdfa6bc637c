import { invalidValue, Refusal } from './refusal.ts';
import type { Schema, SchemaNode } from './schema.ts';

/** The leaves that an answer shows. */
export type Selection = ReadonlySet<SchemaNode>;

/** Splits at commas outside braces and expands `b.{c,d}`. */
const expandFieldList = (text: string): readonly string[] => {
  const names: string[] = [];
  let depth = 0;
  let current = '';
  for (const character of text) {
    if (character === '{') depth += 1;
    if (character === '}') depth -= 1;
    if (depth < 0) throw new Refusal(400, 262286, 'The braces in "fields" are not balanced.', 'fields');
    if (character === ',' && depth === 0) {
      names.push(...expandBraces(current));
      current = '';
    } else current += character;
  }
  if (depth !== 0) throw new Refusal(400, 262286, 'The braces in "fields" are not balanced.', 'fields');
  return [...names, ...expandBraces(current)].map((name) => name.trim()).filter((name) => name !== '');
};

const expandBraces = (name: string): readonly string[] => {
  const open = name.indexOf('{');
  if (open < 0) return [name];
  const close = name.lastIndexOf('}');
  const negated = name.startsWith('!') ? '!' : '';
  const prefix = name.slice(negated.length, open);
  return expandFieldList(name.slice(open + 1, close)).map(
    (inner) => `${negated}${prefix}${inner}${name.slice(close + 1)}`,
  );
};

const leavesBelow = (node: SchemaNode): readonly SchemaNode[] =>
  node.children.size === 0 ? [node] : [...node.children.values()].flatMap(leavesBelow);

const readable = (node: SchemaNode): boolean => node.field?.secret !== true;

/** Key fields, and every field that a filter is on. */
const always = (schema: Schema, filtered: readonly SchemaNode[]): SchemaNode[] => [
  ...schema.leaves.filter((leaf) => leaf.key && !leaf.expensive && leaf.list === undefined),
  ...filtered.flatMap(leavesBelow).filter(readable),
];

/**
 * What `fields` chooses. Without it a collection shows its keys, an instance everything that is not expensive. A named
 * object brings all that is below it; unknown names are refused unless the request says to ignore them.
 */
export const selectFields = (
  schema: Schema,
  request: { readonly fields: string | undefined; readonly ignoreUnknownFields: boolean },
  scope: 'collection' | 'instance',
  filtered: readonly SchemaNode[],
): Selection => {
  const names = request.fields === undefined ? (scope === 'instance' ? ['*'] : []) : expandFieldList(request.fields);
  const { chosen, excluded } = chooseLeaves(schema, names, (name) => {
    if (!request.ignoreUnknownFields) throw invalidValue(name, 'fields', 'field,...');
  });
  const selected = new Set<SchemaNode>([...always(schema, filtered), ...chosen]);
  for (const leaf of excluded) if (!leaf.key) selected.delete(leaf);
  return selected;
};

/** The leaves that names choose, and those that names with a `!` exclude. */
export const chooseLeaves = (schema: Schema, names: readonly string[], unknown: (name: string) => void) => {
  const chosen = new Set<SchemaNode>();
  const excluded = new Set<SchemaNode>();
  for (const name of names) {
    if (name === '*' || name === '**') {
      for (const leaf of schema.leaves) if (readable(leaf) && (name === '**' || !leaf.expensive)) chosen.add(leaf);
      continue;
    }
    const negated = name.startsWith('!');
    // `root.*` is all that is below `root`.
    const node = schema.find((negated ? name.slice(1) : name).replace(/\.\*{1,2}$/, ''));
    if (node) for (const leaf of leavesBelow(node)) if (readable(leaf)) (negated ? excluded : chosen).add(leaf);
    if (!node) unknown(name);
  }
  return { chosen, excluded };
};
