import * as v from 'valibot';
import { expect } from 'vitest';
import type { Bench, ObjectsOnArray } from './driver-bench.ts';
import { makeForeign, volumesOnArray } from './volumes-on-array.ts';

const lunsIn = (bench: Bench, name: string) => bench.list(`/storage/luns?location.volume.name=${name}&fields=**`);

const sized = v.optional(v.object({ space: v.object({ size: v.number() }) }));
/** Bytes of a LUN or namespace; undefined when there is none. */
export const sizeOf = (device: unknown): number | undefined => v.parse(sized, device)?.space.size;

/** Drivers whose volumes are FlexVols with a LUN in each. */
export const lunsInVolumes: ObjectsOnArray = {
  ...volumesOnArray('flexvol'),
  look: async (bench, name) => {
    const volume = await volumesOnArray('flexvol').look(bench, name);
    return volume === undefined ? undefined : { volume, luns: await lunsIn(bench, name) };
  },
  size: async (bench, name) => sizeOf((await lunsIn(bench, name))[0]),
  makeForeign: async (bench, name, more = {}) => {
    await makeForeign(bench, name, more);
    const reply = await bench.array.call('POST', '/storage/luns', {
      name: `/vol/${name}/data`,
      svm: { name: 'svm0' },
      os_type: 'linux',
      space: { size: 2 ** 29 },
    });
    expect(reply.status).toBe(201);
  },
};

/** A unit, LUN or namespace, that somebody else made. */
export const makeForeignUnit = async (
  bench: Bench,
  path: string,
  name: string,
  { size = 2 ** 30, ...more }: Readonly<Record<string, unknown>> = {},
): Promise<void> => {
  const body = { name, svm: { name: 'svm0' }, os_type: 'linux', space: { size }, ...more };
  const reply = await bench.array.call('POST', `${path}?return_timeout=15`, body);
  expect(reply.status).toBeLessThan(300);
  const job = v.safeParse(v.object({ job: v.object({ uuid: v.string() }) }), reply.body);
  // Jobs may be set to be seen running by their first readers.
  for (let reads = 0; reads < 5 && job.success; reads++)
    await bench.array.call('GET', `/cluster/jobs/${job.output.job.uuid}`);
};

/** Drivers whose volumes are LUNs that the array keeps by themselves. */
export const lunUnits: ObjectsOnArray = {
  path: '/storage/luns',
  list: async (bench) => (await bench.list('/storage/luns?fields=name')).map(({ name }) => String(name)),
  look: async (bench, name) => (await bench.list(`/storage/luns?name=${name}&fields=**`))[0],
  size: async (bench, name) => {
    const [found] = await bench.list(`/storage/luns?name=${name}&fields=space.size`);
    return sizeOf(found);
  },
  makeForeign: (bench, name, more) => makeForeignUnit(bench, '/storage/luns', name, more),
  importName: (name) => name,
  nowhere: ['nothing', '*', 'a|b', '', '/vol/x/lun0'],
};

/** A FlexVol that others have made for their LUNs: ours do not fit, its snapshots are kept by a policy. */
const foreignFlexVol = 'trident_lun_pool_trident_FOREIGNXYZ';

const pooledLuns = async (bench: Bench): Promise<readonly string[]> =>
  (await bench.list('/storage/luns?fields=name')).map(({ name }) => String(name));

/** Drivers whose volumes are LUNs in shared FlexVols. */
export const lunsInPools: ObjectsOnArray = {
  path: '/storage/luns',
  madeAtOnce: true,
  list: async (bench) =>
    (await pooledLuns(bench))
      .filter((path) => !path.includes('_snapshot_'))
      .map((path) => path.split('/').at(-1) ?? ''),
  look: async (bench, name) => (await bench.list(`/storage/luns?name=/vol/*/${name}&fields=**`))[0],
  size: async (bench, name) => {
    const [found] = await bench.list(`/storage/luns?name=/vol/*/${name}&fields=space.size`);
    return sizeOf(found);
  },
  snapshots: async (bench) =>
    (await pooledLuns(bench))
      .filter((path) => path.includes('_snapshot_'))
      // The array has no hyphens in these names; those of the suite have no underscores.
      .map((path) => path.replace(/^.*\//, '').replace('_snapshot_', '/'))
      .map((name) => name.replace(/\/.*/, (snapshot) => snapshot.replaceAll('_', '-'))),
  async makeForeign(bench, name, { size = 2 ** 30, comment = '' } = {}) {
    if (bench.array.world.findVolume(foreignFlexVol) === undefined)
      await makeForeign(bench, foreignFlexVol, { snapshot_policy: { name: 'default' } });
    const reply = await bench.array.call('POST', '/storage/luns', {
      name: `/vol/${foreignFlexVol}/${name}`,
      svm: { name: 'svm0' },
      os_type: 'linux',
      space: { size },
      comment,
    });
    expect(reply.status).toBe(201);
  },
  importName: (name) => `${foreignFlexVol}/${name}`,
  nowhere: ['nothing/at', '*/*', 'a|b/c', `${foreignFlexVol}/nothing`, 'nothing', ''],
};
