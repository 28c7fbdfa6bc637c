import * as v from 'valibot';
import type { Driver } from '../../src/engine/drivers/driver.ts';
import type { VolumePlan } from '../../src/engine/drivers/objects.ts';
import { type Bench, handleOf, signal } from './driver-bench.ts';

/** FlexVols that qtrees share, as tests see them. */

const sharedSchema = v.object({
  name: v.string(),
  size: v.number(),
  aggregates: v.array(v.object({ name: v.string() })),
  nas: v.object({ path: v.optional(v.string(), ''), export_policy: v.object({ name: v.string() }) }),
  quota: v.object({ state: v.string() }),
});

/** The shared FlexVols with their qtrees and what they are allowed. */
export const sharedOf = async (bench: Bench) => {
  const volumes = await bench.list('/storage/volumes?name=trident_qtree_pool_*&fields=size,aggregates,nas,quota.state');
  return Promise.all(
    volumes.map(async (found) => {
      const volume = v.parse(sharedSchema, found);
      const qtrees = await bench.list(`/storage/qtrees?volume.name=${volume.name}&fields=name,nas.path`);
      const rules = await bench.list(
        `/storage/quota/rules?volume.name=${volume.name}&fields=space.hard_limit,qtree.name`,
      );
      const limits = rules.map((rule) =>
        v.parse(v.object({ space: v.optional(v.object({ hard_limit: v.optional(v.number(), 0) })) }), rule),
      );
      return {
        ...volume,
        qtrees: qtrees.map((qtree) => String(qtree['name'])).filter((name) => name !== ''),
        limits: limits.reduce((sum, { space }) => sum + Math.max(0, space?.hard_limit ?? 0), 0),
      };
    }),
  );
};

export const close = async (drivers: readonly Driver[]) => {
  for (const driver of drivers) await driver[Symbol.asyncDispose]();
};

export const createAll = (drivers: readonly Driver[], plans: readonly VolumePlan[]) =>
  Promise.all(
    plans.map(async (plan, index) => {
      const driver = drivers[index % drivers.length];
      if (driver === undefined) throw new Error('no driver');
      return handleOf(plan.config, await driver.createVolume(plan, signal()));
    }),
  );
