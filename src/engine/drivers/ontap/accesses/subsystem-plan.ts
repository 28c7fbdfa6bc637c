import type { NodeRecord } from '../../../orchestrator/model.ts';
import type { AccessChange, AccessExpectation, VolumeHandle } from '../../objects.ts';
import type { NamespaceRef } from '../containers/namespace-ref.ts';
import { nvmeRef } from './nvme-ref.ts';
import type { Guest, NvmeSeating } from './nvme-seating.ts';
import { isNamed } from './subsystem-names.ts';
import type { SubsystemKind } from './subsystem-names.ts';
import type { Subsystem } from './subsystems.ts';

export interface SubsystemPlanning {
  readonly seating: NvmeSeating;
  /** @param several more than one node needs the volume */
  guestOf(volume: VolumeHandle, namespace: NamespaceRef, node: NodeRecord, several: boolean): Guest;
  /** The namespace of a volume; undefined when it is gone. */
  namespaceOf(volume: VolumeHandle, signal: AbortSignal): Promise<NamespaceRef | undefined>;
}

/** A published volume, with where it is. */
interface Seated {
  readonly volume: VolumeHandle;
  readonly namespace: NamespaceRef;
  readonly needing: readonly NodeRecord[];
  readonly subsystem: Subsystem | undefined;
}

/**
 * What brings subsystems in line with the publications: maps and hosts that are missing, then hosts that we let in and
 * nobody needs, then subsystems of this installation that no namespace is mapped to. Volumes that nobody needs are left to
 * unpublishing. Two calls, and one per volume of another Trident.
 */
export const planSubsystems = async (
  planning: SubsystemPlanning,
  expected: readonly AccessExpectation[],
  nodes: readonly NodeRecord[],
  signal: AbortSignal,
): Promise<readonly AccessChange[]> => {
  const { names } = planning.seating;
  // Without nodes there are no subsystems of nodes.
  if (names.forAll !== undefined) return [];
  const there = await subsystemsOf(planning.seating, signal);
  const seated: Seated[] = [];
  for (const { volume, nodes: needing } of expected) {
    const namespace = needing.length === 0 ? undefined : await planning.namespaceOf(volume, signal);
    if (namespace === undefined) continue;
    const subsystem = there.find((each) => each.subsystem_maps.some((map) => map.namespace.uuid === namespace.uuid));
    seated.push({ volume, namespace, needing, subsystem });
  }
  return [
    ...seated.flatMap((each) => additions(planning, each)),
    ...there.flatMap((each) => staleHosts(planning, each, seated)),
    ...unused(planning, there, seated, [...nodes, ...expected.flatMap((each) => each.nodes)]),
  ];
};

/** The subsystems of this installation, and those that older versions of stock made for single volumes. */
const subsystemsOf = async ({ names, subsystems }: NvmeSeating, signal: AbortSignal): Promise<readonly Subsystem[]> => {
  const [named, told] = await Promise.all([
    subsystems.listWithMaps({ name: names.ownPattern }, signal),
    subsystems.listWithMaps({ comment: names.ownComments }, signal),
  ]);
  return [...new Map([...named, ...told].map((each) => [each.uuid, each])).values()];
};

const additions = (planning: SubsystemPlanning, seated: Seated): readonly AccessChange[] => {
  const { seating, guestOf } = planning;
  const { volume, namespace, needing, subsystem } = seated;
  const guests = needing.map((node) => guestOf(volume, namespace, node, needing.length > 1));
  const letIn = (guest: Guest, text: string, before?: Subsystem): AccessChange => ({
    kind: 'grant',
    text,
    async apply(signal) {
      if (before !== undefined) await seating.maps.remove(namespace, before, signal);
      await seating.letIn(guest, nvmeRef(volume.ref)?.subsystem, signal);
    },
  });
  if (subsystem === undefined)
    return guests.map((guest) => letIn(guest, `map namespace ${namespace.name} for node ${guest.node.name}`));
  const { name } = subsystem;
  if (seating.names.kindOf(subsystem) === 'node' && !needing.some(({ name: node }) => isOf(planning, subsystem, node)))
    return guests.map((guest, index) =>
      index === 0
        ? letIn(guest, `move namespace ${namespace.name} from subsystem ${name} to node ${guest.node.name}`, subsystem)
        : letIn(guest, `let node ${guest.node.name} see namespace ${namespace.name}`),
    );
  return guests
    .filter(({ nqn }) => !subsystem.hosts.some((host) => host.nqn === nqn))
    .map((guest) => letIn(guest, `add host ${guest.nqn} to subsystem ${name}`));
};

/** True for the subsystem of that node. */
const isOf = ({ seating }: SubsystemPlanning, subsystem: Subsystem, node: string): boolean =>
  isNamed(subsystem, seating.names.ofNode(node));

/** Hosts that we let into a shared subsystem for volumes that their nodes no longer need. */
const staleHosts = (
  { seating }: SubsystemPlanning,
  subsystem: Subsystem,
  seated: readonly Seated[],
): readonly AccessChange[] => {
  if (seating.names.kindOf(subsystem) === 'node') return [];
  const inside = seated.filter((each) => each.subsystem?.uuid === subsystem.uuid);
  const known = new Set(inside.map(({ namespace }) => namespace.uuid));
  // Volumes of other backends may be in it, whose nodes nobody has told us.
  if (!subsystem.subsystem_maps.every((map) => known.has(map.namespace.uuid))) return [];
  const needed = new Set(inside.flatMap(({ needing }) => needing.map(({ nqn }) => nqn)));
  const granted = new Set(inside.flatMap(({ volume }) => Object.values(nvmeRef(volume.ref)?.hosts ?? {})));
  return subsystem.hosts
    .filter(({ nqn }) => granted.has(nqn) && !needed.has(nqn))
    .map(({ nqn }) => ({
      kind: 'revoke',
      text: `remove host ${nqn} from subsystem ${subsystem.name}`,
      apply: (signal) => seating.subsystems.removeHost(subsystem, nqn, signal),
    }));
};

/** Subsystems of ours that nothing is in, for nodes that need nothing here. */
const unused = (
  planning: SubsystemPlanning,
  there: readonly Subsystem[],
  seated: readonly Seated[],
  needed: readonly NodeRecord[],
): readonly AccessChange[] => {
  const { names, subsystems } = planning.seating;
  const legacy = new Set(seated.map(({ volume }) => names.legacy(volume.config)));
  const isOurs: Readonly<Record<SubsystemKind, (each: Subsystem) => boolean>> = {
    node: (each) => !needed.some(({ name }) => isOf(planning, each, name)),
    shared: () => true,
    other: ({ name }) => legacy.has(name),
  };
  return there
    .filter((each) => each.subsystem_maps.length === 0 && isOurs[names.kindOf(each)](each))
    .map((each) => ({
      kind: 'revoke',
      text: `remove subsystem ${each.name}, which no namespace is mapped to`,
      apply: async (signal) => void (await subsystems.removeUnused(each, signal)),
    }));
};
