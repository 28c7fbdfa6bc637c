import { afterEach, expect, it } from 'vitest';
import { at, openOntapSession, textAt, type OntapSession } from '../support/ontap-session.ts';

/** What only some arrays refuse. */

let array: OntapSession;
afterEach(async () => {
  array.simulator.world.verify();
  await array.close();
});

const WAIT = 'return_timeout=15';
const svm = { name: 'svm0' };
const MAPS = '/protocols/san/lun-maps';

const prepare = async (strict: boolean) => {
  array = await openOntapSession({ strict });
  const body = { name: 'v', svm, size: '1GB', aggregates: [{ name: 'aggr1_n1' }], nas: { path: '/v' } };
  await array.expect(201, 'POST', `/storage/volumes?${WAIT}`, body);
  await array.expect(201, 'POST', '/storage/luns', {
    name: '/vol/v/l',
    svm,
    os_type: 'linux',
    space: { size: '10MB' },
  });
  for (const protocol of ['iscsi', 'fcp', 'mixed'])
    await array.expect(201, 'POST', '/protocols/san/igroups', { name: protocol, svm, protocol, os_type: 'linux' });
};
const map = (igroup: string) => ({ svm, lun: { name: '/vol/v/l' }, igroup: { name: igroup } });

it('a LUN map needs interfaces of its protocol on all nodes that report', async () => {
  await prepare(true);
  expect(await array.refusal('POST', MAPS, map('fcp'))).toBe('400 5374573');
  await array.expect(201, 'POST', MAPS, map('iscsi'));
  const lif = textAt((await array.list('/network/ip/interfaces?name=iscsi_n2&svm.name=svm0'))[0], 'uuid');
  await array.expect(200, 'DELETE', `/network/ip/interfaces/${lif}`);
  expect(await array.refusal('POST', MAPS, map('mixed'))).toBe('400 5374573');
});

it('a mounted volume is busy', async () => {
  await prepare(true);
  await array.expect(200, 'DELETE', '/storage/luns?name=/vol/v/l');
  const uuid = textAt((await array.list('/storage/volumes?name=v'))[0], 'uuid');
  expect(await array.refusal('DELETE', `/storage/volumes/${uuid}?${WAIT}`)).toBe('409 524486');
  await array.expect(200, 'PATCH', `/storage/volumes/${uuid}?${WAIT}`, { nas: { path: '' } });
  await array.expect(200, 'DELETE', `/storage/volumes/${uuid}?${WAIT}`);
});

it('is not asked for otherwise', async () => {
  await prepare(false);
  await array.expect(201, 'POST', MAPS, map('fcp'));
  const uuid = textAt((await array.list('/storage/volumes?name=v'))[0], 'uuid');
  await array.expect(200, 'DELETE', `${MAPS}?igroup.name=fcp`);
  await array.expect(200, 'DELETE', `/storage/volumes/${uuid}?${WAIT}`);
  expect(await array.list('/storage/volumes?name=v')).toEqual([]);
});

it('reports a LUN through one more node and its partner when the map says so', async () => {
  await prepare(false);
  const more = { ...map('iscsi'), additional_reporting_node: { name: 'sim-cluster-02' } };
  await array.expect(201, 'POST', MAPS, more);
  const [found] = await array.list(`${MAPS}?fields=reporting_nodes`);
  expect(at(found, 'reporting_nodes')).toMatchObject([{ name: 'sim-cluster-01' }, { name: 'sim-cluster-02' }]);
  expect(await array.refusal('POST', MAPS, { ...map('mixed'), additional_reporting_node: { name: 'x' } })).toBe(
    '400 5374920',
  );
});
