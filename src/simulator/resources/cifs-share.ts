import type { Context, Field, Fields, Resource, Values } from '../core/declaration.ts';
import {
  findText,
  flag,
  isStoredList,
  isStoredObject,
  objects,
  text,
  type Entry,
  type StoredObject,
} from '../core/entry.ts';
import { defaultsOf } from '../core/field-lists.ts';
import { Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { aclFields, aclsOf, addAcl, checkAcl, EVERYONE } from './cifs-acl.ts';
import { requiredSvm } from './common.ts';
import { findPath } from './nas-path.ts';

const CIFS_SHARE = 'cifs_share';
const LONGEST_NAME = 80;

/** The key of a share. */
export const shareKey = (svm: string, name: string) => `${svm}/${name.toLowerCase()}`;

const on: Field = { kind: 'boolean', default: true };
const off: Field = { kind: 'boolean', default: false };

/** Shares that every service has and nobody makes. */
const HIDDEN: readonly (readonly [name: string, path: string])[] = [
  ['c$', '/'],
  ['ipc$', '/'],
];

export const addHiddenShares = (service: Entry, world: World): void => {
  const svm = text(service, 'svm');
  for (const [name, path] of HIDDEN) {
    const share: Entry = { ...defaultsOf(shareSettings), $id: shareKey(svm, name), svm, name, path, $hidden: true };
    world.store.put(CIFS_SHARE, share);
    addAcl(share, { user_or_group: 'BUILTIN\\Administrators', type: 'windows', permission: 'full_control' }, world);
  }
};

const checkName = (name: string) => {
  if (name.length > LONGEST_NAME)
    throw new Refusal(400, 655577, `The share name "${name}" is longer than ${LONGEST_NAME} characters.`, 'name');
  if (['c$', 'admin$', 'ipc$'].includes(name.toLowerCase()))
    throw new Refusal(400, 656424, `The administrator share "${name}" cannot be created.`, 'name');
  if (name === '' || /["/\\[\]:|<>+;,?*=]/.test(name))
    throw new Refusal(400, 656426, `The share name "${name}" is not valid.`, 'name');
};

const checkPath = (share: StoredObject, world: World) => {
  const path = text(share, 'path');
  if (!path.startsWith('/')) throw new Refusal(400, 656423, `The path "${path}" of the share is not absolute.`, 'path');
  const target = findPath(path, text(share, 'svm'), world);
  if (!target) throw new Refusal(400, 655551, `The path "${path}" of the share does not exist.`, 'path');
  if (target.type !== 'directory')
    throw new Refusal(400, 655625, `The path "${path}" of the share is not a directory.`, 'path');
};

/** Entries of a body wait in the share's record until it is made. */
const givenAcls = (values: Values, svm: string, world: World): { readonly $acls?: readonly StoredObject[] } => {
  const { acls } = values;
  if (acls === undefined || !isStoredList(acls)) return {};
  const entries = acls.filter(isStoredObject);
  for (const entry of entries) checkAcl(entry, svm, world);
  return { $acls: entries };
};

const replaceAcls = (share: Entry, { world }: Context) => {
  if (share['$acls'] === undefined) return;
  for (const acl of aclsOf(share.$id, world)) world.store.remove('cifs_acl', acl.$id);
  for (const acl of objects(share, '$acls')) addAcl(share, acl, world);
  world.store.change(CIFS_SHARE, share.$id, { $acls: undefined });
};

/** What is said about a share beside where it is and who may use it. */
export const shareSettings: Fields = {
  comment: { kind: 'string', maxLength: 256, default: '' },
  access_based_enumeration: off,
  allow_unencrypted_access: off,
  attribute_cache: off,
  browsable: on,
  change_notify: on,
  continuously_available: off,
  dir_umask: { kind: 'integer' },
  file_umask: { kind: 'integer' },
  force_group_for_create: { kind: 'string' },
  encryption: off,
  home_directory: { kind: 'boolean', write: 'create', default: false },
  max_connections_per_share: { kind: 'integer', minimum: 1 },
  namespace_caching: off,
  no_strict_security: off,
  offline_files: { kind: 'enum', values: ['none', 'manual', 'documents', 'programs'], default: 'manual' },
  oplocks: on,
  show_previous_versions: on,
  show_snapshot: off,
  unix_symlink: { kind: 'enum', values: ['local', 'widelink', 'disable'], default: 'local' },
  vscan_profile: { kind: 'enum', values: ['no_scan', 'standard', 'strict', 'writes_only'], default: 'standard' },
};

/** `/protocols/cifs/shares`, addressed by SVM and name. */
export const cifsShare: Resource = {
  kind: CIFS_SHARE,
  path: '/protocols/cifs/shares',
  keys: ['svm.uuid', 'name'],
  order: ['svm', 'name'],
  ignoresCase: true,
  personalities: ['unified', 'afx'],
  fields: {
    svm: requiredSvm,
    name: { kind: 'string', write: 'create', key: true, required: true },
    path: { kind: 'string', required: true, maxLength: 256 },
    ...shareSettings,
    acls: {
      kind: 'objects',
      of: aclFields,
      compute: (entry, world) => aclsOf(entry.$id, world),
    },
    volume: {
      kind: 'ref',
      to: 'volume',
      write: 'never',
      compute: (entry, world) => findPath(text(entry, 'path'), text(entry, 'svm'), world)?.volume.$id,
    },
  },
  indexes: ['svm'],
  unique: [
    {
      fields: ['svm', 'name'],
      ignoreCase: true,
      refusal: (entry) => new Refusal(409, 1, `A share "${text(entry, 'name')}" already exists in the SVM.`, 'name'),
    },
  ],
  identify: (draft) => shareKey(text(draft, 'svm'), text(draft, 'name')),
  inside: [{ kind: 'cifs_service', field: 'svm' }],
  create: {
    asynchronous: false,
    prepare: (draft, { world }) => {
      const svm = text(draft, 'svm');
      if (!world.store.find('cifs_service', svm)) throw new Refusal(400, 655399, 'The SVM has no CIFS server.', 'svm');
      checkName(text(draft, 'name'));
      checkPath(draft, world);
      const { acls: _acls, ...share } = draft;
      return { ...share, $id: draft.$id, $acls: [EVERYONE], ...givenAcls(draft, svm, world) };
    },
    effects: replaceAcls,
  },
  modify: {
    asynchronous: false,
    prepare: (changes, before, { world }) => {
      if (changes['path'] !== undefined) checkPath({ ...before, ...changes }, world);
      const { acls: _acls, ...others } = changes;
      return { ...others, ...givenAcls(changes, text(before, 'svm'), world) };
    },
    effects: (after, _before, context) => replaceAcls(after, context),
  },
  remove: {
    asynchronous: false,
    check: (entry, { world }) => {
      if (flag(entry, '$hidden') && world.store.find('cifs_service', findText(entry, 'svm')))
        throw new Refusal(409, 655393, `The share "${text(entry, 'name')}" cannot be deleted.`);
    },
  },
};
