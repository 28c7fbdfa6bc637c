import * as v from 'valibot';
import { expect } from 'vitest';
import type { Bench, ObjectsOnArray } from './driver-bench.ts';

const jobSchema = v.object({ job: v.optional(v.object({ uuid: v.string() })) });

/** Changes the array as somebody does who waits until it is done. */
export const change = async (
  bench: Bench,
  method: 'POST' | 'PATCH' | 'DELETE',
  path: string,
  body: unknown = undefined,
): Promise<void> => {
  const reply = await bench.array.call(method, `${path}${path.includes('?') ? '&' : '?'}return_timeout=15`, body);
  expect(reply.status).toBeLessThan(300);
  const { job } = v.parse(jobSchema, reply.body ?? {});
  // Jobs may be set to be seen running by their first readers.
  if (job === undefined) return;
  for (let reads = 0; reads < 5; reads++) await bench.array.call('GET', `/cluster/jobs/${job.uuid}`);
};

/** A FlexVol with quotas on, as stock makes one for qtrees. */
export const makeFlexVol = async (
  bench: Bench,
  name: string,
  more: Readonly<Record<string, unknown>> = {},
): Promise<string> => {
  if (bench.array.world.findVolume(name) === undefined) {
    await change(bench, 'POST', '/storage/volumes', {
      name,
      svm: { name: 'svm0' },
      aggregates: [{ name: 'aggr1_n1' }],
      size: 2 ** 32,
      nas: { path: `/${name}`, security_style: 'unix', unix_permissions: 711 },
      guarantee: { type: 'none' },
      snapshot_policy: { name: 'none' },
      space: { snapshot: { reserve_percent: 0 } },
      snapshot_directory_access_enabled: false,
      ...more,
    });
    await change(bench, 'POST', '/storage/quota/rules', {
      volume: { name },
      svm: { name: 'svm0' },
      type: 'tree',
      qtree: { name: '' },
      space: { hard_limit: -1 },
    });
    const uuid = bench.array.world.findVolume(name)?.uuid ?? '';
    await change(bench, 'PATCH', `/storage/volumes/${uuid}`, { quota: { enabled: true } });
  }
  return bench.array.world.findVolume(name)?.uuid ?? '';
};

/** A qtree with a quota, in a FlexVol of that name. */
export const makeQtree = async (
  bench: Bench,
  flexVol: string,
  name: string,
  bytes: number,
  more: Readonly<Record<string, unknown>> = {},
): Promise<void> => {
  const where = { volume: { name: flexVol }, svm: { name: 'svm0' } };
  await change(bench, 'POST', '/storage/qtrees', { ...where, name, ...more });
  await change(bench, 'POST', '/storage/quota/rules', {
    ...where,
    type: 'tree',
    qtree: { name },
    space: { hard_limit: bytes },
  });
};

export const quotaOf = async (bench: Bench, name: string): Promise<number | undefined> => {
  const [rule] = await bench.list(`/storage/quota/rules?qtree.name=${name}&fields=space.hard_limit`);
  const parsed = v.safeParse(v.object({ space: v.object({ hard_limit: v.number() }) }), rule);
  return parsed.success ? parsed.output.space.hard_limit : undefined;
};

/** A FlexVol that others have made for their qtrees: ours do not fit, its snapshots are kept by a policy. */
const foreignFlexVol = 'trident_qtree_pool_trident_FOREIGNXYZ';

/** Drivers whose volumes are qtrees in shared FlexVols. */
export const qtreesOnArray: ObjectsOnArray = {
  path: '/storage/qtrees',
  list: async (bench) =>
    (await bench.list('/storage/qtrees?fields=name'))
      .map((qtree) => String(qtree['name']))
      .filter((name) => name !== ''),
  look: async (bench, name) => {
    const [found] = await bench.list(`/storage/qtrees?name=${name}&fields=**`);
    return found === undefined ? undefined : { found, quota: await quotaOf(bench, name) };
  },
  size: quotaOf,
  async makeForeign(bench, name, { size = 2 ** 30 } = {}) {
    await makeFlexVol(bench, foreignFlexVol, { snapshot_policy: { name: 'default' } });
    await makeQtree(bench, foreignFlexVol, name, Number(size), { export_policy: { name: 'default' } });
  },
  importName: (name) => `${foreignFlexVol}/${name}`,
  nowhere: ['nothing/at', '*/*', 'a|b/c', `${foreignFlexVol}/nothing`],
};
