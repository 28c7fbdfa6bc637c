import type { Fields, Resource } from '../core/declaration.ts';
import { findText, flag, objects, text, type Entry, type Stored, type StoredObject } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import type { User } from '../core/users.ts';
import type { World } from '../core/world.ts';
import { existsAlready } from './common.ts';
import { identifyOwned, ownedKey, ownerFields, withOwner } from './owner.ts';
import { findRole, privilegesOf } from './role.ts';

const ACCOUNT = 'account';
const LEAST_LENGTH = 8;

const APPLICATION: Fields = {
  application: {
    kind: 'enum',
    required: true,
    values: ['amqp', 'console', 'http', 'ontapi', 'rsh', 'service_processor', 'snmp', 'ssh', 'telnet'],
  },
  authentication_methods: { kind: 'strings' },
  second_authentication_method: { kind: 'string', default: 'none' },
  is_ldap_fastbind: { kind: 'boolean', default: false },
  is_ns_switch_group: { kind: 'boolean', default: false },
};

const BY_PASSWORD = ['http', 'ontapi', 'ssh', 'console'].map((application) => ({
  application,
  authentication_methods: ['password'],
  second_authentication_method: 'none',
  is_ldap_fastbind: false,
  is_ns_switch_group: false,
}));

const checkPassword = (password: string, name: string) => {
  if (password.length < LEAST_LENGTH)
    throw new Refusal(400, 7077899, `A password has at least ${LEAST_LENGTH} characters.`, 'password');
  if (!/[A-Za-z]/.test(password) || !/\d/.test(password))
    throw new Refusal(400, 7077898, 'A password contains both letters and numbers.', 'password');
  if (password.toLowerCase().includes(name.toLowerCase()))
    throw new Refusal(400, 7077918, 'A password does not contain the name of its user.', 'password');
};

const noRole = (given: string) => new Refusal(400, 5636129, `A role "${given}" has not been defined.`, 'role.name');

const roleFor = (given: string, owner: StoredObject, world: World): string => {
  const role = findRole(given, findText(owner, 'svm'), world);
  if (!role) throw noRole(given);
  return role.$id;
};

/** Of roles with one name, the one that the owner of the account has. */
const ownRole = (found: Stored | undefined, owner: StoredObject, world: World): string | undefined => {
  const name = typeof found === 'string' ? text(world.store.get('role', found), 'name') : undefined;
  return name === undefined ? undefined : roleFor(name, owner, world);
};

const checkChanged = (password: Stored | undefined, before: Entry) => {
  if (password !== undefined && password === before['$password'])
    throw new Refusal(400, 7077919, 'New password must be different from the old password.', 'password');
};

/** The password waits as `$password`: it is never shown, and not by this name in the topology's users. */
const keepPassword = (values: StoredObject, name: string): StoredObject => {
  const { password, ...others } = values;
  if (typeof password !== 'string') return others;
  checkPassword(password, name);
  return { ...others, $password: password };
};

const isLastAdmin = (entry: Entry, world: World): boolean => {
  const isAdmin = (each: Entry) => text(world.store.get('role', text(each, 'role')), 'name') === 'admin';
  const others = world.store.all(ACCOUNT).filter((each) => each.$id !== entry.$id);
  return isAdmin(entry) && !others.some((each) => isAdmin(each) && !flag(each, 'locked'));
};

/** `/security/accounts`: who may log in. Those of the topology are there from the beginning. */
export const account: Resource = {
  kind: ACCOUNT,
  path: '/security/accounts',
  keys: ['owner.uuid', 'name'],
  order: ['svm', 'name'],
  clusterOnly: true,
  fields: {
    name: { kind: 'string', write: 'create', key: true, required: true },
    ...ownerFields,
    role: { kind: 'ref', to: 'role', children: ['name'], unknown: noRole },
    applications: { kind: 'objects', of: APPLICATION },
    comment: { kind: 'string', maxLength: 128 },
    locked: { kind: 'boolean', default: false },
    password: { kind: 'string', secret: true },
  },
  indexes: ['name', 'svm', 'role'],
  unique: [{ fields: ['$owned'], refusal: existsAlready('An account', 1) }],
  identify: identifyOwned,
  create: {
    asynchronous: false,
    prepare: (draft, { world }) => {
      const owned = withOwner(draft, world);
      const name = text(owned, 'name');
      if (/[\s:]/.test(name)) throw new Refusal(400, 7077897, `"${name}" is no name of a user.`, 'name');
      const $id = ownedKey(owned, world);
      const usual = owned['svm'] === undefined ? 'admin' : 'vsadmin';
      const role = ownRole(owned['role'], owned, world) ?? roleFor(usual, owned, world);
      const applications = objects(owned, 'applications').length > 0 ? owned['applications'] : BY_PASSWORD;
      return { ...keepPassword(owned, name), role, applications, $id, $owned: $id };
    },
  },
  modify: {
    asynchronous: false,
    prepare: (changes, before, { world }) => {
      if (changes['locked'] === true && isLastAdmin(before, world))
        throw new Refusal(409, 7077896, 'The last administrator of the cluster cannot be locked.', 'locked');
      checkChanged(changes['password'], before);
      const role = ownRole(changes['role'], before, world);
      return keepPassword({ ...changes, ...(role === undefined ? {} : { role }) }, text(before, 'name'));
    },
  },
  remove: {
    asynchronous: false,
    check: (entry, { world }) => {
      if (isLastAdmin(entry, world))
        throw new Refusal(409, 5636098, 'The last unlocked account that has an admin role cannot be deleted.');
    },
  },
  inside: [{ kind: 'svm', field: 'svm' }],
  seed: ({ users }, world) =>
    users.map(({ name, role, svm: svmName, locked }) => {
      const svm = svmName === undefined ? {} : { svm: world.store.by('svm', 'name', svmName)[0]?.$id };
      const $id = ownedKey({ name, ...svm }, world);
      return {
        $id,
        $owned: $id,
        name,
        ...svm,
        role: roleFor(role, svm, world),
        applications: BY_PASSWORD,
        locked: locked ?? false,
      };
    }),
};

/** The account that a login with the name means: that of the cluster comes before those of SVMs. */
const findAccount = (name: string, world: World): Entry | undefined => {
  const all = world.store.by(ACCOUNT, 'name', name);
  return all.find((each) => each['svm'] === undefined) ?? all[0];
};

/**
 * What a name stands for now: its account, with the password that a client gave it, or else the one that it was
 * started with. Undefined: nobody.
 */
export const presentUser = (name: string, given: User | undefined, world: World): User | undefined => {
  const found = findAccount(name, world);
  const password = found && (findText(found, '$password') ?? given?.password);
  if (found === undefined || password === undefined) return undefined;
  const role = world.store.get('role', text(found, 'role'));
  return {
    name,
    password,
    token: given?.token,
    role: text(role, 'name'),
    privileges: privilegesOf(role, world),
    svm: found['svm'] === undefined ? undefined : text(world.store.get('svm', text(found, 'svm')), 'name'),
    locked: flag(found, 'locked'),
  };
};

/** What is done to accounts beside the REST API. */
export const changeAccount = (name: string, changes: Parameters<World['store']['change']>[2], world: World): void => {
  const found = findAccount(name, world);
  if (found) world.store.change(ACCOUNT, found.$id, changes);
};
