import * as v from 'valibot';
import type { ArrayRefusal } from '../../../problem.ts';
import { Problem } from '../../../problem.ts';
import type { OntapBackend } from '../backend.ts';
import { isAbsent } from '../client/codes.ts';
import { ok } from '../client/outcome.ts';
import type { Device, DeviceRef } from './device.ts';
import { onOwnSvm } from './own-svm.ts';
import type { OnSvm } from './own-svm.ts';

/** A LUN or namespace, as far as both tell the same. */
export interface DeviceOnOntap extends Device, OnSvm {
  readonly create_time?: string | undefined;
  readonly os_type?: string | undefined;
  readonly comment: string;
  readonly status?: { readonly state?: string | undefined; readonly mapped?: boolean | undefined } | undefined;
}

/** What the array calls a kind of device, and how it speaks of it. */
export interface DeviceKind<Found> {
  readonly noun: 'LUN' | 'namespace';
  readonly path: string;
  readonly schema: v.GenericSchema<unknown, Found>;
  /** Asked for to know one again. */
  readonly fieldNames: string;
  /** Code with which a size that it has is refused; absent: it is not. */
  readonly sameSize?: string;
  /** Code with which a smaller size is refused. */
  readonly shrink: string;
  describe(found: Found): string;
}

/** The devices of one kind on the SVM: what is the same for LUNs and namespaces. */
export class SvmDevices<Found extends DeviceOnOntap> {
  protected readonly backend: OntapBackend;
  readonly #kind: DeviceKind<Found>;

  constructor(backend: OntapBackend, kind: DeviceKind<Found>) {
    this.backend = backend;
    this.#kind = kind;
  }

  /** The device of that name, or undefined when the array says that there is none. */
  async find(name: string, fields: string, signal: AbortSignal): Promise<Found | undefined> {
    // Nothing else can be a name here, and in a query some characters would mean more than themselves.
    if (!/^[\w/.-]+$/.test(name)) return undefined;
    const found = await this.list({ name }, fields, `looking for ${this.#kind.noun} ${name}`, signal);
    return found.find((device) => device.name === name);
  }

  async findByUuid(uuid: string, fields: string, signal: AbortSignal): Promise<Found | undefined> {
    const { path, schema, noun } = this.#kind;
    const answer = await this.backend.client.read(`${path}/${uuid}`, { fields: `name,${fields}` }, schema, signal);
    if (answer.kind === 'refused' && isAbsent(answer.refusal)) return undefined;
    return this.backend.must(answer, `looking for the ${noun} with UUID ${uuid}`);
  }

  /** The device of a handle, with all that we use of it; none when it is on another SVM. */
  async findOwn(uuid: string, signal: AbortSignal): Promise<Found | undefined> {
    return onOwnSvm(this.backend, await this.findByUuid(uuid, `svm.uuid,${this.#kind.fieldNames}`, signal));
  }

  /** The devices in a FlexVol. */
  listIn(volume: string, fields: string, signal: AbortSignal): Promise<readonly Found[]> {
    const what = `looking for the ${this.#kind.noun}s in volume ${volume}`;
    return this.list({ 'location.volume.name': volume }, fields, what, signal);
  }

  /** The devices that a query of the SVM finds. */
  async list(
    query: Readonly<Record<string, string>>,
    fields: string,
    what: string,
    signal: AbortSignal,
  ): Promise<readonly Found[]> {
    const { path, schema } = this.#kind;
    const all = { ...query, 'svm.uuid': this.backend.facts.svm.uuid, fields };
    return this.backend.must(await this.backend.client.list(path, all, schema, signal), what);
  }

  /** Size of a device in bytes; undefined when it is gone. */
  async sizeOf(uuid: string, signal: AbortSignal): Promise<number | undefined> {
    const found = await this.findByUuid(uuid, 'space.size', signal);
    return found === undefined ? undefined : (found.space?.size ?? 0);
  }

