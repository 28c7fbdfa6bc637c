import * as v from 'valibot';
import { Problem } from '../../../problem.ts';
import type { OntapBackend } from '../backend.ts';
import { isAbsent, ontapCode } from '../client/codes.ts';
import type { LunRef } from '../containers/lun-ref.ts';

const path = '/protocols/san/lun-maps';
const named = v.object({ uuid: v.optional(v.string(), ''), name: v.optional(v.string(), '') });

const mapSchema = v.object({
  lun: named,
  igroup: v.object({
    uuid: v.string(),
    name: v.string(),
    protocol: v.optional(v.string(), ''),
    initiators: v.optional(v.array(v.string()), []),
  }),
  logical_unit_number: v.optional(v.number()),
  reporting_nodes: v.optional(v.array(named), []),
});
/** A LUN as the initiators of an igroup see it. */
export type LunMap = v.InferOutput<typeof mapSchema>;

const fields = 'lun,igroup.name,igroup.protocol,igroup.initiators,logical_unit_number,reporting_nodes';

/** Why a LUN could not be mapped, where something can be done about it. */
export type Mapping = 'mapped' | 'no-igroup';

/** LUN maps of the SVM. The igroup's initiators and the reporting nodes are read with the map, in one call. */
export class LunMaps {
  readonly #backend: OntapBackend;

  constructor(backend: OntapBackend) {
    this.#backend = backend;
  }

  async find(lun: Pick<LunRef, 'uuid'>, igroup: string, signal: AbortSignal): Promise<LunMap | undefined> {
    const found = await this.list({ 'lun.uuid': lun.uuid, 'igroup.name': igroup }, signal);
    return found.find((map) => map.igroup.name === igroup);
  }

  /** The maps of the SVM that a query finds: `lun.uuid`, `igroup.name` with patterns. */
  async list(query: Readonly<Record<string, string>>, signal: AbortSignal): Promise<readonly LunMap[]> {
    const all = { ...query, 'svm.uuid': this.#backend.facts.svm.uuid, fields };
    return this.#backend.must(await this.#backend.client.list(path, all, mapSchema, signal), 'reading LUN maps');
  }

  /** Maps a LUN; one that is mapped there already is as good. `no-igroup` when there is no igroup of that name. */
  async create(lun: LunRef, igroup: string, signal: AbortSignal): Promise<Mapping> {
    const what = `mapping LUN ${lun.name} to igroup ${igroup}`;
    const outcome = await this.#backend.change(
      {
        method: 'POST',
        path,
        body: { svm: { uuid: this.#backend.facts.svm.uuid }, lun: { uuid: lun.uuid }, igroup: { name: igroup } },
        job: 'none',
        done: async (inner) => (await this.find(lun, igroup, inner)) !== undefined,
      },
      signal,
    );
    if (outcome.kind === 'ok') return 'mapped';
    if (outcome.kind === 'refused') {
      const { code } = outcome.refusal;
      if (code === ontapCode.lunMapExists) return 'mapped';
      if (code === ontapCode.igroupUnknown || code === ontapCode.igroupGone) return 'no-igroup';
      if (code === ontapCode.lunUnknown || code === ontapCode.noEntry)
        throw new Problem('volume.not-on-array', 'notFound', `${what}: the LUN is not there`, {
          array: outcome.refusal,
          nothingDone: true,
        });
      if (code === ontapCode.lunSeenTwice)
        throw await this.#mappedElsewhere(lun, what, outcome.refusal.message, signal);
    }
    throw this.#backend.problem(outcome, what);
  }

  /** Makes a node of the array, with its partner, lead to the LUN for an igroup; once more is as good. */
  async addReportingNode(map: LunMap, node: string, signal: AbortSignal): Promise<void> {
    if (map.reporting_nodes.some(({ name }) => name === node)) return;
    const what = `making node ${node} report LUN ${map.lun.name} to igroup ${map.igroup.name}`;
    const outcome = await this.#backend.change(
      {
        method: 'POST',
        path: `${path}/${map.lun.uuid}/${map.igroup.uuid}/reporting-nodes`,
        body: { name: node },
        job: 'none',
        done: async (inner) =>
          (await this.find(map.lun, map.igroup.name, inner))?.reporting_nodes.some(({ name }) => name === node) ===
          true,
      },
      signal,
    );
    if (outcome.kind === 'refused' && isAbsent(outcome.refusal)) return;
    this.#backend.must(outcome, what);
  }

  /** Removes a map; one that is gone is as good. */
  async remove(
    map: { readonly lun: string; readonly igroup: string },
    what: string,
    signal: AbortSignal,
  ): Promise<void> {
    const outcome = await this.#backend.change(
      {
        method: 'DELETE',
        path: `${path}/${map.lun}/${map.igroup}`,
        job: 'none',
        done: async (inner) =>
          (await this.list({ 'lun.uuid': map.lun, 'igroup.uuid': map.igroup }, inner)).length === 0,
      },
      signal,
    );
    if (outcome.kind === 'ok' || (outcome.kind === 'refused' && isAbsent(outcome.refusal))) return;
    throw this.#backend.problem(outcome, what);
  }

  async #mappedElsewhere(lun: LunRef, what: string, said: string, signal: AbortSignal): Promise<Problem> {
    const igroups = (await this.list({ 'lun.uuid': lun.uuid }, signal)).map((map) => map.igroup.name);
    return new Problem(
      'lun.mapped-elsewhere',
      'conflict',
      `${what}: the node sees the LUN through another igroup already (it is mapped to ${igroups.join(', ')}): ${said}`,
      {
        hint: 'unmap the LUN from the igroup that is not ours, or take the node out of that igroup',
        nothingDone: true,
      },
    );
  }
}
