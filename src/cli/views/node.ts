import type { NodeExternal, PublicationExternal } from '../../client/wire/node.ts';
import type { View } from '../output.ts';

export const nodeView: View<NodeExternal> = {
  id: (node) => node.name,
  columns: [
    { title: 'Name', cell: (node) => node.name },
    { title: 'IQN', only: 'wide', cell: (node) => node.iqn ?? '' },
    { title: 'IPs', only: 'wide', cell: (node) => (node.ips ?? []).join('\n') },
    { title: 'Services', only: 'wide', cell: (node) => (node.hostInfo?.services ?? []).join('\n') },
    { title: 'State', only: 'wide', isState: true, cell: (node) => node.publicationState ?? '' },
  ],
};

/** CSI access modes by their number. */
export const accessModes: readonly string[] = [
  'UNKNOWN',
  'SINGLE_NODE_WRITER',
  'SINGLE_NODE_READER_ONLY',
  'MULTI_NODE_READER_ONLY',
  'MULTI_NODE_SINGLE_WRITER',
  'MULTI_NODE_MULTI_WRITER',
  'SINGLE_NODE_SINGLE_WRITER',
  'SINGLE_NODE_MULTI_WRITER',
];

export const publicationView: View<PublicationExternal> = {
  id: (publication) => publication.name,
  columns: [
    { title: 'Name', only: 'wide', cell: (publication) => publication.name },
    { title: 'Node', cell: (publication) => publication.node },
    { title: 'Volume', cell: (publication) => publication.volume },
    { title: 'ReadOnly', only: 'wide', cell: (publication) => String(publication.readOnly) },
    { title: 'AccessMode', only: 'wide', cell: (publication) => accessModes[publication.accessMode] ?? '' },
  ],
};
