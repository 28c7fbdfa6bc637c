import { emptyVolumeConfig } from './model.ts';
import type { VolumeConfig } from './model.ts';

/**
 * Volume configurations have some sixty keys, nearly all of them unset. Rows and journal entries hold only what differs
 * from the empty configuration; whoever reads one fills the rest in, and with it what a later version has added.
 */

const emptyValues: ReadonlyMap<string, unknown> = new Map(Object.entries(emptyVolumeConfig));

const isEmptyObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0;

const isUnset = (key: string, value: unknown): boolean => {
  const empty = emptyValues.get(key);
  return value === empty || (isEmptyObject(value) && isEmptyObject(empty));
};

/** The configuration without what is unset in it. */
export const compactConfig = (config: VolumeConfig): Partial<VolumeConfig> => {
  const compact: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(config)) if (!isUnset(key, value)) compact[key] = value;
  return compact;
};
