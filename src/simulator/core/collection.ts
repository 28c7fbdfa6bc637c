import type { Resource } from './declaration.ts';
import { type Entry, type Stored } from './entry.ts';
import { selectFields, type Selection } from './fields.ts';
import { keepsElement, keepsValue, matches, parseFilter, type Filter } from './filter.ts';
import { LONG, LongList } from './long-list.ts';
import { paginate } from './paging.ts';
import { noEntry, Refusal } from './refusal.ts';
import { linksOf, planRender, renderRecord, type RenderPlan } from './render.ts';
import type { Answer, ResourceRequest } from './request.ts';
import { searchMatches } from './search.ts';
import type { Schema, SchemaNode } from './schema.ts';
import { zoneOf } from './zone.ts';

/** The endpoint's own parameters among those of a request; the others are filters. */
export const ownParameters = (
  request: ResourceRequest,
  verb: 'get' | 'create' | 'modify' | 'remove',
): Readonly<Record<string, string>> => {
  const names = request.resource.parameters?.[verb] ?? [];
  return Object.fromEntries([...request.query.rest].filter(([name]) => names.includes(name)));
};

const schemaOf = ({ world, resource }: ResourceRequest) => world.schema(resource.kind);

/** Filters of the query, without the endpoint's own parameters. */
export const parseFilters = (request: ResourceRequest, verb: 'get' | 'modify' | 'remove'): readonly Filter[] => {
  const names = request.resource.parameters?.[verb] ?? [];
  const ignoresEmpty = verb === 'get' && request.resource.ignoresEmptyFilters === true;
  return [...request.query.rest]
    .filter(([name, value]) => !names.includes(name) && !(ignoresEmpty && value === ''))
    .map(([name, value]) =>
      parseFilter(schemaOf(request), name, request.resource.commasSeparate ? value.replaceAll(/,\s*/g, '|') : value),
    );
};

/** Keys of the parents that the path names, by the field that holds them. `*` stands for all parents. */
export const parentsOf = (request: ResourceRequest): Readonly<Record<string, string>> => {
  const own = request.resource.parents?.(request.path, request.world);
  if (own) return own;
  const parents: Record<string, string> = {};
  for (const [, name = ''] of request.resource.path.matchAll(/\{([^}]+)\}/g)) {
    const given = request.path[name] ?? '';
    const at = name.lastIndexOf('.');
    const field = request.resource.fields[name.slice(0, at)];
    if (given === '*' || !field?.to) continue;
    parents[name.slice(0, at)] = findParent(request, field.to, name.slice(at + 1), given, parents['svm']);
  }
  request.resource.checkParents?.(parents, request.world);
  return parents;
};

/** `within`: the SVM that the path has named before. */
const findParent = (
  { world, resource, svm }: ResourceRequest,
  kind: string,
  member: string,
  given: string,
  within: string | undefined,
): string => {
  const direct = world.store.find(kind, given);
  const parent =
    direct && String(direct[member]) === given
      ? direct
      : world.store
          .all(kind)
          .find(
            (entry) =>
              isSameKey(world.resource(kind), String(entry[member]), given) &&
              (within === undefined || entry['svm'] === undefined || entry['svm'] === within),
          );
  const visible = parent && (svm === undefined || (world.svmOf(kind, parent) ?? svm) === svm);
  if (!parent || !visible || world.isHidden(kind, parent.$id)) throw resource.noParent?.(given) ?? noEntry();
  return parent.$id;
};

const isSameKey = (resource: Resource, value: string, given: string): boolean =>
  value === given || (resource.ignoresCase === true && value.toLowerCase() === given.toLowerCase());

const isVisible = ({ world, resource, svm }: ResourceRequest, entry: Entry): boolean =>
  (svm === undefined || (world.svmOf(resource.kind, entry) ?? svm) === svm) &&
  !world.isHidden(resource.kind, entry.$id);

/** The record that an instance path addresses; 404 code 4 when there is none that the caller may see. */
export const findInstance = (request: ResourceRequest): Entry => {
  const { world, resource } = request;
  if (resource.singleton) {
    const only = world.store.all(resource.kind)[0];
    if (!only) throw noEntry();
    return only;
  }
  const parents = Object.entries(parentsOf(request));
  const nodes = resource.keys.map((key) => ({ key, node: schemaOf(request).find(key) }));
  const found = candidates(request, parents).find(
    (entry) =>
      parents.every(([field, id]) => entry[field] === id) &&
      nodes.every(
        ({ key, node }) => node && isSameKey(resource, String(node.get(entry, world)), request.path[key] ?? ''),
      ),
  );
  if (!found || !isVisible(request, found)) throw resource.absent?.() ?? noEntry(resource.keys.at(-1));
  return found;
};

