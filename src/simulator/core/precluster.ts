import { Refusal } from './refusal.ts';
import type { World } from './world.ts';

/** Nodes that are no cluster yet: all they take is the call that makes them one, and a look at them. */

const isAllowed = (method: string, path: string): boolean =>
  method === 'OPTIONS' || (method === 'GET' && /^\/cluster\/(?:nodes|jobs)(?:\/|$)/.test(path));

/**
 * The method as the resource knows it, for a request to a path below `/api`: a cluster is made by changing the blank
 * record of it. Throws a Refusal for what is not available yet.
 */
export const methodNow = (world: World, method: string, path: string): string => {
  const blank = world.store.all('cluster')[0]?.['$precluster'] === true;
  if (!blank || isAllowed(method, path)) return method;
  if (method === 'POST' && path.replace(/\/$/, '') === '/cluster') return 'PATCH';
  throw new Refusal(400, 9241607, 'Only certain calls, such as POST /cluster, are available in precluster.');
};
