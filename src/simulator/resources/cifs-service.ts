import type { Resource } from '../core/declaration.ts';
import { flag, text, type Entry } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { passing, requiredSvm, unmeasured } from './common.ts';
import { addHiddenShares } from './cifs-share.ts';

const CIFS_SERVICE = 'cifs_service';
const LONGEST_NAME = 15;

const mirror = (service: Entry, enabled: boolean, world: World) => {
  if (world.store.find('svm', text(service, 'svm')))
    world.store.change('svm', text(service, 'svm'), { 'cifs.enabled': enabled });
};

const checkName = (name: string) => {
  if (name.length > LONGEST_NAME)
    throw new Refusal(400, 655562, `The NetBIOS name "${name}" is longer than ${LONGEST_NAME} characters.`, 'name');
  if (!/^[A-Za-z0-9!#$%&'()\-.@^_{}~]+$/.test(name))
    throw new Refusal(400, 655563, `The NetBIOS name "${name}" has characters that are not allowed.`, 'name');
};

const checkPossible = (svm: Entry, world: World) => {
  if (!world.store.all('licence').some((licence) => licence['name'] === 'cifs'))
    throw new Refusal(400, 1115127, 'The cluster lacks a valid CIFS license.');
  if (!flag(svm, 'cifs.allowed'))
    throw new Refusal(400, 2621507, `CIFS is not allowed for the SVM "${text(svm, 'name')}".`, 'svm');
  if (text(svm, 'state') !== 'running')
    throw new Refusal(400, 3276916, `The SVM "${text(svm, 'name')}" is not running.`, 'svm');
};

const checkPlace = (draft: Entry) => {
  const domain = text(draft, 'ad_domain.fqdn');
  if (domain === '' && text(draft, 'workgroup') === '')
    throw new Refusal(400, 262212, 'Field "ad_domain.fqdn" requires a value', 'ad_domain.fqdn');
  if (domain !== '' && (text(draft, 'ad_domain.user') === '' || draft['ad_domain.password'] === undefined))
    throw new Refusal(400, 656464, 'The user and the password of the domain are needed.', 'ad_domain');
  if (domain !== '' && !domain.includes('.'))
    throw new Refusal(400, 656466, `No domain controller of "${domain}" was found.`, 'ad_domain.fqdn');
};

/** `/protocols/cifs/services`: at most one per SVM. Any user and password join the domain. */
export const cifsService: Resource = {
  kind: CIFS_SERVICE,
  path: '/protocols/cifs/services',
  keys: ['svm.uuid'],
  order: ['svm'],
  personalities: ['unified', 'afx'],
  fields: {
    svm: requiredSvm,
    name: { kind: 'string', key: true, required: true },
    enabled: { kind: 'boolean', default: true },
    comment: { kind: 'string', maxLength: 256, default: '' },
    workgroup: { kind: 'string', maxLength: 15 },
    'ad_domain.fqdn': { kind: 'string', maxLength: 254 },
    'ad_domain.organizational_unit': { kind: 'string', default: 'CN=Computers' },
    'ad_domain.user': { kind: 'string', secret: true },
    'ad_domain.password': passing('string'),
    default_unix_user: { kind: 'string', default: 'pcuser' },
    'netbios.enabled': { kind: 'boolean', default: false },
    'netbios.aliases': { kind: 'strings' },
    'security.smb_encryption': { kind: 'boolean', default: false },
    'security.smb_signing': { kind: 'boolean', default: false },
    'security.kdc_encryption': { kind: 'boolean', default: false },
    'security.restrict_anonymous': {
      kind: 'enum',
      values: ['no_restriction', 'no_enumeration', 'no_access'],
      default: 'no_enumeration',
    },
    force: passing('boolean'),
    ...unmeasured,
  },
  indexes: ['svm'],
  unique: [
    { fields: ['svm'], refusal: () => new Refusal(409, 655477, 'The SVM has a CIFS service already.', 'svm') },
    {
      fields: ['name'],
      ignoreCase: true,
      refusal: (entry) => new Refusal(409, 655538, `The name "${text(entry, 'name')}" is in use.`, 'name'),
    },
  ],
  identify: (draft) => text(draft, 'svm'),
  inside: [{ kind: 'svm', field: 'svm' }],
  parameters: { remove: ['force'] },
  create: {
    asynchronous: true,
    prepare: (draft, { world }) => {
      checkPossible(world.store.get('svm', text(draft, 'svm')), world);
      const name = text(draft, 'name').toUpperCase();
      checkName(name);
      checkPlace(draft);
      return { ...draft, name };
    },
    effects: (entry, { world }) => {
      mirror(entry, flag(entry, 'enabled'), world);
      addHiddenShares(entry, world);
    },
  },
  modify: {
    asynchronous: true,
    prepare: (changes) => {
      if (typeof changes['name'] === 'string') checkName(changes['name']);
      return changes;
    },
    effects: (entry, _before, { world }) => mirror(entry, flag(entry, 'enabled'), world),
  },
  remove: { asynchronous: true, effects: (entry, { world }) => mirror(entry, false, world) },
  seed: ({ svms }, world) =>
    svms
      .filter((svm) => svm.protocols.includes('cifs'))
      .flatMap(({ name }): Entry[] => {
        const svm = world.store.by('svm', 'name', name)[0];
        if (!svm) return [];
        const server = name.toUpperCase().replaceAll(/[^A-Z0-9-]/g, '-');
        const service: Entry = {
          $id: svm.$id,
          svm: svm.$id,
          name: server.slice(0, LONGEST_NAME),
          enabled: true,
          comment: '',
          'ad_domain.fqdn': 'EXAMPLE.TEST',
          'ad_domain.organizational_unit': 'CN=Computers',
          default_unix_user: 'pcuser',
          'netbios.enabled': false,
          'security.smb_encryption': false,
          'security.smb_signing': false,
          'security.kdc_encryption': false,
          'security.restrict_anonymous': 'no_enumeration',
        };
        world.store.put(CIFS_SERVICE, service);
        addHiddenShares(service, world);
        return [service];
      }),
};
