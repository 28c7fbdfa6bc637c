import { operations } from '../../client/operations.ts';
import type { Operations } from './handler.ts';

/**
 * Routing as stock does it (gorilla/mux with strict slashes, rest-api.md §1.4): what is answered for a path that is
 * almost right is part of the interface. Our own routes are looked at last and change no answer to a stock path.
 */
export type Route =
  | { readonly type: 'operation'; readonly name: keyof Operations; readonly params: Readonly<Record<string, string>> }
  | { readonly type: 'redirect'; readonly location: string; readonly html: boolean }
  | { readonly type: 'notFound' }
  | { readonly type: 'methodNotAllowed' }
  /** The path does not decode. */
  | { readonly type: 'badRequest' };

interface Entry {
  readonly name: keyof Operations;
  readonly method: string;
  readonly segments: readonly string[];
}

const segmentsOf = (path: string): readonly string[] => path.slice(1).split('/');

const base = '/trident/v1';
const names = Object.keys(operations).filter((name): name is keyof Operations => name in operations);
const entries: readonly Entry[] = names.map((name) => ({
  name,
  method: operations[name].method,
  segments: segmentsOf(`${base}${operations[name].path}`),
}));
const firstOfOurs = entries.findIndex((entry) => entry.name === 'listBackendDetails');
const stockEntries: readonly Entry[] = [
  { name: 'getVersion', method: 'GET', segments: ['trident', 'version'] },
  ...entries.slice(0, firstOfOurs),
];
const ourEntries = entries.slice(firstOfOurs);

/** The parameters, or undefined when the path is another. A parameter takes one segment that is not empty. */
const match = (entry: Entry, segments: readonly string[]): Record<string, string> | undefined => {
  if (entry.segments.length !== segments.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, wanted] of entry.segments.entries()) {
    const given = segments[index] ?? '';
    if (wanted.startsWith('{')) {
      if (given === '') return undefined;
      params[wanted.slice(1, -1)] = given;
    } else if (wanted !== given) return undefined;
  }
  return params;
};

/** Removes empty and dot segments, as Go's path.Clean does, and keeps a slash at the end. */
const cleanPath = (path: string): string => {
  const kept: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') kept.pop();
    else if (segment !== '' && segment !== '.') kept.push(segment);
  }
  const clean = `/${kept.join('/')}`;
  return path.endsWith('/') && clean !== '/' ? `${clean}/` : clean;
};

/** A path for a Location header: percent-encoded where it has to be, slashes kept. */
const encodePath = (path: string): string => path.split('/').map(encodeURIComponent).join('/');

type Found = { readonly name: keyof Operations; readonly params: Record<string, string> };

/** A later route with the request's method clears what an earlier path match remembered; so does stock's router. */
const findStock = (method: string, segments: readonly string[]): Found | 'notFound' | 'methodNotAllowed' => {
  let mismatch = false;
  for (const entry of stockEntries) {
    const params = match(entry, segments);
    if (entry.method === method) {
      mismatch = false;
      if (params !== undefined) return { name: entry.name, params };
    } else if (params !== undefined) mismatch = true;
  }
  return mismatch ? 'methodNotAllowed' : 'notFound';
};

const findOurs = (method: string, segments: readonly string[]): Found | undefined => {
  for (const entry of ourEntries) {
    const params = entry.method === method ? match(entry, segments) : undefined;
    if (params !== undefined) return { name: entry.name, params };
  }
  return undefined;
};

/** Where a request goes. `target` is the path with its query, as on the request line. */
export const findRoute = (method: string, target: string): Route => {
  const [raw = '', query] = target.split(/\?(.*)/s);
  const search = query === undefined ? '' : `?${query}`;
  let path: string;
  try {
    path = decodeURIComponent(raw);
  } catch {
    return { type: 'badRequest' };
  }
  const clean = cleanPath(path);
  if (clean !== path) return { type: 'redirect', location: `${encodePath(clean)}${search}`, html: false };
  const hasSlash = path !== '/' && path.endsWith('/');
  const segments = segmentsOf(hasSlash ? path.slice(0, -1) : path);
  const stock = findStock(method, segments);
  const found = typeof stock === 'string' ? findOurs(method, segments) : stock;
  if (found === undefined) return { type: stock === 'methodNotAllowed' ? 'methodNotAllowed' : 'notFound' };
  if (hasSlash)
    return { type: 'redirect', location: `${encodePath(path.slice(0, -1))}${search}`, html: method === 'GET' };
  return { type: 'operation', ...found };
};
