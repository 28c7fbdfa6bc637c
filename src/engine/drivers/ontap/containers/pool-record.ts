import * as v from 'valibot';
import type { VolumePlan } from '../../objects.ts';
import { parseFlag } from '../config/rules.ts';
import { parsePlanDetails } from '../plans/plan.ts';
import { smallestVolumeBytes, volumeBytesFor } from '../sizing.ts';

/** Fields of a FlexVol that volumes share, whatever they are in it. */
export const poolFieldNames =
  'size,state,type,aggregates.name,guarantee.type,snapshot_policy.name,space.snapshot.reserve_percent,space.snapshot.used,' +
  'encryption.enabled,tiering.policy';

/** What the array tells of it. */
export const poolEntries = {
  uuid: v.string(),
  name: v.string(),
  size: v.optional(v.number(), 0),
  state: v.optional(v.string()),
  type: v.optional(v.string(), 'rw'),
  aggregates: v.optional(v.array(v.object({ name: v.string() })), []),
  guarantee: v.optional(v.object({ type: v.optional(v.string()) })),
  snapshot_policy: v.optional(v.object({ name: v.optional(v.string()) })),
  space: v.optional(
    v.object({
      snapshot: v.optional(v.object({ reserve_percent: v.optional(v.number(), 0), used: v.optional(v.number(), 0) })),
    }),
  ),
  encryption: v.optional(v.object({ enabled: v.optional(v.boolean()) })),
  tiering: v.optional(v.object({ policy: v.optional(v.string()) })),
};
const poolSchema = v.object(poolEntries);
type PoolOnOntap = v.InferOutput<typeof poolSchema>;

/** Bytes it needs when what is in it has, or is allowed, `bytes` in all (ontap-drivers.md 6.4, 12). */
export const poolBytes = ({ space }: Pick<PoolOnOntap, 'space'>, bytes: number): number => {
  const { reserve_percent: percent = 0, used = 0 } = space?.snapshot ?? {};
  return Math.max(volumeBytesFor(bytes, percent), bytes + used, smallestVolumeBytes);
};

/** True when a property is as wanted. What the array does not tell speaks against nothing. */
export const isSame = <T>(value: T | undefined, wanted: T): boolean => value === undefined || value === wanted;

/** True when it has the properties that a plan asks of the FlexVol around a volume (ontap-drivers.md 9.4, 12). */
export const suitsPlan = (found: PoolOnOntap, { config, placement, details }: VolumePlan): boolean => {
  const { tieringPolicy, reservePercent } = parsePlanDetails(details);
  const policy = found.snapshot_policy?.name;
  return (
    found.type === 'rw' &&
    isSame(found.state, 'online') &&
    (placement.includes('') || found.aggregates.some(({ name }) => placement.includes(name))) &&
    (tieringPolicy === '' || isSame(found.tiering?.policy, tieringPolicy)) &&
    // Disaster recovery of SVMs puts a suffix to the names of policies.
    (isSame(policy, config.snapshotPolicy) || policy === `${config.snapshotPolicy}-DR`) &&
    isSame(found.guarantee?.type, config.spaceReserve) &&
    isSame(found.space?.snapshot?.reserve_percent, reservePercent) &&
    (config.encryption === '' || isSame(found.encryption?.enabled, parseFlag(config.encryption) === true))
  );
};
