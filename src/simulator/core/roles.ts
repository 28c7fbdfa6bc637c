import type { RoleName } from './topology.ts';

/**
 * What roles may do. Everybody with a fixed role may read what is in sight; which SVM that is is not a question of the
 * role. For `vsadmin-volume`, ONTAP's manual names volumes, quotas, qtrees, snapshots, files, LUNs, protocols and name
 * services. Roles that clients make say by path what they allow.
 */

const READS = ['GET', 'HEAD', 'OPTIONS'];

/** A path of the API with all that is below it, and what is allowed there. */
export interface Privilege {
  /** `/api/storage/volumes`; `*` within a segment. */
  readonly path: string;
  readonly access: string;
}

export const ACCESSES: Readonly<Record<string, readonly string[]>> = {
  none: [],
  readonly: READS,
  read_create: [...READS, 'POST'],
  read_modify: [...READS, 'PATCH'],
  read_create_modify: [...READS, 'POST', 'PATCH'],
  all: [...READS, 'POST', 'PATCH', 'DELETE'],
};

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

/** By path below `/api`. */
const FIXED: Readonly<Record<RoleName, (path: string) => boolean>> = {
  admin: () => true,
  vsadmin: () => true,
  'vsadmin-volume': (path) => OF_VOLUMES.some((root) => isBelow(path, root)),
  readonly: () => false,
  'vsadmin-readonly': () => false,
};

const isFixed = (role: string): role is RoleName => Object.hasOwn(FIXED, role);

/** What the fixed roles allow, as a list of roles shows it. */
export const FIXED_ROLES: Readonly<Record<RoleName, readonly Privilege[]>> = {
  admin: [{ path: '/api', access: 'all' }],
  readonly: [{ path: '/api', access: 'readonly' }],
  vsadmin: [{ path: '/api', access: 'all' }],
  'vsadmin-volume': [
    { path: '/api', access: 'readonly' },
    ...OF_VOLUMES.map((path) => ({ path: `/api${path}`, access: 'all' })),
  ],
  'vsadmin-readonly': [{ path: '/api', access: 'readonly' }],
};

const covers = (privilege: string, path: string): boolean => {
  const [wanted, given] = [privilege.split('/'), path.split('/')];
  return wanted.length <= given.length && wanted.every((part, at) => part === '*' || part === given[at]);
};

/** The longest path that covers a request decides; where none does, nothing is allowed. */
const isAllowed = (privileges: readonly Privilege[], method: string, path: string): boolean => {
  const [nearest] = privileges
    .filter((privilege) => covers(privilege.path, path))
    .toSorted((a, b) => b.path.length - a.path.length);
  return ACCESSES[nearest?.access ?? 'none']?.includes(method) ?? false;
};

/** Whether somebody may use the method on the path (below `/api`). */
export const mayUse = (
  { role, privileges }: { readonly role: string; readonly privileges: readonly Privilege[] },
  method: string,
  path: string,
): boolean =>
  isFixed(role) ? READS.includes(method) || FIXED[role](path) : isAllowed(privileges, method, `/api${path}`);

/** Roles of users that are confined to an SVM. */
export const isSvmRole = (role: string): boolean => role.startsWith('vsadmin');
