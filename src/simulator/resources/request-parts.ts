import type { Context, Values } from '../core/declaration.ts';
import { compact, isStoredObject, objects, text, texts, type Entry, type StoredObject } from '../core/entry.ts';
import { applyOperation } from '../core/operation.ts';
import { planCreation, planModification } from '../core/planning.ts';
import { parseQuery } from '../core/query.ts';
import type { ResourceRequest } from '../core/request.ts';

/** Changes of other records that a request makes along with its own: done in their order when its work is done. */

/** Member of a record that is being made or changed: the parts. */
const PARTS = '$made';

export type Part =
  /** Makes a record that was planned when the request arrived. */
  | { readonly kind: string; readonly entry: Entry }
  /** Makes a record as a POST with this body does; it needs what the parts before it make. */
  | { readonly kind: string; readonly body: StoredObject }
  /** Removes a record. */
  | { readonly kind: string; readonly id: string; readonly removed: true }
  /** Changes a record. */
  | { readonly kind: string; readonly id: string; readonly values: StoredObject; readonly unset: readonly string[] };

const requestOf = (kind: string, method: 'POST' | 'PATCH', { world, fullAggregate }: Context): ResourceRequest => {
  const resource = world.resource(kind);
  return {
    world,
    resource,
    method,
    path: {},
    query: parseQuery(`/api${resource.path}`, ''),
    body: undefined,
    svm: undefined,
    links: false,
    fate: {},
    facts: fullAggregate === undefined ? {} : { fullAggregate },
    paging: {},
    // The job that there is to wait for is the request's.
    waitFor: () => Promise.resolve(false),
  };
};

/** The whole record that a POST with this body would make; refuses as that POST would. */
export const planPart = (kind: string, body: Readonly<Record<string, unknown>>, context: Context): Entry =>
  planCreation(requestOf(kind, 'POST', context), body).entry;

/** What a PATCH with this body would change; refuses as that PATCH would. */
export const planPartChange = (
  kind: string,
  before: Entry,
  body: Readonly<Record<string, unknown>>,
  context: Context,
): Part => {
  const { id, values, unset } = planModification(requestOf(kind, 'PATCH', context), before, body).operation;
  return { kind, id, values, unset };
};

/** A change that was planned already; undefined takes a member away. */
export const changePart = (kind: string, id: string, changes: Values): Part => ({
  kind,
  id,
  values: compact(changes),
  unset: Object.keys(changes).filter((path) => changes[path] === undefined),
});

export const removalPart = (kind: string, id: string): Part => ({ kind, id, removed: true });

/** What the record of the request keeps of its parts until they are done. */
export const withParts = (parts: readonly Part[]): StoredObject =>
  parts.length === 0 ? {} : { [PARTS]: parts.map((part) => ({ ...part })) };

/** Does the parts, in their order. */
export const makeParts = (kind: string, owner: Entry, context: Context): void => {
  for (const part of objects(owner, PARTS)) doPart(part, context);
  // What is done to the parts may be the end of what has them: a group goes with its last volume.
  if (owner[PARTS] === undefined || !context.world.store.find(kind, owner.$id)) return;
  context.world.store.change(kind, owner.$id, { [PARTS]: undefined });
};

const doPart = (part: StoredObject, context: Context) => {
  const { world, fullAggregate } = context;
  const kind = text(part, 'kind');
  const shared = { kind, parameters: {}, ...(fullAggregate === undefined ? {} : { fullAggregate }) };
  const { body, entry, values } = part;
  const whole = isStoredObject(body) ? planPart(kind, body, context) : entry;
  if (isStoredObject(whole))
    applyOperation({ ...shared, verb: 'create', id: text(whole, '$id'), values: whole, unset: [] }, world);
  else if (part['removed'] === true)
    applyOperation({ ...shared, verb: 'remove', id: text(part, 'id'), values: {}, unset: [] }, world);
  else if (isStoredObject(values))
    applyOperation({ ...shared, verb: 'modify', id: text(part, 'id'), values, unset: texts(part, 'unset') }, world);
};
