import { isIP, isIPv4, isIPv6 } from 'node:net';
import type { Field, Fields } from '../core/declaration.ts';
import { integer, objects, text, texts, type StoredObject } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import { toBits } from './ip-bits.ts';
import { clientsOf } from './export-rule-clients.ts';

const SECURITY = ['any', 'none', 'never', 'krb5', 'krb5i', 'krb5p', 'ntlm', 'sys'];
const PROTOCOLS = ['any', 'nfs', 'nfs3', 'nfs4', 'cifs', 'flexcache'];

const security: Field = { kind: 'strings', values: SECURITY };

export const ruleFields: Fields = {
  index: { kind: 'integer' },
  clients: {
    kind: 'objects',
    required: true,
    of: { match: { kind: 'string', required: true, key: true } },
    compute: (rule, world) => clientsOf(rule.$id, world),
  },
  protocols: { kind: 'strings', values: PROTOCOLS, default: ['any'] },
  ro_rule: { ...security, required: true },
  rw_rule: { ...security, required: true },
  superuser: { ...security, default: ['any'] },
  anonymous_user: { kind: 'string', default: 'none' },
  allow_suid: { kind: 'boolean', default: true },
  allow_device_creation: { kind: 'boolean', default: true, since: '9.9.1' },
  chown_mode: { kind: 'enum', values: ['restricted', 'unrestricted'], default: 'restricted' },
  ntfs_unix_security: { kind: 'enum', values: ['fail', 'ignore'], default: 'fail' },
};

/** A rule with its defaults, without what places it. */
export const ruleValues = (rule: StoredObject): StoredObject => ({
  ...Object.fromEntries(
    Object.entries(ruleFields).flatMap(([path, field]) => (field.default === undefined ? [] : [[path, field.default]])),
  ),
  ...Object.fromEntries(Object.entries(rule).filter(([path, value]) => value !== undefined && path in ruleFields)),
});

const badMatch = (code: number, match: string, why: string) =>
  new Refusal(400, code, `The client match "${match}" is not valid: ${why}.`, 'clients.match');

export const duplicateMatch = (status: number, match: string): Refusal =>
  new Refusal(status, 1704050, `The client match "${match}" is in the rule twice.`, 'clients.match');

const checkClients = (clients: readonly StoredObject[]) => {
  const matches = clients.map((client) => text(client, 'match'));
  for (const match of matches) checkMatch(match);
  const repeated = matches.find((match, index) => matches.indexOf(match) !== index);
  if (repeated !== undefined) throw duplicateMatch(400, repeated);
};

const checkNetwork = (match: string, address: string, mask: string) => {
  if (!isIP(address)) throw badMatch(1704036, match, 'the address is not one');
  const width = isIPv6(address) ? 128 : 32;
  if (isIPv4(mask) && width === 32) return;
  const length = /^\d+$/.test(mask) ? Number(mask) : Number.NaN;
  if (!(length >= 0 && length <= width)) throw badMatch(1704039, match, 'the prefix length is not one');
  const hostBits = BigInt(width - length);
  if (toBits(address) & ((1n << hostBits) - 1n)) throw badMatch(1704040, match, 'host bits are set');
};

/** Refuses what is no address, network, host, `.domain` or `@netgroup`. */
const checkMatch = (match: string): void => {
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

const identityOf = (rule: StoredObject): string => {
  const values = ruleValues(rule);
  const sorted = (path: string) => [...texts(values, path)].sort().join(',');
  const clients = objects(values, 'clients')
    .map((client) => text(client, 'match'))
    .sort()
    .join(',');
  return [
    clients,
    sorted('protocols'),
    sorted('ro_rule'),
    sorted('rw_rule'),
    sorted('superuser'),
    text(values, 'anonymous_user'),
  ].join('|');
};

/** Refuses a rule that is not valid, or that is there already. */
export const checkRule = (rule: StoredObject, others: readonly StoredObject[]): void => {
  if (rule['index'] !== undefined && integer(rule, 'index') < 1)
    throw new Refusal(400, 3277162, 'The index of a rule starts at 1.', 'index');
  checkClients(objects(rule, 'clients'));
  const identity = identityOf(rule);
  if (others.some((other) => identityOf(other) === identity)) {
    throw new Refusal(409, 1704070, 'An export rule with the same clients and access exists in the policy already.');
  }
};
