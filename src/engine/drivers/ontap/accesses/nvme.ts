import type { JsonObject } from '../../../json.ts';
import type { AccessInformation, NodeRecord, VolumeConfig } from '../../../orchestrator/model.ts';
import { Problem } from '../../../problem.ts';
import type {
  AccessChange,
  AccessExpectation,
  Published,
  PublishRequest,
  UnpublishRequest,
  VolumeHandle,
} from '../../objects.ts';
import type { OntapBackend } from '../backend.ts';
import { readNamespaceComment } from '../containers/namespace-comment.ts';
import type { NamespaceFields } from '../containers/namespace-devices.ts';
import type { NamespaceOnOntap } from '../containers/namespace-record.ts';
import { namespaceRef, refOfNamespace } from '../containers/namespace-ref.ts';
import type { NamespaceRef } from '../containers/namespace-ref.ts';
import { mountOptionsFor } from '../file-systems.ts';
import { plainWish } from '../parts.ts';
import { needNvmeLifs } from '../probes/nvme.ts';
import type { Access, Container, Wish } from '../parts.ts';
import { sanAccessInformation } from '../plans/san-plan.ts';
import { NvmeRelease } from './nvme-release.ts';
import { nvmeRef, withNvmeRef } from './nvme-ref.ts';
import type { NvmeRef } from './nvme-ref.ts';
import { NvmeSeating } from './nvme-seating.ts';
import type { Guest } from './nvme-seating.ts';
import { planSubsystems } from './subsystem-plan.ts';

/** What access needs of the container: to look at the namespace of a volume that another Trident made. */
export type NamespaceFinder = Pick<Container<NamespaceFields, NamespaceOnOntap>, 'find'>;

/** CSI numbers of the access modes in which several nodes have a volume at once. */
const severalNodes: ReadonlySet<number> = new Set([3, 4, 5]);

/** @throws Problem `node.no-nqn` */
const nqnOf = (node: NodeRecord): string => {
  if (node.nqn !== '') return node.nqn;
  throw new Problem('node.no-initiator', 'conflict', `node ${node.name} has no NQN, so that it cannot use NVMe`, {
    hint: 'register the node again with its NQN',
    nothingDone: true,
  });
};

/** True when other nodes may have the volume at the same time: a raw device, or an access mode that says so. */
const isShared = ({ fileSystem, accessMode }: VolumeConfig, requested: number): boolean =>
  fileSystem === 'raw' ||
  severalNodes.has(requested) ||
  accessMode === 'ReadWriteMany' ||
  accessMode === 'ReadOnlyMany';

/** Access to namespaces over NVMe/TCP: subsystems let hosts in, and a namespace is mapped to one of them. */
export class NvmeAccess implements Access<NamespaceFields, NamespaceOnOntap> {
  readonly #backend: OntapBackend;
  readonly #container: NamespaceFinder;
  readonly #seating: NvmeSeating;
  readonly #release: NvmeRelease;

  constructor(backend: OntapBackend, container: NamespaceFinder) {
    this.#backend = backend;
    this.#container = container;
    this.#seating = new NvmeSeating(backend);
    this.#release = new NvmeRelease(backend, this.#seating);
  }

  atCreation(): Wish<NamespaceFields> {
    return plainWish({ osType: 'linux' });
  }

  atClone(): Wish<NamespaceFields> {
    return this.atCreation();
  }

  atImport(): Wish<NamespaceFields> {
    return this.atCreation();
  }

  made(config: VolumeConfig): {
    readonly ref: JsonObject;
    readonly access: AccessInformation;
    readonly config: Partial<VolumeConfig>;
  } {
    return { ref: {}, access: sanAccessInformation(config), config: {} };
  }

  async finish(): Promise<void> {
    // Nothing is mapped before it is published.
  }

  async grant({ volume, node, accessMode }: PublishRequest, signal: AbortSignal): Promise<Published> {
    const { namespace, config: told } = await this.#known(volume, signal);
    const { client, settings, facts, lifs } = this.#backend;
    await lifs.renew(() => needNvmeLifs(client, settings, facts.svm, signal), signal);
    const config = { ...volume.config, ...told };
    const before = nvmeRef(volume.ref);
    const guest = this.#guest(namespace, { ...volume, config }, node, isShared(config, accessMode));
    const subsystem = await this.#seating.letIn(guest, before?.subsystem, signal);
    const hosts = before?.subsystem.uuid === subsystem.uuid ? before.hosts : {};
    return {
      accessInformation: this.#information(config, namespace, subsystem),
      ref: withNvmeRef(
        { ...volume.ref, ...refOfNamespace(namespace) },
        { subsystem, hosts: { ...hosts, [node.name]: guest.nqn } },
      ),
      config: told,
    };
  }

