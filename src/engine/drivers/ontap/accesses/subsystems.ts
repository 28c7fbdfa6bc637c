import * as v from 'valibot';
import type { OntapBackend } from '../backend.ts';
import { isAbsent, ontapCode } from '../client/codes.ts';
import type { SubsystemName } from './subsystem-names.ts';
import { isNamed, isShortened } from './subsystem-names.ts';

const path = '/protocols/nvme/subsystems';
const fields = 'name,comment,target_nqn,hosts.nqn';

const subsystemSchema = v.object({
  uuid: v.string(),
  name: v.string(),
  comment: v.optional(v.string(), ''),
  /** By which hosts find it. */
  target_nqn: v.optional(v.string(), ''),
  hosts: v.optional(v.array(v.object({ nqn: v.string() })), []),
  subsystem_maps: v.optional(
    v.array(v.object({ namespace: v.object({ uuid: v.string(), name: v.optional(v.string(), '') }) })),
    [],
  ),
});
export type Subsystem = v.InferOutput<typeof subsystemSchema>;

type Named = Pick<Subsystem, 'uuid' | 'name'>;

/** NVMe subsystems of the SVM: their hosts see the namespaces that are mapped to them. */
export class Subsystems {
  readonly #backend: OntapBackend;

  constructor(backend: OntapBackend) {
    this.#backend = backend;
  }

  /** The subsystem of that name, however the name was shortened. */
  async find(wanted: SubsystemName, signal: AbortSignal): Promise<Subsystem | undefined> {
    if (!isShortened(wanted)) {
      const named = await this.list({ name: wanted.name }, signal);
      return named.find(({ name }) => name === wanted.name);
    }
    const told = await this.list({ comment: wanted.comment }, signal);
    return told.find(({ name }) => name === wanted.name) ?? told.find((found) => isNamed(found, wanted));
  }

  /** The subsystems whose name, or comment, matches patterns. */
  list(query: { readonly name: string } | { readonly comment: string }, signal: AbortSignal) {
    return this.#list(query, fields, signal);
  }

  /** As `list`, with the namespaces in each. */
  listWithMaps(query: { readonly name: string } | { readonly comment: string }, signal: AbortSignal) {
    return this.#list(query, `${fields},subsystem_maps.namespace.uuid,subsystem_maps.namespace.name`, signal);
  }

  async findByUuid(uuid: string, signal: AbortSignal): Promise<Subsystem | undefined> {
    const answer = await this.#backend.client.read(`${path}/${uuid}`, { fields }, subsystemSchema, signal);
    if (answer.kind === 'refused' && isAbsent(answer.refusal)) return undefined;
    return this.#backend.must(answer, `looking for the subsystem with UUID ${uuid}`);
  }

  /** Makes a subsystem with its first host. Undefined when there is one of that name already, or it is not seen yet. */
  async create({ name, comment }: SubsystemName, nqn: string, signal: AbortSignal): Promise<Subsystem | undefined> {
    const find = async (inner: AbortSignal) => (await this.list({ name }, inner)).find((found) => found.name === name);
    const outcome = await this.#backend.change(
      {
        method: 'POST',
        path,
        query: { return_records: true },
        body: {
          name,
          svm: { uuid: this.#backend.facts.svm.uuid },
          os_type: 'linux',
          comment,
          hosts: [{ nqn }],
        },
        job: 'none',
        done: async (inner) => (await find(inner)) !== undefined,
      },
      signal,
    );
    if (outcome.kind === 'refused' && outcome.refusal.code === ontapCode.subsystemExists) return undefined;
    for (const record of this.#backend.must(outcome, `creating subsystem ${name}`)) {
      const result = v.safeParse(subsystemSchema, record);
      if (result.success && result.output.name === name && result.output.target_nqn !== '')
        return { ...result.output, hosts: [{ nqn }] };
    }
    return find(signal);
  }

  /** Lets a host in; one that is in already is as good. False when the subsystem is gone. */
  async addHost(subsystem: Named, nqn: string, signal: AbortSignal): Promise<boolean> {
    const outcome = await this.#backend.change(
      {
        method: 'POST',
        path: `${path}/${subsystem.uuid}/hosts`,
        body: { nqn },
        job: 'none',
        done: (inner) => this.#lets(subsystem, nqn, inner),
      },
      signal,
    );
    if (outcome.kind === 'ok') return true;
    if (outcome.kind === 'refused' && outcome.refusal.code === ontapCode.nvmeHostExists) return true;
    if (outcome.kind === 'refused' && isAbsent(outcome.refusal)) return false;
    throw this.#backend.problem(outcome, `adding host ${nqn} to subsystem ${subsystem.name}`);
  }

  /** Shuts a host out; one that is not in it, or a subsystem that is gone, is as good. */
  async removeHost(subsystem: Named, nqn: string, signal: AbortSignal): Promise<void> {
    const outcome = await this.#backend.change(
      {
        method: 'DELETE',
        path: `${path}/${subsystem.uuid}/hosts/${nqn}`,
        job: 'none',
        done: async (inner) => !(await this.#lets(subsystem, nqn, inner)),
      },
      signal,
    );
    if (outcome.kind === 'ok' || (outcome.kind === 'refused' && isAbsent(outcome.refusal))) return;
    throw this.#backend.problem(outcome, `removing host ${nqn} from subsystem ${subsystem.name}`);
  }

  /**
   * Removes a subsystem that no namespace is mapped to, with its hosts; the array itself refuses any other, so that nobody
   * who maps one meanwhile loses it. False when it is still used. One that is gone is as good as removed.
   */
  async removeUnused(subsystem: Named, signal: AbortSignal): Promise<boolean> {
    const outcome = await this.#backend.change(
      {
        method: 'DELETE',
        path: `${path}/${subsystem.uuid}`,
        query: { allow_delete_with_hosts: true },
        job: 'none',
        done: async (inner) => (await this.findByUuid(subsystem.uuid, inner)) === undefined,
      },
      signal,
    );
    if (outcome.kind === 'ok' || (outcome.kind === 'refused' && isAbsent(outcome.refusal))) return true;
    if (outcome.kind === 'refused' && outcome.refusal.code === ontapCode.subsystemHasMaps) return false;
    throw this.#backend.problem(outcome, `removing subsystem ${subsystem.name}`);
  }

  async #lets(subsystem: Named, nqn: string, signal: AbortSignal): Promise<boolean> {
    const found = await this.findByUuid(subsystem.uuid, signal);
    return found?.hosts.some((host) => host.nqn === nqn) === true;
  }

  async #list(query: Readonly<Record<string, string>>, wanted: string, signal: AbortSignal) {
    const all = { ...query, 'svm.uuid': this.#backend.facts.svm.uuid, fields: wanted };
    const answer = await this.#backend.client.list(path, all, subsystemSchema, signal);
    return this.#backend.must(answer, 'reading the NVMe subsystems');
  }
}
