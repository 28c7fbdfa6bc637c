import type { Fields, Resource } from '../core/declaration.ts';
import { findText, objects, text, type Entry, type StoredObject } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { requiredSvm } from './common.ts';
import { checkIscsiName } from './initiator-name.ts';

const CREDENTIAL = 'iscsi_credential';
const DEFAULT = 'default';
const CHAP = ['chap.inbound.user', 'chap.inbound.password', 'chap.outbound.user', 'chap.outbound.password'] as const;

const keyOf = (svm: string, initiator: string) => `${svm}/${initiator}`;

/** Holds for initiators without a record of their own; there as long as the iSCSI service is. */
export const addDefaultCredential = (svm: Entry, world: World): void => {
  world.store.put(CREDENTIAL, {
    $id: keyOf(svm.$id, DEFAULT),
    svm: svm.$id,
    initiator: DEFAULT,
    authentication_type: 'none',
  });
};

/** The rules of CHAP for a record as it will be. */
const checkChap = (entry: StoredObject, given: StoredObject) => {
  if (text(entry, 'authentication_type') !== 'chap') {
    const extra = CHAP.find((path) => text(given, path) !== '');
    if (extra)
      throw new Refusal(
        400,
        5374900,
        'CHAP properties cannot be set with the authentication types "none" and "deny".',
        extra,
      );
    return;
  }
  if (text(entry, 'chap.inbound.user') === '' || text(entry, 'chap.inbound.password') === '') {
    throw new Refusal(400, 5374149, 'CHAP needs an inbound user and an inbound password.', 'chap.inbound');
  }
  if (text(entry, 'chap.outbound.user') !== '' && text(entry, 'chap.outbound.password') === '') {
    throw new Refusal(400, 5374150, 'Outbound CHAP needs an outbound password.', 'chap.outbound.password');
  }
  if (findText(entry, 'chap.outbound.password') === text(entry, 'chap.inbound.password')) {
    throw new Refusal(400, 5374147, 'The inbound and the outbound password must differ.', 'chap.outbound.password');
  }
};

const checkAddresses = (entry: StoredObject) => {
  for (const range of objects(entry, 'initiator_address.ranges')) {
    if (text(range, 'start').includes(':') !== text(range, 'end').includes(':')) {
      throw new Refusal(
        400,
        5374856,
        'The ends of an address range are of different families.',
        'initiator_address.ranges.start',
      );
    }
  }
  if (text(entry, 'initiator') !== DEFAULT) return;
  if (entry['initiator_address.masks'] !== undefined || entry['initiator_address.ranges'] !== undefined) {
    throw new Refusal(400, 5374155, 'The default credential holds for all addresses.', 'initiator_address');
  }
};

/** What is not CHAP has no CHAP data. */
const cleared = Object.fromEntries(CHAP.map((path) => [path, undefined]));

const fields: Fields = {
  svm: requiredSvm,
  initiator: { kind: 'string', key: true, required: true, write: 'create', maxLength: 96 },
  authentication_type: { kind: 'enum', required: true, values: ['chap', 'none', 'deny'] },
  'chap.inbound.user': { kind: 'string', maxLength: 128 },
  'chap.inbound.password': { kind: 'string', maxLength: 512, secret: true },
  'chap.outbound.user': { kind: 'string', maxLength: 128 },
  'chap.outbound.password': { kind: 'string', maxLength: 512, secret: true },
  'initiator_address.masks': {
    kind: 'objects',
    of: {
      address: { kind: 'string', required: true },
      family: { kind: 'enum', values: ['ipv4', 'ipv6'] },
      netmask: { kind: 'string' },
    },
  },
  'initiator_address.ranges': {
    kind: 'objects',
    of: {
      start: { kind: 'string', required: true },
      end: { kind: 'string', required: true },
      family: { kind: 'enum', values: ['ipv4', 'ipv6'] },
    },
  },
};

/** `/protocols/san/iscsi/credentials`: how initiators prove who they are; passwords are never shown. */
export const iscsiCredential: Resource = {
  kind: CREDENTIAL,
  path: '/protocols/san/iscsi/credentials',
  keys: ['svm.uuid', 'initiator'],
  order: ['svm', 'initiator'],
  fields,
  indexes: ['svm'],
  unique: [
    {
      fields: ['svm', 'initiator'],
      refusal: (entry) =>
        new Refusal(
          409,
          5374142,
          `A credential for the initiator "${text(entry, 'initiator')}" exists already.`,
          'initiator',
        ),
    },
  ],
  absent: () => new Refusal(404, 5374895, 'The iSCSI credential does not exist in the SVM.', 'initiator'),
  inside: [{ kind: 'iscsi_service', field: 'svm' }],
  identify: (draft) => keyOf(text(draft, 'svm'), text(draft, 'initiator')),
  create: {
    asynchronous: false,
    prepare: (draft, { world }) => {
      if (!world.store.find('iscsi_service', text(draft, 'svm')))
        throw new Refusal(400, 5374078, 'The SVM has no iSCSI service.', 'svm');
      if (text(draft, 'initiator') !== DEFAULT) checkIscsiName(text(draft, 'initiator'));
      checkChap(draft, draft);
      checkAddresses(draft);
      return draft;
    },
  },
  modify: {
    asynchronous: false,
    prepare: (changes, before) => {
      const given: StoredObject = Object.fromEntries(
        Object.entries(changes).filter(([, value]) => value !== undefined),
      );
      const after: StoredObject = { ...before, ...given };
      checkChap(after, given);
      checkAddresses(after);
      return text(after, 'authentication_type') === 'chap' ? changes : { ...changes, ...cleared };
    },
  },
  remove: {
    asynchronous: false,
    check: (entry) => {
      if (text(entry, 'initiator') === DEFAULT)
        throw new Refusal(409, 5374155, 'The default credential cannot be deleted.');
    },
  },
};