const candidates = (
  { world, resource, path }: ResourceRequest,
  parents: readonly (readonly [string, string])[],
): readonly Entry[] => {
  const direct = world.store.find(resource.kind, path[resource.keys[0] ?? '']);
  if (direct) return [direct];
  const [parent] = parents;
  if (parent && world.store.hasIndex(resource.kind, parent[0]))
    return world.store.by(resource.kind, parent[0], parent[1]);
  // A path such as `/{lun.uuid}/{igroup.uuid}` names the records that the record refers to.
  for (const key of resource.keys) {
    const reference = key.endsWith('.uuid') ? key.slice(0, -'.uuid'.length) : undefined;
    const given = path[key];
    if (reference !== undefined && given !== undefined && world.store.hasIndex(resource.kind, reference))
      return world.store.by(resource.kind, reference, given);
  }
  return world.store.all(resource.kind);
};

/** A record that is in no store, where the request asks for one. */
const findDerived = (request: ResourceRequest): Entry | undefined => {
  const { world, resource, path } = request;
  const derived = resource.derived?.(ownParameters(request, 'get'), world, request.query.rest) ?? [];
  return derived.find(
    (entry) => isVisible(request, entry) && resource.keys.every((key) => String(entry[key]) === path[key]),
  );
};

export const readInstance = (request: ResourceRequest): Answer => {
  const { world, resource, query } = request;
  for (const name of query.rest.keys())
    if (!resource.parameters?.get?.includes(name)) parseFilter(schemaOf(request), name, query.rest.get(name) ?? '');
  const entry = findDerived(request) ?? findInstance(request);
  if (resource.hides?.(entry, world, ownParameters(request, 'get')) === true)
    throw resource.absent?.() ?? noEntry(resource.keys.at(-1));
  resource.beforeRead?.(entry, world);
  const current = world.store.find(resource.kind, entry.$id) ?? entry;
  return { status: 200, body: renderInstance(request, current, query.received) };
};

/** Without the fields that are kept from a request that is scoped to an SVM. */
const inSight = ({ resource: { svmFields }, svm }: ResourceRequest, selection: Selection): Selection =>
  svm === undefined || svmFields === undefined
    ? selection
    : new Set([...selection].filter(({ path }) => svmFields.includes(path.split('.')[0] ?? '')));

const renderInstance = (request: ResourceRequest, entry: Entry, href: string) => {
  const { world, query, links, resource } = request;
  if (resource.passthrough) refuseStar(query.fields);
  const selection = selectFields(schemaOf(request), query, 'instance', []);
  const plan = planRender(schemaOf(request), inSight(request, selection));
  const record = renderRecord(plan, entry, { world, links, keeps: undefined, zone: zoneOf(world) });
  if (links) record['_links'] = { ...linksOf(resource.kind, entry, world), self: { href } };
  return record;
};

/** Records that the collection would list for the request, before sorting and paging. */
export const findMatching = (
  request: ResourceRequest,
  filters: readonly Filter[],
  verb: 'get' | 'modify' | 'remove',
): readonly Entry[] => {
  const { world, resource, query } = request;
  const parents = Object.entries(parentsOf(request));
  const parameters = ownParameters(request, verb);
  const derived = verb === 'get' ? resource.derived?.(parameters, world, query.rest) : undefined;
  return (derived ?? preselect(request, parents, filters)).filter(
    (entry) =>
      parents.every(([field, id]) => entry[field] === id) &&
      isVisible(request, entry) &&
      resource.hides?.(entry, world, parameters) !== true &&
      matches(filters, entry, world) &&
      (!query.search || searchMatches(query.search, schemaOf(request), entry, world)),
  );
};

/** Uses an index where a parent or an exact filter allows it. */
const preselect = (
  request: ResourceRequest,
  parents: readonly (readonly [string, string])[],
  filters: readonly Filter[],
): readonly Entry[] => {
  const { world, resource } = request;
  for (const { node, exact } of filters) {
    const found = exact && lookUp(request, node, exact);
    if (found) return found;
  }
  const [parent] = parents;
  if (parent && world.store.hasIndex(resource.kind, parent[0]))
    return world.store.by(resource.kind, parent[0], parent[1]);
  return world.store.all(resource.kind);
};

const lookUp = (
  { world, resource: { kind } }: ResourceRequest,
  node: SchemaNode,
  exact: readonly string[],
): readonly Entry[] | undefined => {
  const gather = (found: readonly Entry[]) =>
    [...new Map(found.map((entry) => [entry.$id, entry])).values()].sort((a, b) => world.store.compare(kind, a, b));
  if (node.list) return undefined;
  if (node.path === 'uuid') {
    const many = world.store.hasIndex(kind, 'uuid');
    return gather(
      exact.flatMap((id) => (many ? world.store.by(kind, 'uuid', id) : (world.store.find(kind, id) ?? []))),
    );
  }
  if (node.field?.kind === 'string' && world.store.hasIndex(kind, node.path))
    return gather(exact.flatMap((value) => world.store.by(kind, node.path, value)));
  const at = node.path.lastIndexOf('.');
  const reference = node.path.slice(0, at);
  const target = world.schema(kind).find(reference)?.field?.to;
  if (at < 0 || target === undefined || !world.store.hasIndex(kind, reference)) return undefined;
  const member = node.path.slice(at + 1);
  if (member === 'uuid') return gather(exact.flatMap((id) => world.store.by(kind, reference, id)));
  if (member !== 'name' || !world.store.hasIndex(target, 'name')) return undefined;
  return gather(
    exact
      .flatMap((name) => world.store.by(target, 'name', name))
      .flatMap((found) => world.store.by(kind, reference, found.$id)),
  );
};

