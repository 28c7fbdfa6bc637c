import * as v from 'valibot';
import { svmSchema } from './own-svm.ts';

/** The fields of `/storage/volumes` that we read; which of them are there depends on what was asked for. */
export const volumeSchema = v.object({
  uuid: v.string(),
  name: v.string(),
  svm: svmSchema,
  create_time: v.optional(v.string()),
  size: v.optional(v.number()),
  state: v.optional(v.string()),
  type: v.optional(v.string()),
  style: v.optional(v.string()),
  comment: v.optional(v.string(), ''),
  aggregates: v.optional(v.array(v.object({ name: v.string() })), []),
  snapshot_directory_access_enabled: v.optional(v.boolean()),
  snapshot_policy: v.optional(v.object({ name: v.optional(v.string()) })),
  guarantee: v.optional(v.object({ type: v.optional(v.string()) })),
  clone: v.optional(
    v.object({
      is_flexclone: v.optional(v.boolean()),
      split_initiated: v.optional(v.boolean()),
      parent_volume: v.optional(v.object({ name: v.optional(v.string()), uuid: v.optional(v.string()) })),
      parent_snapshot: v.optional(v.object({ name: v.optional(v.string()), uuid: v.optional(v.string()) })),
    }),
  ),
  space: v.optional(
    v.object({
      snapshot: v.optional(v.object({ reserve_percent: v.optional(v.number()) })),
    }),
  ),
  nas: v.optional(
    v.object({
      path: v.optional(v.string()),
      export_policy: v.optional(v.object({ name: v.optional(v.string()) })),
      security_style: v.optional(v.string()),
      unix_permissions: v.optional(v.number()),
    }),
  ),
});
export type VolumeOnOntap = v.InferOutput<typeof volumeSchema>;

/** Asked for to compare an object with what an operation of ours would have made. */
export const identityFields =
  'create_time,size,state,type,style,comment,aggregates.name,clone,guarantee.type,snapshot_policy.name,nas.path,nas.export_policy.name';
/** Asked for before an import, and to give back what it changed. */
export const importFields =
  'create_time,size,state,type,style,comment,aggregates.name,snapshot_directory_access_enabled,snapshot_policy.name,guarantee.type,' +
  'space.snapshot.reserve_percent,nas.path,nas.export_policy.name,nas.security_style,nas.unix_permissions';

/** Facts of a volume for people, in a Problem's message. */
export const describeVolume = (volume: VolumeOnOntap): string => {
  const facts = [
    volume.size === undefined ? undefined : `${volume.size} bytes`,
    volume.type === undefined ? undefined : `type ${volume.type}`,
    volume.state,
    volume.aggregates.length === 0 ? undefined : `on ${volume.aggregates.map(({ name }) => name).join(', ')}`,
    volume.nas?.path === undefined || volume.nas.path === '' ? undefined : `mounted at ${volume.nas.path}`,
    volume.create_time === undefined ? undefined : `created ${volume.create_time}`,
    volume.comment === '' ? undefined : `comment ${JSON.stringify(volume.comment.slice(0, 80))}`,
    `UUID ${volume.uuid}`,
  ];
  return facts.filter((fact) => fact !== undefined).join(', ');
};
