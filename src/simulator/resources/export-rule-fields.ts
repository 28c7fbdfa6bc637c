import { checkMatch } from '../core/client-match.ts';
import type { Field, Fields } from '../core/declaration.ts';
import { integer, objects, text, texts, type StoredObject } from '../core/entry.ts';
import { defaultsOf } from '../core/field-lists.ts';
import { missingValue, Refusal } from '../core/refusal.ts';
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
  ...defaultsOf(ruleFields),
  ...Object.fromEntries(Object.entries(rule).filter(([path, value]) => value !== undefined && path in ruleFields)),
});

export const duplicateMatch = (status: number, match: string): Refusal =>
  new Refusal(status, 1704050, `The client match "${match}" is in the rule twice.`, 'clients.match');

const checkClients = (clients: readonly StoredObject[]) => {
  if (clients.length === 0) throw missingValue('clients');
  const matches = clients.map((client) => text(client, 'match'));
  for (const match of matches) checkMatch(match);
  const repeated = matches.find((match, index) => matches.indexOf(match) !== index);
  if (repeated !== undefined) throw duplicateMatch(400, repeated);
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
