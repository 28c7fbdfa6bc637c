import type { UnpublishRequest, VolumeHandle } from '../../objects.ts';
import type { OntapBackend } from '../backend.ts';
import type { NamespaceRef } from '../containers/namespace-ref.ts';
import { namespaceRef } from '../containers/namespace-ref.ts';
import { nvmeRef } from './nvme-ref.ts';
import type { NvmeRef, SubsystemRef } from './nvme-ref.ts';
import type { NvmeSeating } from './nvme-seating.ts';
import { isNamed } from './subsystem-names.ts';
import type { SubsystemKind } from './subsystem-names.ts';

/** A subsystem with what is known about whose it is. */
interface Held {
  readonly subsystem: SubsystemRef;
  readonly kind: SubsystemKind;
  /** Of the node that is to be shut out. */
  readonly own: boolean;
}

/** Takes namespaces away from nodes. */
export class NvmeRelease {
  readonly #backend: OntapBackend;
  readonly #seating: NvmeSeating;

  constructor(backend: OntapBackend, seating: NvmeSeating) {
    this.#backend = backend;
    this.#seating = seating;
  }

  /**
   * Shuts a node out. The namespace leaves its subsystem with the last node; a subsystem that nothing is in goes, unless it
   * is not ours.
   * @returns the subsystem that the volume is still in for other nodes
   */
  async shutOut(
    { volume, node, remaining }: UnpublishRequest,
    namespace: NamespaceRef,
    before: NvmeRef | undefined,
    signal: AbortSignal,
  ): Promise<SubsystemRef | undefined> {
    const held = await this.#heldBy(volume, node.name, namespace, before?.subsystem, signal);
    if (held === undefined) return undefined;
    const { subsystem, kind, own } = held;
    const stays = (name: string) => name !== node.name && remaining.some((other) => other.name === name);
    const left = Object.entries(before?.hosts ?? {}).filter(([name]) => !stays(name) && name !== node.name);
    // Nodes that we once let in and that need no access any more go too.
    const leaving = [[node.name, before?.hosts[node.name] ?? node.nqn] as const, ...left];
    if (remaining.length > 0 && !own) {
      // Another node's subsystem never let this one in.
      if (kind !== 'node') await this.#releaseHosts(volume, leaving, subsystem, signal);
      return subsystem;
    }
    await this.#seating.maps.remove(namespace, subsystem, signal);
    if (await this.#seating.subsystems.removeUnused(subsystem, signal)) return undefined;
    if (kind !== 'node') await this.#releaseHosts(volume, leaving, subsystem, signal);
    return undefined;
  }

  /** Removes a subsystem that nothing is in any more; one of somebody else stays. */
  async removeIfOurs(volume: VolumeHandle, subsystem: SubsystemRef, signal: AbortSignal): Promise<void> {
    const { names, subsystems } = this.#seating;
    const found = await subsystems.findByUuid(subsystem.uuid, signal);
    if (found === undefined) return;
    const ours = names.kindOf(found) !== 'other' || found.name === names.legacy(volume.config);
    if (ours) await subsystems.removeUnused(found, signal);
  }

  /** What the record says, else what the array shows; undefined when the namespace is in no subsystem of ours. */
  async #heldBy(
    volume: VolumeHandle,
    node: string,
    namespace: NamespaceRef,
    recorded: SubsystemRef | undefined,
    signal: AbortSignal,
  ): Promise<Held | undefined> {
    const { names } = this.#seating;
    const wanted = names.ofNode(node);
    const legacy = names.legacy(volume.config);
    if (recorded !== undefined) {
      const own = names.forAll === undefined && recorded.name === wanted.name;
      const kind = names.kindOf({ name: recorded.name, comment: '' });
      // A shortened name does not tell that it is a node's; whatever was recorded is ours.
      const shortened = kind === 'other' && recorded.name !== legacy ? 'node' : kind;
      return { subsystem: recorded, kind: own ? 'node' : shortened, own };
    }
    const found = await this.#seating.look(namespace, signal);
    const seat = found?.seat;
    if (seat === undefined) return undefined;
    const own = names.forAll === undefined && isNamed(seat, wanted);
    const kind = own ? 'node' : names.kindOf(seat);
    if (kind === 'other' && seat.name !== legacy) return undefined;
    return { subsystem: { uuid: seat.uuid, name: seat.name, nqn: '' }, kind, own };
  }

  /** Hosts of a shared subsystem stay as long as another volume in it is published to their nodes. */
  async #releaseHosts(
    volume: VolumeHandle,
    leaving: readonly (readonly [string, string])[],
    subsystem: SubsystemRef,
    signal: AbortSignal,
  ): Promise<void> {
    const { publishedTo } = this.#backend.environment;
    // Who does not know what else is published cannot say that nobody needs the host.
    if (publishedTo === undefined) return;
    for (const [node, nqn] of leaving)
      if (nqn !== '')
        await this.#seating.exclusively(
          nqn,
          async () => {
            const others = (await publishedTo(node)).filter(({ config }) => config.name !== volume.config.name);
            if (!others.some((other) => mayBeIn(other, subsystem)))
              await this.#seating.subsystems.removeHost(subsystem, nqn, signal);
          },
          signal,
        );
  }
}

/** True when a volume is in the subsystem, or is on its way to one that is not on record yet. */
const mayBeIn = ({ config, ref }: VolumeHandle, { uuid }: SubsystemRef): boolean => {
  const at = nvmeRef(ref)?.subsystem.uuid ?? config.accessInformation.nvmeSubsystemUUID;
  return at === undefined ? namespaceRef(ref) !== undefined : at === uuid;
};
