import type { BlockList } from 'node:net';
import type { NodeRecord } from '../../../orchestrator/model.ts';
import type { AccessExpectation, VolumeHandle } from '../../driver.ts';
import { exportAddresses } from './addresses.ts';
import type { ExportPolicies, ExportPolicy } from './export-policies.ts';
import { addressesOf, isRuleFor, missingIn } from './export-policies.ts';

/** Each deletion makes ONTAP rebuild its cache of exports, during which clients wait. */
const deletionsAtMost = 10;
/** Names in one query; keeps the URL short. */
const namesAtOnce = 40;

export interface ExportReconciliation {
  readonly policies: ExportPolicies;
  readonly networks: BlockList;
  /** The policy we keep for a volume, or undefined when its access is not ours. */
  readonly policyFor: (volume: VolumeHandle) => string | undefined;
  /** The policy the volume has on the array; undefined when the volume is gone. */
  readonly assigned: (volume: VolumeHandle, signal: AbortSignal) => Promise<string | undefined>;
  readonly assign: (volume: VolumeHandle, policy: string, signal: AbortSignal) => Promise<void>;
}

interface Wanted {
  readonly volumes: VolumeHandle[];
  readonly addresses: Set<string>;
}

/**
 * Brings the export policies of published volumes in line: adds what is missing first, then removes rules that were written
 * for a known node which no longer needs access. Volumes that nobody needs are left to unpublishing, and no policy
 * loses its last rule here, so that an empty or failed list of nodes shuts nobody out.
 */
export const reconcileExports = async (
  parts: ExportReconciliation,
  expected: readonly AccessExpectation[],
  nodes: readonly NodeRecord[],
  signal: AbortSignal,
): Promise<readonly string[]> => {
  const wanted = wantedByPolicy(parts, expected);
  const found = await readPolicies(parts.policies, [...wanted.keys()], signal);
  const changes: string[] = [];
  for (const [name, want] of wanted) {
    const policy = found.get(name);
    changes.push(...(await addMissing(parts, name, policy, want, signal)));
    for (const volume of want.volumes) changes.push(...(await reassign(parts, volume, name, signal)));
  }
  changes.push(...(await removeStale(parts, wanted, found, nodes, signal)));
  return changes;
};

const wantedByPolicy = (
  parts: ExportReconciliation,
  expected: readonly AccessExpectation[],
): ReadonlyMap<string, Wanted> => {
  const wanted = new Map<string, Wanted>();
  for (const { volume, nodes } of expected) {
    const name = parts.policyFor(volume);
    const addresses = nodes.flatMap((node) => exportAddresses(node, parts.networks));
    if (name === undefined || addresses.length === 0) continue;
    const entry = wanted.get(name) ?? { volumes: [], addresses: new Set<string>() };
    entry.volumes.push(volume);
    for (const address of addresses) entry.addresses.add(address);
    wanted.set(name, entry);
  }
  return wanted;
};

const readPolicies = async (
  policies: ExportPolicies,
  names: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ExportPolicy>> => {
  const found = new Map<string, ExportPolicy>();
  for (let at = 0; at < names.length; at += namesAtOnce)
    for (const policy of await policies.list(names.slice(at, at + namesAtOnce), signal)) found.set(policy.name, policy);
  return found;
};

const addMissing = async (
  { policies }: ExportReconciliation,
  name: string,
  policy: ExportPolicy | undefined,
  { addresses }: Wanted,
  signal: AbortSignal,
): Promise<string[]> => {
  if (policy === undefined) {
    await policies.create(name, [...addresses], signal);
    return [`created export policy ${name} with ${[...addresses].join(', ')}`];
  }
  const missing = missingIn(policy, [...addresses]);
  for (const address of missing) await policies.addRule(policy, address, signal);
  return missing.map((address) => `added ${address} to export policy ${name}`);
};

const reassign = async (
  parts: ExportReconciliation,
  volume: VolumeHandle,
  name: string,
  signal: AbortSignal,
): Promise<string[]> => {
  const assigned = await parts.assigned(volume, signal);
  if (assigned === undefined || assigned === name) return [];
  await parts.assign(volume, name, signal);
  return [`assigned export policy ${name} to volume ${volume.config.internalName}`];
};

const removeStale = async (
  { policies }: ExportReconciliation,
  wanted: ReadonlyMap<string, Wanted>,
  found: ReadonlyMap<string, ExportPolicy>,
  nodes: readonly NodeRecord[],
  signal: AbortSignal,
): Promise<string[]> => {
  const known = new Set(nodes.flatMap((node) => node.ips));
  const changes: string[] = [];
  for (const [name, { addresses }] of wanted) {
    const unneeded = new Set([...known].filter((address) => !addresses.has(address)));
    for (const rule of found.get(name)?.rules ?? []) {
      if (changes.length >= deletionsAtMost) return changes;
      if (!isRuleFor(rule, unneeded)) continue;
      const policy = found.get(name);
      if (policy === undefined) continue;
      await policies.removeRule(policy, rule, signal);
      changes.push(`removed ${addressesOf(rule)?.join(', ') ?? ''} from export policy ${name}`);
    }
  }
  return changes;
};
