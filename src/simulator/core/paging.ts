import type { Entry, Stored } from './entry.ts';
import { sortEntries } from './ordering.ts';
import { Refusal, unexpectedArgument } from './refusal.ts';
import type { ResourceRequest } from './request.ts';

const GREATEST_PAGE = 10_000;
const EXPIRY = 'start.expires';

interface Page {
  readonly entries: readonly Entry[];
  readonly next: string | undefined;
}

/** The page that the request asks for, and the link to the one after it. */
export const paginate = (request: ResourceRequest, matching: readonly Entry[]): Page => {
  const { query, world } = request;
  checkExpiry(request);
  const size = Math.min(query.maxRecords ?? GREATEST_PAGE, request.paging.size ?? GREATEST_PAGE, GREATEST_PAGE);
  const counted = query.orderBy !== undefined || query.start.has('offset');
  const sorted =
    query.orderBy === undefined
      ? matching
      : sortEntries(matching, request.world.schema(request.resource.kind), query.orderBy, world);
  const from = counted ? Number(query.start.get('offset') ?? query.offset) : startOf(request, sorted);
  const entries = sorted.slice(from, from + size);
  const last = entries.at(-1);
  if (!last || (from + size >= sorted.length && request.paging.trailing !== true)) return { entries, next: undefined };
  return {
    entries,
    next: counted ? nextLink(request, [['start.offset', String(from + size)]]) : linkAfter(request, last),
  };
};

/** The link to what comes after a record in the collection's own order. */
export const linkAfter = (request: ResourceRequest, last: Entry): string =>
  nextLink(request, tokenFor(request.resource.order ?? request.resource.keys, last));

/** Refuses a page whose link has lost its validity, as a fault wanted it. */
const checkExpiry = ({ query, world }: ResourceRequest) => {
  const expires = query.start.get('expires');
  if (expires !== undefined && world.clock.now() >= Number(expires))
    throw new Refusal(400, 262185, 'The page is not available any more; start again with the first one.', EXPIRY);
};

const tokenFor = (order: readonly string[], last: Entry): readonly (readonly string[])[] => {
  const parts = order.map((field) => [`start.${field}`, String(last[field] ?? '')]);
  return order[0] === 'uuid' ? parts : [...parts, ['start.key', last.$id]];
};

const nextLink = ({ query, paging }: ResourceRequest, position: readonly (readonly string[])[]): string => {
  const token = paging.expires === undefined ? position : [...position, [EXPIRY, String(paging.expires)]];
  const kept = query.pairs.filter(([name]) => !name.startsWith('start.') && name !== 'offset');
  return `${query.path}?${[...token, ...kept].map(([name = '', value = '']) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&')}`;
};

/** Where a page begins: after the record that the token names, whether or not it is still there. */
const startOf = ({ query, world, resource }: ResourceRequest, sorted: readonly Entry[]): number => {
  if (query.start.size === 0) return query.offset;
  const order = resource.order ?? resource.keys;
  const marker: Record<string, Stored> & { $id: string } = {
    $id: query.start.get('key') ?? query.start.get('uuid') ?? '',
  };
  for (const field of order) {
    const value = query.start.get(field);
    if (value === undefined) throw unexpectedArgument(`start.${[...query.start.keys()][0] ?? ''}`);
    const sample = sorted[0]?.[field];
    marker[field] = typeof sample === 'number' ? Number(value) : value;
  }
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const there = sorted[middle];
    if (there && world.store.compare(resource.kind, there, marker) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
};
