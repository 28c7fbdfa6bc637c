import { expect } from 'vitest';
import type { Bench, ObjectsOnArray } from './driver-bench.ts';
import { lunUnits, makeForeignUnit, sizeOf } from './luns-on-array.ts';
import { makeForeign, volumesOnArray } from './volumes-on-array.ts';

const namespacesIn = (bench: Bench, name: string) =>
  bench.list(`/storage/namespaces?location.volume.name=${name}&fields=**`);

/** Drivers whose volumes are FlexVols with a namespace in each. */
export const namespacesInVolumes: ObjectsOnArray = {
  ...volumesOnArray('flexvol'),
  look: async (bench, name) => {
    const volume = await volumesOnArray('flexvol').look(bench, name);
    return volume === undefined ? undefined : { volume, namespaces: await namespacesIn(bench, name) };
  },
  size: async (bench, name) => sizeOf((await namespacesIn(bench, name))[0]),
  makeForeign: async (bench, name, more = {}) => {
    await makeForeign(bench, name, more);
    const reply = await bench.array.call('POST', '/storage/namespaces', {
      name: `/vol/${name}/data`,
      svm: { name: 'svm0' },
      os_type: 'linux',
      space: { size: 2 ** 29 },
    });
    expect(reply.status).toBe(201);
  },
};

const all = (bench: Bench, query: string) => bench.list(`/storage/namespaces?${query}`);

/** Drivers whose volumes are namespaces that the array keeps by themselves. */
export const namespaceUnits: ObjectsOnArray = {
  ...lunUnits,
  path: '/storage/namespaces',
  list: async (bench) => (await all(bench, 'fields=name')).map(({ name }) => String(name)),
  look: async (bench, name) => (await all(bench, `name=${name}&fields=**`))[0],
  size: async (bench, name) => {
    const [found] = await all(bench, `name=${name}&fields=space.size`);
    return sizeOf(found);
  },
  makeForeign: (bench, name, more) => makeForeignUnit(bench, '/storage/namespaces', name, more),
};
