import type { Resource } from './declaration.ts';
import type { Entry } from './entry.ts';
import { matches, parseFilter, type Filter } from './filter.ts';
import { noEntry } from './refusal.ts';
import type { ResourceRequest } from './request.ts';
import type { SchemaNode } from './schema.ts';
import { matcherOf } from './search.ts';

/** Which records a request is about: what its path names, and what its query leaves of them. */

/** The endpoint's own parameters among those of a request; the others are filters. */
export const ownParameters = (
  request: ResourceRequest,
  verb: 'get' | 'create' | 'modify' | 'remove',
): Readonly<Record<string, string>> => {
  const names = schemaOf(request).parameters[verb];
  return Object.fromEntries([...request.query.rest].filter(([name]) => names.includes(name)));
};

export const schemaOf = ({ world, resource }: ResourceRequest) => world.schema(resource.kind);

/** Filters of the query, without the endpoint's own parameters. */
export const parseFilters = (request: ResourceRequest, verb: 'get' | 'modify' | 'remove'): readonly Filter[] => {
  const names = schemaOf(request).parameters[verb];
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
  if (own) return checkVisible(request, own);
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

/** Parents that the caller may not see are not there for it. */
const checkVisible = (request: ResourceRequest, parents: Readonly<Record<string, string>>) => {
  const { world, resource } = request;
  for (const [field, id] of Object.entries(parents)) {
    const kind = resource.fields[field]?.to ?? '';
    if (!isVisible(request, kind, world.store.get(kind, id))) throw resource.noParent?.(id) ?? noEntry();
  }
  return parents;
};

/** `within`: the SVM that the path has named before. */
const findParent = (
  request: ResourceRequest,
  kind: string,
  member: string,
  given: string,
  within: string | undefined,
): string => {
  const { world, resource } = request;
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
  if (!parent || !isVisible(request, kind, parent)) throw resource.noParent?.(given) ?? noEntry();
  return parent.$id;
};

const isSameKey = (resource: Resource, value: string, given: string): boolean =>
  value === given || (resource.ignoresCase === true && value.toLowerCase() === given.toLowerCase());

const isVisible = ({ world, svm }: ResourceRequest, kind: string, entry: Entry): boolean =>
  (svm === undefined || (world.svmOf(kind, entry) ?? svm) === svm) && !world.isHidden(kind, entry.$id);

/** The record that an instance path addresses; 404 code 4 when there is none that the caller may see. */
export const findInstance = (request: ResourceRequest): Entry => {
  const { world, resource } = request;
  const parents = Object.entries(parentsOf(request));
  if (resource.singleton) {
    const only = world.store.all(resource.kind).find((entry) => parents.every(([field, id]) => entry[field] === id));
    if (!only) throw noEntry();
    return only;
  }
  const nodes = resource.keys.map((key) => ({ key, node: schemaOf(request).find(key) }));
  const found = candidates(request, parents).find(
    (entry) =>
      parents.every(([field, id]) => entry[field] === id) &&
      nodes.every(
        ({ key, node }) => node && isSameKey(resource, String(node.get(entry, world)), request.path[key] ?? ''),
      ),
  );
  if (!found || !isVisible(request, resource.kind, found))
    throw resource.absent?.(request.method) ?? noEntry(resource.keys.at(-1));
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
export const findDerived = (request: ResourceRequest): Entry | undefined => {
  const { world, resource, path } = request;
  if (!resource.derived) return undefined;
  const derived = resource.derived(ownParameters(request, 'get'), world, request.query.rest, parentsOf(request));
  return derived?.find(
    (entry) =>
      isVisible(request, resource.kind, entry) && resource.keys.every((key) => String(entry[key]) === path[key]),
  );
};

/** Records that the collection would list for the request, before sorting and paging. */
export const findMatching = (
  request: ResourceRequest,
  filters: readonly Filter[],
  verb: 'get' | 'modify' | 'remove',
): readonly Entry[] => {
  const { world, resource, query } = request;
  const named = parentsOf(request);
  const parents = Object.entries(named);
  const parameters = ownParameters(request, verb);
  const derived = verb === 'get' ? resource.derived?.(parameters, world, query.rest, named) : undefined;
  const searched = query.search && matcherOf(query.search, schemaOf(request), world);
  return (derived ?? preselect(request, parents, filters)).filter(
    (entry) =>
      parents.every(([field, id]) => entry[field] === id) &&
      isVisible(request, resource.kind, entry) &&
      resource.hides?.(entry, world, parameters) !== true &&
      matches(filters, entry, world) &&
      searched?.(entry) !== false,
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
