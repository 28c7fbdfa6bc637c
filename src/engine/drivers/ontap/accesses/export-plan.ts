import type { BlockList } from 'node:net';
import type { NodeRecord } from '../../../orchestrator/model.ts';
import type { AccessChange, AccessExpectation, HandleChange, VolumeHandle } from '../../objects.ts';
import { canonicalAddress, exportAddresses } from './addresses.ts';
import type { ExportPolicies, ExportPolicy } from './export-policies.ts';
import { addressesOf, deletionsAtMost, isRuleFor, missingIn } from './export-policies.ts';
import { hasNasRef, nasRef, withGranted, withRevoked } from './nas-ref.ts';

/** Names in one query; keeps the URL short. */
const namesAtOnce = 40;
/** Volumes looked at together. */
const looksAtOnce = 8;

export interface ExportPlanning {
  readonly policies: ExportPolicies;
  readonly networks: BlockList;
  /** The policy we keep for a volume, or undefined when its access is not ours. */
  readonly policyFor: (volume: VolumeHandle) => string | undefined;
  /** The policy the volume has on the array; undefined when the volume is gone. */
  readonly assigned: (volume: VolumeHandle, signal: AbortSignal) => Promise<string | undefined>;
  readonly assign: (volume: VolumeHandle, policy: string, signal: AbortSignal) => Promise<void>;
  /** Sees to it that the policy is there and has rules for the addresses. */
  readonly admit: (policy: string, addresses: readonly string[], signal: AbortSignal) => Promise<void>;
}

/** A node that needs a volume, with its addresses. */
interface Guest {
  readonly volume: VolumeHandle;
  readonly node: string;
  readonly addresses: readonly string[];
}

interface Wanted {
  readonly volumes: VolumeHandle[];
  readonly guests: Guest[];
  readonly addresses: Set<string>;
  /** Addresses that rules of ours may be for: those we let in, and for volumes of another Trident those of known nodes. */
  readonly ours: Set<string>;
}

/**
 * What brings the export policies of published volumes in line: what is missing, then rules that we wrote and that nobody
 * needs any more. Volumes that nobody needs are left to unpublishing, and no policy loses its last rule here, so
 * that an empty or failed list of nodes shuts nobody out.
 */
export const planExports = async (
  parts: ExportPlanning,
  expected: readonly AccessExpectation[],
  nodes: readonly NodeRecord[],
  signal: AbortSignal,
): Promise<readonly AccessChange[]> => {
  const wanted = wantedByPolicy(parts, expected, nodes);
  const found = await readPolicies(parts.policies, [...wanted.keys()], signal);
  const assigned = await readAssigned(
    parts,
    [...wanted.values()].flatMap(({ volumes }) => volumes),
    signal,
  );
  return [
    ...[...wanted].flatMap(([name, want]) => [
      // A policy for volumes that are all gone would only be left over.
      ...(found.has(name) || want.volumes.some((volume) => assigned.has(volume))
        ? additions(parts, name, found.get(name), want)
        : []),
      ...want.volumes.flatMap((volume) => reassignment(parts, volume, name, assigned.get(volume))),
    ]),
    ...removals(parts, wanted, found),
  ];
};

const wantedByPolicy = (
  parts: ExportPlanning,
  expected: readonly AccessExpectation[],
  nodes: readonly NodeRecord[],
): ReadonlyMap<string, Wanted> => {
  const known = nodes.flatMap((node) => node.ips.map(canonicalAddress).filter((address) => address !== undefined));
  const wanted = new Map<string, Wanted>();
  for (const { volume, nodes: needing } of expected) {
    const name = parts.policyFor(volume);
    const guests = needing.map((node): Guest => ({
      volume,
      node: node.name,
      addresses: exportAddresses(node, parts.networks),
    }));
    const addresses = guests.flatMap((guest) => guest.addresses);
    if (name === undefined || addresses.length === 0) continue;
    const entry = wanted.get(name) ?? {
      volumes: [],
      guests: [],
      addresses: new Set<string>(),
      ours: new Set<string>(),
    };
    wanted.set(name, entry);
    entry.volumes.push(volume);
    entry.guests.push(...guests);
    for (const address of addresses) entry.addresses.add(address);
    const ours = hasNasRef(volume) ? Object.values(nasRef(volume).grants).flat() : known;
    for (const address of ours) entry.ours.add(address);
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

const readAssigned = async (
  { assigned }: ExportPlanning,
  volumes: readonly VolumeHandle[],
  signal: AbortSignal,
): Promise<ReadonlyMap<VolumeHandle, string>> => {
  const found = new Map<VolumeHandle, string>();
  const work = volumes.values();
  const look = async () => {
    for (const volume of work) {
      const policy = await assigned(volume, signal);
      if (policy !== undefined) found.set(volume, policy);
    }
  };
  await Promise.all(Array.from({ length: looksAtOnce }, look));
  return found;
};

/** Whoever needs one of the addresses gets it into the handle, by which it is known to be ours to remove. */
const granting = (guests: readonly Guest[], admitted: readonly string[]): readonly HandleChange[] =>
  guests.flatMap(({ volume, node, addresses }) => {
    const own = addresses.filter((address) => admitted.includes(address));
    return own.length === 0 ? [] : [{ volume: volume.config.name, edit: (ref) => withGranted(ref, node, own) }];
  });

const additions = (
  { admit }: ExportPlanning,
  name: string,
  policy: ExportPolicy | undefined,
  { addresses, guests }: Wanted,
): readonly AccessChange[] => {
  const all = [...addresses];
  const admission = (text: string, admitted: readonly string[]): AccessChange => ({
    kind: 'grant',
    text,
    handles: granting(guests, admitted),
    apply: (signal) => admit(name, admitted, signal),
  });
  if (policy === undefined) return [admission(`create export policy ${name} with ${all.join(', ')}`, all)];
  return missingIn(policy, all).map((address) => admission(`add ${address} to export policy ${name}`, [address]));
};

const reassignment = (
  { assign }: ExportPlanning,
  volume: VolumeHandle,
  name: string,
  assigned: string | undefined,
): readonly AccessChange[] =>
  assigned === undefined || assigned === name
    ? []
    : [
        {
          kind: 'grant',
          text: `assign export policy ${name} to volume ${volume.config.internalName}`,
          apply: (signal) => assign(volume, name, signal),
        },
      ];

const removals = (
  { policies }: ExportPlanning,
  wanted: ReadonlyMap<string, Wanted>,
  found: ReadonlyMap<string, ExportPolicy>,
): readonly AccessChange[] => {
  const changes: AccessChange[] = [];
  for (const [name, { volumes, addresses, ours }] of wanted) {
    const policy = found.get(name);
    if (policy === undefined) continue;
    const unneeded = new Set([...ours].filter((address) => !addresses.has(address)));
    for (const rule of policy.rules.filter((each) => isRuleFor(each, unneeded))) {
      const gone = addressesOf(rule) ?? [];
      changes.push({
        kind: 'revoke',
        text: `remove ${gone.join(', ')} from export policy ${name}`,
        handles: volumes.map(({ config }) => ({ volume: config.name, edit: (ref) => withRevoked(ref, gone) })),
        apply: (signal) => policies.removeRule(policy, rule, signal),
      });
    }
  }
  return changes.slice(0, deletionsAtMost);
};
