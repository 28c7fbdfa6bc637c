import type { JsonObject } from '../../../json.ts';
import type { AccessInformation, NodeRecord, VolumeConfig } from '../../../orchestrator/model.ts';
import { afterWork, Problem } from '../../../problem.ts';
import type { ChapCredentials } from '../../driver.ts';
import type {
  AccessChange,
  AccessExpectation,
  Published,
  PublishRequest,
  UnpublishRequest,
  VolumeHandle,
} from '../../objects.ts';
import type { OntapBackend } from '../backend.ts';
import { growingDelays, pause } from '../client/waiting.ts';
import { attributesFor, lunAttribute } from '../containers/lun-fields.ts';
import type { LunFields } from '../containers/lun-fields.ts';
import { attributeOf } from '../containers/lun-record.ts';
import type { LunOnOntap } from '../containers/lun-record.ts';
import { lunRef } from '../containers/lun-ref.ts';
import type { LunRef } from '../containers/lun-ref.ts';
import { plainWish } from '../parts.ts';
import type { Access, Container, Wish } from '../parts.ts';
import { sanAccessInformation } from '../plans/san-plan.ts';
import { igroupKey, igroupNameFor, isCut, listedIgroups, sharesIgroup } from './igroup-names.ts';
import { Igroups } from './igroups.ts';
import { KnownIgroups } from './known-igroups.ts';
import { LunMaps } from './lun-maps.ts';
import type { LunMap } from './lun-maps.ts';
import { planMaps } from './map-plan.ts';
import { sanMaps, withSanMaps } from './san-ref.ts';
import type { ScsiTransport } from './scsi-transport.ts';

/** What access needs of the container: to look at the LUN of a volume that another Trident made. */
export type LunFinder = Pick<Container<LunFields, LunOnOntap>, 'find'>;

/** What we know of a LUN, and what only it knows of itself. */
interface Known {
  readonly lun: LunRef;
  readonly config: Partial<VolumeConfig>;
}

/**
 * Access to LUNs over iSCSI or Fibre Channel: each node has an igroup with its initiators, and a LUN is mapped to the igroups of
 * the nodes it is published to. Igroups of others, and what else is mapped, are never touched.
 */
export class ScsiAccess implements Access<LunFields, LunOnOntap> {
  readonly #backend: OntapBackend;
  readonly #container: LunFinder;
  readonly #transport: ScsiTransport;
  readonly #igroups: Igroups;
  readonly #known: KnownIgroups;
  readonly #maps: LunMaps;

  constructor(backend: OntapBackend, container: LunFinder, transport: ScsiTransport) {
    this.#backend = backend;
    this.#container = container;
    this.#transport = transport;
    this.#igroups = new Igroups(backend);
    this.#known = new KnownIgroups(backend);
    this.#maps = new LunMaps(backend);
  }

