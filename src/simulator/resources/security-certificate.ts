import { X509Certificate } from 'node:crypto';
import { toTimeText } from '../core/clock.ts';
import type { Resource } from '../core/declaration.ts';
import { text, type Entry, type StoredObject } from '../core/entry.ts';
import { invalidValue, missingValue, Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { passing, readOnly, scopeOf, svmField, unmodelled, uuidField } from './common.ts';
import { inEachSvm } from './each-svm.ts';
import { clusterOf } from './lookups.ts';

export const CERTIFICATE = 'security_certificate';

const DAY_MS = 86_400_000;
const YEAR_DAYS = 365;

const newSerial = (world: World): string =>
  world.random.uuid('certificate/serial').replaceAll('-', '').toUpperCase().slice(0, 16);

/** The certificate with which an SVM, or the cluster, shows itself. */
const serverCertificate = (owner: Entry, svm: string | undefined, world: World): Entry => {
  const id = world.random.uuid(CERTIFICATE);
  const name = text(owner, 'name');
  const serial = newSerial(world);
  return {
    $id: id,
    uuid: id,
    name: `${name}_${serial}`,
    type: 'server',
    common_name: name,
    ca: name,
    serial_number: serial,
    hash_function: 'sha256',
    key_size: 2048,
    expiry_time: toTimeText(world.clock.now() + YEAR_DAYS * DAY_MS),
    ...(svm === undefined ? {} : { svm }),
    $owner: svm ?? 'cluster',
  };
};

/** When a certificate ends: a day, or so long after now. */
const expiry = (given: string, world: World): string => {
  if (given === '') return toTimeText(world.clock.now() + YEAR_DAYS * DAY_MS);
  const days = /^P(\d+)D/.exec(given)?.[1];
  const at = days === undefined ? Date.parse(given) : world.clock.now() + Number(days) * DAY_MS;
  if (Number.isNaN(at)) throw invalidValue(given, 'expiry_time', 'time or duration');
  return toTimeText(at);
};

const nameIn = (subject: string): string | undefined => /^CN=(.*)$/m.exec(subject)?.[1];

/** What a certificate says that a client brings. */
const installed = (pem: string): StoredObject => {
  let read: X509Certificate;
  try {
    read = new X509Certificate(pem);
  } catch {
    throw new Refusal(400, 262197, 'The public certificate is not one.', 'public_certificate');
  }
  return {
    common_name: nameIn(read.subject),
    ca: nameIn(read.issuer) ?? nameIn(read.subject),
    serial_number: read.serialNumber,
    expiry_time: toTimeText(Date.parse(read.validTo)),
  };
};

const ofSvms = inEachSvm(CERTIFICATE, (svm, world) => [serverCertificate(svm, svm.$id, world)]);

/** `/security/certificates`. One that is generated has no bytes; nobody is shown it. */
export const securityCertificate: Resource = {
  kind: CERTIFICATE,
  path: '/security/certificates',
  keys: ['uuid'],
  order: ['svm', 'name'],
  fields: {
    uuid: uuidField,
    svm: svmField,
    scope: readOnly('enum', {
      values: ['svm', 'cluster'],
      compute: scopeOf,
    }),
    name: { kind: 'string', key: true, since: '9.8', maxLength: 255 },
    type: {
      kind: 'enum',
      write: 'create',
      required: true,
      values: ['client', 'server', 'client_ca', 'server_ca', 'root_ca'],
    },
    common_name: { kind: 'string', write: 'create' },
    ca: readOnly('string'),
    serial_number: readOnly('string'),
    expiry_time: { kind: 'string', write: 'create' },
    hash_function: {
      kind: 'enum',
      write: 'create',
      values: ['sha1', 'sha224', 'sha256', 'sha384', 'sha512', 'md5'],
      default: 'sha256',
    },
    key_size: { kind: 'integer', write: 'create', minimum: 512, maximum: 4096, default: 2048 },
    public_certificate: { kind: 'string', write: 'create' },
    private_key: passing('string', { write: 'create' }),
    intermediate_certificates: passing('strings', { write: 'create' }),
    'subject_alternatives.dns': { kind: 'strings', write: 'create', since: '9.15.1' },
    'subject_alternatives.email': { kind: 'strings', write: 'create', since: '9.15.1' },
    'subject_alternatives.ip': { kind: 'strings', write: 'create', since: '9.15.1' },
    'subject_alternatives.uri': { kind: 'strings', write: 'create', since: '9.15.1' },
    ...unmodelled('authority_key_identifier', 'azure', 'subject_key_identifier'),
  },
  indexes: ['svm'],
  unique: [{ fields: ['$owner', 'name'], refusal: () => new Refusal(409, 1, 'duplicate entry', 'name') }],
  create: {
    asynchronous: false,
    prepare: (draft, { world }) => {
      const serial = newSerial(world);
      const name = text(draft, 'common_name');
      const pem = draft['public_certificate'];
      const read =
        typeof pem === 'string'
          ? installed(pem)
          : { ca: name, serial_number: serial, expiry_time: expiry(text(draft, 'expiry_time'), world) };
      const made: Entry = { ...draft, ...read, $owner: text(draft, 'svm') || 'cluster' };
      if (text(made, 'common_name') === '') throw missingValue('common_name');
      return { name: `${text(made, 'common_name')}_${text(made, 'serial_number')}`, ...made };
    },
  },
  modify: { asynchronous: false },
  remove: {
    asynchronous: false,
    check: (entry, { world }) => {
      const user = world.store.all('svm_web').find((web) => web['certificate'] === entry.$id);
      if (user) throw new Refusal(409, 8, `The certificate "${text(entry, 'name')}" is in use.`, 'uuid');
    },
  },
  ...ofSvms,
  seed: (topology, world) => [serverCertificate(clusterOf(world), undefined, world), ...ofSvms.seed(topology, world)],
};

/** The first certificate with which the SVM shows itself. */
export const serverCertificateOf = (svm: string, world: World): string | undefined =>
  world.store.by(CERTIFICATE, 'svm', svm).find((each) => each['type'] === 'server')?.$id;
