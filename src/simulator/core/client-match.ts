import { isIP, isIPv4 } from 'node:net';
import { familyOf, prefixLength, toBits, widthOf } from './ip-bits.ts';
import { Refusal } from './refusal.ts';

/** Whom a rule of an export policy lets in. */

const badMatch = (code: number, match: string, why: string) =>
  new Refusal(400, code, `The client match "${match}" is not valid: ${why}.`, 'clients.match');

const checkNetwork = (match: string, address: string, mask: string) => {
  if (!isIP(address)) throw badMatch(1704036, match, 'the address is not one');
  const family = familyOf(address);
  if (isIPv4(mask) && family === 'ipv4') return;
  const length = prefixLength(mask, family);
  if (length === undefined) throw badMatch(1704039, match, 'the prefix length is not one');
  const hostBits = BigInt(widthOf(family) - length);
  if (toBits(address) & ((1n << hostBits) - 1n)) throw badMatch(1704040, match, 'host bits are set');
};

/** Refuses what is no address, network, host, `.domain` or `@netgroup`. */
export const checkMatch = (match: string): void => {
  if (match === '') throw badMatch(1704037, match, 'it is empty');
  if (match.startsWith('@')) {
    if (match.length < 2) throw badMatch(1704064, match, 'the netgroup has no name');
    return;
  }
  const [address = '', mask] = match.split('/');
  if (mask !== undefined) return checkNetwork(match, address, mask);
  if (isIP(match)) return;
  if (/^[\d.]+$/.test(match)) throw badMatch(1704036, match, 'the address is not one');
  if (!/^\.?[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*$/.test(match)) {
    throw badMatch(1704045, match, 'it is neither an address nor a host, domain or netgroup');
  }
};
