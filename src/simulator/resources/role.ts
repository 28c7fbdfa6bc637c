import type { Fields, Resource } from '../core/declaration.ts';
import { flag, isStoredList, isStoredObject, objects, text, type Entry, type StoredObject } from '../core/entry.ts';
import { noEntry, Refusal } from '../core/refusal.ts';
import { ACCESSES, FIXED_ROLES, isSvmRole, type Privilege } from '../core/roles.ts';
import type { World } from '../core/world.ts';
import { existsAlready, readOnly } from './common.ts';
import { namedIn } from './lookups.ts';
import { identifyOwned, ownedKey, ownerFields, withOwner } from './owner.ts';

const ROLE = 'role';
const PRIVILEGE = 'role_privilege';

const PRIVILEGE_FIELDS: Fields = {
  path: { kind: 'string', write: 'create', key: true, required: true },
  access: {
    kind: 'enum',
    required: true,
    values: Object.keys(ACCESSES),
    refusal: (value) => new Refusal(400, 5636144, `"${value}" is not a level of access.`, 'access'),
  },
  query: { kind: 'string', since: '9.11.1' },
};

const predefined = () => new Refusal(409, 1263347, 'Pre-defined roles cannot be changed.', 'name');

const recordsOf = (role: string, world: World): readonly Entry[] => world.store.by(PRIVILEGE, ROLE, role);

export const privilegesOf = (role: Entry, world: World): readonly Privilege[] =>
  recordsOf(role.$id, world).map((entry) => ({ path: text(entry, 'path'), access: text(entry, 'access') }));

/** A role of an SVM, or one of the cluster. */
export const findRole = (name: string, svm: string | undefined, world: World): Entry | undefined =>
  namedIn(ROLE, name, svm, world);

/** What can be narrowed by a query is a command, and roles are made of paths of the API. */
const checkPrivilege = (privilege: StoredObject) => {
  const path = text(privilege, 'path');
  if (text(privilege, 'query') !== '')
    throw new Refusal(400, 5636192, 'A query cannot be given for a path of the API.', 'query');
  if (!/^\/api(?:\/|$)/.test(path)) throw new Refusal(400, 5636170, `"${path}" is no path of the API.`, 'path');
};

const addPrivileges = (role: string, privileges: readonly StoredObject[], world: World) => {
  for (const privilege of privileges) {
    const $id = `${role}${text(privilege, 'path')}`;
    world.store.put(PRIVILEGE, { ...privilege, $id, role });
  }
};

const add = (name: string, privileges: readonly Privilege[], owner: StoredObject, world: World) => {
  const $id = ownedKey({ ...owner, name }, world);
  world.store.put(ROLE, { $id, $owned: $id, name, ...owner, builtin: true });
  addPrivileges(
    $id,
    privileges.map((privilege) => ({ ...privilege })),
    world,
  );
};

/** Each SVM has the roles of its administrators from the moment when it is made. */
const furnish = (svm: string, world: World) => {
  for (const [name, privileges] of Object.entries(FIXED_ROLES))
    if (isSvmRole(name)) add(name, privileges, { svm }, world);
};

/** `/security/roles`. */
export const role: Resource = {
  kind: ROLE,
  path: '/security/roles',
  keys: ['owner.uuid', 'name'],
  order: ['svm', 'name'],
  clusterOnly: true,
  fields: {
    name: { kind: 'string', write: 'create', key: true, required: true },
    ...ownerFields,
    builtin: readOnly('boolean', { compute: (entry) => flag(entry, 'builtin') }),
    privileges: {
      kind: 'objects',
      write: 'create',
      required: true,
      of: PRIVILEGE_FIELDS,
      compute: (entry, world) => recordsOf(entry.$id, world),
    },
  },
  indexes: ['name', 'svm'],
  unique: [{ fields: ['$owned'], refusal: existsAlready('A role', 5636171) }],
  identify: identifyOwned,
  create: {
    asynchronous: false,
    prepare: ({ privileges, ...draft }, { world }) => {
      const owned = withOwner({ ...draft, $id: draft.$id }, world);
      const given = privileges !== undefined && isStoredList(privileges) ? privileges.filter(isStoredObject) : [];
      for (const privilege of given) checkPrivilege(privilege);
      const $id = ownedKey(owned, world);
      return { ...owned, $id, $owned: $id, $privileges: given };
    },
    effects: (entry, { world }) => {
      addPrivileges(entry.$id, objects(entry, '$privileges'), world);
      world.store.change(ROLE, entry.$id, { $privileges: undefined });
    },
  },
  remove: {
    asynchronous: false,
    check: (entry, { world }) => {
      if (flag(entry, 'builtin')) throw predefined();
      if (world.store.by('account', ROLE, entry.$id).length > 0)
        throw new Refusal(409, 5636172, 'User accounts detected with this role assigned.');
    },
  },
  inside: [{ kind: 'svm', field: 'svm' }],
  reactions: [{ to: 'svm', created: (svm, { world }) => furnish(svm.$id, world) }],
  seed: (_, world) => {
    for (const [name, privileges] of Object.entries(FIXED_ROLES))
      if (!isSvmRole(name)) add(name, privileges, {}, world);
    for (const svm of world.store.all('svm')) furnish(svm.$id, world);
    return [];
  },
};

/** `/security/roles/{owner}/{role}/privileges`, one by one. */
export const rolePrivilege: Resource = {
  kind: PRIVILEGE,
  path: '/security/roles/{owner.uuid}/{role.name}/privileges',
  keys: ['path'],
  order: ['role', 'path'],
  clusterOnly: true,
  fields: {
    ...PRIVILEGE_FIELDS,
    // Both are in the path.
    'owner.uuid': readOnly('string', {
      secret: true,
      expensive: true,
      compute: (entry) => text(entry, ROLE).split('/')[0],
    }),
    role: { kind: 'ref', to: ROLE, children: ['name'], write: 'never', secret: true, expensive: true },
  },
  indexes: ['role'],
  inside: [{ kind: ROLE, field: 'role' }],
  parents: (path, world) => {
    const found = world.store.find(ROLE, `${path['owner.uuid'] ?? ''}/${path['role.name'] ?? ''}`);
    if (!found) throw noEntry('name');
    return { role: found.$id };
  },
  unique: [
    {
      fields: ['role', 'path'],
      refusal: (entry) => new Refusal(409, 1, `The role has a privilege for "${text(entry, 'path')}".`, 'path'),
    },
  ],
  identify: (draft) => `${text(draft, ROLE)}${text(draft, 'path')}`,
  create: {
    asynchronous: false,
    prepare: (draft, { world }) => {
      if (flag(world.store.get(ROLE, text(draft, ROLE)), 'builtin')) throw predefined();
      checkPrivilege(draft);
      return draft;
    },
  },
  modify: {
    asynchronous: false,
    prepare: (changes, before, { world }) => {
      if (flag(world.store.get(ROLE, text(before, ROLE)), 'builtin')) throw predefined();
      checkPrivilege({ ...before, ...changes });
      return changes;
    },
  },
  remove: {
    asynchronous: false,
    check: (entry, { world }) => {
      if (flag(world.store.get(ROLE, text(entry, ROLE)), 'builtin')) throw predefined();
    },
  },
};
