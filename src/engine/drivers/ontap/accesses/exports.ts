import type { BlockList } from 'node:net';
import type { NodeRecord } from '../../../orchestrator/model.ts';
import { afterWork, Problem } from '../../../problem.ts';
import type { AccessChange, AccessExpectation, PublishRequest, UnpublishRequest, VolumeHandle } from '../../objects.ts';
import type { OntapBackend } from '../backend.ts';
import { isPolicyMissing } from '../client/codes.ts';
import type { Refused } from '../client/outcome.ts';
import { networksOf } from '../config/rules.ts';
import { viewOf } from '../containers/view.ts';
import type { NasFields } from '../containers/nas-fields.ts';
import { backendPolicyName, emptyPolicyName } from '../names.ts';
import type { Container, Wish } from '../parts.ts';
import { canonicalAddress, exportAddresses } from './addresses.ts';
import { ExportPolicies, isRuleFor, missingIn } from './export-policies.ts';
import type { ExportPolicy } from './export-policies.ts';
import { planExports } from './export-plan.ts';
import { nasRef } from './nas-ref.ts';
import type { NasRef } from './nas-ref.ts';

/** What access needs of the container: to look at a volume, and to change what access set on it. */
export interface NasContainer extends Pick<Container<NasFields, NasFields>, 'find'> {
  /** Changes what the access set at creation. False when the object is gone. */
  modify(volume: VolumeHandle, wish: Wish<NasFields>, what: string, signal: AbortSignal): Promise<boolean>;
}

/**
 * Who may reach which volume, when `autoExportPolicy` leaves that to Trident: each volume has an export policy of its own
 * with one rule for each address of a node it is published to, and rests on `<prefix>empty` when it is published to none.
 * Rules that somebody else wrote are never touched; what was needed yesterday goes only after what is needed today is there.
 */
export class NodeExports {
  readonly #backend: OntapBackend;
  readonly #container: NasContainer;
  readonly #policies: ExportPolicies;
  readonly #networks: BlockList;
  readonly #emptyPolicy: string;
  readonly #legacyPolicy: string;

  constructor(backend: OntapBackend, container: NasContainer) {
    this.#backend = backend;
    this.#container = container;
    this.#policies = new ExportPolicies(backend, backend.settings.nasType === 'smb' ? 'cifs' : 'nfs');
    this.#networks = networksOf(backend.settings.autoExportCIDRs);
    this.#emptyPolicy = emptyPolicyName(backend.settings.prefix);
    this.#legacyPolicy = backendPolicyName(backend.environment.backendUUID);
  }

