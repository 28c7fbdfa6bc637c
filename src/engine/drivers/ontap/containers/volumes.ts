import * as v from 'valibot';
import { Problem } from '../../../problem.ts';
import type { VolumeHandle } from '../../objects.ts';
import type { OntapBackend } from '../backend.ts';
import { isAbsent } from '../client/codes.ts';
import { onOwnSvm } from './own-svm.ts';
import type { SnapshotHolders } from './snapshots.ts';
import { untilSeen } from './until-seen.ts';
import type { VolumeOnOntap } from './volume-record.ts';
import { volumeSchema } from './volume-record.ts';

/** How a volume is laid out; every look-up by name is restricted to one kind. */
export type VolumeStyle = 'flexvol' | 'flexgroup';

const volumeRefSchema = v.object({ volume: v.object({ uuid: v.string(), name: v.string() }) });

/** UUID and name of the volume in a handle's ref; undefined for volumes that another Trident made. */
export const volumeRef = (ref: unknown): { readonly uuid: string; readonly name: string } | undefined => {
  const result = v.safeParse(volumeRefSchema, ref);
  return result.success ? result.output.volume : undefined;
};

const validName = /^[A-Za-z_]\w*$/;

/** Finds volumes on the SVM. */
export class Volumes implements SnapshotHolders {
  readonly path = '/storage/volumes';
  readonly #backend: OntapBackend;
  readonly style: VolumeStyle;

  constructor(backend: OntapBackend, style: VolumeStyle) {
    this.#backend = backend;
    this.style = style;
  }

  /** By how much ONTAP may make a volume larger than asked for: to its blocks, in every part of a FlexGroup. */
  get roundingBytes(): number {
    return this.style === 'flexgroup' ? 4 * 1024 * 1024 : 64 * 1024;
  }

  /** The volume of that name and style, or undefined when the array says that there is none. */
  async find(name: string, fields: string, signal: AbortSignal): Promise<VolumeOnOntap | undefined> {
    // Nothing else can be a name, and in a query some characters would mean more than themselves.
    if (!validName.test(name)) return undefined;
    const query = { name, 'svm.uuid': this.#backend.facts.svm.uuid, style: this.style, fields };
    return this.#only(query, name, signal);
  }

  /** The volume of that name, whatever its style. */
  async findAny(name: string, fields: string, signal: AbortSignal): Promise<VolumeOnOntap | undefined> {
    return this.#only({ name, 'svm.uuid': this.#backend.facts.svm.uuid, fields }, name, signal);
  }

  async findByUuid(uuid: string, fields: string, signal: AbortSignal): Promise<VolumeOnOntap | undefined> {
    const answer = await this.#backend.client.read(
      `/storage/volumes/${uuid}`,
      { fields: `name,${fields}` },
      volumeSchema,
      signal,
    );
    if (answer.kind === 'refused' && isAbsent(answer.refusal)) return undefined;
    return this.#backend.must(answer, `looking for the volume with UUID ${uuid}`);
  }

  /** The volume of a handle: by UUID when we know it, else by name. None when it is on another SVM. */
  async findOf(volume: VolumeHandle, fields: string, signal: AbortSignal): Promise<VolumeOnOntap | undefined> {
    const ref = volumeRef(volume.ref);
    return ref === undefined
      ? this.find(volume.config.internalName, fields, signal)
      : onOwnSvm(this.#backend, await this.findByUuid(ref.uuid, `svm.uuid,${fields}`, signal));
  }

  /** @throws Problem `volume.not-on-array` when the array says that it is not there */
  async getOf(volume: VolumeHandle, fields: string, signal: AbortSignal): Promise<VolumeOnOntap> {
    const found = await this.findOf(volume, fields, signal);
    if (found === undefined) throw this.missing(volume.config.internalName);
    return found;
  }

  /** UUID of a handle's volume, as `findHolder` finds it. @throws Problem `volume.not-on-array` */
  async uuidOf(volume: VolumeHandle, signal: AbortSignal): Promise<string> {
    const uuid = await this.findUuidOf(volume, signal);
    if (uuid === undefined) throw this.missing(volume.config.internalName);
    return uuid;
  }

  async findUuidOf(volume: VolumeHandle, signal: AbortSignal): Promise<string | undefined> {
    return (await this.findHolder(volume, signal))?.uuid;
  }

  clonesOf(uuid: string, snapshot: string): Readonly<Record<string, string>> {
    return { 'clone.parent_volume.uuid': uuid, 'clone.parent_snapshot.name': snapshot };
  }

  /** A volume that the array says it made; it may take a moment until it can be seen. */
  async getMade(name: string, fields: string, signal: AbortSignal): Promise<VolumeOnOntap> {
    const found = await untilSeen(this.#backend, (inner) => this.find(name, fields, inner), signal);
    if (found === undefined) throw this.missing(name);
    return found;
  }

  /** UUID and name of a handle's volume, without a call when they are known; undefined when it is not there. */
  async findHolder(volume: VolumeHandle, signal: AbortSignal): Promise<{ uuid: string; name: string } | undefined> {
    const known = volume.orphaned === true ? undefined : volumeRef(volume.ref);
    return known ?? this.findOf(volume, 'uuid', signal);
  }

  missing(name: string): Problem {
    return new Problem(
      'volume.not-on-array',
      'notFound',
      `there is no volume ${name} on SVM ${this.#backend.facts.svm.name}`,
    );
  }

  async #only(
    query: Readonly<Record<string, string>>,
    name: string,
    signal: AbortSignal,
  ): Promise<VolumeOnOntap | undefined> {
    const answer = await this.#backend.client.list('/storage/volumes', query, volumeSchema, signal);
    const found = this.#backend.must(answer, `looking for volume ${name}`).filter((volume) => volume.name === name);
    if (found.length > 1)
      throw new Problem(
        'array.unreadable',
        'unavailable',
        `the array shows ${found.length} volumes with the name ${name}`,
      );
    return found[0];
  }
}
