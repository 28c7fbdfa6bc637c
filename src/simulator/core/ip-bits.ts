import { isIPv4 } from 'node:net';

/** Addresses as numbers. */

/** An IPv4 or IPv6 address, which is one. */
export const toBits = (address: string): bigint => {
  if (isIPv4(address)) return address.split('.').reduce((sum, part) => (sum << 8n) + BigInt(part), 0n);
  const [head = '', tail] = address.split('::');
  const groups = (part: string | undefined) => (part === undefined || part === '' ? [] : part.split(':'));
  const left = groups(head);
  const right = groups(tail);
  const middle = Array.from({ length: 8 - left.length - right.length }, () => '0');
  return [...left, ...middle, ...right].reduce((sum, group) => (sum << 16n) + BigInt(`0x${group}`), 0n);
};

const parts = (bits: bigint, count: number, width: bigint): readonly bigint[] =>
  Array.from({ length: count }, (_, index) => (bits >> (width * BigInt(count - 1 - index))) & ((1n << width) - 1n));

export const fromBits = (bits: bigint, family: 'ipv4' | 'ipv6'): string =>
  family === 'ipv4'
    ? parts(bits, 4, 8n).join('.')
    : parts(bits, 8, 16n)
        .map((group) => group.toString(16))
        .join(':');
