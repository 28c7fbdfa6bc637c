import * as v from 'valibot';
import type { OntapBackend } from '../backend.ts';
import { isAbsent, isDuplicate, ontapCode } from '../client/codes.ts';
import { canonicalAddress } from './addresses.ts';

const ruleSchema = v.object({
  index: v.number(),
  clients: v.optional(v.array(v.object({ match: v.string() })), []),
  protocols: v.optional(v.array(v.string())),
  ro_rule: v.optional(v.array(v.string())),
  rw_rule: v.optional(v.array(v.string())),
  superuser: v.optional(v.array(v.string())),
});
export type ExportRule = v.InferOutput<typeof ruleSchema>;
const policySchema = v.object({ id: v.number(), name: v.string(), rules: v.optional(v.array(ruleSchema), []) });
export type ExportPolicy = v.InferOutput<typeof policySchema>;

const path = '/protocols/nfs/export-policies';
const policyInUse = new Set<string>([ontapCode.exportPolicyInUse, ontapCode.exportPolicyInUseByQtree]);

/** Each deletion makes ONTAP rebuild its cache of exports, during which clients wait. */
export const deletionsAtMost = 10;

/** The addresses a rule lets in when it lets in addresses only; undefined when it names a network, host or netgroup. */
export const addressesOf = (rule: ExportRule): readonly string[] | undefined => {
  const addresses = rule.clients.map(({ match }) => canonicalAddress(match));
  const known = addresses.filter((address) => address !== undefined);
  return known.length > 0 && known.length === addresses.length ? known : undefined;
};

/** True when the list is known and is not the one of a rule that a Trident writes. */
const differs = (values: readonly string[] | undefined, ours: readonly string[]): boolean =>
  values !== undefined && !(values.length === 1 && ours.includes(values[0] ?? ''));

/** The form of rules that Tridents write (ontap-drivers.md 7.9). Beside one, users may have another for the same client. */
const isOfOurForm = ({ protocols, ro_rule: ro, rw_rule: rw, superuser }: ExportRule): boolean =>
  !differs(protocols, ['nfs', 'cifs']) && ![ro, rw, superuser].some((values) => differs(values, ['any']));

/** True when a rule of our form lets in some of these addresses and nobody else, so that it was written for them. */
export const isRuleFor = (rule: ExportRule, addresses: ReadonlySet<string>): boolean =>
  isOfOurForm(rule) && addressesOf(rule)?.every((address) => addresses.has(address)) === true;

/** Addresses that no rule of the policy names by itself. */
export const missingIn = (policy: ExportPolicy, addresses: readonly string[]): readonly string[] => {
  const there = new Set(policy.rules.flatMap((rule) => rule.clients.map(({ match }) => canonicalAddress(match))));
  return addresses.filter((address) => !there.has(address));
};

/** Export policies of the SVM. Rules are read with their policy, in one call. */
export class ExportPolicies {
  readonly #backend: OntapBackend;
  readonly #protocol: 'nfs' | 'cifs';

  constructor(backend: OntapBackend, protocol: 'nfs' | 'cifs') {
    this.#backend = backend;
    this.#protocol = protocol;
  }

  /** The policies of these names that exist. */
  async list(names: readonly string[], signal: AbortSignal): Promise<readonly ExportPolicy[]> {
    const query = {
      name: names.join('|'),
      'svm.uuid': this.#backend.facts.svm.uuid,
      fields: 'id,name,rules.index,rules.clients,rules.protocols,rules.ro_rule,rules.rw_rule,rules.superuser',
    };
    const answer = await this.#backend.client.list(path, query, policySchema, signal);
    const what = `reading export policy ${names.length === 1 ? (names[0] ?? '') : 'rules'}`;
    return this.#backend.must(answer, what).filter((policy) => names.includes(policy.name));
  }

  async find(name: string, signal: AbortSignal): Promise<ExportPolicy | undefined> {
    return (await this.list([name], signal))[0];
  }

  /** Makes a policy with a rule for each address. False when there is one of that name already. */
  async create(name: string, addresses: readonly string[], signal: AbortSignal): Promise<boolean> {
    const outcome = await this.#backend.change(
      {
        method: 'POST',
        path,
        body: {
          name,
          svm: { uuid: this.#backend.facts.svm.uuid },
          ...(addresses.length === 0 ? {} : { rules: addresses.map((address) => this.#rule(address)) }),
        },
        job: 'none',
        done: async (inner) => {
          const found = await this.find(name, inner);
          return found !== undefined && missingIn(found, addresses).length === 0;
        },
      },
      signal,
    );
    if (outcome.kind === 'refused' && isDuplicate(outcome.refusal)) return false;
    this.#backend.must(outcome, `creating export policy ${name}`);
    return true;
  }

  /** Adds a rule; one that is `present` already is as good. */
  async addRule(policy: ExportPolicy, address: string, signal: AbortSignal): Promise<'added' | 'present' | 'gone'> {
    const outcome = await this.#backend.change(
      {
        method: 'POST',
        path: `${path}/${policy.id}/rules`,
        body: this.#rule(address),
        job: 'none',
        done: async (inner) => {
          const found = await this.find(policy.name, inner);
          return found !== undefined && missingIn(found, [address]).length === 0;
        },
      },
      signal,
    );
    if (outcome.kind === 'ok') return 'added';
    if (outcome.kind === 'refused' && outcome.refusal.code === ontapCode.exportRuleExists) return 'present';
    if (
      outcome.kind === 'refused' &&
      (isAbsent(outcome.refusal) || outcome.refusal.code === ontapCode.exportPolicyUnknown)
    )
      return 'gone';
    throw this.#backend.problem(outcome, `adding ${address} to export policy ${policy.name}`);
  }

  /** Removes a rule; one that is gone is as good. */
  async removeRule(policy: ExportPolicy, rule: ExportRule, signal: AbortSignal): Promise<void> {
    const outcome = await this.#backend.change(
      {
        method: 'DELETE',
        path: `${path}/${policy.id}/rules/${rule.index}`,
        job: 'none',
        done: async (inner) =>
          !(await this.find(policy.name, inner))?.rules.some((other) => other.index === rule.index),
      },
      signal,
    );
    if (
      outcome.kind === 'ok' ||
      (outcome.kind === 'refused' &&
        (isAbsent(outcome.refusal) || outcome.refusal.code === ontapCode.exportPolicyUnknown))
    )
      return;
    throw this.#backend.problem(outcome, `removing a rule of export policy ${policy.name}`);
  }

  /** Removes a policy with its rules; one that is gone is as good. False when a volume or qtree still uses it. */
  async remove(policy: ExportPolicy, signal: AbortSignal): Promise<boolean> {
    const outcome = await this.#backend.change(
      {
        method: 'DELETE',
        path: `${path}/${policy.id}`,
        job: 'none',
        done: async (inner) => (await this.find(policy.name, inner))?.id !== policy.id,
      },
      signal,
    );
    if (outcome.kind === 'ok' || (outcome.kind === 'refused' && isAbsent(outcome.refusal))) return true;
    if (outcome.kind === 'refused' && policyInUse.has(outcome.refusal.code)) return false;
    throw this.#backend.problem(outcome, `removing export policy ${policy.name}`);
  }

  #rule(address: string) {
    return {
      clients: [{ match: address }],
      protocols: [this.#protocol],
      ro_rule: ['any'],
      rw_rule: ['any'],
      superuser: ['any'],
    };
  }
}
