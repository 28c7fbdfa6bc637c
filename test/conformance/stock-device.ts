import { expect } from 'vitest';
import type { VolumeHandle } from '../../src/engine/drivers/objects.ts';
import { emptyVolumeConfig, type VolumeConfig } from '../../src/engine/orchestrator/model.ts';
import { journalled, type Bench } from './driver-bench.ts';

/** A LUN or namespace in a FlexVol as stock leaves it, of which we have the configuration and no handle. */
export const madeByStock = async (
  bench: Bench,
  path: '/storage/luns' | '/storage/namespaces',
  { name, ...device }: Readonly<Record<string, unknown>> & { readonly name: string },
  more: Partial<VolumeConfig>,
): Promise<VolumeHandle> => {
  const internalName = 'trident_stock';
  const svm = { name: 'svm0' };
  await bench.array.call('POST', '/storage/volumes?return_timeout=15', {
    name: internalName,
    svm,
    aggregates: [{ name: 'aggr1_n1' }],
    size: 1_181_116_006,
    guarantee: { type: 'none' },
  });
  const body = { name: `/vol/${internalName}/${name}`, svm, os_type: 'linux', ...device };
  expect((await bench.array.call('POST', path, body)).status).toBe(201);
  return journalled({
    config: { ...emptyVolumeConfig, name: 'stock', internalName, size: 2 ** 30, protocol: 'block', ...more },
    ref: {},
  });
};
