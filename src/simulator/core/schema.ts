import type { Field, Fields, Resource, Verb } from './declaration.ts';
import { isStoredList, isStoredObject, type Entry, type Stored, type StoredObject } from './entry.ts';
import type { World } from './world.ts';

/** Element of a list of references, as the nodes below it see it. */
const REFERENCE = '$ref';

/** One level of a resource's field tree: a group, or a field; references and lists have nodes below them. */
export interface SchemaNode {
  readonly name: string;
  readonly path: string;
  readonly children: Map<string, SchemaNode>;
  readonly field: Field | undefined;
  /** The nearest list this node is inside of. */
  readonly list: SchemaNode | undefined;
  readonly expensive: boolean;
  readonly key: boolean;
  /** Value in a record, or in an element of `list`. */
  get(holder: StoredObject, world: World): Stored | undefined;
}

export interface Schema {
  readonly resource: Resource;
  readonly root: SchemaNode;
  /** Nodes without children. */
  readonly leaves: readonly SchemaNode[];
  /** Names of the endpoint's own parameters. */
  readonly parameters: Readonly<Record<Verb, readonly string[]>>;
  find(path: string): SchemaNode | undefined;
}

/** Versions compare by number: 9.9.1 is before 9.10.1. */
const isAtLeast = (version: string, wanted: string): boolean => {
  const have = version.split('.').map(Number);
  const want = wanted.split('.').map(Number);
  for (let index = 0; index < 3; index++) {
    const difference = (have[index] ?? 0) - (want[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
};

type Gate = { readonly since?: string; readonly personalities?: readonly string[] };

/** Whether this release and kind of system has the field or resource. */
export const isOffered = (gate: Gate, version: string, personality: string): boolean =>
  (gate.since === undefined || isAtLeast(version, gate.since)) &&
  (gate.personalities === undefined || gate.personalities.includes(personality));

const isEntry = (holder: StoredObject): holder is Entry => typeof holder['$id'] === 'string';

const readField = (field: Field, path: string) => (holder: StoredObject, world: World) => {
  if (field.compute && isEntry(holder)) return field.compute(holder, world);
  return holder[path];
};

const readReference =
  (to: string, reference: (holder: StoredObject, world: World) => Stored | undefined, child: string) =>
  (holder: StoredObject, world: World) => {
    const id = reference(holder, world);
    return typeof id === 'string' ? world.store.find(to, id)?.[child] : undefined;
  };

/** Members of the record referred to that a reference shows. */
export const referenceChildren = (field: Field): readonly string[] => field.children ?? ['name', 'uuid'];

const group = (name: string, path: string, list: SchemaNode | undefined): SchemaNode => ({
  name,
  path,
  list,
  children: new Map(),
  field: undefined,
  expensive: false,
  key: false,
  get: () => undefined,
});

/** The group node at the end of the segments; makes those that are missing. */
const descend = (
  from: SchemaNode,
  segments: readonly string[],
  prefix: string,
  list: SchemaNode | undefined,
): SchemaNode => {
  let node = from;
  for (const [depth, segment] of segments.entries()) {
    const next = node.children.get(segment) ?? group(segment, prefix + segments.slice(0, depth + 1).join('.'), list);
    node.children.set(segment, next);
    node = next;
  }
  return node;
};

const addFields = (
  root: SchemaNode,
  fields: Fields,
  prefix: string,
  list: SchemaNode | undefined,
  expensive: boolean,
) => {
  for (const [path, field] of Object.entries(fields)) {
    const segments = path.split('.');
    const name = segments.pop() ?? path;
    const parent = descend(root, segments, prefix, list);
    const hidden = expensive || field.expensive === true;
    const node = fieldNode(name, path, prefix + path, field, list, hidden);
    parent.children.set(name, parent.field?.kind === 'refs' ? ofEach(parent, node, field) : node);
  }
};

/** A field that is computed from each of the records that a list refers to. */
const ofEach = (list: SchemaNode, node: SchemaNode, field: Field): SchemaNode => ({
  ...node,
  list,
  get: (holder, world) => {
    const id = holder[REFERENCE];
    const entry = typeof id === 'string' ? world.store.find(list.field?.to ?? '', id) : undefined;
    return entry && field.compute?.(entry, world);
  },
});

const fieldNode = (
  name: string,
  local: string,
  path: string,
  field: Field,
  list: SchemaNode | undefined,
  expensive: boolean,
): SchemaNode => {
  const get = readField(field, local);
  const node: SchemaNode = { name, path, field, list, expensive, key: field.key === true, children: new Map(), get };
  if (field.kind === 'ref' || field.kind === 'refs') {
    const many = field.kind === 'refs';
    for (const child of referenceChildren(field)) {
      const segments = child.split('.');
      const last = segments.pop() ?? child;
      const below = many ? node : list;
      const parent = descend(node, segments, `${path}.`, below);
      parent.children.set(last, {
        name: last,
        path: `${path}.${child}`,
        field: { kind: child === 'id' ? 'integer' : 'string', ...(field.secret ? { secret: true } : {}) },
        children: new Map(),
        list: below,
        expensive: expensive || field.expensiveChildren?.includes(child) === true,
        key: node.key,
        get: readReference(field.to ?? '', many ? (holder) => holder[REFERENCE] : get, child),
      });
    }
  }
  if (field.kind === 'objects') addFields(node, field.of ?? {}, `${path}.`, node, expensive);
  return node;
};

const collectLeaves = (node: SchemaNode, into: SchemaNode[]) => {
  if (node.children.size === 0) into.push(node);
  for (const child of node.children.values()) collectLeaves(child, into);
};

/** Compiles a declaration for one release and kind of system; fields that it does not offer are not there. */
export const compileSchema = (resource: Resource, version: string, personality: string): Schema => {
  const root = group('', '', undefined);
  addFields(root, offeredOf(resource.fields, version, personality), '', undefined, false);
  const leaves: SchemaNode[] = [];
  collectLeaves(root, leaves);
  const step = (path: string) => {
    let node: SchemaNode | undefined = root;
    for (const segment of path.split('.')) {
      // What the simulator does not look into stands for all that ONTAP has below it.
      if (node?.field?.kind === 'opaque') break;
      node = node?.children.get(segment) ?? node?.children.get(segment.replaceAll('-', '_'));
    }
    return node === root ? undefined : node;
  };
  const named = (verb: Verb) =>
    (resource.parameters?.[verb] ?? [])
      .filter((each) => typeof each === 'string' || isOffered(each, version, personality))
      .map((each) => (typeof each === 'string' ? each : each.name));
  const parameters = {
    get: named('get'),
    create: named('create'),
    modify: named('modify'),
    remove: named('remove'),
  };
  return { resource, root, leaves, parameters, find: step };
};

/** The fields that a release and kind of system has, those of elements of lists too. */
const offeredOf = (fields: Fields, version: string, personality: string): Fields =>
  Object.fromEntries(
    Object.entries(fields)
      .filter(([, field]) => isOffered(field, version, personality))
      .map(([path, field]) => [
        path,
        field.of === undefined ? field : { ...field, of: offeredOf(field.of, version, personality) },
      ]),
  );

/** The elements of a list field, each as something the nodes below can read. */
export const elementsOf = (list: SchemaNode, holder: StoredObject, world: World): readonly StoredObject[] => {
  const value = list.get(holder, world);
  if (value === undefined || !isStoredList(value)) return [];
  return value.map((item) => (isStoredObject(item) ? item : { [REFERENCE]: item }));
};

/** All values of a node in a record: none when unset, several inside lists. */
export const valuesOf = (node: SchemaNode, holder: StoredObject, world: World): readonly Stored[] => {
  const holders = node.list ? holdersIn(node.list, holder, world) : [holder];
  const values: Stored[] = [];
  for (const each of holders) {
    const value = node.get(each, world);
    if (value === undefined) continue;
    if (isStoredList(value)) values.push(...value);
    else values.push(value);
  }
  return values;
};

/** Elements of a list that may itself lie in a list. */
const holdersIn = (list: SchemaNode, holder: StoredObject, world: World): readonly StoredObject[] => {
  const outer = list.list ? holdersIn(list.list, holder, world) : [holder];
  return outer.flatMap((each) => elementsOf(list, each, world));
};
