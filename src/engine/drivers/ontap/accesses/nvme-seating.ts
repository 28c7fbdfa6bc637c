import type { NodeRecord } from '../../../orchestrator/model.ts';
import { afterWork, Problem } from '../../../problem.ts';
import type { OntapBackend } from '../backend.ts';
import { growingDelays, pause } from '../client/waiting.ts';
import { seatFieldNames } from '../containers/namespace-record.ts';
import type { NamespaceRef } from '../containers/namespace-ref.ts';
import { Namespaces } from '../containers/namespaces.ts';
import { NamespaceMaps } from './namespace-maps.ts';
import type { SubsystemRef } from './nvme-ref.ts';
import { SubsystemNames, isNamed } from './subsystem-names.ts';
import { Subsystems } from './subsystems.ts';
import type { Subsystem } from './subsystems.ts';

/** Most namespaces that are put into one shared subsystem. */
const mostNamespaces = 1024;

/** A node that is to see the namespace of a volume. */
export interface Guest {
  readonly namespace: NamespaceRef;
  readonly volume: { readonly name: string; readonly internalName: string };
  readonly node: NodeRecord;
  readonly nqn: string;
  /** Other nodes may have it at the same time. */
  readonly shared: boolean;
  /** The node uses the device itself; older versions of stock gave such a volume a subsystem of its own. */
  readonly raw: boolean;
  /** Another Trident made the volume, and may have put it somewhere. */
  readonly adopted: boolean;
}

/** The subsystem that a namespace is in. */
export interface Seat {
  readonly uuid: string;
  readonly name: string;
  readonly comment: string;
  readonly hosts: readonly string[];
}

/**
 * Finds a place for a namespace among the subsystems. ONTAP lets a namespace be in one only, so that what one node has alone
 * is in that node's subsystem, and what several may have is in one that they share.
 */
export class NvmeSeating {
  readonly names: SubsystemNames;
  readonly subsystems: Subsystems;
  readonly maps: NamespaceMaps;
  readonly #backend: OntapBackend;
  readonly #namespaces: Namespaces;

  constructor(backend: OntapBackend) {
    this.#backend = backend;
    this.#namespaces = new Namespaces(backend);
    this.names = new SubsystemNames(backend);
    this.subsystems = new Subsystems(backend);
    this.maps = new NamespaceMaps(backend);
  }

  /**
   * Sees to it that the namespace is in a subsystem that lets the node in, and tells which.
   * @param known the subsystem it was put into before; a look comes first then, and for volumes of another Trident
   * @throws Problem `namespace.mapped-elsewhere` when it is in one that the node must not be let into
   */
  letIn(guest: Guest, known: SubsystemRef | undefined, signal: AbortSignal): Promise<SubsystemRef> {
    if (!guest.shared) return this.#settle(guest, known, signal);
    return this.exclusively(guest.nqn, () => this.#settle(guest, known, signal), signal);
  }

  /** While something is decided about a host that several volumes share, no other process of ours decides about it. */
  exclusively<T>(nqn: string, action: () => Promise<T>, signal: AbortSignal): Promise<T> {
    return this.#backend.exclusively(`nvme/${this.#backend.facts.svm.uuid}/${nqn}`, action, signal);
  }

  /** Where a namespace is; `seat` undefined when it is in no subsystem, and all undefined when it is gone. */
  async look(namespace: NamespaceRef, signal: AbortSignal): Promise<{ readonly seat: Seat | undefined } | undefined> {
    const found = await this.#namespaces.findByUuid(namespace.uuid, seatFieldNames, signal);
    if (found === undefined) return undefined;
    const subsystem = found.subsystem_map?.subsystem;
    if (subsystem === undefined) return { seat: undefined };
    return { seat: { ...subsystem, hosts: subsystem.hosts.map(({ nqn }) => nqn) } };
  }

  async #settle(guest: Guest, known: SubsystemRef | undefined, signal: AbortSignal): Promise<SubsystemRef> {
    const { settings, now } = this.#backend.client.options;
    const delay = growingDelays(settings.firstJobDelayMs, settings.longestJobDelayMs, settings.random);
    const until = now().getTime() + settings.settleTimeoutMs;
    if (known !== undefined || guest.adopted) {
      const seated = await this.#takeSeat(guest, known, signal);
      if (seated !== undefined) return seated;
    }
    try {
      for (let round = 0; round === 0 || now().getTime() < until; round++) {
        // What was made may not be seen at once.
        if (round > 1) await pause(delay(), signal);
        const seated = round === 0 ? undefined : await this.#takeSeat(guest, known, signal);
        if (seated !== undefined) return seated;
        const found = guest.shared ? await this.#joinShared(guest, signal) : await this.#enterOwn(guest, signal);
        if (found !== undefined) return found;
      }
    } catch (error) {
      throw afterWork(error);
    }
    throw new Problem(
      'namespace.contended',
      'unavailable',
      `the array does not show the subsystem that namespace ${guest.namespace.name} is mapped to`,
      { hint: 'look whether somebody else makes and removes subsystems, then repeat the operation' },
    );
  }

