import type { BlockList } from 'node:net';
import { isIP } from 'node:net';
import type { NodeRecord } from '../../../orchestrator/model.ts';

/**
 * One spelling per address, so that two spellings of an IPv6 address compare equal and `a/32` equals `a`.
 * Undefined for what is no single address: networks, host names, netgroups.
 */
export const canonicalAddress = (text: string): string | undefined => {
  const [address = '', length, ...rest] = text
    .trim()
    .replace(/^\[(.*)\]$/, '$1')
    .split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0 || address.includes('%')) return undefined;
  if (length !== undefined && length !== (version === 4 ? '32' : '128')) return undefined;
  return version === 4 ? address : new URL(`http://[${address}]`).hostname.slice(1, -1);
};

export const sameAddress = (a: string, b: string): boolean => {
  const canonical = canonicalAddress(a);
  return canonical !== undefined && canonical === canonicalAddress(b);
};

/** A node's addresses that get export rules: those in the configured networks, each once, in the node's order. */
export const exportAddresses = (node: NodeRecord, networks: BlockList): readonly string[] => {
  const addresses = node.ips.map(canonicalAddress).filter((address) => address !== undefined);
  return [...new Set(addresses)].filter((address) => networks.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6'));
};
