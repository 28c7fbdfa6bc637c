import type { Resource } from '../core/declaration.ts';
import { readOnly } from './common.ts';

/** `/protocols/cifs/shares`: can be listed, and there are none; making one is not simulated. */
export const cifsShare: Resource = {
  kind: 'cifs_share',
  path: '/protocols/cifs/shares',
  keys: ['svm.uuid', 'name'],
  order: ['svm', 'name'],
  fields: {
    svm: { kind: 'ref', to: 'svm', write: 'never', key: true },
    name: readOnly('string', { key: true }),
    path: readOnly('string'),
    comment: readOnly('string'),
    home_directory: readOnly('boolean'),
    oplocks: readOnly('boolean'),
    browsable: readOnly('boolean'),
    encryption: readOnly('boolean'),
    continuously_available: readOnly('boolean'),
    unix_symlink: readOnly('string'),
    acls: {
      kind: 'objects',
      write: 'never',
      of: { user_or_group: { kind: 'string' }, type: { kind: 'string' }, permission: { kind: 'string' } },
    },
    volume: { kind: 'ref', to: 'volume', write: 'never' },
  },
  notSimulated: ['create', 'modify', 'remove'],
};
