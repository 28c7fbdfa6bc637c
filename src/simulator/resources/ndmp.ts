import type { Resource } from '../core/declaration.ts';
import { readOnly } from './common.ts';
import { inEachSvm } from './each-svm.ts';

const NDMP = 'ndmp_svm';

/** `/protocols/ndmp/svms`: whether an SVM can be backed up by NDMP. It is kept, and does nothing. */
export const ndmp: Resource = {
  kind: NDMP,
  path: '/protocols/ndmp/svms',
  keys: ['svm.uuid'],
  order: ['svm'],
  fields: {
    svm: readOnly('ref', { to: 'svm', key: true }),
    enabled: { kind: 'boolean' },
    authentication_types: { kind: 'strings', values: ['plaintext', 'challenge', 'plaintext_sso'] },
  },
  indexes: ['svm'],
  modify: { asynchronous: false },
  ...inEachSvm(NDMP, (svm) => [
    { $id: svm.$id, svm: svm.$id, enabled: false, authentication_types: ['plaintext_sso', 'challenge'] },
  ]),
};
