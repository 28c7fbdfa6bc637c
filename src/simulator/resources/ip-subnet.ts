import { isIP } from 'node:net';
import type { Resource } from '../core/declaration.ts';
import { objects, text, type Entry, type StoredObject } from '../core/entry.ts';
import { checkAddress, familyOf, fromBits, prefixLength, toBits, widthOf, type Family } from '../core/ip-bits.ts';
import { Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { BROADCAST_DOMAIN } from './broadcast-domain.ts';
import { existsAlready, nameField, passing, readOnly, uuidField } from './common.ts';
import { ipspaceField } from './ipspace.ts';

const SUBNET = 'ip_subnet';

interface Range {
  readonly start: bigint;
  readonly end: bigint;
}

const RANGE = { start: { kind: 'string', required: true }, end: { kind: 'string', required: true } } as const;
const toRange = (range: StoredObject): Range => ({
  start: toBits(text(range, 'start')),
  end: toBits(text(range, 'end')),
});

const shown = ({ start, end }: Range, family: Family): StoredObject => ({
  start: fromBits(start, family),
  end: fromBits(end, family),
  family,
});

const rangesOf = (subnet: StoredObject): readonly Range[] => objects(subnet, 'ip_ranges').map(toRange);

const count = (ranges: readonly Range[]): number =>
  Number(ranges.reduce((sum, { start, end }) => sum + end - start + 1n, 0n));

/** Addresses of interfaces that lie in the ranges of a subnet. */
const usedIn = (subnet: Entry, world: World): readonly bigint[] => {
  const family = familyOf(text(subnet, 'subnet.address'));
  const ranges = rangesOf(subnet);
  return world.store
    .all('ip_interface')
    .map((lif) => text(lif, 'ip.address'))
    .filter((address) => isIP(address) !== 0 && familyOf(address) === family)
    .map(toBits)
    .filter((address) => ranges.some(({ start, end }) => address >= start && address <= end));
};

/** What the addresses leave of the ranges. */
const without = (ranges: readonly Range[], used: readonly bigint[]): readonly Range[] =>
  used.reduce<readonly Range[]>(
    (left, address) =>
      left.flatMap(({ start, end }) =>
        address < start || address > end
          ? [{ start, end }]
          : [
              { start, end: address - 1n },
              { start: address + 1n, end },
            ].filter((range) => range.start <= range.end),
      ),
    ranges,
  );

const refuse = (path: string, why: string) => new Refusal(400, 262197, why, path);

/** Refuses what is not a subnet, or has a gateway or ranges outside of it. */
const checkSubnet = (subnet: Entry) => {
  const address = text(subnet, 'subnet.address');
  checkAddress(address, 'subnet.address');
  const family = familyOf(address);
  const mask = prefixLength(text(subnet, 'subnet.netmask'), family);
  if (mask === undefined) throw refuse('subnet.netmask', `"${text(subnet, 'subnet.netmask')}" is no netmask.`);
  const host = BigInt(widthOf(family) - mask);
  const isIn = (given: string) => isIP(given) === isIP(address) && toBits(given) >> host === toBits(address) >> host;
  const gateway = text(subnet, 'gateway');
  if (gateway !== '' && !isIn(gateway)) throw refuse('gateway', `The gateway ${gateway} is not in the subnet.`);
  for (const range of objects(subnet, 'ip_ranges')) {
    const [start, end] = [text(range, 'start'), text(range, 'end')];
    if (!isIn(start) || !isIn(end) || toBits(start) > toBits(end))
      throw refuse('ip_ranges', `${start}-${end} is not a range in the subnet.`);
  }
};

const checkUnused = (subnet: Entry, world: World) => {
  const [address] = usedIn(subnet, world);
  if (address === undefined) return;
  const shownAddress = fromBits(address, familyOf(text(subnet, 'subnet.address')));
  throw new Refusal(
    409,
    1377663,
    `The ranges of subnet "${text(subnet, 'name')}" have the address ${shownAddress}, which an interface uses.`,
    'ip_ranges',
  );
};

/** The broadcast domain of that name that is in the IPspace, where the body says which. */
const domainIn = (draft: StoredObject, world: World): Entry => {
  const named = world.store.get(BROADCAST_DOMAIN, text(draft, BROADCAST_DOMAIN));
  if (draft['ipspace'] === undefined || named['ipspace'] === draft['ipspace']) return named;
  const own = world.store.by(BROADCAST_DOMAIN, 'name', text(named, 'name'));
  const found = own.find((each) => each['ipspace'] === draft['ipspace']);
  if (!found) throw refuse(BROADCAST_DOMAIN, `The broadcast domain "${text(named, 'name')}" is in another IPspace.`);
  return found;
};

/** `/network/ip/subnets`: addresses that interfaces may have. They are not taken from here. */
export const ipSubnet: Resource = {
  kind: SUBNET,
  path: '/network/ip/subnets',
  keys: ['uuid'],
  order: ['ipspace', 'name'],
  since: '9.11.1',
  clusterOnly: true,
  fields: {
    uuid: uuidField,
    name: nameField,
    ipspace: ipspaceField,
    [BROADCAST_DOMAIN]: { kind: 'ref', to: BROADCAST_DOMAIN, required: true, write: 'create' },
    'subnet.address': { kind: 'string', required: true },
    'subnet.netmask': { kind: 'string', required: true },
    'subnet.family': readOnly('enum', {
      values: ['ipv4', 'ipv6'],
      compute: (entry) => familyOf(text(entry, 'subnet.address')),
    }),
    gateway: { kind: 'string' },
    ip_ranges: { kind: 'objects', of: RANGE },
    available_ip_ranges: readOnly('objects', {
      of: { ...RANGE, family: readOnly('enum', { values: ['ipv4', 'ipv6'] }) },
      compute: (entry, world) =>
        without(rangesOf(entry), usedIn(entry, world)).map((range) =>
          shown(range, familyOf(text(entry, 'subnet.address'))),
        ),
    }),
    total_count: readOnly('integer', { compute: (entry) => count(rangesOf(entry)) }),
    used_count: readOnly('integer', { compute: (entry, world) => usedIn(entry, world).length }),
    available_count: readOnly('integer', {
      compute: (entry, world) => count(rangesOf(entry)) - usedIn(entry, world).length,
    }),
    fail_if_lifs_conflict: passing('boolean'),
  },
  unique: [{ fields: ['ipspace', 'name'], refusal: existsAlready('A subnet', 1) }],
  create: {
    asynchronous: false,
    prepare: (draft, { world }) => {
      const domain = domainIn(draft, world);
      const subnet = { ...draft, [BROADCAST_DOMAIN]: domain.$id, ipspace: domain['ipspace'] };
      checkSubnet(subnet);
      if (draft['fail_if_lifs_conflict'] !== false) checkUnused(subnet, world);
      return subnet;
    },
  },
  modify: {
    asynchronous: false,
    prepare: (changes, before, { world }) => {
      const after = { ...before, ...changes, $id: before.$id };
      checkSubnet(after);
      if (changes['fail_if_lifs_conflict'] !== false && changes['ip_ranges'] !== undefined) checkUnused(after, world);
      return changes;
    },
  },
  remove: { asynchronous: false, check: (entry, { world }) => checkUnused(entry, world) },
};
