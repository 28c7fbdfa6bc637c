import { afterEach, expect, it } from 'vitest';
import { defaultTopology } from '../../src/simulator/core/topology.ts';
import { at, openOntapSession, type OntapSession } from '../support/ontap-session.ts';

/** A cluster that becomes one of another kind or release under its clients. */

let array: OntapSession;
afterEach(() => array.close());

const look = async () => {
  const cluster = await array.expect(
    200,
    'GET',
    '/cluster?fields=version,san_optimized,disaggregated&ignore_unknown_fields=true',
  );
  return [at(cluster, 'version', 'major'), at(cluster, 'san_optimized'), at(cluster, 'disaggregated')];
};

it('is of another kind, with what that kind has', async () => {
  array = await openOntapSession({});
  expect(await look()).toEqual([17, false, false]);
  expect(await array.refusal('GET', '/storage/availability-zones')).toBe('404 3');
  for (const [personality, ...shown] of [
    ['asa', true, false],
    ['afx', false, true],
    ['asa-r2', true, true],
  ] as const) {
    array.simulator.reconfigure({ personality });
    expect(await look()).toEqual([17, ...shown]);
  }
  expect(await array.list('/storage/availability-zones')).toHaveLength(1);
  const lun = { name: 'l1', svm: { name: 'svm0' }, os_type: 'linux', space: { size: '1GB' } };
  await array.expect(201, 'POST', '/storage/luns?return_timeout=15', lun);
  expect(await array.list('/storage/storage-units')).toHaveLength(1);
  expect(() => array.simulator.reconfigure({ personality: 'unified' })).toThrow('lun');
  await array.expect(200, 'DELETE', '/storage/luns?name=l1');
  array.simulator.reconfigure({ personality: 'unified' });
  expect(await look()).toEqual([17, false, false]);
  array.simulator.world.verify();
});

it('has qtrees in the SVMs that it was given when it had none', async () => {
  const { cluster } = defaultTopology;
  array = await openOntapSession({ topology: { cluster: { ...cluster, personality: 'asa-r2' } } });
  await array.expect(201, 'POST', '/svm/svms?return_timeout=15', { name: 'more' });
  array.simulator.world.verify();
  array.simulator.reconfigure({ personality: 'unified' });
  array.simulator.world.verify();
  expect(await array.list('/storage/qtrees?svm.name=more')).toMatchObject([{ id: 0, volume: { name: 'more_root' } }]);
});

it('is of an older release, which does not know a field', async () => {
  array = await openOntapSession({});
  await array.expect(202, 'POST', '/storage/volumes', {
    name: 'v1',
    svm: { name: 'svm0' },
    aggregates: [{ name: 'aggr1_n1' }],
  });
  await array.expect(200, 'GET', '/cluster?fields=disaggregated');
  array.simulator.reconfigure({ version: '9.15.1' });
  expect(await look()).toEqual([15, false, undefined]);
  expect(await array.refusal('GET', '/cluster?fields=disaggregated')).toBe('400 262197');
  expect(await array.list('/storage/volumes?name=v1')).toHaveLength(1);
  expect(array.simulator.topology.cluster).toMatchObject({ version: '9.15.1', personality: 'unified' });
  expect(() => array.simulator.reconfigure({ version: 'new' })).toThrow('cluster.version');
});
