import type { VolumeConfig } from '../../../orchestrator/model.ts';
import type { OntapBackend } from '../backend.ts';
import type { ScsiTransport } from './scsi-transport.ts';

/** Longest name of an igroup. */
const longest = 96;

/** What follows the node in the name of its igroup; what ends so is of this installation. */
const suffixOf = (backend: OntapBackend, transport: Pick<ScsiTransport, 'infix'>): string =>
  `-${transport.infix}${backend.environment.installationUUID}`;

/** Pattern for the igroups of this installation, whatever the protocol. */
export const ourIgroups = (backend: OntapBackend): string => `*-${backend.environment.installationUUID}`;

/** True where one igroup serves all: nodes are not known to Docker's plugin. */
export const sharesIgroup = (backend: OntapBackend): boolean => backend.environment.context === 'docker';

/** Igroup of a node (ontap-drivers.md 6.2); the node's name is cut where both would be too long. */
export const igroupNameFor = (
  backend: OntapBackend,
  transport: Pick<ScsiTransport, 'infix'>,
  node: { readonly name: string },
): string => {
  const { igroupName } = backend.settings;
  if (sharesIgroup(backend)) return igroupName === '' ? 'netappdvp' : igroupName;
  const suffix = suffixOf(backend, transport);
  return `${node.name.slice(0, longest - suffix.length)}${suffix}`;
};

/** Two nodes with long names may come to one igroup, which then must not let in both. */
export const isCut = (
  backend: OntapBackend,
  transport: Pick<ScsiTransport, 'infix'>,
  node: { readonly name: string },
): boolean => !sharesIgroup(backend) && node.name.length > longest - suffixOf(backend, transport).length;

/** Where a volume's record lists its igroups. */
export const igroupKey = ({ protocol }: Pick<ScsiTransport, 'protocol'>): 'iscsiIgroup' | 'fcpIgroup' =>
  protocol === 'iscsi' ? 'iscsiIgroup' : 'fcpIgroup';

/** The igroups that a volume's record lists, whichever Trident entered them. */
export const listedIgroups = (
  { accessInformation }: Pick<VolumeConfig, 'accessInformation'>,
  transport: Pick<ScsiTransport, 'protocol'>,
): readonly string[] => (accessInformation[igroupKey(transport)] ?? '').split(',').filter((name) => name !== '');
