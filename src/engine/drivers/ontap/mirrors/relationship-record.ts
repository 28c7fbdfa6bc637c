import * as v from 'valibot';

/** The fields of `/snapmirror/relationships` that we read. */
export const relationshipSchema = v.object({
  uuid: v.string(),
  state: v.optional(v.string(), ''),
  healthy: v.optional(v.boolean(), true),
  unhealthy_reason: v.optional(v.array(v.object({ message: v.optional(v.string(), '') })), []),
  policy: v.optional(v.object({ name: v.optional(v.string(), ''), type: v.optional(v.string(), '') })),
  transfer_schedule: v.optional(v.object({ name: v.optional(v.string(), '') })),
  source: v.optional(v.object({ path: v.optional(v.string(), '') })),
  destination: v.optional(v.object({ path: v.optional(v.string(), '') })),
  transfer: v.optional(
    v.object({
      uuid: v.optional(v.string(), ''),
      state: v.optional(v.string(), ''),
      end_time: v.optional(v.string(), ''),
    }),
  ),
});
export type Relationship = v.InferOutput<typeof relationshipSchema>;

export const relationshipFields =
  'state,healthy,unhealthy_reason,policy.name,policy.type,transfer_schedule.name,source.path,destination.path,transfer';

export const isTransferring = ({ transfer }: Relationship): boolean =>
  transfer?.state === 'queued' || transfer?.state === 'transferring';

export const isSynchronous = ({ policy }: Relationship): boolean => policy?.type === 'sync';

export const reasonOf = ({ unhealthy_reason: reasons }: Relationship): string =>
  reasons
    .map(({ message }) => message)
    .filter((message) => message !== '')
    .join('; ');
