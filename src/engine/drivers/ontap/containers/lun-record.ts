import * as v from 'valibot';
import { svmSchema } from './own-svm.ts';
import { describeDevice } from './svm-devices.ts';

const named = v.optional(v.object({ name: v.optional(v.string(), ''), uuid: v.optional(v.string(), '') }));

/** The fields of `/storage/luns` that we read; which of them are there depends on what was asked for. */
export const lunSchema = v.object({
  uuid: v.string(),
  name: v.string(),
  svm: svmSchema,
  create_time: v.optional(v.string()),
  serial_number: v.optional(v.string(), ''),
  enabled: v.optional(v.boolean(), true),
  os_type: v.optional(v.string()),
  comment: v.optional(v.string(), ''),
  space: v.optional(v.object({ size: v.optional(v.number()) })),
  status: v.optional(
    v.object({
      state: v.optional(v.string()),
      mapped: v.optional(v.boolean()),
      read_only: v.optional(v.boolean()),
    }),
  ),
  location: v.optional(v.object({ volume: named, node: named })),
  attributes: v.optional(v.array(v.object({ name: v.string(), value: v.optional(v.string(), '') })), []),
  lun_maps: v.optional(v.array(v.object({ igroup: named })), []),
});
export type LunOnOntap = v.InferOutput<typeof lunSchema>;

/** Asked for to compare a LUN with what an operation of ours would have made, and to use it. */
export const lunFieldNames =
  'create_time,serial_number,enabled,os_type,comment,space.size,status.state,status.mapped,status.read_only,location.volume,attributes.name,attributes.value';
/** Asked for before an import: who uses the LUN. */
export const lunImportFieldNames = `${lunFieldNames},lun_maps.igroup.name`;

/** Value of an attribute; undefined when the LUN has none of that name. */
export const attributeOf = ({ attributes }: Pick<LunOnOntap, 'attributes'>, name: string): string | undefined =>
  attributes.find((attribute) => attribute.name === name)?.value;

/** Facts of a LUN for people, in a Problem's message. */
export const describeLun = (lun: LunOnOntap): string =>
  describeDevice(lun, ...(lun.serial_number === '' ? [] : [`serial number ${lun.serial_number}`]));
