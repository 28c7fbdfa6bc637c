import * as v from 'valibot';
import { Problem } from '../../../problem.ts';
import type { VolumeHandle } from '../../objects.ts';
import type { OntapBackend } from '../backend.ts';
import type { SnapshotHolders } from './snapshots.ts';

const unitSchema = v.object({
  uuid: v.string(),
  name: v.string(),
  type: v.optional(v.string(), ''),
  create_time: v.optional(v.string()),
  clone: v.optional(
    v.object({
      is_flexclone: v.optional(v.boolean()),
      split_initiated: v.optional(v.boolean()),
      source: v.optional(
        v.object({
          storage_unit: v.optional(v.object({ name: v.optional(v.string()), uuid: v.optional(v.string()) })),
          snapshot: v.optional(v.object({ name: v.optional(v.string()) })),
        }),
      ),
    }),
  ),
});
export type UnitOnOntap = v.InferOutput<typeof unitSchema>;

/** Asked for to compare a unit with what a clone of ours would be. */
const unitFieldNames =
  'type,create_time,clone.is_flexclone,clone.source.storage_unit,clone.source.snapshot.name,clone.split_initiated';

const validName = /^[A-Za-z_]\w*$/;

/**
 * Storage units of ASA r2: each LUN or namespace is one, with one UUID. They are cloned here, and hold the snapshots.
 * @param uuidIn finds the UUID in a handle's ref; undefined for volumes that another Trident made
 */
export class Units implements SnapshotHolders {
  readonly path = '/storage/storage-units';
  readonly #backend: OntapBackend;
  readonly #uuidIn: (volume: VolumeHandle) => string | undefined;

  constructor(backend: OntapBackend, uuidIn: (volume: VolumeHandle) => string | undefined) {
    this.#backend = backend;
    this.#uuidIn = uuidIn;
  }

  /** The unit of that name, or undefined when the array says that there is none. */
  async find(name: string, signal: AbortSignal): Promise<UnitOnOntap | undefined> {
    // Nothing else can be a name, and in a query some characters would mean more than themselves.
    if (!validName.test(name)) return undefined;
    const query = { name, 'svm.uuid': this.#backend.facts.svm.uuid, fields: unitFieldNames };
    const answer = await this.#backend.client.list(this.path, query, unitSchema, signal);
    return this.#backend.must(answer, `looking for storage unit ${name}`).find((unit) => unit.name === name);
  }

  /** Names of the clones of a unit. */
  async clonesNamed(uuid: string, signal: AbortSignal): Promise<readonly string[]> {
    const query = {
      'clone.source.storage_unit.uuid': uuid,
      'svm.uuid': this.#backend.facts.svm.uuid,
      fields: 'name',
    };
    const answer = await this.#backend.client.list(this.path, query, unitSchema, signal);
    return this.#backend
      .must(answer, 'looking for the clones of a storage unit')
      .map(({ name }) => name)
      .toSorted();
  }

  async findUuidOf(volume: VolumeHandle, signal: AbortSignal): Promise<string | undefined> {
    const known = this.#uuidIn(volume);
    if (known === undefined) return (await this.find(volume.config.internalName, signal))?.uuid;
    return volume.orphaned === true && !(await this.#isOnOwnSvm(known, signal)) ? undefined : known;
  }

  async #isOnOwnSvm(uuid: string, signal: AbortSignal): Promise<boolean> {
    const query = { uuid, 'svm.uuid': this.#backend.facts.svm.uuid, fields: 'name' };
    const answer = await this.#backend.client.list(this.path, query, unitSchema, signal);
    return this.#backend.must(answer, `looking for the storage unit with UUID ${uuid}`).length > 0;
  }

  async uuidOf(volume: VolumeHandle, signal: AbortSignal): Promise<string> {
    const uuid = await this.findUuidOf(volume, signal);
    if (uuid === undefined) throw this.missing(volume.config.internalName);
    return uuid;
  }

  clonesOf(uuid: string, snapshot: string): Readonly<Record<string, string>> {
    return { 'clone.source.storage_unit.uuid': uuid, 'clone.source.snapshot.name': snapshot };
  }

  missing(name: string): Problem {
    return new Problem(
      'volume.not-on-array',
      'notFound',
      `there is no storage unit ${name} on SVM ${this.#backend.facts.svm.name}`,
    );
  }
}
