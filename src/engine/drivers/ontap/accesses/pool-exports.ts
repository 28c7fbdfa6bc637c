import type { BlockList } from 'node:net';
import { Problem } from '../../../problem.ts';
import type { AccessExpectation, AccessFinding, PublishRequest, VolumeHandle } from '../../objects.ts';
import type { OntapBackend } from '../backend.ts';
import { isPolicyMissing } from '../client/codes.ts';
import { networksOf } from '../config/rules.ts';
import { FlexVolChanges } from '../containers/flexvol-changes.ts';
import type { NasFields } from '../containers/nas-fields.ts';
import type { SharedFlexVol } from '../containers/shared-flexvol.ts';
import { backendPolicyName, emptyPolicyName } from '../names.ts';
import { noRepair } from '../parts.ts';
import type { Wish } from '../parts.ts';
import { poolPolicyName } from '../qtree-names.ts';
import { exportAddresses } from './addresses.ts';
import type { ExportPolicy } from './export-policies.ts';
import { ExportPolicies, addressesOf, isRuleFor, missingIn } from './export-policies.ts';
import { clientsOf, planPoolExports } from './pool-export-plan.ts';
import { WrittenRules } from './written-rules.ts';

/** Everybody: for shared FlexVols whose qtrees have rules of the users' own. */
const everybody: readonly string[] = ['0.0.0.0/0', '::/0'];
/** How long a rule that was not there counts as missing. That one is there is always asked. */
const freshMs = 10_000;
/** Who may pass through what several volumes share, on the way to one of them. */
export interface Passage {
  letIn(request: PublishRequest, signal: AbortSignal): Promise<void>;
  plan(expected: readonly AccessExpectation[], signal: AbortSignal): Promise<readonly AccessFinding[]>;
  retire(signal: AbortSignal): Promise<void>;
}

export interface SharedPlaces {
  /** The FlexVol around a volume; undefined when it is not there. */
  flexVolOf(volume: VolumeHandle, signal: AbortSignal): Promise<SharedFlexVol | undefined>;
  /** All of them, as they are now. */
  list(signal: AbortSignal): Promise<readonly SharedFlexVol[]>;
}

/**
 * Export policies of shared FlexVols. Nodes reach a qtree through its FlexVol, whose policy must let them pass. With
 * `autoExportPolicy` that is one policy for the backend, with a rule for each node that has a volume of it; a FlexVol that
 * another backend or a user has given a policy keeps it, since others pass there too.
 */
export class PoolExports implements Passage {
  readonly #backend: OntapBackend;
  readonly #places: SharedPlaces;
  readonly #policies: ExportPolicies;
  readonly #written: WrittenRules;
  readonly #changes: FlexVolChanges;
  readonly #networks: BlockList;
  readonly #own: string;
  readonly #empty: string;
  /** Policies as last read. */
  readonly #seen = new Map<string, { readonly policy: ExportPolicy; readonly at: number }>();

  constructor(backend: OntapBackend, places: SharedPlaces) {
    this.#backend = backend;
    this.#places = places;
    this.#policies = new ExportPolicies(backend, backend.settings.nasType === 'smb' ? 'cifs' : 'nfs');
    this.#written = new WrittenRules(backend);
    this.#changes = new FlexVolChanges(backend);
    this.#networks = networksOf(backend.settings.autoExportCIDRs);
    this.#own = backendPolicyName(backend.environment.backendUUID);
    this.#empty = emptyPolicyName(backend.settings.prefix);
  }

  /** A new shared FlexVol with its policy, which is made when the array misses it. */
  wish(fields: Omit<NasFields, 'exportPolicy'>): Wish<NasFields> {
    const { autoExportPolicy, context } = this.#backend.settings;
    const name = autoExportPolicy ? this.#own : poolPolicyName(context);
    return {
      fields: { ...fields, exportPolicy: name },
      repair: async ({ refusal }, signal) => {
        if (!isPolicyMissing(refusal)) return false;
        await this.#policies.create(name, autoExportPolicy ? [] : everybody, signal);
        if (autoExportPolicy) await this.#find(name, signal);
        return true;
      },
    };
  }

  /** True when another backend keeps the FlexVol's policy: its nodes pass there, and ours are not to. */
  isForeign(flexVol: SharedFlexVol): boolean {
    const { exportPolicy } = flexVol;
    return this.#backend.settings.autoExportPolicy && isBackendPolicy(exportPolicy) && exportPolicy !== this.#own;
  }

