import type { Field, Resource } from '../core/declaration.ts';
import { text } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import { readOnly } from './common.ts';

const SERVICE = 'nfs_service';

const on: Field = { kind: 'boolean', default: true };
const off: Field = { kind: 'boolean', default: false };

const FIELDS = {
  enabled: on,
  'protocol.v3_enabled': on,
  'protocol.v40_enabled': off,
  'protocol.v41_enabled': off,
  'protocol.v4_id_domain': { kind: 'string', default: 'defaultv4iddomain.com' },
  'transport.tcp_enabled': on,
  'transport.udp_enabled': on,
  showmount_enabled: on,
  vstorage_enabled: off,
} as const satisfies Record<string, Field>;

/** The flag of the SVM follows the service. */
const mirror = (enabled: boolean) => ({ 'nfs.enabled': enabled });

/** `/protocols/nfs/services`: at most one per SVM, addressed by the SVM. */
export const nfsService: Resource = {
  kind: SERVICE,
  path: '/protocols/nfs/services',
  keys: ['svm.uuid'],
  order: ['svm'],
  fields: {
    svm: {
      kind: 'ref',
      to: 'svm',
      write: 'create',
      key: true,
      required: true,
      missing: () => new Refusal(400, 2621707, 'No SVM was specified. Specify "svm.uuid" or "svm.name".', 'svm'),
    },
    state: readOnly('enum', {
      values: ['online', 'offline'],
      compute: (entry) => (entry['enabled'] === true ? 'online' : 'offline'),
    }),
    ...FIELDS,
  },
  indexes: ['svm'],
  unique: [{ fields: ['svm'], refusal: () => new Refusal(409, 2621507, 'The SVM has an NFS service already.') }],
  identify: (draft) => text(draft, 'svm'),
  create: {
    asynchronous: false,
    prepare: (draft, { world }) => {
      const svm = world.store.get('svm', text(draft, 'svm'));
      if (text(svm, 'state') !== 'running')
        throw new Refusal(400, 3276916, `The SVM "${text(svm, 'name')}" is not running.`, 'svm');
      return draft;
    },
    effects: (entry, { world }) => {
      world.store.change('svm', text(entry, 'svm'), mirror(entry['enabled'] === true));
    },
  },
  modify: {
    asynchronous: false,
    effects: (entry, _before, { world }) => {
      world.store.change('svm', text(entry, 'svm'), mirror(entry['enabled'] === true));
    },
  },
  remove: {
    asynchronous: false,
    effects: (entry, { world }) => {
      world.store.change('svm', text(entry, 'svm'), mirror(false));
    },
  },
  seed: ({ svms }, world) =>
    svms
      .filter((svm) => svm.protocols.includes('nfs'))
      .flatMap(({ name }) => {
        const svm = world.store.by('svm', 'name', name)[0];
        const defaults = Object.fromEntries(Object.entries(FIELDS).map(([path, field]) => [path, field.default]));
        return svm ? [{ $id: svm.$id, svm: svm.$id, ...defaults }] : [];
      }),
};