  /** The policy whose rules we keep for a volume, or undefined when its access is not ours to manage (ontap-drivers.md 8.7). */
  policyFor(volume: VolumeHandle): string | undefined {
    if (!this.#backend.settings.autoExportPolicy || volume.config.importNotManaged) return undefined;
    const view = viewOf(volume);
    // A read-only clone is reached through its source, and shares its policy.
    if (view !== undefined) return view.name;
    const own = volume.config.internalName;
    const { exportPolicy } = nasRef(volume);
    if (['', own, this.#emptyPolicy].includes(exportPolicy)) return own;
    return exportPolicy === this.#legacyPolicy ? this.#legacyPolicy : undefined;
  }

  /** Lets a node in; what to keep in the handle afterwards. */
  async letIn({ volume, node, nodes }: PublishRequest, policyName: string, signal: AbortSignal): Promise<NasRef> {
    const nas = nasRef(volume);
    if (!nodes.some(({ name }) => name === node.name))
      throw new Problem('node.not-registered', 'notFound', `node ${node.name} is not among the registered nodes`, {
        nothingDone: true,
      });
    const addresses = exportAddresses(node, this.#networks);
    if (addresses.length === 0) throw this.#noAddress(node);
    const assigned = nas.exportPolicy === policyName && viewOf(volume) === undefined;
    const stood = await this.#ensureRules(policyName, addresses, assigned, signal);
    if (!assigned || !stood)
      await this.#assign(volume, policyName, signal).catch((error: unknown) => {
        throw afterWork(error);
      });
    // What the node had before stays on record until the rules for it are gone.
    const granted = [...new Set([...(nas.grants[node.name] ?? []), ...addresses])];
    return { ...nas, exportPolicy: policyName, grants: { ...nas.grants, [node.name]: granted } };
  }

  /** Shuts a node out; what to keep in the handle afterwards. */
  async shutOut({ volume, node, remaining }: UnpublishRequest, signal: AbortSignal): Promise<NasRef> {
    const nas = nasRef(volume);
    if (!this.#backend.settings.autoExportPolicy || volume.config.importNotManaged) return nas;
    const stays = (name: string) => remaining.some((other) => other.name === name);
    const kept = Object.fromEntries(Object.entries(nas.grants).filter(([name]) => stays(name)));
    const policyName = this.policyFor(volume);
    if (policyName === undefined) {
      // A volume on a policy that is not ours moves to the empty one when nobody needs it any more, as in stock (8.8).
      if (remaining.length > 0) return { ...nas, grants: kept };
      await this.#assign(volume, this.#emptyPolicy, signal);
      return { ...nas, exportPolicy: this.#emptyPolicy, grants: kept };
    }
    // Ours to remove: the rules of this node, and of nodes that we once let in and that need no access any more.
    const own = node.ips.map(canonicalAddress).filter((address) => address !== undefined);
    const gone = Object.entries(nas.grants).flatMap(([name, addresses]) => (stays(name) ? [] : addresses));
    const needed = new Set([
      ...remaining.flatMap((other) => exportAddresses(other, this.#networks)),
      ...Object.values(kept).flat(),
    ]);
    const removable = new Set([...own, ...gone].filter((address) => !needed.has(address)));
    if (viewOf(volume) === undefined && nas.exportPolicy === this.#emptyPolicy) {
      await this.#takeBackRules(volume, removable, signal);
      return nas;
    }
    const exportPolicy = await this.#removeRules(volume, policyName, removable, remaining.length === 0, signal);
    return { ...nas, exportPolicy, grants: kept };
  }

  plan(
    expected: readonly AccessExpectation[],
    nodes: readonly NodeRecord[],
    signal: AbortSignal,
  ): Promise<readonly AccessChange[]> {
    if (!this.#backend.settings.autoExportPolicy) return Promise.resolve([]);
    return planExports(
      {
        policies: this.#policies,
        networks: this.#networks,
        policyFor: (volume) => this.policyFor(volume),
        assigned: async (volume, inner) => (await this.#container.find(volume, inner))?.exportPolicy,
        assign: (volume, name, inner) => this.#assign(volume, name, inner),
        admit: async (name, addresses, inner) => {
          await this.#ensureRules(name, addresses, true, inner);
        },
      },
      expected,
      nodes,
      signal,
    );
  }

  /** After a volume was deleted: unpublishing removes its policy, so only one that was deleted while published has one. */
  async forget(volume: VolumeHandle, signal: AbortSignal): Promise<void> {
    const { exportPolicy, grants } = nasRef(volume);
    const own = this.#backend.settings.autoExportPolicy && exportPolicy === volume.config.internalName;
    if (!own || viewOf(volume) !== undefined) return;
    const policy = await this.#policies.find(exportPolicy, signal);
    const ours = new Set(Object.values(grants).flat());
    if (policy?.rules.every((rule) => isRuleFor(rule, ours)) === true) await this.#policies.remove(policy, signal);
  }

  /** Removes the policy that earlier versions kept for the whole backend. The empty one is shared, and stays. */
  async retire(signal: AbortSignal): Promise<void> {
    if (!this.#backend.settings.autoExportPolicy) return;
    const policy = await this.#policies.find(this.#legacyPolicy, signal);
    if (policy !== undefined) await this.#policies.remove(policy, signal);
  }

  /** Fields for a request, with the empty policy made when the array first misses it. */
  wish(fields: NasFields): Wish<NasFields> {
    return {
      fields,
      repair: async ({ refusal }: Refused, signal: AbortSignal) => {
        if (!isPolicyMissing(refusal) || fields.exportPolicy !== this.#emptyPolicy) return false;
        await this.#policies.create(this.#emptyPolicy, [], signal);
        return true;
      },
    };
  }

  #noAddress(node: NodeRecord): Problem {
    const cidrs = this.#backend.settings.autoExportCIDRs.join(', ');
    const ips = node.ips.length === 0 ? 'not known' : node.ips.join(', ');
    return new Problem(
      'node.no-export-address',
      'conflict',
      `node ${node.name} has no address in the networks of autoExportCIDRs (${cidrs}), so that it would get no access`,
      {
        hint: `its addresses are ${ips}; register the node with its addresses or change autoExportCIDRs`,
        nothingDone: true,
      },
    );
  }

  /** Sees to it that the policy has rules for the addresses. False when it had to be made anew and must be assigned. */
  async #ensureRules(
    name: string,
    addresses: readonly string[],
    expected: boolean,
    signal: AbortSignal,
  ): Promise<boolean> {
    for (let round = 0; round < 3; round++) {
      const mayStand = expected && round === 0;
      if (!mayStand && (await this.#policies.create(name, addresses, signal))) return false;
      const policy = await this.#policies.find(name, signal);
      if (policy !== undefined && (await this.#addMissing(policy, addresses, signal))) return true;
    }
    throw new Problem(
      'export-policy.contended',
      'conflict',
      `export policy ${name} is made and removed by others at the same time`,
      { hint: 'repeat the operation; check whether another Trident uses the same SVM and storagePrefix' },
    );
  }

  /** False when the policy vanished meanwhile. */
  async #addMissing(policy: ExportPolicy, addresses: readonly string[], signal: AbortSignal): Promise<boolean> {
    for (const [index, address] of missingIn(policy, addresses).entries()) {
      const end = await this.#policies.addRule(policy, address, signal).catch((error: unknown) => {
        throw index > 0 ? afterWork(error) : error;
      });
      if (end === 'gone') return false;
    }
    return true;
  }

  /** Takes addresses out of a policy; after the last node the volume goes to the empty policy. Returns the volume's policy. */
  async #removeRules(
    volume: VolumeHandle,
    policyName: string,
    removable: ReadonlySet<string>,
    last: boolean,
    signal: AbortSignal,
  ): Promise<string> {
    if (policyName === this.#legacyPolicy) {
      // The rules of a policy for a whole backend serve other volumes too: the volume leaves it (ontap-drivers.md 8.8).
      if (!last) return policyName;
      await this.#assign(volume, this.#emptyPolicy, signal);
      return this.#emptyPolicy;
    }
    const policy = await this.#policies.find(policyName, signal);
    const rules = policy?.rules.filter((rule) => isRuleFor(rule, removable)) ?? [];
    const othersRules = (policy?.rules.length ?? 0) - rules.length;
    // Rules that somebody else wrote keep working: the policy stays, and the volume stays on it.
    if (!last || othersRules > 0) {
      if (policy !== undefined) for (const rule of rules) await this.#policies.removeRule(policy, rule, signal);
      return policyName;
    }
    await this.#assign(volume, this.#emptyPolicy, signal);
    if (policy !== undefined) await this.#policies.remove(policy, signal);
    return this.#emptyPolicy;
  }

  /**
   * For a volume that rests on the empty policy. An admission that was refused before the volume was on record as on its
   * own policy has left that behind, for a node without a publication; nobody would look for it again.
   */
  async #takeBackRules(volume: VolumeHandle, removable: ReadonlySet<string>, signal: AbortSignal): Promise<void> {
    const policy = await this.#policies.find(volume.config.internalName, signal);
    const rules = policy?.rules.filter((rule) => isRuleFor(rule, removable)) ?? [];
    if (policy === undefined || rules.length === 0) return;
    if (rules.length < policy.rules.length) {
      for (const rule of rules) await this.#policies.removeRule(policy, rule, signal);
      return;
    }
    if (await this.#policies.remove(policy, signal)) return;
    await this.#assign(volume, this.#emptyPolicy, signal);
    await this.#policies.remove(policy, signal);
  }

  async #assign(volume: VolumeHandle, policy: string, signal: AbortSignal): Promise<void> {
    const what = `assigning export policy ${policy} to volume ${volume.config.internalName}`;
    const done = await this.#container.modify(volume, this.wish({ exportPolicy: policy }), what, signal);
    // For the empty policy a volume that is gone is as good: nobody can get in.
    if (!done && policy !== this.#emptyPolicy)
      throw new Problem('volume.not-on-array', 'notFound', `${what}: the volume is not there`);
  }
}
