import * as v from 'valibot';
import type { JsonObject } from '../../../json.ts';

const refSchema = v.object({
  nvme: v.object({
    subsystem: v.object({ uuid: v.string(), name: v.string(), nqn: v.string() }),
    /** NQN by which each node was let in. */
    hosts: v.record(v.string(), v.string()),
  }),
});
/** Where the namespace of a volume is: in one subsystem at most, whatever the number of nodes. */
export type NvmeRef = v.InferOutput<typeof refSchema>['nvme'];
export type SubsystemRef = NvmeRef['subsystem'];

/** The access's part of a handle; undefined when nothing is granted, and for volumes of another Trident. */
export const nvmeRef = (ref: JsonObject): NvmeRef | undefined => {
  const result = v.safeParse(refSchema, ref);
  return result.success ? result.output.nvme : undefined;
};

export const withNvmeRef = (ref: JsonObject, nvme: NvmeRef | undefined): JsonObject => {
  const { nvme: _before, ...rest } = ref;
  return nvme === undefined ? rest : { ...rest, nvme: { subsystem: { ...nvme.subsystem }, hosts: { ...nvme.hosts } } };
};
