import type { Field, Fields, Resource } from '../core/declaration.ts';
import { text, type Entry } from '../core/entry.ts';
import { defaultsOf } from '../core/field-lists.ts';
import { Refusal } from '../core/refusal.ts';
import { readOnly, requiredSvm } from './common.ts';

const SERVICE = 'nfs_service';

const on: Field = { kind: 'boolean', default: true };
const off: Field = { kind: 'boolean', default: false };

/** Settings of one version of the protocol, which do nothing but are read back. */
const features = (version: string, settings: Fields): Fields =>
  Object.fromEntries(
    Object.entries(settings).map(([name, field]) => [
      `protocol.${version}_features.${name}`,
      { ...field, expensive: true },
    ]),
  );

const FIELDS: Fields = {
  enabled: on,
  'protocol.v3_enabled': on,
  'protocol.v40_enabled': off,
  'protocol.v41_enabled': off,
  'protocol.v4_id_domain': { kind: 'string', default: 'defaultv4iddomain.com' },
  'transport.tcp_enabled': on,
  'transport.udp_enabled': on,
  showmount_enabled: on,
  vstorage_enabled: off,
  'protocol.v3_64bit_identifiers_enabled': { ...off, expensive: true, since: '9.8.1' },
  'protocol.v4_64bit_identifiers_enabled': { ...on, expensive: true, since: '9.8.1' },
  'protocol.v4_fsid_change': { ...on, expensive: true, since: '9.13.1' },
  'protocol.v4_lease_seconds': { kind: 'integer', default: 30, expensive: true, since: '9.13.1' },
  'protocol.v4_grace_seconds': { kind: 'integer', default: 45, expensive: true, since: '9.13.1' },
  ...features('v3', {
    hide_snapshot_enabled: off,
    ejukebox_enabled: on,
    connection_drop: on,
    fsid_change: on,
    mount_root_only: on,
  }),
  ...features('v40', {
    acl_enabled: off,
    acl_preserve: on,
    read_delegation_enabled: off,
    write_delegation_enabled: off,
    referrals_enabled: off,
  }),
  ...features('v41', {
    acl_enabled: off,
    read_delegation_enabled: off,
    write_delegation_enabled: off,
    pnfs_enabled: off,
    referrals_enabled: off,
  }),
  ...features('v42', { xattrs_enabled: off, seclabel_enabled: off }),
  'transport.tcp_max_transfer_size': { kind: 'integer', default: 65_536, expensive: true, since: '9.11.1' },
  'root.ignore_nt_acl': { ...off, expensive: true, since: '9.11.1' },
  'root.skip_write_permission_check': { ...off, expensive: true, since: '9.11.1' },
  'security.chown_mode': { kind: 'string', default: 'use_export_policy', expensive: true, since: '9.11.1' },
  'security.nt_acl_display_permission': { ...off, expensive: true, since: '9.11.1' },
  'security.ntfs_unix_security': { kind: 'string', default: 'use_export_policy', expensive: true, since: '9.11.1' },
  'security.rpcsec_context_idle': { kind: 'integer', default: 0, expensive: true, since: '9.11.1' },
  'security.permitted_encryption_types': {
    kind: 'strings',
    default: ['des', 'des3', 'aes_128', 'aes_256'],
    expensive: true,
    since: '9.11.1',
  },
  'windows.default_user': { kind: 'string', expensive: true, since: '9.11.1' },
  'windows.map_unknown_uid_to_default_user': { ...on, expensive: true, since: '9.11.1' },
  'windows.v3_ms_dos_client_enabled': { ...off, expensive: true, since: '9.11.1' },
};

/** The flag of the SVM follows the service. */
const mirror = (enabled: boolean) => ({ 'nfs.enabled': enabled });

const serviceOf = (svm: Entry): Entry => ({
  $id: svm.$id,
  svm: svm.$id,
  ...defaultsOf(FIELDS),
});

/** `/protocols/nfs/services`: at most one per SVM, addressed by the SVM. */
export const nfsService: Resource = {
  kind: SERVICE,
  path: '/protocols/nfs/services',
  keys: ['svm.uuid'],
  order: ['svm'],
  fields: {
    svm: requiredSvm,
    state: readOnly('enum', {
      values: ['online', 'offline'],
      compute: (entry) => (entry['enabled'] === true ? 'online' : 'offline'),
    }),
    ...FIELDS,
  },
  indexes: ['svm'],
  unique: [{ fields: ['svm'], refusal: () => new Refusal(409, 2621507, 'The SVM has an NFS service already.') }],
  identify: (draft) => text(draft, 'svm'),
  reactions: [
    {
      to: 'svm',
      // An SVM that is made with NFS switched on has the service.
      created: (svm, { world }) => {
        if (svm['nfs.enabled'] === true) world.store.put(SERVICE, serviceOf(svm));
      },
    },
  ],
  create: {
    asynchronous: false,
    prepare: (draft, { world }) => {
      const svm = world.store.get('svm', text(draft, 'svm'));
      if (text(svm, 'state') !== 'running')
        throw new Refusal(400, 3276916, `The SVM "${text(svm, 'name')}" is not running.`, 'svm');
      return draft;
    },
    effects: (entry, { world }) => {
      world.store.change('svm', text(entry, 'svm'), mirror(entry['enabled'] === true));
    },
  },
  modify: {
    asynchronous: false,
    effects: (entry, _before, { world }) => {
      world.store.change('svm', text(entry, 'svm'), mirror(entry['enabled'] === true));
    },
  },
  remove: {
    asynchronous: false,
    effects: (entry, { world }) => {
      world.store.change('svm', text(entry, 'svm'), mirror(false));
    },
  },
  seed: ({ svms }, world) =>
    svms
      .filter((svm) => svm.protocols.includes('nfs'))
      .flatMap(({ name }) => {
        const svm = world.store.by('svm', 'name', name)[0];
        return svm ? [serviceOf(svm)] : [];
      }),
};
