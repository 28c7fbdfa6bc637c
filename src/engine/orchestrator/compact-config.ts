import { emptyVolumeConfig } from './model.ts';
import type { VolumeConfig } from './model.ts';

/**
 * Volume configurations have some sixty keys, nearly all of them unset. Rows and journal entries hold only what differs
 * from the empty configuration; whoever reads one fills the rest in, and with it what a later version has added.
 */

const emptyValues: Readonly<Record<string, unknown>> = { ...emptyVolumeConfig };

const isEmptyObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0;

const isUnset = (key: string, value: unknown): boolean => {
  const empty = emptyValues[key];
  return value === empty || (isEmptyObject(value) && isEmptyObject(empty));
};

/** The configuration without what is unset in it. */
export const compactConfig = (config: VolumeConfig): Partial<VolumeConfig> => {
  const values: Readonly<Record<string, unknown>> = { ...config };
  const compact: Record<string, unknown> = {};
  for (const key of Object.keys(values)) if (!isUnset(key, values[key])) compact[key] = values[key];
  return compact;
};
