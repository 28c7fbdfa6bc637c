import * as v from 'valibot';
import type { Bench } from './driver-bench.ts';

/** FlexVols that LUNs share, as tests see them. */

const volumeSchema = v.object({ name: v.string(), uuid: v.string(), size: v.number() });

const lunSchema = v.object({ name: v.string(), uuid: v.string(), space: v.object({ size: v.number() }) });

/** The shared FlexVols with the LUNs in them. */
export const pools = async (bench: Bench) => {
  const volumes = await bench.list('/storage/volumes?name=*trident_lun_pool_*&fields=size');
  const luns = (await bench.list('/storage/luns?fields=space.size')).map((lun) => v.parse(lunSchema, lun));
  return volumes.map((found) => {
    const volume = v.parse(volumeSchema, found);
    const inside = luns.filter(({ name }) => name.startsWith(`/vol/${volume.name}/`));
    return {
      ...volume,
      luns: inside.map(({ name }) => name.split('/').at(-1) ?? '').toSorted(),
      bytes: inside.reduce((sum, { space }) => sum + space.size, 0),
    };
  });
};

export const onlyPool = async (bench: Bench) => {
  const [pool, ...others] = await pools(bench);
  if (pool === undefined || others.length > 0) throw new Error('not one shared FlexVol');
  return pool;
};
