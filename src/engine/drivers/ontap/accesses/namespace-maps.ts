import * as v from 'valibot';
import { Problem } from '../../../problem.ts';
import type { OntapBackend } from '../backend.ts';
import { isAbsent, ontapCode } from '../client/codes.ts';
import type { NamespaceRef } from '../containers/namespace-ref.ts';

const path = '/protocols/nvme/subsystem-maps';
const mapSchema = v.object({ nsid: v.optional(v.string(), '') });
const countSchema = v.object({ num_records: v.number() });

interface Named {
  readonly uuid: string;
  readonly name: string;
}

/** What became of a namespace that was to be mapped. */
export type Mapping =
  /** With its number in the subsystem, which the array gives lowest first; 0 when it does not tell. */
  | { readonly kind: 'mapped'; readonly number: number }
  /** It is in a subsystem already: the wanted one, or another. */
  | { readonly kind: 'seated' }
  | { readonly kind: 'no-subsystem' };

/** Which namespaces are in which subsystems of the SVM. */
export class NamespaceMaps {
  readonly #backend: OntapBackend;

  constructor(backend: OntapBackend) {
    this.#backend = backend;
  }

  /** Number of namespaces in a subsystem. */
  async count(subsystem: Named, signal: AbortSignal): Promise<number> {
    const query = {
      'subsystem.uuid': subsystem.uuid,
      'svm.uuid': this.#backend.facts.svm.uuid,
      return_records: false,
    };
    const answer = await this.#backend.client.read(path, query, countSchema, signal);
    return this.#backend.must(answer, `counting the namespaces in subsystem ${subsystem.name}`).num_records;
  }

  async create(namespace: NamespaceRef, subsystem: Named, signal: AbortSignal): Promise<Mapping> {
    const what = `mapping namespace ${namespace.name} to subsystem ${subsystem.name}`;
    const outcome = await this.#backend.change(
      {
        method: 'POST',
        path,
        query: { return_records: true },
        body: {
          svm: { uuid: this.#backend.facts.svm.uuid },
          namespace: { uuid: namespace.uuid },
          subsystem: { uuid: subsystem.uuid },
        },
        job: 'none',
        done: (inner) => this.#has(namespace, subsystem, inner),
      },
      signal,
    );
    if (outcome.kind === 'ok') return { kind: 'mapped', number: numberIn(outcome.value) };
    if (outcome.kind === 'refused') {
      const { code } = outcome.refusal;
      if (code === ontapCode.namespaceInSubsystem) return { kind: 'seated' };
      if (code === ontapCode.subsystemGone || code === ontapCode.subsystemUnknown) return { kind: 'no-subsystem' };
      if (code === ontapCode.namespaceUnknown || code === ontapCode.noEntry)
        throw new Problem('volume.not-on-array', 'notFound', `${what}: the namespace is not there`, {
          array: outcome.refusal,
          nothingDone: true,
        });
    }
    throw this.#backend.problem(outcome, what);
  }

  /** Takes a namespace out of a subsystem; one that is not in it is as good. */
  async remove(namespace: NamespaceRef, subsystem: Named, signal: AbortSignal): Promise<void> {
    const outcome = await this.#backend.change(
      {
        method: 'DELETE',
        path: `${path}/${subsystem.uuid}/${namespace.uuid}`,
        job: 'none',
        done: async (inner) => !(await this.#has(namespace, subsystem, inner)),
      },
      signal,
    );
    if (outcome.kind === 'ok' || (outcome.kind === 'refused' && isAbsent(outcome.refusal))) return;
    throw this.#backend.problem(outcome, `unmapping namespace ${namespace.name} from subsystem ${subsystem.name}`);
  }

  async #has(namespace: NamespaceRef, subsystem: Named, signal: AbortSignal): Promise<boolean> {
    const query = {
      'subsystem.uuid': subsystem.uuid,
      'namespace.uuid': namespace.uuid,
      'svm.uuid': this.#backend.facts.svm.uuid,
    };
    const answer = await this.#backend.client.list(path, query, v.object({}), signal);
    return this.#backend.must(answer, 'reading NVMe maps').length > 0;
  }
}

/** `0000000ah` is 10. */
const numberIn = (records: readonly unknown[]): number => {
  for (const record of records) {
    const result = v.safeParse(mapSchema, record);
    if (result.success && /^[0-9a-f]+h?$/i.test(result.output.nsid)) return Number.parseInt(result.output.nsid, 16);
  }
  return 0;
};
