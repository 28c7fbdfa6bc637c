import type { Resource } from '../core/declaration.ts';
import { text } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import { existsAlready, passing, readOnly, requiredSvm } from './common.ts';
import { inEachSvm } from './each-svm.ts';

const GROUP = 'unix_group';
const MEMBER = 'unix_group_user';

const BUILT_IN = { daemon: 1, nobody: 65_535, pcuser: 65_534, root: 0 } as const;

/** `/name-services/unix-groups`: those that an SVM knows by itself. */
export const unixGroup: Resource = {
  kind: GROUP,
  path: '/name-services/unix-groups',
  keys: ['svm.uuid', 'name'],
  order: ['svm', 'name'],
  since: '9.9.1',
  fields: {
    svm: requiredSvm,
    name: { kind: 'string', key: true, required: true, write: 'create', maxLength: 256 },
    id: { kind: 'integer', required: true, minimum: 0, maximum: 4_294_967_295 },
    skip_name_validation: passing('boolean', { write: 'create' }),
    users: readOnly('objects', {
      to: MEMBER,
      of: { name: readOnly('string') },
      compute: (entry, world) => {
        const members = world.store.by(MEMBER, GROUP, entry.$id);
        return members.length === 0 ? undefined : members.map((each) => ({ $ref: each.$id, name: each['name'] }));
      },
    }),
  },
  indexes: ['svm', 'name'],
  unique: [{ fields: ['svm', 'name'], refusal: existsAlready('A UNIX group', 1) }],
  identify: (draft) => `${text(draft, 'svm')}/${text(draft, 'name')}`,
  create: { asynchronous: false },
  modify: { asynchronous: false },
  remove: { asynchronous: false },
  ...inEachSvm(GROUP, (svm) =>
    Object.entries(BUILT_IN).map(([name, id]) => ({ $id: `${svm.$id}/${name}`, svm: svm.$id, name, id })),
  ),
};

/** `/name-services/unix-groups/{svm.uuid}/{unix_group.name}/users`. */
export const unixGroupUser: Resource = {
  kind: MEMBER,
  path: '/name-services/unix-groups/{svm.uuid}/{unix_group.name}/users',
  keys: ['name'],
  takesRecords: true,
  order: [GROUP, 'name'],
  since: '9.9.1',
  fields: {
    name: { kind: 'string', key: true, required: true, write: 'create', maxLength: 64 },
    skip_name_validation: passing('boolean', { write: 'create' }),
    svm: readOnly('ref', { to: 'svm', key: true }),
    [GROUP]: readOnly('ref', { to: GROUP, children: ['name'], key: true }),
  },
  indexes: [GROUP, 'svm'],
  unique: [
    {
      fields: [GROUP, 'name'],
      refusal: (entry) => new Refusal(409, 1, `"${text(entry, 'name')}" is in the group already.`, 'name'),
    },
  ],
  inside: [{ kind: GROUP, field: GROUP }],
  identify: (draft) => `${text(draft, GROUP)}/${text(draft, 'name')}`,
  create: { asynchronous: false },
  remove: { asynchronous: false },
};
