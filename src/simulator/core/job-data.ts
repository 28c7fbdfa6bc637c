import type { Operation } from './declaration.ts';
import { findText, flag, integer, isStoredObject, text, texts, type StoredObject } from './entry.ts';

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
  readonly bulk?: BulkRequest;
}

/** Records of one body. */
export interface BulkRequest {
  readonly kind: string;
  /** How each operation is called when it fails: `POST of record "svm.name: svm1, name: vol1"`. */
  readonly labels: readonly string[];
  /** What was wrong with records for which there is no operation. */
  readonly refused: readonly string[];
}

/** A request as plain data to keep inside a record; what is plain data already is shared, since nothing changes it. */
export const toData = ({ operations, description, svm, fate, continueOnFailure, bulk }: JobRequest): StoredObject => {
  const { fail, hideMs } = fate;
  return {
    operations: operations.map((operation) => ({ ...operation })),
    description,
    svm,
    fate: { fail: fail && { ...fail }, hideMs },
    continueOnFailure,
    ...(bulk === undefined ? {} : { bulk: { ...bulk } }),
  };
};

// Requests come back from a dump as the plain data they were stored as; the shape is the one `toData` was given.
export const readRequest = (data: StoredObject): JobRequest => ({
  operations: (Array.isArray(data['operations']) ? data['operations'] : []).map(readOperation),
  description: text(data, 'description'),
  svm: findText(data, 'svm'),
  fate: readFate(isStoredObject(data['fate']) ? data['fate'] : {}),
  continueOnFailure: data['continueOnFailure'] === true,
  ...(isStoredObject(data['bulk']) ? { bulk: readBulk(data['bulk']) } : {}),
});

const readBulk = (data: StoredObject): BulkRequest => ({
  kind: text(data, 'kind'),
  labels: texts(data, 'labels'),
  refused: texts(data, 'refused'),
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
