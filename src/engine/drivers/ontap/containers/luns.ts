import type { OntapBackend } from '../backend.ts';
import { isAbsent, ontapCode } from '../client/codes.ts';
import { Problem } from '../../../problem.ts';
import type { ArrayRefusal } from '../../../problem.ts';
import { madeSince } from './origin.ts';
import type { LunFields } from './lun-fields.ts';
import { attributeOf, describeLun, lunFieldNames, lunSchema } from './lun-record.ts';
import type { LunOnOntap } from './lun-record.ts';
import * as v from 'valibot';

const path = '/storage/luns';

/** A LUN to be made. */
export interface LunDraft {
  /** Path in a FlexVol, or simple name of a unit. */
  readonly name: string;
  readonly bytes: number;
  /** Undefined where the array does not let one choose. */
  readonly spaceAllocation: boolean | undefined;
  /** Empty: none. */
  readonly qosPolicy: string;
  /** Undefined: not sent. */
  readonly comment: string | undefined;
  readonly fields: LunFields;
}

/** LUNs of the SVM. */
export class Luns {
  readonly #backend: OntapBackend;

  constructor(backend: OntapBackend) {
    this.#backend = backend;
  }

  /** The LUN of that name, or undefined when the array says that there is none. */
  async find(name: string, fields: string, signal: AbortSignal): Promise<LunOnOntap | undefined> {
    // Nothing else can be a name here, and in a query some characters would mean more than themselves.
    if (!/^[\w/.-]+$/.test(name)) return undefined;
    const found = await this.list({ name }, fields, `looking for LUN ${name}`, signal);
    return found.find((lun) => lun.name === name);
  }

  async findByUuid(uuid: string, fields: string, signal: AbortSignal): Promise<LunOnOntap | undefined> {
    const answer = await this.#backend.client.read(`${path}/${uuid}`, { fields: `name,${fields}` }, lunSchema, signal);
    if (answer.kind === 'refused' && isAbsent(answer.refusal)) return undefined;
    return this.#backend.must(answer, `looking for the LUN with UUID ${uuid}`);
  }

  /** The LUNs in a FlexVol. */
  listIn(volume: string, fields: string, signal: AbortSignal): Promise<readonly LunOnOntap[]> {
    return this.list({ 'location.volume.name': volume }, fields, `looking for the LUNs in volume ${volume}`, signal);
  }

  /** The LUNs that a query of the SVM finds. */
  async list(
    query: Readonly<Record<string, string>>,
    fields: string,
    what: string,
    signal: AbortSignal,
  ): Promise<readonly LunOnOntap[]> {
    const all = { ...query, 'svm.uuid': this.#backend.facts.svm.uuid, fields };
    return this.#backend.must(await this.#backend.client.list(path, all, lunSchema, signal), what);
  }

  /**
   * Makes a LUN, with its attributes, in one POST.
   * @returns what the array told of it; undefined when it made it and told nothing
   */
  async create(draft: LunDraft, since: Date, signal: AbortSignal) {
    const { svm } = this.#backend.facts;
    const outcome = await this.#backend.change(
      {
        method: 'POST',
        path,
        query: { return_records: true },
        body: {
          name: draft.name,
          svm: { uuid: svm.uuid },
          os_type: draft.fields.osType,
          space: {
            size: draft.bytes,
            ...(draft.spaceAllocation === undefined
              ? {}
              : {
                  guarantee: { requested: false },
                  scsi_thin_provisioning_support_enabled: draft.spaceAllocation,
                }),
          },
          attributes: Object.entries(draft.fields.attributes).map(([name, value]) => ({ name, value })),
          ...(draft.comment === undefined ? {} : { comment: draft.comment }),
          ...(draft.qosPolicy === '' ? {} : { qos_policy: { name: draft.qosPolicy } }),
        },
        job: { name: draft.name },
        done: async (inner) => {
          const found = await this.find(draft.name, lunFieldNames, inner);
          if (found === undefined) return false;
          return this.isDraft(found, draft, since) ? true : 'other';
        },
      },
      signal,
    );
    return outcome.kind === 'ok' ? { ...outcome, value: lunIn(outcome.value, draft.name) } : outcome;
  }

