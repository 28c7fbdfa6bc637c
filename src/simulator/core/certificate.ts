import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  type KeyObject,
} from 'node:crypto';
import { isIP, isIPv4 } from 'node:net';
import { bits, objectIdentifier, octets, positive, sequence, setOf, tagged, time, truth, utf8 } from './der.ts';

export interface KeyedCertificate {
  /** PEM. */
  readonly certificate: string;
  /** PEM, PKCS #8. */
  readonly privateKey: string;
}

/** A certificate authority of one simulator: its own certificate and what it signs. */
export interface Authority extends KeyedCertificate {
  issueServer(host: string): KeyedCertificate;
  /** Of the same host, and over since yesterday. */
  issueExpiredServer(host: string): KeyedCertificate;
  /** Of another host. */
  issueForeignServer(): KeyedCertificate;
  issueClient(commonName: string): KeyedCertificate;
}

const DAY = 86_400_000;
const ECDSA_SHA256 = sequence(objectIdentifier('1.2.840.10045.4.3.2'));

const nameOf = (commonName: string): Buffer => sequence(setOf(sequence(objectIdentifier('2.5.4.3'), utf8(commonName))));

const extension = (oid: string, critical: boolean, value: Buffer): Buffer =>
  sequence(objectIdentifier(oid), ...(critical ? [truth()] : []), octets(value));

const keyIdentifier = (publicKey: Buffer): Buffer => createHash('sha1').update(publicKey).digest();

const addressBytes = (address: string): Buffer => {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number));
  const [head = '', tail] = address.split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  const left = groups(head);
  const right = tail === undefined ? [] : groups(tail);
  const middle = Array.from({ length: 8 - left.length - right.length }, () => '0');
  return Buffer.from([...left, ...middle, ...right].map((group) => group.padStart(4, '0')).join(''), 'hex');
};

const alternativeName = (host: string): Buffer =>
  isIP(host) ? tagged(0x87, addressBytes(host)) : tagged(0x82, Buffer.from(host, 'ascii'));

interface Subject {
  readonly commonName: string;
  readonly publicKey: KeyObject;
  readonly extensions: readonly Buffer[];
  /** Days from now. */
  readonly validity: { readonly from: number; readonly to: number };
}

interface Issuer {
  readonly commonName: string;
  readonly privateKey: KeyObject;
  readonly publicKey: Buffer;
}

const spki = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' });

const signCertificate = (subject: Subject, issuer: Issuer): string => {
  const now = Date.now();
  const publicKey = spki(subject.publicKey);
  const body = sequence(
    tagged(0xa0, positive(Buffer.from([2]))),
    positive(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    ECDSA_SHA256,
    nameOf(issuer.commonName),
    sequence(time(new Date(now + subject.validity.from * DAY)), time(new Date(now + subject.validity.to * DAY))),
    nameOf(subject.commonName),
    publicKey,
    tagged(
      0xa3,
      sequence(
        ...subject.extensions,
        extension('2.5.29.14', false, octets(keyIdentifier(publicKey))),
        extension('2.5.29.35', false, sequence(tagged(0x80, keyIdentifier(issuer.publicKey)))),
      ),
    ),
  );
  const certificate = sequence(body, ECDSA_SHA256, bits(sign('sha256', body, issuer.privateKey), 0));
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
};

const VALID = { from: -1, to: 730 };
/** A name that nobody has. */
const ELSEWHERE = 'elsewhere.invalid';

const namesOf = (host: string): readonly string[] => [...new Set([host, 'localhost', '127.0.0.1', '::1'])];

const serverExtensions = (names: readonly string[]): readonly Buffer[] => [
  usage('1.3.6.1.5.5.7.3.1'),
  extension('2.5.29.17', false, sequence(...names.map(alternativeName))),
];

const SIGNATURE_ONLY = bits(Buffer.from([0x80]), 7);
const CERTIFICATES_AND_LISTS = bits(Buffer.from([0x06]), 1);
const usage = (oid: string) => extension('2.5.29.37', false, sequence(objectIdentifier(oid)));
const newKeys = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });

const pem = (key: KeyObject): string => String(key.export({ type: 'pkcs8', format: 'pem' }));

const keysOf = (
  known: KeyedCertificate | undefined,
): { readonly privateKey: KeyObject; readonly publicKey: KeyObject } => {
  if (known === undefined) return newKeys();
  const privateKey = createPrivateKey(known.privateKey);
  return { privateKey, publicKey: createPublicKey(privateKey) };
};

/**
 * Makes an authority with fresh EC keys (P-256), or takes up a known one of the same name; takes a few milliseconds.
 */
export const createAuthority = (commonName: string, known?: KeyedCertificate): Authority => {
  const keys = keysOf(known);
  const issuer: Issuer = { commonName, privateKey: keys.privateKey, publicKey: spki(keys.publicKey) };
  const certificate =
    known?.certificate ??
    signCertificate(
      {
        commonName,
        publicKey: keys.publicKey,
        validity: VALID,
        extensions: [
          extension('2.5.29.19', true, sequence(truth())),
          extension('2.5.29.15', true, CERTIFICATES_AND_LISTS),
        ],
      },
      issuer,
    );
  const issue = (subjectName: string, extensions: readonly Buffer[], validity = VALID): KeyedCertificate => {
    const own = newKeys();
    return {
      certificate: signCertificate(
        {
          commonName: subjectName,
          publicKey: own.publicKey,
          validity,
          extensions: [
            extension('2.5.29.19', true, sequence()),
            extension('2.5.29.15', true, SIGNATURE_ONLY),
            ...extensions,
          ],
        },
        issuer,
      ),
      privateKey: pem(own.privateKey),
    };
  };
  return {
    certificate,
    privateKey: pem(keys.privateKey),
    issueServer: (host) => issue(host, serverExtensions(namesOf(host))),
    issueExpiredServer: (host) => issue(host, serverExtensions(namesOf(host)), { from: -400, to: -1 }),
    issueForeignServer: () => issue(ELSEWHERE, serverExtensions([ELSEWHERE])),
    issueClient: (subjectName) => issue(subjectName, [usage('1.3.6.1.5.5.7.3.2')]),
  };
};
