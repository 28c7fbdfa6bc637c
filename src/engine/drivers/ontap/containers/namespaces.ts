import * as v from 'valibot';
import { Problem } from '../../../problem.ts';
import type { ArrayRefusal } from '../../../problem.ts';
import type { OntapBackend } from '../backend.ts';
import { isAbsent, ontapCode } from '../client/codes.ts';
import type { DeviceRef } from './device.ts';
import { describeNamespace, namespaceFieldNames, namespaceSchema } from './namespace-record.ts';
import type { NamespaceOnOntap } from './namespace-record.ts';
import { madeSince } from './origin.ts';

const path = '/storage/namespaces';

/** A namespace to be made. */
export interface NamespaceDraft {
  /** Path in a FlexVol, or simple name of a unit. */
  readonly name: string;
  readonly bytes: number;
  readonly comment: string;
  readonly osType: string;
  /** Empty: none. */
  readonly qosPolicy: string;
}

/** Bytes of a block; hosts see devices with sectors of this size. */
const blockBytes = 4096;

/** NVMe namespaces of the SVM. */
export class Namespaces {
  readonly #backend: OntapBackend;

  constructor(backend: OntapBackend) {
    this.#backend = backend;
  }

  /** The namespace of that name, or undefined when the array says that there is none. */
  async find(name: string, fields: string, signal: AbortSignal): Promise<NamespaceOnOntap | undefined> {
    // Nothing else can be a name here, and in a query some characters would mean more than themselves.
    if (!/^[\w/.-]+$/.test(name)) return undefined;
    const found = await this.#list({ name }, fields, `looking for namespace ${name}`, signal);
    return found.find((namespace) => namespace.name === name);
  }

  async findByUuid(uuid: string, fields: string, signal: AbortSignal): Promise<NamespaceOnOntap | undefined> {
    const query = { fields: `name,${fields}` };
    const answer = await this.#backend.client.read(`${path}/${uuid}`, query, namespaceSchema, signal);
    if (answer.kind === 'refused' && isAbsent(answer.refusal)) return undefined;
    return this.#backend.must(answer, `looking for the namespace with UUID ${uuid}`);
  }

  /** The namespaces in a FlexVol. */
  listIn(volume: string, fields: string, signal: AbortSignal): Promise<readonly NamespaceOnOntap[]> {
    const what = `looking for the namespaces in volume ${volume}`;
    return this.#list({ 'location.volume.name': volume }, fields, what, signal);
  }

  /**
   * Makes a namespace in one POST.
   * @returns what the array told of it; undefined when it made it and told nothing
   */
  async create(draft: NamespaceDraft, since: Date, signal: AbortSignal) {
    const outcome = await this.#backend.change(
      {
        method: 'POST',
        path,
        query: { return_records: true },
        body: {
          name: draft.name,
          svm: { uuid: this.#backend.facts.svm.uuid },
          os_type: draft.osType,
          space: { size: draft.bytes, block_size: blockBytes },
          comment: draft.comment,
          ...(draft.qosPolicy === '' ? {} : { qos_policy: { name: draft.qosPolicy } }),
        },
        job: { name: draft.name },
        done: async (inner) => {
          const found = await this.find(draft.name, namespaceFieldNames, inner);
          if (found === undefined) return false;
          return this.isDraft(found, draft, since) ? true : 'other';
        },
      },
      signal,
    );
    return outcome.kind === 'ok' ? { ...outcome, value: namespaceIn(outcome.value, draft.name) } : outcome;
  }

  /** Made since, and such as the draft makes it. */
  isDraft(found: NamespaceOnOntap, draft: NamespaceDraft, since: Date): boolean {
    const size = found.space?.size ?? 0;
    return (
      madeSince(this.#backend, found, since) &&
      found.name === draft.name &&
      found.os_type === draft.osType &&
      found.comment === draft.comment &&
      found.status?.mapped !== true &&
      // ONTAP may round up.
      size >= draft.bytes &&
      size - draft.bytes < 16 * 1024 * 1024
    );
  }

  /**
   * One PATCH. False when the namespace is gone.
   * @param done looks at the namespace: is it as wanted?
   */
  async patch(
    namespace: DeviceRef,
    body: Readonly<Record<string, unknown>>,
    change: { readonly fields: string; readonly done: (found: NamespaceOnOntap) => boolean; readonly what: string },
    signal: AbortSignal,
  ): Promise<boolean> {
    const outcome = await this.#backend.change(
      {
        method: 'PATCH',
        path: `${path}/${namespace.uuid}`,
        body,
        job: 'byPath',
        done: async (inner) => {
          const found = await this.findByUuid(namespace.uuid, change.fields, inner);
          return found !== undefined && change.done(found);
        },
      },
      signal,
    );
    if (outcome.kind === 'ok') return true;
    if (outcome.kind === 'refused' && isAbsent(outcome.refusal)) return false;
    throw this.#backend.problem(outcome, change.what);
  }

  /**
   * Makes a namespace larger; the size that it has is as good. False when it is larger than that already.
   * @throws Problem `volume.not-on-array`
   */
  async grow(namespace: DeviceRef, bytes: number, signal: AbortSignal): Promise<boolean> {
    const outcome = await this.#backend.change(
      {
        method: 'PATCH',
        path: `${path}/${namespace.uuid}`,
        body: { space: { size: bytes } },
        job: 'byPath',
        done: async (inner) => (await this.sizeOf(namespace.uuid, inner)) >= bytes,
      },
      signal,
    );
    if (outcome.kind === 'ok') return true;
    if (outcome.kind === 'refused') {
      if (outcome.refusal.code === ontapCode.namespaceShrink) return false;
      if (isAbsent(outcome.refusal)) throw this.missing(namespace.name);
    }
    throw this.#backend.problem(outcome, `resizing namespace ${namespace.name} to ${bytes} bytes`);
  }

  /** Size in bytes; 0 for a namespace that is gone. */
  async sizeOf(uuid: string, signal: AbortSignal): Promise<number> {
    return (await this.findByUuid(uuid, 'space.size', signal))?.space?.size ?? 0;
  }

  missing(name: string): Problem {
    return new Problem(
      'volume.not-on-array',
      'notFound',
      `there is no namespace ${name} on SVM ${this.#backend.facts.svm.name}`,
    );
  }

  /** The name is taken: tells by what. */
  taken(name: string, found: NamespaceOnOntap | undefined, refusal: ArrayRefusal): Problem {
    const what =
      found === undefined
        ? 'the array does not show what has that name; it may be in creation'
        : describeNamespace(found);
    return new Problem(
      'volume.exists-on-array',
      'exists',
      `namespace ${name} is already on SVM ${this.#backend.facts.svm.name}, and it is not ours: ${what}`,
      {
        array: refusal,
        nothingDone: true,
        hint: 'import it, rename it on the array, or choose another name or storagePrefix',
      },
    );
  }

  async #list(
    query: Readonly<Record<string, string>>,
    fields: string,
    what: string,
    signal: AbortSignal,
  ): Promise<readonly NamespaceOnOntap[]> {
    const all = { ...query, 'svm.uuid': this.#backend.facts.svm.uuid, fields };
    return this.#backend.must(await this.#backend.client.list(path, all, namespaceSchema, signal), what);
  }
}

/** The namespace in the records that came with a POST, if the array told it. */
const namespaceIn = (records: readonly unknown[], name: string): NamespaceOnOntap | undefined => {
  for (const record of records) {
    const result = v.safeParse(namespaceSchema, record);
    if (result.success && result.output.name === name) return result.output;
  }
  return undefined;
};
