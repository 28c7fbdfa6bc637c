import type { Resource } from '../core/declaration.ts';
import { text } from '../core/entry.ts';
import { checkAddress } from '../core/ip-bits.ts';
import { Refusal } from '../core/refusal.ts';
import { ownerFields, withOwner } from './owner.ts';

const HOST = 'local_host';

/** `/name-services/local-hosts`: addresses that an SVM, or the cluster, knows the names of. */
export const localHost: Resource = {
  kind: HOST,
  path: '/name-services/local-hosts',
  keys: ['owner.uuid', 'address'],
  order: ['svm', 'address'],
  since: '9.10.1',
  fields: {
    ...ownerFields,
    address: { kind: 'string', key: true, required: true, write: 'create' },
    hostname: { kind: 'string', required: true, maxLength: 255 },
    aliases: { kind: 'strings' },
  },
  indexes: ['svm'],
  unique: [
    {
      fields: ['$owned'],
      refusal: (entry) => new Refusal(409, 1, `The address ${text(entry, 'address')} has a name already.`, 'address'),
    },
  ],
  create: {
    asynchronous: false,
    prepare: (draft, { world }) => {
      const address = text(draft, 'address');
      checkAddress(address, 'address');
      const owned = withOwner(draft, world);
      return { ...owned, $owned: `${text(owned, 'svm')}/${address}` };
    },
  },
  modify: { asynchronous: false },
  remove: { asynchronous: false },
  inside: [{ kind: 'svm', field: 'svm' }],
};
