import type { AccessInformation, NodeRecord, VolumeConfig } from '../../../orchestrator/model.ts';
import { Problem } from '../../../problem.ts';
import type { OntapBackend } from '../backend.ts';
import { mountOptionsFor } from '../file-systems.ts';
import { needIscsiLifs } from '../probes/iscsi.ts';
import { canonicalWwn } from '../wwn.ts';
import { IscsiTarget } from './iscsi-target.ts';
import type { LunMap } from './lun-maps.ts';

/** What differs between iSCSI and Fibre Channel: who a node is, what its igroup is called, and how it finds the LUN. */
export interface ScsiTransport {
  readonly protocol: 'iscsi' | 'fcp';
  /** Stands between node and installation in the name of an igroup. */
  readonly infix: string;
  /** The paths to a LUN depend on which array nodes report it. */
  readonly needsReportingNodes: boolean;
  /** @throws Problem `node.no-initiator` */
  initiatorsOf(node: NodeRecord): readonly string[];
  /**
   * Name of the SVM as a target, an IQN or WWNN; the ways to it are known afterwards.
   * @throws Problem `svm.protocol` when it does not serve the protocol any more, `svm.no-lif` when nothing leads to it
   */
  targetName(signal: AbortSignal): Promise<string>;
  /**
   * What the node needs to attach the LUN, without secrets.
   * @param target name of the SVM as a target
   * @param igroups names of all igroups that the volume is mapped to for us
   * @throws Problem `lun.no-portal` when no path leads to it
   */
  information(
    config: VolumeConfig,
    target: string,
    lun: { readonly serial: string },
    map: LunMap,
    igroups: readonly string[],
  ): AccessInformation;
}

const igroupList = (igroups: readonly string[]): string => igroups.join(',');

const mounting = (config: VolumeConfig): Pick<AccessInformation, 'mountOptions'> => {
  const mountOptions = mountOptionsFor(config.fileSystem, config.mountOptions);
  return mountOptions === '' ? {} : { mountOptions };
};

const noInitiator = (node: NodeRecord, what: string, hint: string): Problem =>
  new Problem('node.no-initiator', 'conflict', `node ${node.name} ${what}`, { hint, nothingDone: true });

const numberOf = (map: LunMap): number => {
  if (map.logical_unit_number !== undefined) return map.logical_unit_number;
  throw new Problem(
    'array.unreadable',
    'unavailable',
    `the array does not tell under which number LUN ${map.lun.name} is mapped to igroup ${map.igroup.name}`,
  );
};

/** iSCSI. Secrets for CHAP stay with the backend, where they are sealed; they are never part of a volume's record. */
const iscsiTransport = (backend: OntapBackend, svm: IscsiTarget): ScsiTransport => ({
  protocol: 'iscsi',
  infix: '',
  needsReportingNodes: true,
  async targetName(signal) {
    const { client, settings, facts, lifs } = backend;
    const [name] = await Promise.all([
      svm.name(signal),
      lifs.renew(() => needIscsiLifs(client, settings, facts.svm, signal), signal),
    ]);
    return name;
  },

  initiatorsOf(node) {
    if (node.iqn === '')
      throw noInitiator(node, 'has no IQN, so that it cannot use iSCSI', 'register the node again with its IQN');
    return [node.iqn];
  },

  information(config, target, lun, map, igroups) {
    const [portal, ...others] = portalsOf(backend, config, map);
    const { useCHAP } = backend.settings;
    return {
      ...config.accessInformation,
      ...mounting(config),
      ...(portal === undefined ? {} : { iscsiTargetPortal: portal }),
      iscsiPortals: others,
      iscsiTargetIqn: target,
      iscsiLunNumber: numberOf(map),
      iscsiLunSerial: lun.serial,
      iscsiIgroup: igroupList(igroups),
      useCHAP,
      ...(useCHAP ? { iscsiInterface: 'default' } : {}),
    };
  },
});

/** The LIFs on the array nodes that report the LUN. Others would log in and find nothing. */
const portalsOf = ({ lifs }: OntapBackend, config: VolumeConfig, map: LunMap): readonly string[] => {
  const reporting = new Set(map.reporting_nodes.map(({ name }) => name));
  const places = new Set(lifs.all.map(({ node }) => node).filter((node) => node !== ''));
  const portals = lifs.all.filter(({ node }) => places.size === 0 || reporting.has(node));
  if (portals.length > 0) return portals.map(({ address }) => address);
  // The mapping of what we do not manage is not ours to judge.
  if (config.importNotManaged) return lifs.addresses;
  const nodes = reporting.size === 0 ? 'none' : [...reporting].join(', ');
  throw new Problem(
    'lun.no-portal',
    'unavailable',
    `no iSCSI LIF leads to LUN ${map.lun.name}: it is reported by ${nodes}, and the LIFs are on ${[...places].join(', ')}`,
    { hint: 'create a LIF with the service data_iscsi on a reporting node, or add reporting nodes to the LUN map' },
  );
};

/** Fibre Channel. */
const fcpTransport = (backend: OntapBackend): ScsiTransport => ({
  protocol: 'fcp',
  infix: 'fcp-',
  needsReportingNodes: false,
  targetName: async () => backend.facts.targetName,

  initiatorsOf(node) {
    const target = backend.facts.targetName;
    const zoned = Object.entries(node.hostWWPNMap)
      .filter(([, targets]) => targets.some((name) => canonicalWwn(name) === target))
      .map(([host]) => canonicalWwn(host))
      .filter((host) => host !== undefined);
    if (zoned.length === 0)
      throw noInitiator(
        node,
        `has no FC port that is zoned to the SVM (WWNN ${target})`,
        'check the zoning, and register the node again with its hostWWPNMap',
      );
    return [...new Set(zoned)];
  },

  information(config, target, lun, map, igroups) {
    return {
      ...config.accessInformation,
      ...mounting(config),
      fcTargetWWNN: target,
      fcpLunNumber: numberOf(map),
      fcpLunSerial: lun.serial,
      fcpIgroup: igroupList(igroups),
      useCHAP: false,
    };
  },
});

/** The transport that the backend's configuration chooses. */
export const transportOf = (backend: OntapBackend): ScsiTransport =>
  backend.settings.sanType === 'fcp' ? fcpTransport(backend) : iscsiTransport(backend, new IscsiTarget(backend));
