import type { Resource } from '../core/declaration.ts';
import { text, type StoredObject } from '../core/entry.ts';
import { checkAddress, familyOf, prefixLength, type Family } from '../core/ip-bits.ts';
import { Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { scopeOf, svmField, unmodelled, uuidField } from './common.ts';
import { DEFAULT_IPSPACE, ipspaceField, ipspaceNamed } from './ipspace.ts';

const ROUTE = 'ip_route';
const DEFAULT_MASK = { ipv4: '24', ipv6: '64' } as const;

const ipspaceOf = (route: StoredObject, world: World): string | undefined =>
  text(world.store.find('svm', text(route, 'svm')) ?? {}, 'ipspace') || ipspaceNamed(DEFAULT_IPSPACE, world);

const refuse = (path: string, why: string) => new Refusal(400, 262197, why, path);

/** Where a route leads: without a destination anywhere. */
const destinationOf = (route: StoredObject, family: Family) => {
  const any = family === 'ipv6' ? '::' : '0.0.0.0';
  const address = text(route, 'destination.address') || any;
  checkAddress(address, 'destination.address');
  if (familyOf(address) !== family)
    throw refuse('destination.address', `"${address}" and the gateway are not of one family.`);
  const netmask = text(route, 'destination.netmask') || (address === any ? '0' : DEFAULT_MASK[family]);
  if (prefixLength(netmask, family) === undefined) throw refuse('destination.netmask', `"${netmask}" is no netmask.`);
  return { 'destination.address': address, 'destination.netmask': netmask };
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
      compute: (route) => familyOf(text(route, 'gateway')),
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
      checkAddress(gateway, 'gateway');
      const destination = destinationOf(draft, familyOf(gateway));
      if (scope === 'svm' && draft['svm'] === undefined)
        throw new Refusal(400, 2621707, 'A route of scope "svm" needs an SVM.', 'svm');
      return {
        ipspace: ipspaceOf(draft, world),
        ...draft,
        $id: draft.$id,
        $owner: text(draft, 'svm') || 'cluster',
        ...destination,
      };
    },
  },
  remove: { asynchronous: false },
};
