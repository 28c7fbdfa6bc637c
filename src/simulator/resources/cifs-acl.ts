import type { Fields, Resource } from '../core/declaration.ts';
import { text, type Entry, type StoredObject } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { unmodelled } from './common.ts';

const ACL = 'cifs_acl';

export const EVERYONE = { user_or_group: 'Everyone', type: 'windows', permission: 'full_control' } as const;

export const aclFields: Fields = {
  user_or_group: { kind: 'string', write: 'create', key: true, required: true },
  type: {
    kind: 'enum',
    write: 'create',
    key: true,
    values: ['windows', 'unix_user', 'unix_group'],
    default: 'windows',
  },
  permission: {
    kind: 'enum',
    values: ['no_access', 'read', 'change', 'full_control'],
    default: 'full_control',
  },
  ...unmodelled('sid', 'unix_id', 'win_sid_unix_id'),
};

export const aclsOf = (share: string, world: World): readonly Entry[] => world.store.by(ACL, '$share', share);

const aclKey = (share: string, acl: StoredObject) =>
  `${share}/${text(acl, 'type')}/${text(acl, 'user_or_group').toLowerCase()}`;

/** Domains whose names resolve: the service's own, its computer's, and Windows' built-in ones. */
const checkResolvable = (name: string, svm: string, world: World) => {
  const [domain = '', account] = name.split('\\');
  if (account === undefined) return;
  const service = world.store.find('cifs_service', svm);
  const own = service
    ? [
        text(service, 'ad_domain.fqdn'),
        text(service, 'ad_domain.fqdn').split('.')[0],
        text(service, 'workgroup'),
        text(service, 'name'),
      ]
    : [];
  const known = ['BUILTIN', 'NT AUTHORITY', ...own.map((each) => (each ?? '').toUpperCase())].filter(
    (each) => each !== '',
  );
  if (!known.includes(domain.toUpperCase()) || account === '')
    throw new Refusal(400, 655446, `The name "${name}" does not exist.`, 'user_or_group');
};

export const checkAcl = (acl: StoredObject, svm: string, world: World): void => {
  if (text(acl, 'type') === 'windows') checkResolvable(text(acl, 'user_or_group'), svm, world);
};

export const addAcl = (share: Entry, acl: StoredObject, world: World): void => {
  const $id = aclKey(share.$id, acl);
  if (world.store.find(ACL, $id))
    throw new Refusal(409, 1, `The share has an entry for "${text(acl, 'user_or_group')}" already.`, 'user_or_group');
  world.store.put(ACL, { ...acl, $id, $share: share.$id, svm: text(share, 'svm') });
};

/** `/protocols/cifs/shares/{svm.uuid}/{share}/acls`: who may use a share. */
export const cifsAcl: Resource = {
  kind: ACL,
  path: '/protocols/cifs/shares/{svm.uuid}/{$share.name}/acls',
  keys: ['user_or_group', 'type'],
  order: ['$share', 'user_or_group', 'type'],
  ignoresCase: true,
  personalities: ['unified', 'afx'],
  fields: {
    ...aclFields,
    share: {
      kind: 'string',
      write: 'never',
      key: true,
      compute: (entry, world) => world.store.find('cifs_share', text(entry, '$share'))?.['name'],
    },
    svm: { kind: 'ref', to: 'svm', write: 'never' },
    // The parent in the path; the field `share` is a text.
    $share: { kind: 'ref', to: 'cifs_share', children: ['name'], write: 'never', secret: true, expensive: true },
  },
  indexes: ['$share', 'svm'],
  unique: [
    {
      fields: ['$share', 'user_or_group', 'type'],
      ignoreCase: true,
      refusal: (entry) =>
        new Refusal(409, 1, `The share has an entry for "${text(entry, 'user_or_group')}" already.`, 'user_or_group'),
    },
  ],
  identify: (draft) => aclKey(text(draft, '$share'), draft),
  inside: [{ kind: 'cifs_share', field: '$share' }],
  create: {
    asynchronous: false,
    prepare: (draft, { world }) => {
      checkAcl(draft, text(draft, 'svm'), world);
      return draft;
    },
  },
  modify: { asynchronous: false },
  remove: { asynchronous: false },
};
