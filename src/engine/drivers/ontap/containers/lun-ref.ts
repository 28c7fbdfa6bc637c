import * as v from 'valibot';
import type { JsonObject } from '../../../json.ts';
import type { LunOnOntap } from './lun-record.ts';

const refSchema = v.object({
  lun: v.object({
    uuid: v.string(),
    /** Path `/vol/<volume>/<lun>`, or the simple name of a unit. */
    name: v.string(),
    /** As nodes see it in the device; empty when it is not known yet. */
    serial: v.string(),
  }),
});
/** What a handle knows about its LUN. */
export type LunRef = v.InferOutput<typeof refSchema>['lun'];

/** The LUN in a handle's ref; undefined for volumes that another Trident made. */
export const lunRef = (ref: unknown): LunRef | undefined => {
  const result = v.safeParse(refSchema, ref);
  return result.success ? result.output.lun : undefined;
};

export const refOfLun = ({ uuid, name, serial_number: serial }: LunOnOntap): JsonObject => ({
  lun: { uuid, name, serial },
});

/** Path of the LUN in a FlexVol of its own. */
export const lunPath = (volume: string): string => `/vol/${volume}/lun0`;
