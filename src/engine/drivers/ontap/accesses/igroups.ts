import * as v from 'valibot';
import type { OntapBackend } from '../backend.ts';
import { isAbsent, isDuplicate, ontapCode } from '../client/codes.ts';

const path = '/protocols/san/igroups';

const igroupSchema = v.object({
  uuid: v.string(),
  name: v.string(),
  protocol: v.optional(v.string(), ''),
  initiators: v.optional(v.array(v.object({ name: v.string() })), []),
});
export type Igroup = v.InferOutput<typeof igroupSchema>;
const mappedSchema = v.object({
  ...igroupSchema.entries,
  lun_maps: v.optional(v.array(v.object({ lun: v.object({ uuid: v.string() }) })), []),
});
/** An igroup with the LUNs that are mapped to it. */
export type MappedIgroup = v.InferOutput<typeof mappedSchema>;
const fields = 'name,protocol,initiators.name';

/** Initiator groups of the SVM: who may see the LUNs that are mapped to them. */
export class Igroups {
  readonly #backend: OntapBackend;

  constructor(backend: OntapBackend) {
    this.#backend = backend;
  }

  /** The igroups whose name matches a pattern (`*-<uuid>`). */
  async list(pattern: string, signal: AbortSignal): Promise<readonly Igroup[]> {
    const query = { name: pattern, 'svm.uuid': this.#backend.facts.svm.uuid, fields };
    const answer = await this.#backend.client.list(path, query, igroupSchema, signal);
    return this.#backend.must(answer, 'reading the igroups');
  }

  /** The same, with the LUNs that are mapped to each. */
  async listWithMaps(pattern: string, signal: AbortSignal): Promise<readonly MappedIgroup[]> {
    const query = {
      name: pattern,
      'svm.uuid': this.#backend.facts.svm.uuid,
      fields: `${fields},lun_maps.lun.uuid`,
    };
    const answer = await this.#backend.client.list(path, query, mappedSchema, signal);
    return this.#backend.must(answer, 'reading the igroups');
  }

  /** Makes an igroup with its initiators. False when there is one of that name already. */
  async create(
    name: string,
    protocol: 'iscsi' | 'fcp',
    initiators: readonly string[],
    signal: AbortSignal,
  ): Promise<boolean> {
    const outcome = await this.#backend.change(
      {
        method: 'POST',
        path,
        body: {
          name,
          svm: { uuid: this.#backend.facts.svm.uuid },
          protocol,
          os_type: 'linux',
          initiators: initiators.map((initiator) => ({ name: initiator })),
        },
        job: 'none',
        done: async (inner) => (await this.list(name, inner)).some((igroup) => igroup.name === name),
      },
      signal,
    );
    if (outcome.kind === 'refused' && isDuplicate(outcome.refusal)) return false;
    this.#backend.must(outcome, `creating igroup ${name}`);
    return true;
  }

  /** Adds an initiator; one that is in it already is as good. False when the igroup is gone. */
  async add(igroup: Pick<Igroup, 'uuid' | 'name'>, initiator: string, signal: AbortSignal): Promise<boolean> {
    const outcome = await this.#backend.change(
      {
        method: 'POST',
        path: `${path}/${igroup.uuid}/initiators`,
        body: { name: initiator },
        job: 'none',
        done: async (inner) =>
          (await this.list(igroup.name, inner)).some(
            ({ uuid, initiators }) => uuid === igroup.uuid && initiators.some(({ name }) => name === initiator),
          ),
      },
      signal,
    );
    if (outcome.kind === 'ok') return true;
    if (outcome.kind === 'refused' && outcome.refusal.code === ontapCode.initiatorInIgroup) return true;
    if (outcome.kind === 'refused' && isAbsent(outcome.refusal)) return false;
    throw this.#backend.problem(outcome, `adding initiator ${initiator} to igroup ${igroup.name}`);
  }

  /**
   * Removes an igroup that no LUN is mapped to; the array itself refuses any other, so that nobody who maps one meanwhile
   * loses it. False when it is still used. One that is gone is as good as removed.
   */
  async removeUnused(igroup: Pick<Igroup, 'uuid' | 'name'>, signal: AbortSignal): Promise<boolean> {
    const outcome = await this.#backend.change(
      {
        method: 'DELETE',
        path: `${path}/${igroup.uuid}`,
        job: 'none',
        done: async (inner) => !(await this.list(igroup.name, inner)).some(({ uuid }) => uuid === igroup.uuid),
      },
      signal,
    );
    if (outcome.kind === 'ok' || (outcome.kind === 'refused' && isAbsent(outcome.refusal))) return true;
    if (outcome.kind === 'refused' && outcome.refusal.code === ontapCode.igroupMapped) return false;
    throw this.#backend.problem(outcome, `removing igroup ${igroup.name}`);
  }

  /** The same for an igroup of which only the name is known. */
  async removeNamed(name: string, signal: AbortSignal): Promise<boolean> {
    const found = (await this.list(name, signal)).find((igroup) => igroup.name === name);
    return found === undefined || this.removeUnused(found, signal);
  }
}