  /** Where the namespace is already, with the node let in; undefined when it is nowhere, or is moving. */
  async #takeSeat(
    guest: Guest,
    known: SubsystemRef | undefined,
    signal: AbortSignal,
  ): Promise<SubsystemRef | undefined> {
    const found = await this.look(guest.namespace, signal);
    if (found === undefined) throw this.#namespaces.missing(guest.namespace.name);
    const { seat } = found;
    if (seat === undefined) return undefined;
    this.#refuseForeign(guest, seat);
    if (!seat.hosts.includes(guest.nqn) && !(await this.subsystems.addHost(seat, guest.nqn, signal))) return undefined;
    const nqn = known?.uuid === seat.uuid ? known.nqn : await this.#targetOf(seat, signal);
    return nqn === undefined ? undefined : { uuid: seat.uuid, name: seat.name, nqn };
  }

  #refuseForeign(guest: Guest, seat: Seat): void {
    if (isNamed(seat, this.names.ofNode(guest.node.name))) return;
    const kind = this.names.kindOf(seat);
    if (kind === 'shared' || seat.name === this.names.legacy(guest.volume)) return;
    const whose = kind === 'node' ? ', of another node' : ', which is not ours';
    throw new Problem(
      'namespace.mapped-elsewhere',
      'conflict',
      `namespace ${guest.namespace.name} cannot be mapped for node ${guest.node.name}: it is in subsystem ${seat.name}${whose}, and can be in one only`,
      {
        hint:
          kind === 'node'
            ? 'unpublish the volume from that node first; a volume for several nodes at once needs an access mode that says so, or a raw device'
            : 'unmap it on the array when the hosts of that subsystem no longer need it',
        nothingDone: true,
      },
    );
  }

  async #targetOf(seat: Seat, signal: AbortSignal): Promise<string | undefined> {
    return (await this.subsystems.findByUuid(seat.uuid, signal))?.target_nqn;
  }

  /** The subsystem of the node. One that was made for nothing goes again. */
  async #enterOwn(guest: Guest, signal: AbortSignal): Promise<SubsystemRef | undefined> {
    const own = this.names.ofNode(guest.node.name);
    const found = await this.subsystems.find(own, signal);
    if (found !== undefined) return this.#sit(guest, found, signal);
    const made = await this.subsystems.create(own, guest.nqn, signal);
    if (made === undefined) return undefined;
    const seated = await this.#sit(guest, made, signal);
    if (seated === undefined) await this.subsystems.removeUnused(made, signal);
    return seated;
  }

  /** A shared subsystem with room, or a new one; the volume's own where an older version of stock made one. */
  async #joinShared(guest: Guest, signal: AbortSignal): Promise<SubsystemRef | undefined> {
    const legacy = guest.raw ? this.names.legacy(guest.volume) : undefined;
    const pattern = `${this.names.sharedPrefix}*${legacy === undefined ? '' : `|${legacy}`}`;
    const found = await this.subsystems.list({ name: pattern }, signal);
    const old = found.find(({ name }) => name === legacy);
    if (old !== undefined) return this.#sit(guest, old, signal);
    const numbers = new Map(found.flatMap((each) => [[this.names.numberOf(each.name), each]]));
    const inOrder = [...numbers].flatMap(([number, each]) => (number === undefined ? [] : [{ number, each }]));
    for (const { each } of inOrder.toSorted((a, b) => a.number - b.number))
      if ((await this.maps.count(each, signal)) < mostNamespaces) return this.#sit(guest, each, signal);
    let number = 1;
    while (numbers.has(number)) number++;
    const made = await this.subsystems.create(this.names.shared(number), guest.nqn, signal);
    return made === undefined ? undefined : this.#sit(guest, made, signal);
  }

  /** Lets the node into a subsystem and maps the namespace to it; undefined when that did not come about. */
  async #sit(guest: Guest, subsystem: Subsystem, signal: AbortSignal): Promise<SubsystemRef | undefined> {
    const { uuid, name, target_nqn: nqn } = subsystem;
    const isNew = !subsystem.hosts.some((host) => host.nqn === guest.nqn);
    if (isNew && !(await this.subsystems.addHost(subsystem, guest.nqn, signal))) return undefined;
    const end = await this.maps.create(guest.namespace, subsystem, signal);
    if (end.kind !== 'mapped') return undefined;
    // Several may have taken the last places at once; the array numbers them, and who came too late looks further.
    const late =
      this.names.numberOf(name) !== undefined &&
      (end.number === 0 || end.number > mostNamespaces) &&
      (await this.maps.count(subsystem, signal)) > mostNamespaces;
    if (!late) return { uuid, name, nqn };
    await this.maps.remove(guest.namespace, subsystem, signal);
    if (isNew) await this.subsystems.removeHost(subsystem, guest.nqn, signal);
    return undefined;
  }
}
