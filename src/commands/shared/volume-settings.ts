import type { JsonObject } from '../../engine/json.ts';
import type { Flags } from '../../cli/command.ts';

/** Flags for the settings that new volumes, clones and imports have in common. */
export const settingFlags = {
  'access-mode': {
    kind: 'string',
    value: 'mode',
    choices: ['ReadWriteOnce', 'ReadWriteOncePod', 'ReadOnlyMany', 'ReadWriteMany'],
    summary: 'ReadWriteOnce (as if left out), ReadWriteOncePod, ReadOnlyMany or ReadWriteMany',
  },
  'export-policy': { kind: 'string', value: 'name', summary: 'export policy on the storage' },
  'file-system': {
    kind: 'string',
    value: 'type',
    choices: ['ext4', 'xfs', 'ext3', 'raw'],
    summary: 'file system of a block volume: ext4, xfs, ext3, raw',
  },
  protocol: { kind: 'string', value: 'file|block', summary: 'only storage of this protocol' },
  'snapshot-policy': { kind: 'string', value: 'name', summary: 'snapshot policy on the storage' },
  'snapshot-reserve': { kind: 'string', value: 'percent', summary: 'part of the size that is kept for snapshots' },
  'space-reserve': { kind: 'string', value: 'none|volume', summary: 'thin or thick' },
  'unix-permissions': { kind: 'string', value: 'mode', summary: 'mode of the root directory, for example 0770' },
  'volume-mode': { kind: 'string', value: 'Filesystem|Block', summary: 'what the node gets; Filesystem if left out' },
} as const satisfies Flags;

/** What was given of them, under the keys of a volume's configuration. */
export const settingsOf = (flags: { readonly [K in keyof typeof settingFlags]: string | undefined }): JsonObject => ({
  accessMode: flags['access-mode'],
  exportPolicy: flags['export-policy'],
  fileSystem: flags['file-system'],
  protocol: flags.protocol,
  snapshotPolicy: flags['snapshot-policy'],
  snapshotReserve: flags['snapshot-reserve'],
  spaceReserve: flags['space-reserve'],
  unixPermissions: flags['unix-permissions'],
  volumeMode: flags['volume-mode'],
});
