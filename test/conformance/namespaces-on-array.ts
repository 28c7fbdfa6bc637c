import { expect } from 'vitest';
import type { Bench, ObjectsOnArray } from './driver-bench.ts';
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
