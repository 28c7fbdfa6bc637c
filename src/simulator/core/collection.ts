import type { Entry, Stored } from './entry.ts';
import { selectFields, type Selection } from './fields.ts';
import { keepsElement, keepsValue, matches, parseFilter, type Filter } from './filter.ts';
import {
  findDerived,
  findInstance,
  findMatching,
  ownParameters,
  parentsOf,
  parseFilters,
  schemaOf,
} from './finding.ts';
import { LONG, LongList } from './long-list.ts';
import { paginate } from './paging.ts';
import { noEntry, Refusal } from './refusal.ts';
import { linksOf, planRender, renderRecord, type RenderPlan } from './render.ts';
import type { Answer, ResourceRequest } from './request.ts';
import type { Schema, SchemaNode } from './schema.ts';
import { zoneOf } from './zone.ts';

export const readInstance = (request: ResourceRequest): Answer => {
  const { world, resource, query } = request;
  for (const name of query.rest.keys())
    if (!schemaOf(request).parameters.get.includes(name))
      parseFilter(schemaOf(request), name, query.rest.get(name) ?? '');
  const entry = findDerived(request) ?? findInstance(request);
  if (resource.hides?.(entry, world, ownParameters(request, 'get')) === true)
    throw resource.absent?.(request.method) ?? noEntry(resource.keys.at(-1));
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

/** The records of a collection that are wanted, a page of them. */
export const answerPage = (
  request: ResourceRequest,
  filters: readonly Filter[],
  matching: readonly Entry[],
): Answer => {
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