  async letIn({ volume, node }: PublishRequest, signal: AbortSignal): Promise<void> {
    if (!this.#backend.settings.autoExportPolicy) return;
    const passage = await this.#passageOf(volume, signal);
    if (passage === undefined) return;
    const { flexVol, policy } = passage;
    await this.#admit(policy, exportAddresses(node, this.#networks), signal);
    if (flexVol.exportPolicy !== policy) await this.#assign(flexVol, policy, signal);
  }

  async plan(expected: readonly AccessExpectation[], signal: AbortSignal): Promise<readonly AccessFinding[]> {
    if (!this.#backend.settings.autoExportPolicy || expected.length === 0) return [];
    await this.#places.list(signal);
    return planPoolExports(
      {
        own: this.#own,
        policies: this.#policies,
        written: this.#written,
        networks: this.#networks,
        passageOf: (volume, inner) => this.#passageOf(volume, inner),
        assign: (flexVol, name, inner) => this.#assign(flexVol, name, inner),
        admit: (name, addresses, inner) => this.#admit(name, addresses, inner),
      },
      expected,
      signal,
    );
  }

  /**
   * Puts the FlexVols of this backend on the policy that lets nobody pass, so that its own can be removed.
   * @throws Problem `export-policy.foreign-rules` when somebody else wrote rules there: then both stay, without our rules
   */
  async retire(signal: AbortSignal): Promise<void> {
    if (!this.#backend.settings.autoExportPolicy) return;
    const policy = await this.#find(this.#own, signal);
    const ours = await this.#written.of(this.#own);
    const foreign = policy?.rules.filter((rule) => !isRuleFor(rule, ours)) ?? [];
    if (policy !== undefined && foreign.length > 0) {
      for (const rule of policy.rules) {
        if (foreign.includes(rule)) continue;
        await this.#policies.removeRule(policy, rule, signal);
        await this.#written.forget(this.#own, addressesOf(rule) ?? []);
      }
      throw new Problem(
        'export-policy.foreign-rules',
        'conflict',
        `export policy ${this.#own} of shared FlexVols has rules that are not on record as ours, and stays: ${foreign.map(clientsOf).join('; ')}`,
        { hint: 'remove the policy on the array when nobody needs it any more' },
      );
    }
    for (const flexVol of await this.#places.list(signal)) {
      if (flexVol.exportPolicy !== this.#own) continue;
      await this.#assign(flexVol, this.#empty, signal);
    }
  }

  /** The policy whose rules we keep for a FlexVol; undefined when a user keeps them. */
  #policyFor({ exportPolicy }: SharedFlexVol): string | undefined {
    if (['', this.#empty, this.#own].includes(exportPolicy)) return this.#own;
    return isBackendPolicy(exportPolicy) ? exportPolicy : undefined;
  }

  async #passageOf(volume: VolumeHandle, signal: AbortSignal) {
    const flexVol = volume.config.importNotManaged ? undefined : await this.#places.flexVolOf(volume, signal);
    const policy = flexVol === undefined ? undefined : this.#policyFor(flexVol);
    return flexVol === undefined || policy === undefined ? undefined : { flexVol, policy };
  }

  async #admit(name: string, addresses: readonly string[], signal: AbortSignal): Promise<void> {
    const seen = this.#seen.get(name);
    const fresh = seen !== undefined && this.#now() - seen.at <= freshMs;
    // A rule that was missing a moment ago is added without another look; the array refuses a second one.
    if (fresh && missingIn(seen.policy, addresses).length === addresses.length) {
      if (await this.#add(seen.policy, addresses, signal)) return;
    }
    for (let round = 0; round < 3; round++) {
      const policy = await this.#find(name, signal);
      if (policy === undefined) {
        if (await this.#make(name, addresses, signal)) return;
      } else if (await this.#add(policy, missingIn(policy, addresses), signal)) return;
    }
    // Saying nothing would leave a node outside that counts as let in.
    throw new Problem(
      'export-policy.contended',
      'conflict',
      `export policy ${name} of shared FlexVols is made and removed by others at the same time`,
      { hint: 'repeat the operation; check whether another Trident uses the same SVM and storagePrefix' },
    );
  }

  /** False when there is one of that name already. */
  async #make(name: string, addresses: readonly string[], signal: AbortSignal): Promise<boolean> {
    let made = false;
    await this.#written.writing(name, addresses, async () => {
      made = await this.#policies.create(name, addresses, signal);
      return made ? addresses : [];
    });
    return made;
  }

  /** False when the policy is gone. */
  async #add(policy: ExportPolicy, addresses: readonly string[], signal: AbortSignal): Promise<boolean> {
    let stands = true;
    await this.#written.writing(policy.name, addresses, async () => {
      const added: string[] = [];
      for (const address of addresses) {
        const end = await this.#policies.addRule(policy, address, signal);
        if (end === 'added') added.push(address);
        stands = end !== 'gone';
        if (!stands) return [];
      }
      return added;
    });
    if (!stands) {
      this.#seen.delete(policy.name);
      return false;
    }
    const clients = addresses.map((match) => ({ match }));
    if (addresses.length > 0)
      this.#seen.set(policy.name, {
        policy: { ...policy, rules: [...policy.rules, { index: -1, clients }] },
        at: this.#seen.get(policy.name)?.at ?? 0,
      });
    return true;
  }

  async #find(name: string, signal: AbortSignal): Promise<ExportPolicy | undefined> {
    const at = this.#now();
    const policy = await this.#policies.find(name, signal);
    if (policy === undefined) this.#seen.delete(name);
    else this.#seen.set(name, { policy, at });
    return policy;
  }

  async #assign(flexVol: SharedFlexVol, name: string, signal: AbortSignal): Promise<void> {
    const repair = async ({ refusal }: Parameters<Wish<NasFields>['repair']>[0], inner: AbortSignal) => {
      if (!isPolicyMissing(refusal)) return false;
      await this.#policies.create(name, [], inner);
      return true;
    };
    const what = `assigning export policy ${name} to shared FlexVol ${flexVol.name}`;
    const body = { nas: { export_policy: { name } } };
    await this.#changes.patch(flexVol, body, name === this.#empty ? { repair } : noRepair, what, signal);
    flexVol.found = { ...flexVol.found, nas: { path: flexVol.path, export_policy: { name } } };
  }

  #now(): number {
    return this.#backend.environment.now().getTime();
  }
}

/** True for the policy that a backend of a Trident keeps for its FlexVols. */
const isBackendPolicy = (name: string): boolean => /^trident-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(name);
