import type { Context } from '../core/declaration.ts';
import { isStoredObject, objects, text, type Entry, type StoredObject } from '../core/entry.ts';
import { applyOperation } from '../core/operation.ts';
import { planCreation } from '../core/planning.ts';
import { parseQuery } from '../core/query.ts';

/** Records of other kinds that a request makes along with its own: planned when it arrives, made when its work is done. */

/** Member of a record that is being made or changed: the parts, each with its kind and its whole record. */
const PARTS = '$made';

/** The whole record that a POST with this body would make; refuses as that POST would. */
export const planPart = (
  kind: string,
  body: Readonly<Record<string, unknown>>,
  { world, fullAggregate }: Context,
): Entry => {
  const resource = world.resource(kind);
  return planCreation(
    {
      world,
      resource,
      method: 'POST',
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
    },
    body,
  ).entry;
};

export interface Part {
  readonly kind: string;
  readonly entry: Entry;
}

/** What the record of the request keeps of its parts until they are made. */
export const withParts = (parts: readonly Part[]): StoredObject =>
  parts.length === 0 ? {} : { [PARTS]: parts.map(({ kind, entry }) => ({ kind, entry })) };

/** Makes the parts, in their order. */
export const makeParts = (kind: string, owner: Entry, { world, fullAggregate }: Context): void => {
  const facts = fullAggregate === undefined ? {} : { fullAggregate };
  for (const part of objects(owner, PARTS)) {
    const values = part['entry'];
    if (values === undefined || !isStoredObject(values)) continue;
    applyOperation(
      {
        verb: 'create',
        kind: text(part, 'kind'),
        id: text(values, '$id'),
        values,
        unset: [],
        parameters: {},
        ...facts,
      },
      world,
    );
  }
  if (owner[PARTS] !== undefined) world.store.change(kind, owner.$id, { [PARTS]: undefined });
};
