import { isJsonObject } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { messageOf } from '../problem.ts';
import { recordUnreadable } from './problems.ts';
import { fromStored, toStored } from './record-form.ts';
import { isSealed } from './sealing.ts';
import type { Sealer } from './sealing.ts';
import { kinds } from './store.ts';
import type { Change, Kind, Records, Stored } from './store.ts';

/** Opens the key of the store; called only for kinds that have sealed fields. */
export type Keyring = () => Promise<Sealer>;

/** One record as it lies in the database. */
export interface Row {
  readonly id: string;
  readonly revision: number;
  readonly value: string;
}

/** One index value of a record. `exclusive`: no other record may have it. */
export interface Lookup {
  readonly name: string;
  readonly value: string;
  readonly exclusive: boolean;
}

/** A change ready to be written: nothing slow and nothing asynchronous is left to do inside the transaction. */
export type Write =
  | {
      readonly verb: 'put';
      readonly kind: Kind;
      readonly id: string;
      readonly text: string;
      readonly revision: number | 'new' | 'any';
      readonly lookups: readonly Lookup[];
    }
  | { readonly verb: 'remove'; readonly kind: Kind; readonly id: string; readonly revision: number | undefined };

/** What it takes to read or write a kind: the key, or nothing. */
export const sealerFor = async (kind: Kind, keyring: Keyring): Promise<Sealer | undefined> =>
  kinds[kind].sealed.length > 0 ? keyring() : undefined;

/** There is no secret in nothing: the state of an operation that has ended. */
const isEmpty = (value: unknown): boolean => isJsonObject(value) && Object.keys(value).length === 0;

const unseal = (kind: Kind, id: string, stored: JsonObject, sealer: Sealer): JsonObject => {
  const opened: Record<string, JsonObject[string]> = { ...stored };
  for (const field of kinds[kind].sealed) {
    const value = stored[field];
    if (isEmpty(value)) continue;
    if (!isSealed(value)) throw new Error(`${field} is not sealed`);
    const inner: unknown = JSON.parse(sealer.unseal([kind, id, field], value));
    if (!isJsonObject(inner)) throw new Error(`${field} is not an object`);
    opened[field] = inner;
  }
  return opened;
};

/** @throws Problem `store.unreadable` */
export const decodeRow = <K extends Kind>(kind: K, row: Row, sealer: Sealer | undefined): Stored<Records[K]> => {
  try {
    const parsed: unknown = JSON.parse(row.value);
    if (!isJsonObject(parsed)) throw new Error('it is not an object');
    const value = fromStored(kind, sealer === undefined ? parsed : unseal(kind, row.id, parsed, sealer));
    return { value, revision: row.revision };
  } catch (cause) {
    throw recordUnreadable(kind, row.id, messageOf(cause), cause);
  }
};

const seal = (kind: Kind, id: string, stored: object, sealer: Sealer): object => {
  const sealed: Record<string, unknown> = { ...stored };
  for (const field of kinds[kind].sealed)
    if (!isEmpty(sealed[field])) sealed[field] = sealer.seal([kind, id, field], JSON.stringify(sealed[field]));
  return sealed;
};

type PutOf<K extends Kind> = {
  readonly [P in K]: { readonly kind: P; readonly put: Records[P]; readonly revision: number | 'new' | 'any' };
}[K];

const encodePut = async <K extends Kind>({ kind, put, revision }: PutOf<K>, keyring: Keyring): Promise<Write> => {
  const definition = kinds[kind];
  const id = definition.id(put);
  const stored = toStored(kind, put);
  const sealer = await sealerFor(kind, keyring);
  const lookups: Lookup[] = [];
  for (const [name, index] of Object.entries(definition.indexes)) {
    const value = index.value(put);
    if (value !== '') lookups.push({ name, value, exclusive: index.unique === true });
  }
  const text = JSON.stringify(sealer === undefined ? stored : seal(kind, id, stored, sealer));
  return { verb: 'put', kind, id, revision, lookups, text };
};

export const encodeChange = async (change: Change, keyring: Keyring): Promise<Write> =>
  'put' in change
    ? encodePut(change, keyring)
    : { verb: 'remove', kind: change.kind, id: change.remove, revision: change.revision };
