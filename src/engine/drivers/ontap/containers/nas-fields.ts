import type { VolumeOnOntap } from './volume-record.ts';

/** What file access sets on a volume. Undefined leaves ONTAP's default, or what is there. */
export interface NasFields {
  /** Junction path, `/<name>`. */
  readonly path?: string | undefined;
  readonly exportPolicy?: string | undefined;
  readonly securityStyle?: string | undefined;
  /** Octal digits as a decimal number: 755. */
  readonly unixPermissions?: number | undefined;
  /** Whether clients see `.snapshot`. */
  readonly snapshotDirectory?: boolean | undefined;
}

/** The fields as members of a volume's body. */
export const nasBody = (fields: NasFields): Record<string, unknown> => {
  const nas = {
    ...(fields.path === undefined ? {} : { path: fields.path }),
    ...(fields.exportPolicy === undefined ? {} : { export_policy: { name: fields.exportPolicy } }),
    ...(fields.securityStyle === undefined ? {} : { security_style: fields.securityStyle }),
    ...(fields.unixPermissions === undefined ? {} : { unix_permissions: fields.unixPermissions }),
  };
  return {
    ...(Object.keys(nas).length === 0 ? {} : { nas }),
    ...(fields.snapshotDirectory === undefined ? {} : { snapshot_directory_access_enabled: fields.snapshotDirectory }),
  };
};

export const nasFieldsOf = (volume: VolumeOnOntap): NasFields => ({
  path: volume.nas?.path === '' ? undefined : volume.nas?.path,
  exportPolicy: volume.nas?.export_policy?.name,
  securityStyle: volume.nas?.security_style,
  unixPermissions: volume.nas?.unix_permissions,
  snapshotDirectory: volume.snapshot_directory_access_enabled,
});

/** The fields that differ from what is there: what a PATCH has to say. */
export const nasDifference = (wanted: NasFields, found: NasFields): NasFields => ({
  path: wanted.path === found.path ? undefined : wanted.path,
  exportPolicy: wanted.exportPolicy === found.exportPolicy ? undefined : wanted.exportPolicy,
  securityStyle: wanted.securityStyle === found.securityStyle ? undefined : wanted.securityStyle,
  unixPermissions: wanted.unixPermissions === found.unixPermissions ? undefined : wanted.unixPermissions,
  snapshotDirectory: wanted.snapshotDirectory === found.snapshotDirectory ? undefined : wanted.snapshotDirectory,
});
