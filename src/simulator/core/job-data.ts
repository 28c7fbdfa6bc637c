import type { Operation } from './declaration.ts';
import { findText, flag, integer, isStoredObject, text, type Stored, type StoredObject } from './entry.ts';

/** What a job is to do, and how that is kept in its record. */

/** What a fault does to one job. */
export interface JobFate {
  readonly stall?: { readonly state: 'queued' | 'running' | 'paused'; readonly milliseconds: number | undefined };
  readonly fail?: {
    readonly code: number;
    readonly message: string;
    readonly afterWork: boolean;
    /** Says why in `error` alone. */
    readonly onlyError: boolean;
  };
  readonly vanish?: true;
  /** What the work makes is hidden for so many milliseconds after it is done. */
  readonly hideMs?: number;
}

export interface JobRequest {
  readonly operations: readonly Operation[];
  readonly description: string;
  readonly svm: string | undefined;
  readonly fate: JobFate;
  /** Records in one body: the first failure takes the others back unless this is set. */
  readonly continueOnFailure: boolean;
}

/** Plain data to keep inside a record. */
export const toData = (value: unknown): Stored => {
  if (Array.isArray(value)) return value.map(toData);
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint')
    return value;
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => (inner === undefined ? [] : [[key, toData(inner)]])),
  );
};

// Requests come back from a dump as the plain data they were stored as; the shape is the one `toData` was given.
export const readRequest = (data: StoredObject): JobRequest => ({
  operations: (Array.isArray(data['operations']) ? data['operations'] : []).map(readOperation),
  description: text(data, 'description'),
  svm: findText(data, 'svm'),
  fate: readFate(isStoredObject(data['fate']) ? data['fate'] : {}),
  continueOnFailure: data['continueOnFailure'] === true,
});

const readOperation = (data: StoredObject): Operation => {
  const verb = text(data, 'verb');
  const full = findText(data, 'fullAggregate');
  return {
    verb: verb === 'create' || verb === 'remove' ? verb : 'modify',
    kind: text(data, 'kind'),
    id: text(data, 'id'),
    values: isStoredObject(data['values']) ? data['values'] : {},
    unset: (Array.isArray(data['unset']) ? data['unset'] : []).map(String),
    parameters: Object.fromEntries(
      Object.entries(isStoredObject(data['parameters']) ? data['parameters'] : {}).map(([key, value]) => [
        key,
        String(value),
      ]),
    ),
    ...(full === undefined ? {} : { fullAggregate: full }),
  };
};

const readFate = (data: StoredObject): JobFate => {
  const fail = data['fail'];
  return {
    ...(isStoredObject(fail)
      ? {
          fail: {
            code: integer(fail, 'code'),
            message: text(fail, 'message'),
            afterWork: flag(fail, 'afterWork'),
            onlyError: flag(fail, 'onlyError'),
          },
        }
      : {}),
    ...(typeof data['hideMs'] === 'number' ? { hideMs: data['hideMs'] } : {}),
  };
};
