import type { Resource } from '../core/declaration.ts';
import { text, texts } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { clusterOf } from './lookups.ts';

const SERVER = 'ntp_server';
const KEY = 'ntp_key';

const newServer = (server: string) => ({ $id: server, server, version: 'auto', authentication_enabled: false });

/** The servers, as the cluster shows them. */
export const ntpServersOf = (world: World): readonly string[] =>
  world.store.all(SERVER).map((each) => text(each, 'server'));

/** Makes these the servers; those that stay keep what was set for them. */
export const replaceNtpServers = (wanted: readonly string[], world: World): void => {
  for (const { $id } of world.store.all(SERVER)) if (!wanted.includes($id)) world.store.remove(SERVER, $id);
  for (const server of wanted) if (!world.store.find(SERVER, server)) world.store.put(SERVER, newServer(server));
};

/** `/cluster/ntp/servers`. Nobody is asked for the time. */
export const ntpServer: Resource = {
  kind: SERVER,
  path: '/cluster/ntp/servers',
  keys: ['server'],
  clusterOnly: true,
  fields: {
    server: { kind: 'string', key: true, required: true, write: 'create' },
    version: { kind: 'enum', values: ['3', '4', 'auto'], default: 'auto' },
    authentication_enabled: { kind: 'boolean', write: 'modify', default: false },
    key: { kind: 'ref', to: KEY, children: ['id'], clearable: true },
  },
  unique: [
    {
      fields: ['server'],
      refusal: (entry) => new Refusal(409, 1, `The server "${text(entry, 'server')}" is there already.`, 'server'),
    },
  ],
  identify: (draft) => text(draft, 'server'),
  create: {
    asynchronous: false,
    prepare: (draft) => ({ ...draft, authentication_enabled: draft['key'] !== undefined }),
  },
  modify: { asynchronous: false },
  remove: { asynchronous: false },
  // In the states of older simulators the cluster has them itself.
  seed: (_, world) => {
    const known = texts(clusterOf(world), 'ntp_servers');
    return (known.length > 0 ? known : ['192.0.2.251']).map(newServer);
  },
};

/** `/cluster/ntp/keys`: with which servers prove who they are. */
export const ntpKey: Resource = {
  kind: KEY,
  path: '/cluster/ntp/keys',
  keys: ['id'],
  order: ['id'],
  clusterOnly: true,
  fields: {
    id: { kind: 'integer', key: true, required: true, write: 'create', minimum: 1, maximum: 65_535 },
    digest_type: { kind: 'enum', values: ['sha1'], required: true },
    value: { kind: 'string', required: true },
  },
  unique: [{ fields: ['id'], refusal: () => new Refusal(409, 1, 'A key with that ID is there already.', 'id') }],
  identify: (draft) => String(draft['id']),
  create: { asynchronous: false },
  modify: { asynchronous: false },
  remove: {
    asynchronous: false,
    check: (entry, { world }) => {
      const user = world.store.all(SERVER).find((server) => server['key'] === entry.$id);
      if (user) throw new Refusal(409, 8, `The key is used by the server "${text(user, 'server')}".`, 'id');
    },
  },
};