  /**
   * One POST.
   * @param isOurs looks at what has the name: did this POST make it?
   * @returns what the array told of the device; undefined when it made it and told nothing
   */
  protected async post(
    name: string,
    body: Readonly<Record<string, unknown>>,
    isOurs: (found: Found) => boolean,
    signal: AbortSignal,
  ) {
    const { path, fieldNames } = this.#kind;
    const outcome = await this.backend.change(
      {
        method: 'POST',
        path,
        query: { return_records: true },
        body: { name, svm: { uuid: this.backend.facts.svm.uuid }, ...body },
        job: { name },
        done: async (inner) => {
          const found = await this.find(name, fieldNames, inner);
          if (found === undefined) return false;
          return isOurs(found) ? true : 'other';
        },
      },
      signal,
    );
    return outcome.kind === 'ok' ? ok(this.#toldIn(outcome.value, name)) : outcome;
  }

  /**
   * One PATCH. False when the device is gone.
   * @param done looks at the device: is it as wanted?
   */
  async patch(
    device: DeviceRef,
    body: Readonly<Record<string, unknown>>,
    change: { readonly fields: string; readonly done: (found: Found) => boolean; readonly what: string },
    signal: AbortSignal,
  ): Promise<boolean> {
    const outcome = await this.backend.change(
      {
        method: 'PATCH',
        path: `${this.#kind.path}/${device.uuid}`,
        body,
        job: 'byPath',
        done: async (inner) => {
          const found = await this.findByUuid(device.uuid, change.fields, inner);
          return found !== undefined && change.done(found);
        },
      },
      signal,
    );
    if (outcome.kind === 'ok') return true;
    if (outcome.kind === 'refused' && isAbsent(outcome.refusal)) return false;
    throw this.backend.problem(outcome, change.what);
  }

  /**
   * Makes a device larger; the size that it has is as good. False when it is larger than that already.
   * @throws Problem `volume.not-on-array`
   */
  async grow(device: DeviceRef, bytes: number, signal: AbortSignal): Promise<boolean> {
    const { path, noun, sameSize, shrink } = this.#kind;
    const outcome = await this.backend.change(
      {
        method: 'PATCH',
        path: `${path}/${device.uuid}`,
        body: { space: { size: bytes } },
        job: 'byPath',
        done: async (inner) => ((await this.sizeOf(device.uuid, inner)) ?? 0) >= bytes,
      },
      signal,
    );
    if (outcome.kind === 'ok') return true;
    if (outcome.kind === 'refused') {
      if (outcome.refusal.code === sameSize) return true;
      if (outcome.refusal.code === shrink) return false;
      if (isAbsent(outcome.refusal)) throw this.missing(device.name);
    }
    throw this.backend.problem(outcome, `resizing ${noun} ${device.name} to ${bytes} bytes`);
  }

  missing(name: string): Problem {
    return new Problem(
      'volume.not-on-array',
      'notFound',
      `there is no ${this.#kind.noun} ${name} on SVM ${this.backend.facts.svm.name}`,
    );
  }

  /** The name is taken: tells by what. */
  taken(name: string, found: Found | undefined, refusal: ArrayRefusal): Problem {
    const what =
      found === undefined
        ? 'the array does not show what has that name; it may be in creation'
        : this.#kind.describe(found);
    return new Problem(
      'volume.exists-on-array',
      'exists',
      `${this.#kind.noun} ${name} is already on SVM ${this.backend.facts.svm.name}, and it is not ours: ${what}`,
      {
        array: refusal,
        nothingDone: true,
        hint: 'import it, rename it on the array, or choose another name or storagePrefix',
      },
    );
  }

  /** The device in the records that came with a POST, if the array told it. */
  #toldIn(records: readonly unknown[], name: string): Found | undefined {
    for (const record of records) {
      const result = v.safeParse(this.#kind.schema, record);
      if (result.success && result.output.name === name) return result.output;
    }
    return undefined;
  }
}

/** ONTAP may round a device up to the geometry of a disk. */
export const isRoundedUp = ({ space }: Device, bytes: number): boolean =>
  space?.size !== undefined && space.size >= bytes && space.size - bytes < 16 * 1024 * 1024;

/** Facts of a device for people, in a Problem's message. */
export const describeDevice = (device: DeviceOnOntap, ...more: readonly string[]): string => {
  const facts = [
    device.space?.size === undefined ? undefined : `${device.space.size} bytes`,
    device.status?.state,
    device.os_type,
    device.status?.mapped === true ? 'mapped' : undefined,
    device.create_time === undefined ? undefined : `created ${device.create_time}`,
    device.comment === '' ? undefined : `comment ${JSON.stringify(device.comment.slice(0, 80))}`,
    ...more,
    `UUID ${device.uuid}`,
  ];
  return facts.filter((fact) => fact !== undefined).join(', ');
};
