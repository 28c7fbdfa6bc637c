import { expect, it } from 'vitest';
import { labConfig } from '../../../test/support/lab-site.ts';
import { furnish, openLabEngine, patient, volumeRequest } from '../../../test/support/lab.ts';
import { labPool, openLabArray } from '../../../test/support/lab-driver.ts';
import { openMemoryStore } from '../store/memory.ts';

it('what is in a pool is in it still when the pool is called otherwise, and so are its publications', async () => {
  const array = openLabArray({ pools: [labPool('p1')], enforcesAccess: true, now: () => new Date() });
  const { discover } = array.kind;
  const kind: typeof array.kind = {
    ...array.kind,
    /** Pools are called by their place in a list, as virtual ones are. */
    async discover(config, environment, signal) {
      const found = await discover(config, environment, signal);
      const place = typeof config['place'] === 'number' ? config['place'] : 0;
      return { ...found, pools: found.pools.map((pool) => ({ ...pool, name: `lab_pool_${place}` })) };
    },
  };
  await using store = openMemoryStore();
  await using engine = await openLabEngine(store, { ...array, kind });
  const { orchestrator: core } = engine;
  await furnish(core);
  await core.volumes.create(volumeRequest('v1'), patient);
  await core.publications.publish({ volume: 'v1', node: 'n1', readOnly: false, accessMode: 0 }, patient);
  expect(await core.publications.get('v1', 'n1')).toMatchObject({ pool: 'lab_pool_0' });
  await core.backends.update('lab', { ...labConfig, place: 3 }, patient);
  expect(await core.volumes.get('v1')).toMatchObject({ pool: 'lab_pool_3', poolKey: 'p1' });
  expect(await core.publications.get('v1', 'n1')).toMatchObject({ pool: 'lab_pool_3' });
});
