import type { RoleName } from './topology.ts';

/**
 * What the fixed roles may do. Everybody may read what is in sight; which SVM that is is not a question of the role.
 * For `vsadmin-volume`, ONTAP's manual names volumes, quotas, qtrees, snapshots, files, LUNs, protocols and name services.
 */

const READS = ['GET', 'HEAD', 'OPTIONS'];

/** Paths below `/api` that an administrator of volumes may change, with all that is below them. */
const OF_VOLUMES = [
  '/storage/volumes',
  '/storage/qtrees',
  '/storage/quota',
  '/storage/luns',
  '/storage/namespaces',
  '/storage/storage-units',
  '/storage/snapshot-policies',
  '/application',
  '/protocols',
  '/name-services',
  '/support/ems/application-logs',
  '/private/cli/volume',
];

const isBelow = (path: string, root: string): boolean => path === root || path.startsWith(`${root}/`);

/** Path below `/api`. */
const mayChange: Readonly<Record<RoleName, (path: string) => boolean>> = {
  admin: () => true,
  vsadmin: () => true,
  'vsadmin-volume': (path) => OF_VOLUMES.some((root) => isBelow(path, root)),
  readonly: () => false,
  'vsadmin-readonly': () => false,
};

/** Whether the role may use the method on the path (below `/api`). */
export const mayUse = (role: RoleName, method: string, path: string): boolean =>
  READS.includes(method) || mayChange[role](path);

/** Roles of users that are confined to an SVM. */
export const isSvmRole = (role: RoleName): boolean => role.startsWith('vsadmin');
