import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  IGROUPS,
  iqn,
  lunMap,
  LUN_MAPS,
  openIgroupSession,
  type IgroupSession,
} from '../../../test/support/igroup-session.ts';
import { at, textAt } from '../../../test/support/ontap-session.ts';
import { defaultTopology } from '../core/topology.ts';

const SVM = { svm: { name: 'svm0' } };

let array: IgroupSession;
beforeAll(async () => {
  array = await openIgroupSession({
    topology: {
      ...defaultTopology,
      nodes: [
        ...defaultTopology.nodes,
        { name: 'sim-cluster-03', model: 'AFF-A400', serialNumber: '721802000003', managementAddress: '192.0.2.4' },
        { name: 'sim-cluster-04', model: 'AFF-A400', serialNumber: '721802000004', managementAddress: '192.0.2.5' },
      ],
    },
  });
});
afterEach(() => array.simulator.world.verify());
afterAll(() => array.close());

describe('a LUN map', () => {
  test('gives the lowest free number and is shown as ONTAP shows it', async () => {
    const [one, two, three] = [await array.nextLun(), await array.nextLun(), await array.nextLun()];
    const igroup = await array.nextIgroup({ initiators: [{ name: iqn('n1') }] });
    const reply = await array.send('POST', `${LUN_MAPS}?return_records=true`, {
      ...SVM,
      igroup: { name: igroup.name },
      lun: { name: one.name, uuid: one.uuid },
    });
    expect(reply.status).toBe(201);
    expect(reply.headers['location']).toBe(`/api${LUN_MAPS}/${one.uuid}/${igroup.uuid}`);
    expect(at(reply.body, 'records', 0)).toMatchObject({
      svm: { name: 'svm0' },
      lun: one,
      igroup,
      logical_unit_number: 0,
      _links: { self: { href: `/api${LUN_MAPS}/${one.uuid}/${igroup.uuid}` } },
    });
    expect(await array.mapped(two, igroup, { logical_unit_number: 5 })).toBe(5);
    expect(await array.mapped(three, igroup)).toBe(1);
    await array.expect(200, 'DELETE', `${LUN_MAPS}/${one.uuid}/${igroup.uuid}`);
    expect(await array.mapped(one, igroup)).toBe(0);

    const [found] = await array.list(`${LUN_MAPS}?lun.name=${two.name}&fields=svm,lun,igroup,logical-unit-number`);
    expect(found).toMatchObject({
      svm: { name: 'svm0' },
      lun: { ...two, node: { name: 'sim-cluster-01' }, smbc: { replicated: false } },
      igroup: { ...igroup, os_type: 'linux', protocol: 'iscsi', replicated: false, initiators: [iqn('n1')] },
      logical_unit_number: 5,
    });
    const keys = await array.list(`${LUN_MAPS}?igroup.name=*&lun.name=${two.name}&fields=`);
    expect(keys).toHaveLength(1);
    expect(Object.keys(keys[0] ?? {}).sort()).toEqual(['_links', 'igroup', 'lun', 'svm']);
    expect(await array.list(`${LUN_MAPS}?igroup.name=${igroup.name}&lun.name=*`)).toHaveLength(3);
    const [lun] = await array.list(
      `/storage/luns?name=${two.name}&fields=lun_maps.igroup.name,lun_maps.logical_unit_number,status.mapped`,
    );
    expect(lun).toMatchObject({
      status: { mapped: true },
      lun_maps: [{ igroup: { name: igroup.name }, logical_unit_number: 5 }],
    });
    const shown = await array.expect(200, 'GET', `${IGROUPS}/${igroup.uuid}?fields=lun_maps`);
    expect(at(shown, 'lun_maps')).toHaveLength(3);
  });

  test('is refused without a LUN and an igroup that are there', async () => {
    const [lun, igroup] = [await array.nextLun(), await array.nextIgroup()];
    const refused = (body: unknown) => array.refusal('POST', LUN_MAPS, body);
    expect(await refused({ ...lunMap(lun, igroup), svm: undefined })).toBe('400 2621707');
    expect(await refused({ ...SVM, igroup: { name: igroup.name } })).toBe('400 5374901');
    expect(await refused({ ...SVM, lun: { name: lun.name } })).toBe('400 5374902');
    expect(await refused({ ...SVM, lun: { name: '/vol/luns/none' }, igroup: { name: igroup.name } })).toBe(
      '400 5374875',
    );
    expect(await refused({ ...SVM, lun: { name: lun.name }, igroup: { name: 'none' } })).toBe('400 5374878');
    expect(await refused({ ...SVM, lun: { name: '/vol/luns/.snapshot/s/l' }, igroup: { name: igroup.name } })).toBe(
      '400 5374238',
    );
    expect(await refused({ ...lunMap(lun, igroup), logical_unit_number: 4096 })).toBe('400 262197');
    expect(await array.refusal('DELETE', `${LUN_MAPS}/${lun.uuid}/${igroup.uuid}`)).toBe('404 5374922');
  });

  test('belongs to one SVM', async () => {
    const foreign = textAt(
      await array.expect(201, 'POST', `${IGROUPS}?return_records=true`, {
        name: array.unique('dr'),
        os_type: 'linux',
        svm: { name: 'svm_dr' },
      }),
      'records',
      0,
      'uuid',
    );
    expect(await array.refusal('POST', LUN_MAPS, lunMap(await array.nextLun(), { uuid: foreign }))).toBe('400 5374878');
  });

  test('exists once, under a number of its own', async () => {
    const [one, two] = [await array.nextLun(), await array.nextLun()];
    const igroup = await array.nextIgroup();
    await array.mapped(one, igroup);
    expect(await array.refusal('POST', LUN_MAPS, lunMap(one, igroup))).toBe('409 1254207');
    expect(await array.refusal('POST', LUN_MAPS, lunMap(two, igroup, { logical_unit_number: 0 }))).toBe('409 1254324');
  });

  test('shows an initiator each LUN once, and under a number of its own', async () => {
    const [one, two] = [await array.nextLun(), await array.nextLun()];
    const first = await array.nextIgroup({ initiators: [{ name: iqn('both') }] });
    const second = await array.nextIgroup({ initiators: [{ name: iqn('both') }] });
    const third = await array.nextIgroup();
    await array.mapped(one, first);
    expect(await array.refusal('POST', LUN_MAPS, lunMap(one, second))).toBe('409 1254193');
    expect(await array.refusal('POST', LUN_MAPS, lunMap(two, second, { logical_unit_number: 0 }))).toBe('409 1254324');
    expect(await array.mapped(two, second)).toBe(1);
    expect(await array.mapped(one, third)).toBe(0);
    const path = `${IGROUPS}/${third.uuid}/initiators`;
    expect(await array.refusal('POST', path, { name: iqn('both') })).toBe('409 1254193');
    await array.expect(200, 'DELETE', `${LUN_MAPS}/${one.uuid}/${third.uuid}`);
    await array.mapped(two, third);
    await array.expect(200, 'DELETE', `${LUN_MAPS}/${two.uuid}/${second.uuid}`);
    expect(await array.refusal('POST', path, { name: iqn('both') })).toBe('409 1254324');
  });

  test('keeps a LUN from being deleted', async () => {
    const [lun, igroup] = [await array.nextLun(), await array.nextIgroup()];
    await array.mapped(lun, igroup);
    expect(await array.refusal('DELETE', `/storage/luns/${lun.uuid}`)).toBe('409 1254197');
    await array.expect(200, 'DELETE', `/storage/luns/${lun.uuid}?allow_delete_while_mapped=true`);
    expect(await array.list(`${LUN_MAPS}?igroup.name=${igroup.name}`)).toEqual([]);
  });
});

