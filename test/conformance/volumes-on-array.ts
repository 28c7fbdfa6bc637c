import * as v from 'valibot';
import { expect } from 'vitest';
import type { Bench, ObjectsOnArray } from './driver-bench.ts';

/** A volume that somebody else made, mounted at its own path. */
const makeForeignVolume = async (
  bench: Bench,
  name: string,
  more: Readonly<Record<string, unknown>> = {},
): Promise<void> => {
  const reply = await bench.array.call('POST', '/storage/volumes?return_timeout=15', {
    name,
    svm: { name: 'svm0' },
    ...(more['style'] === 'flexgroup' ? {} : { aggregates: [{ name: 'aggr1_n1' }] }),
    size: 2 ** 30,
    nas: { path: `/${name}_path` },
    ...more,
  });
  expect(reply.status).toBeLessThan(300);
  const job = v.parse(v.object({ job: v.object({ uuid: v.string() }) }), reply.body).job.uuid;
  // Jobs may be set to be seen running by their first readers.
  for (let reads = 0; reads < 5 && bench.array.world.findVolume(name) === undefined; reads++)
    await bench.array.call('GET', `/cluster/jobs/${job}`);
};

/** Drivers whose volumes are volumes of the array. */
export const volumesOnArray = (style: 'flexvol' | 'flexgroup'): ObjectsOnArray => ({
  path: '/storage/volumes',
  list: async (bench) =>
    bench.array.world
      .volumes()
      .map(({ name }) => name)
      .filter((name) => !name.endsWith('_root')),
  look: async (bench, name) => (await bench.list(`/storage/volumes?name=${name}&fields=**`))[0],
  size: async (bench, name) => bench.array.world.findVolume(name)?.sizeBytes,
  makeForeign: (bench, name, more = {}) => makeForeignVolume(bench, name, { style, ...more }),
  importName: (name) => name,
  nowhere: ['nothing', '*', 'a|b', ''],
});

export const makeForeign = volumesOnArray('flexvol').makeForeign;
