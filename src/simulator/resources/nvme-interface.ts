import type { Resource } from '../core/declaration.ts';
import { text, texts, type Entry } from '../core/entry.ts';
import type { World } from '../core/world.ts';
import { readOnly, uuidField } from './common.ts';

const INTERFACE = 'nvme_interface';
const IP = 'ip_interface';
const FC = 'fc_interface';

const carriesNvme = (kind: string, lif: Entry): boolean =>
  kind === IP ? texts(lif, 'services').includes('data_nvme_tcp') : text(lif, 'data_protocol') === 'fc_nvme';

/** The record of an interface that carries NVMe; what it shows is read from the interface itself. */
const recordOf =
  (kind: string) =>
  (lif: Entry): readonly Entry[] =>
    carriesNvme(kind, lif)
      ? [{ $id: lif.$id, uuid: lif.$id, name: text(lif, 'name'), svm: text(lif, 'svm'), $lif: kind }]
      : [];

const follow = (kind: string, lif: Entry, world: World) => {
  const [record] = recordOf(kind)(lif);
  if (record) world.store.put(INTERFACE, record);
  else if (world.store.find(INTERFACE, lif.$id)) world.store.remove(INTERFACE, lif.$id);
};

const lifOf = (entry: Entry, world: World): Entry => world.store.get(text(entry, '$lif'), entry.$id);

const ofKind = (kind: string, member: string) => (entry: Entry, world: World) =>
  text(entry, '$lif') === kind ? lifOf(entry, world)[member] : undefined;

const addressOf = (entry: Entry, world: World): string => {
  const lif = lifOf(entry, world);
  const name = (member: string) => `0x${text(lif, member).replaceAll(':', '')}`;
  return text(entry, '$lif') === IP ? text(lif, 'ip.address') : `nn-${name('wwnn')}:pn-${name('wwpn')}`;
};

/** `/protocols/nvme/interfaces`: IP and FC interfaces as NVMe hosts see them. */
export const nvmeInterface: Resource = {
  kind: INTERFACE,
  path: '/protocols/nvme/interfaces',
  keys: ['uuid'],
  fields: {
    svm: { kind: 'ref', to: 'svm', write: 'never', key: true },
    uuid: uuidField,
    name: readOnly('string', { key: true }),
    enabled: readOnly('boolean', { compute: (entry, world) => lifOf(entry, world)['enabled'] }),
    interface_type: readOnly('enum', { values: ['fc_interface', 'ip_interface'], compute: (entry) => entry['$lif'] }),
    'ip_interface.ip.address': readOnly('string', { compute: ofKind(IP, 'ip.address') }),
    'fc_interface.wwnn': readOnly('string', { compute: ofKind(FC, 'wwnn') }),
    'fc_interface.wwpn': readOnly('string', { compute: ofKind(FC, 'wwpn') }),
    node: { kind: 'ref', to: 'node', write: 'never', compute: (entry, world) => lifOf(entry, world)['location.node'] },
    transport_address: readOnly('string', { compute: addressOf }),
    transport_protocols: readOnly('strings', {
      compute: (entry) => [text(entry, '$lif') === IP ? 'nvme_tcp' : 'fc_nvme'],
    }),
  },
  indexes: ['svm'],
  inside: [{ kind: 'svm', field: 'svm' }],
  reactions: [IP, FC].map((kind) => ({
    to: kind,
    created: (lif, { world }) => follow(kind, lif, world),
    modified: (lif, _, { world }) => follow(kind, lif, world),
    removed: (lif, { world }) => {
      if (world.store.find(INTERFACE, lif.$id)) world.store.remove(INTERFACE, lif.$id);
    },
  })),
  seed: (_, world) => [IP, FC].flatMap((kind) => world.store.all(kind).flatMap(recordOf(kind))),
};