describe('reporting nodes', () => {
  test('are the owner of the LUN and its partner, and grow and shrink by pairs', async () => {
    const [lun, igroup] = [await array.nextLun(), await array.nextIgroup()];
    await array.mapped(lun, igroup);
    const path = `${LUN_MAPS}/${lun.uuid}/${igroup.uuid}/reporting-nodes`;
    const names = async () => (await array.list(path)).map((node) => textAt(node, 'name'));
    expect(await names()).toEqual(['sim-cluster-01', 'sim-cluster-02']);
    const [first] = await array.list(path);
    const node = textAt(first, 'uuid');
    expect(first).toMatchObject({
      _links: { self: { href: `/api${path}/${node}` }, node: { href: `/api/cluster/nodes/${node}` } },
    });

    expect((await array.send('POST', path, { name: 'sim-cluster-03' })).status).toBe(201);
    expect(await names()).toEqual(['sim-cluster-01', 'sim-cluster-02', 'sim-cluster-03', 'sim-cluster-04']);
    const shown = await array.expect(200, 'GET', `${LUN_MAPS}/${lun.uuid}/${igroup.uuid}?fields=reporting_nodes`);
    expect(at(shown, 'reporting_nodes')).toHaveLength(4);
    await array.expect(200, 'DELETE', `${path}/${node}`);
    expect(await names()).toEqual(['sim-cluster-03', 'sim-cluster-04']);
    const [third] = await array.list(path);
    expect(await array.refusal('DELETE', `${path}/${textAt(third, 'uuid')}`)).toBe('409 5374608');

    expect(await array.refusal('POST', path, { name: 'none' })).toBe('400 5374920');
    expect(await array.refusal('POST', path, { name: 'sim-cluster-02', uuid: node })).toBe('400 5374921');
    expect(await array.refusal('POST', path, {})).toBe('400 5374923');
  });

  test('of a map that is not there are told by the code that Trident reads', async () => {
    const [lun, igroup] = [await array.nextLun(), await array.nextIgroup()];
    const path = `${LUN_MAPS}/${lun.uuid}/${igroup.uuid}/reporting-nodes`;
    expect(await array.refusal('GET', path)).toBe('404 5374922');
    expect(await array.refusal('POST', path, { name: 'sim-cluster-01' })).toBe('404 5374922');
    expect(await array.refusal('GET', `${LUN_MAPS}/${lun.uuid}/none/reporting-nodes`)).toBe('404 5374922');
  });
});