  atCreation(config: VolumeConfig): Wish<LunFields> {
    return plainWish({ osType: 'linux', attributes: attributesFor(config, this.#backend.environment.context) });
  }

  /** A clone has the attributes of its source. */
  atClone(): Wish<LunFields> {
    return plainWish({ osType: 'linux', attributes: {} });
  }

  atImport(): Wish<LunFields> {
    return plainWish({ osType: 'linux', attributes: {} });
  }

  made(config: VolumeConfig): {
    readonly ref: JsonObject;
    readonly access: AccessInformation;
    readonly config: Partial<VolumeConfig>;
  } {
    return { ref: withSanMaps({}, {}), access: sanAccessInformation(config), config: {} };
  }

  async finish(): Promise<void> {
    // Nothing is mapped before it is published.
  }

  async grant({ volume, node }: PublishRequest, signal: AbortSignal): Promise<Published> {
    const { lun, config } = await this.#lunOf(volume, signal);
    // Before anything is changed: without it the node could not log in.
    const target = await this.#transport.targetName(signal);
    const granted = sanMaps(volume.ref);
    const mayStand = granted[node.name] !== undefined;
    const map = await this.#letIn(lun, node, mayStand, signal);
    const maps = { ...granted, [node.name]: { igroup: map.igroup.name, uuid: map.igroup.uuid } };
    const own = Object.values(maps).map(({ igroup }) => igroup);
    const igroups = [...new Set([...listedIgroups(volume.config, this.#transport), ...own])];
    return {
      accessInformation: this.#transport.information({ ...volume.config, ...config }, target, lun, map, igroups),
      ref: withSanMaps({ ...volume.ref, lun: { ...lun } }, maps),
      config,
    };
  }

  async revoke({ volume, node, remaining }: UnpublishRequest, signal: AbortSignal): Promise<Published> {
    const granted = Object.entries(sanMaps(volume.ref));
    const stays = (name: string) => remaining.some((other) => other.name === name);
    const maps = Object.fromEntries(granted.filter(([name]) => stays(name)));
    const kept = new Set(Object.values(maps).map(({ igroup }) => igroup));
    const own = igroupNameFor(this.#backend, this.#transport, node);
    // Nodes that we once let in and that need no access any more go too.
    const gone = new Map<string, string | undefined>(kept.has(own) ? [] : [[own, undefined]]);
    for (const [name, { igroup, uuid }] of granted) if (!stays(name) && !kept.has(igroup)) gone.set(igroup, uuid);
    for (const [igroup, uuid] of gone) await this.#shutOut(volume, igroup, uuid, signal);
    // What another Trident let in is listed as long as any node has the volume.
    const listed = remaining.length === 0 ? [] : listedIgroups(volume.config, this.#transport);
    const igroups = [...new Set([...listed.filter((name) => !gone.has(name)), ...kept])];
    return this.#revoked(volume, maps, igroups);
  }

  /**
   * Paths to the node where the LUN will be are there before it goes, so that hosts can find them. The old ones stay: they
   * lead to the LUN from anywhere, and only hosts know when they need them no more.
   */
  async beforeMove(volume: VolumeHandle, targetNode: string, signal: AbortSignal): Promise<void> {
    if (targetNode === '') return;
    const { lun } = await this.#lunOf(volume, signal);
    for (const map of await this.#maps.list({ 'lun.uuid': lun.uuid }, signal))
      await this.#maps.addReportingNode(map, targetNode, signal);
  }

  chap(): ChapCredentials | undefined {
    const { useCHAP, chap } = this.#backend.settings;
    if (!useCHAP) return undefined;
    return {
      iscsiUsername: chap.username,
      iscsiInitiatorSecret: chap.initiatorSecret,
      iscsiTargetUsername: chap.targetUsername,
      iscsiTargetSecret: chap.targetInitiatorSecret,
    };
  }

  plan(
    expected: readonly AccessExpectation[],
    nodes: readonly NodeRecord[],
    signal: AbortSignal,
  ): Promise<readonly AccessChange[]> {
    return planMaps(
      {
        backend: this.#backend,
        transport: this.#transport,
        igroups: this.#igroups,
        maps: this.#maps,
        admit: async (lun, node, inner) => void (await this.#letIn(lun, node, true, inner)),
        lunOf: async (volume, inner) => lunRef(volume.ref) ?? refOf(await this.#container.find(volume, inner)),
      },
      expected,
      nodes,
      signal,
    );
  }

  async forget(): Promise<void> {
    // The maps of a LUN go with it, and igroups that are left without maps go with the next repair of access.
  }

  async retire(): Promise<void> {
    // Nothing belongs to the backend as a whole.
  }

  /**
   * Sees to it that a node's igroup is there, has its initiators and the LUN.
   * @param mayStand it was so before, so that a look comes first
   */
  async #letIn(lun: LunRef, node: NodeRecord, mayStand: boolean, signal: AbortSignal): Promise<LunMap> {
    const initiators = this.#transport.initiatorsOf(node);
    const igroup = igroupNameFor(this.#backend, this.#transport, node);
    const { settings, now } = this.#backend.client.options;
    const delay = growingDelays(settings.firstJobDelayMs, settings.longestJobDelayMs, settings.random);
    const until = now().getTime() + settings.settleTimeoutMs;
    let map = mayStand ? await this.#maps.find(lun, igroup, signal) : undefined;
    if (map !== undefined && (await this.#ensureInitiators(map, node, initiators, signal))) return map;
    let isThere = mayStand || (await this.#known.has(igroup, node.name));
    let isOurs = false;
    try {
      for (let round = 0; now().getTime() < until; round++) {
        // What was made may not be seen at once.
        if (round > 1) await pause(delay(), signal);
        if (!isThere && (await this.#igroups.create(igroup, this.#transport.protocol, initiators, signal)))
          isOurs = true;
        this.#known.add(igroup);
        isThere = (await this.#maps.create(lun, igroup, signal)) !== 'no-igroup';
        if (!isThere) continue;
        map = await this.#maps.find(lun, igroup, signal);
        if (map !== undefined && (await this.#ensureInitiators(map, node, initiators, signal))) return map;
      }
    } catch (error) {
      if (isOurs && !signal.aborted) await this.#igroups.removeNamed(igroup, signal).catch(() => false);
      throw afterWork(error);
    }
    throw new Problem(
      'igroup.contended',
      'unavailable',
      `the array does not show the map of LUN ${lun.name} to igroup ${igroup}`,
      { hint: 'look whether somebody else makes and removes that igroup, then repeat the operation' },
    );
  }

  /** False when the igroup vanished meanwhile. */
  async #ensureInitiators(
    map: LunMap,
    node: NodeRecord,
    initiators: readonly string[],
    signal: AbortSignal,
  ): Promise<boolean> {
    const there = new Set(map.igroup.initiators);
    await this.#refuseForeign(map, node, initiators, signal);
    for (const initiator of initiators)
      if (!there.has(initiator) && !(await this.#igroups.add(map.igroup, initiator, signal))) return false;
    return true;
  }

  /** An igroup with our name that is for something else: the map that was just made is taken back. */
  async #refuseForeign(
    { igroup, lun }: LunMap,
    node: NodeRecord,
    initiators: readonly string[],
    signal: AbortSignal,
  ): Promise<void> {
    const { protocol } = this.#transport;
    const others = igroup.initiators.filter((name) => !initiators.includes(name));
    const why = !['', 'mixed', protocol].includes(igroup.protocol)
      ? `its protocol is ${igroup.protocol}, not ${protocol}`
      : isCut(this.#backend, this.#transport, node) && others.length > 0
        ? `it lets in ${others.join(', ')}, and the name of node ${node.name} is too long to tell its igroup from theirs`
        : undefined;
    if (why === undefined) return;
    const what = `unmapping LUN ${lun.name} from igroup ${igroup.name}`;
    await this.#maps.remove({ lun: lun.uuid, igroup: igroup.uuid }, what, signal);
    throw new Problem(
      'igroup.foreign',
      'conflict',
      `igroup ${igroup.name} cannot be used for node ${node.name}: ${why}`,
      {
        hint: 'rename or delete the igroup on the array if nobody needs it',
      },
    );
  }

  async #shutOut(volume: VolumeHandle, igroup: string, uuid: string | undefined, signal: AbortSignal): Promise<void> {
    const lun = lunRef(volume.ref) ?? refOf(await this.#container.find(volume, signal));
    // With the LUN, its maps are gone.
    if (lun === undefined) return;
    const known = uuid ?? (await this.#maps.find(lun, igroup, signal))?.igroup.uuid;
    if (known === undefined) return;
    const what = `unmapping LUN ${lun.name} from igroup ${igroup}`;
    await this.#maps.remove({ lun: lun.uuid, igroup: known }, what, signal);
    if (sharesIgroup(this.#backend)) return;
    if (await this.#igroups.removeUnused({ uuid: known, name: igroup }, signal)) this.#known.forget(igroup);
  }

  /** The LUN of a volume; of one that another Trident made, also what it keeps in the LUN. */
  async #lunOf(volume: VolumeHandle, signal: AbortSignal): Promise<Known> {
    const known = lunRef(volume.ref);
    if (known !== undefined && known.serial !== '') return { lun: known, config: {} };
    const found = await this.#container.find(volume, signal);
    if (found === undefined)
      throw new Problem(
        'volume.not-on-array',
        'notFound',
        `there is no LUN of volume ${volume.config.internalName} on SVM ${this.#backend.facts.svm.name}`,
        { nothingDone: true },
      );
    const fileSystem = attributeOf(found, lunAttribute.fileSystem) ?? '';
    const formatOptions = attributeOf(found, lunAttribute.formatOptions) ?? '';
    return {
      lun: { uuid: found.uuid, name: found.name, serial: found.serial_number },
      config: {
        ...(fileSystem === '' ? {} : { fileSystem }),
        ...(formatOptions === '' || volume.config.formatOptions !== '' ? {} : { formatOptions }),
      },
    };
  }

  #revoked({ config, ref }: VolumeHandle, maps: ReturnType<typeof sanMaps>, igroups: readonly string[]): Published {
    return {
      accessInformation: { ...config.accessInformation, [igroupKey(this.#transport)]: igroups.join(',') },
      ref: withSanMaps(ref, maps),
      config: {},
    };
  }
}

const refOf = (lun: LunOnOntap | undefined): LunRef | undefined =>
  lun === undefined ? undefined : { uuid: lun.uuid, name: lun.name, serial: lun.serial_number };