  /**
   * Makes a LUN of another one in the same FlexVol; attributes come from there.
   * @returns what the array told of it; undefined when it made it and told nothing
   */
  async clone(
    draft: { readonly name: string; readonly source: string; readonly qosPolicy: string },
    since: Date,
    signal: AbortSignal,
  ) {
    const outcome = await this.#backend.change(
      {
        method: 'POST',
        path,
        query: { return_records: true },
        body: {
          name: draft.name,
          svm: { uuid: this.#backend.facts.svm.uuid },
          clone: { source: { name: draft.source } },
          ...(draft.qosPolicy === '' ? {} : { qos_policy: { name: draft.qosPolicy } }),
        },
        job: { name: draft.name },
        done: async (inner) => {
          const found = await this.find(draft.name, lunFieldNames, inner);
          if (found === undefined) return false;
          return madeSince(this.#backend, found, since) ? true : 'other';
        },
      },
      signal,
    );
    return outcome.kind === 'ok' ? { ...outcome, value: lunIn(outcome.value, draft.name) } : outcome;
  }

  /** Made since, and such as the draft makes it. */
  isDraft(found: LunOnOntap, draft: LunDraft, since: Date): boolean {
    return (
      madeSince(this.#backend, found, since) &&
      found.name === draft.name &&
      found.os_type === draft.fields.osType &&
      sameSize(found, draft.bytes) &&
      found.status?.mapped !== true &&
      Object.entries(draft.fields.attributes).every(([name, value]) => attributeOf(found, name) === value)
    );
  }

  /**
   * One PATCH. False when the LUN is gone.
   * @param done looks at the LUN: is it as wanted?
   */
  async patch(
    lun: { readonly uuid: string; readonly name: string },
    body: Readonly<Record<string, unknown>>,
    change: { readonly fields: string; readonly done: (lun: LunOnOntap) => boolean; readonly what: string },
    signal: AbortSignal,
  ): Promise<boolean> {
    const outcome = await this.#backend.change(
      {
        method: 'PATCH',
        path: `${path}/${lun.uuid}`,
        body,
        job: 'byPath',
        done: async (inner) => {
          const found = await this.findByUuid(lun.uuid, change.fields, inner);
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
   * Makes a LUN larger; the size that it has is as good. False when it is larger than that already.
   * @throws Problem `volume.not-on-array`
   */
  async grow(
    lun: { readonly uuid: string; readonly name: string },
    bytes: number,
    signal: AbortSignal,
  ): Promise<boolean> {
    const outcome = await this.#backend.change(
      {
        method: 'PATCH',
        path: `${path}/${lun.uuid}`,
        body: { space: { size: bytes } },
        job: 'byPath',
        done: async (inner) => ((await this.findByUuid(lun.uuid, 'space.size', inner))?.space?.size ?? 0) >= bytes,
      },
      signal,
    );
    if (outcome.kind === 'ok') return true;
    if (outcome.kind === 'refused') {
      if (outcome.refusal.code === ontapCode.lunSameSize) return true;
      if (outcome.refusal.code === ontapCode.lunShrink) return false;
      if (isAbsent(outcome.refusal)) throw this.missing(lun.name);
    }
    throw this.#backend.problem(outcome, `resizing LUN ${lun.name} to ${bytes} bytes`);
  }

  /** Gives a LUN a QoS policy. */
  async setQos(
    lun: { readonly uuid: string; readonly name: string },
    policy: string,
    signal: AbortSignal,
  ): Promise<void> {
    const change = {
      fields: 'qos_policy.name',
      // Sending it once more is harmless, and saves reading the policy.
      done: () => false,
      what: `giving LUN ${lun.name} the QoS policy ${policy}`,
    };
    if (!(await this.patch(lun, { qos_policy: { name: policy } }, change, signal))) throw this.missing(lun.name);
  }

  missing(name: string): Problem {
    return new Problem(
      'volume.not-on-array',
      'notFound',
      `there is no LUN ${name} on SVM ${this.#backend.facts.svm.name}`,
    );
  }

  /** The name is taken: tells by what. */
  taken(name: string, found: LunOnOntap | undefined, refusal: ArrayRefusal): Problem {
    const what =
      found === undefined ? 'the array does not show what has that name; it may be in creation' : describeLun(found);
    return new Problem(
      'volume.exists-on-array',
      'exists',
      `LUN ${name} is already on SVM ${this.#backend.facts.svm.name}, and it is not ours: ${what}`,
      {
        array: refusal,
        nothingDone: true,
        hint: 'import it, rename it on the array, or choose another name or storagePrefix',
      },
    );
  }
}

/** ONTAP may round a LUN up to the geometry of a disk. */
const sameSize = (found: LunOnOntap, bytes: number): boolean =>
  found.space?.size !== undefined && found.space.size >= bytes && found.space.size - bytes < 16 * 1024 * 1024;

/** The LUN in the records that came with a POST, if the array told it. */
const lunIn = (records: readonly unknown[], name: string): LunOnOntap | undefined => {
  for (const record of records) {
    const result = v.safeParse(lunSchema, record);
    if (result.success && result.output.name === name) return result.output;
  }
  return undefined;
};
