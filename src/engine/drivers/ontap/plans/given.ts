import type { VolumeConfig } from '../../../orchestrator/model.ts';

/** The first of some values, in order of precedence, that says anything; empty when none does. */
export const firstGiven = (...values: readonly (string | undefined)[]): string =>
  values.find((value) => value !== undefined && value !== '') ?? '';

/** Name of the QoS policy that a volume is asked to have, normal or adaptive; empty: none. */
export const policyOf = ({
  qosPolicy,
  adaptiveQosPolicy,
}: Pick<VolumeConfig, 'qosPolicy' | 'adaptiveQosPolicy'>): string => firstGiven(qosPolicy, adaptiveQosPolicy);
