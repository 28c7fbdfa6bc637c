import { isIP, isIPv4, isIPv6 } from 'node:net';
import { Refusal } from './refusal.ts';

/** Addresses, and addresses as numbers. */

export type Family = 'ipv4' | 'ipv6';

export const familyOf = (address: string): Family => (isIPv6(address) ? 'ipv6' : 'ipv4');

/** Refuses what is no address; `path` names the field. */
export const checkAddress = (address: string, path: string): void => {
  if (isIP(address) === 0) throw new Refusal(400, 262197, `"${address}" is no IP address.`, path);
};

export const widthOf = (family: Family): number => (family === 'ipv6' ? 128 : 32);

/** The bits that a netmask has set, `24` or `255.255.255.0`; undefined: it is none. */
export const prefixLength = (netmask: string, family: Family): number | undefined => {
  if (isIPv4(netmask) && family === 'ipv4') {
    const bits = toBits(netmask).toString(2).padStart(32, '0');
    return /^1*0*$/.test(bits) ? bits.replaceAll('0', '').length : undefined;
  }
  return /^\d+$/.test(netmask) && Number(netmask) <= widthOf(family) ? Number(netmask) : undefined;
};

/** The last 32 bits of an IPv6 address that are written as an IPv4 one, as groups. */
const dottedTail = /(?<=:)[\d.]+\.\d+$/;
const inGroups = (dotted: string): string => {
  const bits = toBits(dotted);
  return `${(bits >> 16n).toString(16)}:${(bits & 0xffffn).toString(16)}`;
};

/** An IPv4 or IPv6 address, which is one; the zone after it does not count. */
export const toBits = (address: string): bigint => {
  if (isIPv4(address)) return address.split('.').reduce((sum, part) => (sum << 8n) + BigInt(part), 0n);
  const [head = '', tail] = address.replace(/%.*$/, '').replace(dottedTail, inGroups).split('::');
  const groups = (part: string | undefined) => (part === undefined || part === '' ? [] : part.split(':'));
  const left = groups(head);
  const right = groups(tail);
  const middle = Array.from({ length: 8 - left.length - right.length }, () => '0');
  return [...left, ...middle, ...right].reduce((sum, group) => (sum << 16n) + BigInt(`0x${group}`), 0n);
};

const parts = (bits: bigint, count: number, width: bigint): readonly bigint[] =>
  Array.from({ length: count }, (_, index) => (bits >> (width * BigInt(count - 1 - index))) & ((1n << width) - 1n));

export const fromBits = (bits: bigint, family: Family): string =>
  family === 'ipv4'
    ? parts(bits, 4, 8n).join('.')
    : parts(bits, 8, 16n)
        .map((group) => group.toString(16))
        .join(':');