  async revoke(request: UnpublishRequest, signal: AbortSignal): Promise<Published> {
    const { volume, node, remaining } = request;
    const namespace = await this.#find(volume, signal);
    const before = nvmeRef(volume.ref);
    // With the namespace, its map is gone.
    const kept = namespace === undefined ? undefined : await this.#release.shutOut(request, namespace, before, signal);
    if (kept === undefined) return this.#revoked(volume, undefined);
    const stays = (name: string) => name !== node.name && remaining.some((other) => other.name === name);
    const hosts = Object.fromEntries(Object.entries(before?.hosts ?? {}).filter(([name]) => stays(name)));
    return this.#revoked(volume, { subsystem: kept, hosts });
  }

  plan(
    expected: readonly AccessExpectation[],
    nodes: readonly NodeRecord[],
    signal: AbortSignal,
  ): Promise<readonly AccessChange[]> {
    return planSubsystems(
      {
        seating: this.#seating,
        guestOf: (volume, namespace, node, several) =>
          this.#guest(namespace, volume, node, several || isShared(volume.config, 0)),
        namespaceOf: (volume, inner) => this.#find(volume, inner),
      },
      expected,
      nodes,
      signal,
    );
  }

  /** A volume that was deleted while it was mapped leaves a subsystem that may have had nothing else in it. */
  async forget(volume: VolumeHandle, signal: AbortSignal): Promise<void> {
    const left = nvmeRef(volume.ref)?.subsystem;
    if (left !== undefined) await this.#release.removeIfOurs(volume, left, signal);
  }

  async retire(): Promise<void> {
    // Nothing belongs to the backend as a whole.
  }

  #guest(namespace: NamespaceRef, { config, ref }: VolumeHandle, node: NodeRecord, shared: boolean): Guest {
    const adopted = namespaceRef(ref) === undefined;
    const nqn = nqnOf(node);
    const forAll = this.#seating.names.forAll !== undefined;
    const raw = config.fileSystem === 'raw';
    return { namespace, volume: config, node, nqn, shared: shared && !forAll, raw, adopted };
  }

  #information(config: VolumeConfig, namespace: NamespaceRef, subsystem: NvmeRef['subsystem']): AccessInformation {
    const mountOptions = mountOptionsFor(config.fileSystem, config.mountOptions);
    return {
      ...config.accessInformation,
      ...(mountOptions === '' ? {} : { mountOptions }),
      nvmeSubsystemNqn: subsystem.nqn,
      nvmeSubsystemUUID: subsystem.uuid,
      nvmeNamespaceUUID: namespace.uuid,
      nvmeTargetIPs: this.#backend.lifs.addresses,
    };
  }

  /** As long as a node has the volume, the subsystem stays on record for all of them. */
  #revoked({ config, ref }: VolumeHandle, nvme: NvmeRef | undefined): Published {
    const known = config.accessInformation;
    const { nvmeSubsystemNqn: _nqn, nvmeSubsystemUUID: _uuid, nvmeTargetIPs: _lifs, ...rest } = known;
    return { accessInformation: nvme === undefined ? rest : known, ref: withNvmeRef(ref, nvme), config: {} };
  }

  async #find(volume: VolumeHandle, signal: AbortSignal): Promise<NamespaceRef | undefined> {
    const known = namespaceRef(volume.ref);
    if (known !== undefined) return known;
    const found = await this.#container.find(volume, signal);
    return found === undefined ? undefined : { uuid: found.uuid, name: found.name };
  }

  /** The namespace of a volume; of one that another Trident made, also what it keeps in the comment. */
  async #known(
    volume: VolumeHandle,
    signal: AbortSignal,
  ): Promise<{ readonly namespace: NamespaceRef; readonly config: Partial<VolumeConfig> }> {
    const known = namespaceRef(volume.ref);
    if (known !== undefined) return { namespace: known, config: {} };
    const found = await this.#container.find(volume, signal);
    if (found === undefined)
      throw new Problem(
        'volume.not-on-array',
        'notFound',
        `there is no namespace of volume ${volume.config.internalName} on SVM ${this.#backend.facts.svm.name}`,
        { nothingDone: true },
      );
    const told = readNamespaceComment(found.comment);
    return {
      namespace: { uuid: found.uuid, name: found.name },
      config: {
        ...((told?.fileSystem ?? '') === '' ? {} : { fileSystem: told?.fileSystem ?? '' }),
        ...((told?.formatOptions ?? '') === '' || volume.config.formatOptions !== ''
          ? {}
          : { formatOptions: told?.formatOptions ?? '' }),
      },
    };
  }
}
