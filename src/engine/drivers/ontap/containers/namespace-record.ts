import * as v from 'valibot';
import { svmSchema } from './own-svm.ts';

const named = v.object({ name: v.optional(v.string(), ''), uuid: v.optional(v.string(), '') });

/** The fields of `/storage/namespaces` that we read; which of them are there depends on what was asked for. */
export const namespaceSchema = v.object({
  uuid: v.string(),
  name: v.string(),
  svm: svmSchema,
  create_time: v.optional(v.string()),
  os_type: v.optional(v.string()),
  comment: v.optional(v.string(), ''),
  space: v.optional(v.object({ size: v.optional(v.number()), block_size: v.optional(v.number()) })),
  status: v.optional(
    v.object({
      state: v.optional(v.string()),
      mapped: v.optional(v.boolean()),
      read_only: v.optional(v.boolean()),
    }),
  ),
  location: v.optional(v.object({ volume: v.optional(named) })),
  subsystem_map: v.optional(
    v.object({
      nsid: v.optional(v.string()),
      subsystem: v.optional(
        v.object({
          uuid: v.string(),
          name: v.string(),
          comment: v.optional(v.string(), ''),
          hosts: v.optional(v.array(v.object({ nqn: v.string() })), []),
        }),
      ),
    }),
  ),
});
export type NamespaceOnOntap = v.InferOutput<typeof namespaceSchema>;

/** Asked for to compare a namespace with what an operation of ours would have made, and to use it. */
export const namespaceFieldNames =
  'create_time,os_type,comment,space.size,space.block_size,status.state,status.mapped,status.read_only,location.volume';
/** Asked for to know who can reach a namespace. */
export const seatFieldNames =
  'subsystem_map.subsystem.name,subsystem_map.subsystem.uuid,subsystem_map.subsystem.comment,subsystem_map.subsystem.hosts.nqn';
/** Asked for before an import. */
export const namespaceImportFieldNames = `${namespaceFieldNames},subsystem_map.subsystem.name,subsystem_map.subsystem.uuid`;
