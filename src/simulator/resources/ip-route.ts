import { isIP } from 'node:net';
import type { Resource } from '../core/declaration.ts';
import { text, type StoredObject } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { scopeOf, svmField, unmodelled, uuidField } from './common.ts';
import { DEFAULT_IPSPACE, ipspaceField, ipspaceNamed } from './ipspace.ts';

const ROUTE = 'ip_route';

const ipspaceOf = (route: StoredObject, world: World): string | undefined =>
  text(world.store.find('svm', text(route, 'svm')) ?? {}, 'ipspace') || ipspaceNamed(DEFAULT_IPSPACE, world);

const check = (path: string, address: string, version: number) => {
  const found = isIP(address);
  if (found === 0) throw new Refusal(400, 262197, `"${address}" is no IP address.`, path);
  if (found !== version) throw new Refusal(400, 262197, `"${address}" and the gateway are not of one family.`, path);
};

/** `/network/ip/routes`: where packets of an SVM, or of the cluster, go. None does. */
export const ipRoute: Resource = {
  kind: ROUTE,
  path: '/network/ip/routes',
  keys: ['uuid'],
  order: ['svm', 'destination.address', 'gateway'],
  fields: {
    uuid: uuidField,
    svm: svmField,
    ipspace: ipspaceField,
    scope: {
      kind: 'enum',
      write: 'create',
      values: ['svm', 'cluster'],
      compute: scopeOf,
    },
    'destination.address': { kind: 'string', write: 'create' },
    'destination.netmask': { kind: 'string', write: 'create' },
    'destination.family': {
      kind: 'enum',
      write: 'create',
      values: ['ipv4', 'ipv6'],
      compute: (route) => `ipv${isIP(text(route, 'gateway'))}`,
    },
    gateway: { kind: 'string', write: 'create', required: true },
    metric: { kind: 'integer', write: 'create', since: '9.11.1', minimum: 1, default: 20 },
    ...unmodelled('interfaces'),
  },
  indexes: ['svm'],
  inside: [{ kind: 'svm', field: 'svm' }],
  unique: [
    {
      fields: ['ipspace', '$owner', 'destination.address', 'destination.netmask', 'gateway'],
      refusal: () => new Refusal(409, 1966345, 'The route exists already.', 'gateway'),
    },
  ],
  create: {
    asynchronous: false,
    prepare: ({ scope, 'destination.family': _family, ...draft }, { world }) => {
      const gateway = text(draft, 'gateway');
      const version = isIP(gateway);
      check('gateway', gateway, version);
      const any = version === 6 ? '::' : '0.0.0.0';
      const destination = text(draft, 'destination.address') || any;
      check('destination.address', destination, version);
      if (scope === 'svm' && draft['svm'] === undefined)
        throw new Refusal(400, 2621707, 'A route of scope "svm" needs an SVM.', 'svm');
      return {
        ipspace: ipspaceOf(draft, world),
        ...draft,
        $id: draft.$id,
        $owner: text(draft, 'svm') || 'cluster',
        'destination.address': destination,
        'destination.netmask': text(draft, 'destination.netmask') || (destination === any ? '0' : defaultMask(version)),
      };
    },
  },
  remove: { asynchronous: false },
};

const defaultMask = (version: number): string => (version === 6 ? '64' : '24');
