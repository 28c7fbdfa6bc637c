import type { BlockList } from 'node:net';
import type { AccessChange, AccessExpectation, AccessFinding, VolumeHandle } from '../../objects.ts';
import type { SharedFlexVol } from '../containers/shared-flexvol.ts';
import { exportAddresses } from './addresses.ts';
import type { ExportPolicies, ExportPolicy, ExportRule } from './export-policies.ts';
import { addressesOf, deletionsAtMost, isRuleFor, missingIn } from './export-policies.ts';
import type { WrittenRules } from './written-rules.ts';

export interface PoolExportPlanning {
  /** The policy that this backend keeps. */
  readonly own: string;
  readonly policies: ExportPolicies;
  readonly written: WrittenRules;
  readonly networks: BlockList;
  /** The FlexVol around a volume, and the policy whose rules we keep for it; undefined when there is nothing to keep. */
  readonly passageOf: (
    volume: VolumeHandle,
    signal: AbortSignal,
  ) => Promise<{ readonly flexVol: SharedFlexVol; readonly policy: string } | undefined>;
  readonly assign: (flexVol: SharedFlexVol, policy: string, signal: AbortSignal) => Promise<void>;
  /** Sees to it that the policy is there and has rules for the addresses. */
  readonly admit: (policy: string, addresses: readonly string[], signal: AbortSignal) => Promise<void>;
}

interface Wanted {
  /** Who must pass, by policy. */
  readonly addresses: ReadonlyMap<string, ReadonlySet<string>>;
  /** FlexVols that are not on the policy they belong on. */
  readonly resting: ReadonlySet<SharedFlexVol>;
}

/**
 * What brings the policies of shared FlexVols in line: first who must pass and cannot, then rules of the backend's own
 * policy that are on record as ours and that nobody needs. Others pass through another backend's policy too, and when nobody
 * of ours needs anything the list may have failed; both are left as they are.
 */
export const planPoolExports = async (
  parts: PoolExportPlanning,
  expected: readonly AccessExpectation[],
  signal: AbortSignal,
): Promise<readonly AccessFinding[]> => {
  const { addresses, resting } = await wantedOf(parts, expected, signal);
  const found = await parts.policies.list([...addresses.keys()], signal);
  return [
    ...[...addresses].flatMap(([name, needed]) => additions(parts, name, needed, found)),
    ...[...resting].map((flexVol): AccessChange => ({
      kind: 'grant',
      text: `assign export policy ${parts.own} to shared FlexVol ${flexVol.name}`,
      apply: (inner) => parts.assign(flexVol, parts.own, inner),
    })),
    ...(await leftOvers(parts, addresses.get(parts.own) ?? new Set(), found)),
  ];
};

const wantedOf = async (
  { networks, passageOf }: PoolExportPlanning,
  expected: readonly AccessExpectation[],
  signal: AbortSignal,
): Promise<Wanted> => {
  const addresses = new Map<string, Set<string>>();
  const resting = new Set<SharedFlexVol>();
  for (const { volume, nodes } of expected) {
    const needed = nodes.flatMap((node) => exportAddresses(node, networks));
    const passage = needed.length === 0 ? undefined : await passageOf(volume, signal);
    if (passage === undefined) continue;
    const { flexVol, policy } = passage;
    addresses.set(policy, new Set([...(addresses.get(policy) ?? []), ...needed]));
    if (flexVol.exportPolicy !== policy) resting.add(flexVol);
  }
  return { addresses, resting };
};

const additions = (
  { admit }: PoolExportPlanning,
  name: string,
  needed: ReadonlySet<string>,
  found: readonly ExportPolicy[],
): readonly AccessChange[] => {
  const policy = found.find((each) => each.name === name);
  const missing = policy === undefined ? [...needed] : missingIn(policy, [...needed]);
  if (missing.length === 0) return [];
  const verb = policy === undefined ? 'create export policy' : 'add to export policy';
  return [
    {
      kind: 'grant',
      text: `${verb} ${name} of shared FlexVols: ${missing.join(', ')}`,
      apply: (signal) => admit(name, missing, signal),
    },
  ];
};

/** What nobody needs of the backend's own policy: rules of ours go, and the others are named. */
const leftOvers = async (
  { own, policies, written }: PoolExportPlanning,
  needed: ReadonlySet<string>,
  found: readonly ExportPolicy[],
): Promise<readonly AccessFinding[]> => {
  const policy = found.find(({ name }) => name === own);
  if (policy === undefined || needed.size === 0) return [];
  const ours = await written.of(own);
  const isOurs = (rule: ExportRule) => isRuleFor(rule, ours);
  const there = new Set(policy.rules.filter(isOurs).flatMap((rule) => addressesOf(rule) ?? []));
  // Whoever writes such a rule from now on is not us; nobody of ours is writing while this is planned.
  await written.forget(
    own,
    [...ours].filter((address) => !there.has(address)),
  );
  const unneeded = policy.rules.filter((rule) => addressesOf(rule)?.some((address) => needed.has(address)) !== true);
  return [
    ...unneeded
      .filter(isOurs)
      .slice(0, deletionsAtMost)
      .map((rule): AccessChange => ({
        kind: 'revoke',
        text: `remove ${clientsOf(rule)} from export policy ${own} of shared FlexVols`,
        async apply(signal) {
          await policies.removeRule(policy, rule, signal);
          await written.forget(own, addressesOf(rule) ?? []);
        },
      })),
    ...unneeded
      .filter((rule) => !isOurs(rule))
      .map((rule): AccessFinding => ({
        kind: 'leftAlone',
        text: `rule for ${clientsOf(rule)} in export policy ${own} of shared FlexVols`,
      })),
  ];
};

/** What a rule lets in, as it is written. */
export const clientsOf = ({ clients }: ExportRule): string => clients.map(({ match }) => match).join(', ');
