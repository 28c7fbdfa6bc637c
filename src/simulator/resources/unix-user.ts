import type { Resource } from '../core/declaration.ts';
import { text } from '../core/entry.ts';
import { existsAlready, passing, requiredSvm } from './common.ts';
import { inEachSvm } from './each-svm.ts';

const USER = 'unix_user';

/** Names, user numbers and group numbers. */
const BUILT_IN = [
  ['nobody', 65_535, 65_535],
  ['pcuser', 65_534, 65_534],
  ['root', 0, 1],
] as const;

/** `/name-services/unix-users`: those that an SVM knows by itself. */
export const unixUser: Resource = {
  kind: USER,
  path: '/name-services/unix-users',
  keys: ['svm.uuid', 'name'],
  order: ['svm', 'name'],
  since: '9.9.1',
  fields: {
    svm: requiredSvm,
    name: { kind: 'string', key: true, required: true, write: 'create', maxLength: 64 },
    id: { kind: 'integer', required: true, minimum: 0, maximum: 4_294_967_295 },
    primary_gid: { kind: 'integer', required: true, minimum: 0, maximum: 4_294_967_295 },
    full_name: { kind: 'string', maxLength: 256 },
    skip_name_validation: passing('boolean', { write: 'create' }),
  },
  indexes: ['svm'],
  unique: [{ fields: ['svm', 'name'], refusal: existsAlready('A UNIX user', 1) }],
  identify: (draft) => `${text(draft, 'svm')}/${text(draft, 'name')}`,
  create: { asynchronous: false },
  modify: { asynchronous: false },
  remove: { asynchronous: false },
  ...inEachSvm(USER, (svm) =>
    BUILT_IN.map(([name, id, primary_gid]) => ({ $id: `${svm.$id}/${name}`, svm: svm.$id, name, id, primary_gid })),
  ),
};