/** Parents that the path leaves open (`*`): records say which one is theirs. */
const openParents = (request: ResourceRequest): readonly SchemaNode[] =>
  [...request.resource.path.matchAll(/\{([^}]+)\}/g)]
    .filter(([, name = '']) => request.path[name] === '*')
    .flatMap(([, name = '']) => schemaOf(request).find(name.slice(0, name.lastIndexOf('.'))) ?? []);

export const readCollection = (request: ResourceRequest): Answer => {
  const filters = parseFilters(request, 'get');
  return answerPage(request, filters, findMatching(request, filters, 'get'));
};

/** A path of a tree read: what is in the directory, or the one thing that is there. */
export const readTree = (request: ResourceRequest): Answer => {
  const { world, resource, path } = request;
  const filters = parseFilters(request, 'get');
  const found = resource.tree?.list(parentsOf(request), path[resource.keys[0] ?? ''] ?? '', world) ?? [];
  return answerPage(
    request,
    filters,
    found.filter((entry) => matches(filters, entry, world)),
  );
};

const answerPage = (request: ResourceRequest, filters: readonly Filter[], matching: readonly Entry[]): Answer => {
  const { query, resource, links, world } = request;
  if (resource.passthrough) refuseStar(query.fields);
  const schema = schemaOf(request);
  const page = paginate(request, matching);
  const plan = planRender(
    schema,
    selectFields(schema, query, 'collection', [...filters.map((filter) => filter.node), ...openParents(request)]),
  );
  const trims =
    filters.some(
      ({ node }) => node.list !== undefined || node.field?.kind === 'strings' || node.field?.kind === 'integers',
    ) && !query.wholeArrays;
  const options = {
    world,
    links: links && resource.passthrough !== true,
    zone: zoneOf(world),
    keeps: trims
      ? (list: SchemaNode, element: Parameters<typeof keepsElement>[2]) => keepsElement(filters, list, element, world)
      : undefined,
    ...(trims ? { keepsValue: (list: SchemaNode, value: Stored) => keepsValue(filters, list, value) } : {}),
  };
  const render = (entry: Entry) => {
    const record = renderRecord(plan, entry, options);
    if (options.links) record['_links'] = linksOf(resource.kind, entry, world);
    return record;
  };
  const records = query.returnRecords === false ? undefined : renderAll(request, page.entries, render);
  return envelope(request, records, page.entries.length, page.next);
};

/** Long pages of records that are in a table are made as the client takes them. */
const renderAll = (
  { world, resource: { kind } }: ResourceRequest,
  entries: readonly Entry[],
  render: (entry: Entry) => unknown,
): readonly unknown[] | LongList => {
  const inTable = entries.every(({ $id }) => world.store.find(kind, $id) !== undefined);
  if (entries.length <= LONG || !inTable) return entries.map(render);
  return new LongList(function* () {
    for (const { $id } of entries) {
      const current = world.store.find(kind, $id);
      if (current) yield render(current);
    }
  });
};

const refuseStar = (fields: string | undefined) => {
  if (fields?.includes('*')) throw new Refusal(400, 262220, '"fields=*" is not supported for this API.', 'fields');
};

export const envelope = (
  request: ResourceRequest,
  records: readonly unknown[] | LongList | undefined,
  count: number,
  next: string | undefined,
): Answer => {
  const { query, resource, links } = request;
  const self = links && !resource.passthrough ? { self: { href: query.received } } : {};
  const forward = next === undefined ? {} : { next: { href: next } };
  const all = { ...self, ...forward };
  return {
    status: 200,
    body: {
      ...(records ? { records } : {}),
      num_records: count,
      ...(Object.keys(all).length === 0 ? {} : { _links: all }),
    },
    ...(next === undefined ? {} : { headers: { Link: `<${next}>; rel="next"` } }),
  };
};

const plansOfChanged = new WeakMap<Schema, RenderPlan>();

/** All but secrets and what is only shown when it is asked for; made once per schema. */
const planOfChanged = (schema: Schema): RenderPlan => {
  const known = plansOfChanged.get(schema);
  if (known) return known;
  const shown = schema.leaves.filter((leaf) => leaf.field?.secret !== true && !leaf.expensive);
  const plan = planRender(schema, new Set(shown));
  plansOfChanged.set(schema, plan);
  return plan;
};

/** A record as POST and PATCH answer it when they are asked to. */
export const renderChanged = (request: ResourceRequest, entry: Entry): Record<string, unknown> => {
  const { world, resource, links } = request;
  const record = renderRecord(planOfChanged(schemaOf(request)), entry, {
    world,
    links,
    keeps: undefined,
    omitsEmpty: true,
    zone: zoneOf(world),
  });
  if (links) record['_links'] = linksOf(resource.kind, entry, world);
  return record;
};
