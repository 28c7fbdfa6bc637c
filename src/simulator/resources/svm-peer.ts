import type { Resource } from '../core/declaration.ts';
import { text } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import { readOnly, uuidField } from './common.ts';

const PEER = 'svm_peer';

/** `/svm/peers`: peers within the cluster; they are peered at once. */
export const svmPeer: Resource = {
  kind: PEER,
  path: '/svm/peers',
  keys: ['uuid'],
  fields: {
    uuid: uuidField,
    name: { kind: 'string', key: true, write: 'create' },
    svm: { kind: 'ref', to: 'svm', write: 'create', required: true, key: true },
    'peer.svm': { kind: 'ref', to: 'svm', write: 'create', required: true },
    'peer.cluster': { kind: 'ref', to: 'cluster', write: 'create' },
    state: readOnly('enum', { values: ['peered', 'rejected', 'suspended', 'initiated', 'pending', 'initializing'] }),
    applications: { kind: 'strings', required: true, values: ['snapmirror', 'file_copy', 'lun_copy', 'flexcache'] },
  },
  indexes: ['svm'],
  unique: [
    {
      fields: ['svm', 'peer.svm'],
      refusal: () => new Refusal(409, 26345575, 'There is a peer relationship between these SVMs already.'),
    },
  ],
  create: {
    asynchronous: true,
    prepare: (draft, { world }) => ({
      ...draft,
      state: 'peered',
      name: text(draft, 'name') || text(world.store.get('svm', text(draft, 'peer.svm')), 'name'),
      'peer.cluster': world.store.all('cluster')[0]?.$id,
    }),
  },
  modify: { asynchronous: true },
  remove: { asynchronous: true },
  seed: ({ peers }, world) =>
    peers.flatMap(({ svm, peer, applications }) =>
      [
        [svm, peer],
        [peer, svm],
      ].map(([own = '', other = '']) => {
        const id = world.random.uuid(PEER);
        return {
          $id: id,
          uuid: id,
          name: other,
          svm: world.store.by('svm', 'name', own)[0]?.$id,
          'peer.svm': world.store.by('svm', 'name', other)[0]?.$id,
          'peer.cluster': world.store.all('cluster')[0]?.$id,
          state: 'peered',
          applications,
        };
      }),
    ),
};
