import { isStoredList, isStoredObject, type Entry, type Stored, type StoredObject } from './entry.ts';
import type { Selection } from './fields.ts';
import { bigintJson } from './json.ts';
import { elementsOf, type Schema, type SchemaNode } from './schema.ts';
import type { World } from './world.ts';

/** The part of a schema that an answer shows, made once per request and walked per record. */
interface Shown {
  readonly node: SchemaNode;
  readonly children: readonly Shown[];
}

export type RenderPlan = readonly Shown[];

export interface RenderOptions {
  readonly world: World;
  /** Whether records carry `_links`. */
  readonly links: boolean;
  /** Elements of a list that are shown; undefined: all. */
  readonly keeps: ((list: SchemaNode, element: StoredObject) => boolean) | undefined;
  /** The same for lists of plain values. */
  readonly keepsValue?: (list: SchemaNode, value: Stored) => boolean;
  /** Lists without elements are left out. */
  readonly omitsEmpty?: true;
  /** Writes times, which are kept in UTC; undefined: as they are. */
  readonly zone: ((time: string) => string) | undefined;
}

export const planRender = (schema: Schema, selection: Selection): RenderPlan => prune(schema.root, selection);

const prune = (node: SchemaNode, selection: Selection): readonly Shown[] => {
  const shown: Shown[] = [];
  for (const child of node.children.values()) {
    if (child.children.size === 0) {
      if (selection.has(child)) shown.push({ node: child, children: [] });
      continue;
    }
    const children = prune(child, selection);
    if (children.length > 0) shown.push({ node: child, children });
  }
  return shown;
};

/** The record as JSON values, without its own links. */
export const renderRecord = (
  plan: RenderPlan,
  holder: StoredObject,
  options: RenderOptions,
): Record<string, unknown> => {
  const shown: Record<string, unknown> = {};
  for (const { node, children } of plan) {
    const value = renderNode(node, children, holder, options);
    if (value !== undefined) shown[node.name] = value;
  }
  return shown;
};

const renderNode = (
  node: SchemaNode,
  children: readonly Shown[],
  holder: StoredObject,
  options: RenderOptions,
): unknown => {
  const field = node.field;
  if (children.length === 0) {
    const value = node.get(holder, options.world);
    const { keepsValue, zone } = options;
    if (zone && field?.kind === 'time' && typeof value === 'string') return zone(value);
    if (options.omitsEmpty && value !== undefined && isStoredList(value) && value.length === 0) return undefined;
    return renderValue(
      keepsValue && value !== undefined && isStoredList(value) ? value.filter((item) => keepsValue(node, item)) : value,
    );
  }
  if (!field) {
    const group = renderRecord(children, holder, options);
    return Object.keys(group).length === 0 ? undefined : group;
  }
  if (field.kind === 'ref') {
    const id = node.get(holder, options.world);
    return typeof id === 'string' ? renderReference(field.to ?? '', id, children, holder, options) : undefined;
  }
  if (node.get(holder, options.world) === undefined) return undefined;
  const elements = elementsOf(node, holder, options.world)
    .filter((element) => options.keeps?.(node, element) ?? true)
    .map((element) => renderElement(node, children, element, options));
  return options.omitsEmpty && elements.length === 0 ? undefined : elements;
};

const renderElement = (node: SchemaNode, children: readonly Shown[], element: StoredObject, options: RenderOptions) => {
  const id = element['$ref'];
  return node.field?.to !== undefined && typeof id === 'string'
    ? renderReference(node.field.to, id, children, element, options)
    : renderRecord(children, element, options);
};

const renderReference = (
  kind: string,
  id: string,
  children: readonly Shown[],
  holder: StoredObject,
  options: RenderOptions,
) => {
  const reference = renderRecord(children, holder, options);
  const target = options.links ? options.world.store.find(kind, id) : undefined;
  if (target) reference['_links'] = linksOf(kind, target, options.world);
  return reference;
};

/** The links of a record: its own, and those that its resource adds. */
export const linksOf = (kind: string, entry: Entry, world: World): Record<string, { readonly href: string }> => {
  const more = Object.entries(world.resource(kind).links?.(entry, world) ?? {});
  return {
    self: { href: world.href(kind, entry) },
    ...Object.fromEntries(more.map(([name, href]) => [name, { href }])),
  };
};

const renderValue = (value: Stored | undefined): unknown => {
  if (typeof value === 'bigint') return bigintJson(value);
  if (value === undefined || typeof value !== 'object') return value;
  if (isStoredList(value)) return value.map(renderValue);
  return isStoredObject(value)
    ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, renderValue(inner)]))
    : undefined;
};
