import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { at, openOntapSession, textAt, type OntapSession } from '../../../test/support/ontap-session.ts';
import { defaultTopology } from '../core/topology.ts';

const MIB = 1024 ** 2;
const SVM = { svm: { name: 'svm0' } };
const IGROUPS = '/protocols/san/igroups';
const MAPS = '/protocols/san/lun-maps';

let array: OntapSession;
let count = 0;

const unique = (prefix: string) => `${prefix}${(count += 1)}`;
const iqn = (name: string) => `iqn.1994-05.com.redhat:${name}`;

const newLun = async (): Promise<{ uuid: string; name: string }> => {
  const name = `/vol/luns/${unique('lun')}`;
  const body = { name, os_type: 'linux', ...SVM, space: { size: 10 * MIB } };
  return {
    name,
    uuid: textAt(await array.expect(201, 'POST', '/storage/luns?return_records=true', body), 'records', 0, 'uuid'),
  };
};

const newIgroup = async (more: Record<string, unknown> = {}): Promise<{ uuid: string; name: string }> => {
  const name = unique('host');
  const body = { name, protocol: 'iscsi', os_type: 'linux', ...SVM, ...more };
  return {
    name,
    uuid: textAt(await array.expect(201, 'POST', `${IGROUPS}?return_records=true`, body), 'records', 0, 'uuid'),
  };
};

const map = (lun: { uuid: string }, igroup: { uuid: string }, more: Record<string, unknown> = {}) => ({
  ...SVM,
  lun: { uuid: lun.uuid },
  igroup: { uuid: igroup.uuid },
  ...more,
});

const mapped = async (lun: { uuid: string }, igroup: { uuid: string }, more: Record<string, unknown> = {}) =>
  at(
    await array.expect(201, 'POST', `${MAPS}?return_records=true`, map(lun, igroup, more)),
    'records',
    0,
    'logical_unit_number',
  );

beforeAll(async () => {
  array = await openOntapSession({
    clock: { frozenAt: new Date('2026-01-01T00:00:00Z') },
    topology: {
      nodes: [
        ...defaultTopology.nodes,
        { name: 'sim-cluster-03', model: 'AFF-A400', serialNumber: '721802000003', managementAddress: '192.0.2.4' },
        { name: 'sim-cluster-04', model: 'AFF-A400', serialNumber: '721802000004', managementAddress: '192.0.2.5' },
      ],
    },
  });
  await array.expect(201, 'POST', '/storage/volumes?return_timeout=10', {
    name: 'luns',
    ...SVM,
    size: 1024 * MIB,
    aggregates: [{ name: 'aggr1_n1' }],
    guarantee: { type: 'none' },
  });
});
afterEach(() => array.simulator.world.verify());
afterAll(() => array.close());

describe('an igroup', () => {
  test('is made with its initiators and shown as ONTAP shows it', async () => {
    const name = unique('trident-');
    const reply = await array.send('POST', `${IGROUPS}?return_records=true`, {
      name,
      os_type: 'linux',
      ...SVM,
      initiators: [{ name: iqn('a1'), comment: 'first' }],
    });
    expect(reply.status).toBe(201);
    expect(reply.body).toMatchObject({ num_records: 1, records: [{ name, protocol: 'mixed', os_type: 'linux' }] });
    const [found] = await array.list(`${IGROUPS}?name=${name}&svm.name=svm0&fields=initiators.name`);
    const uuid = textAt(found, 'uuid');
    expect(found).toMatchObject({
      svm: { name: 'svm0' },
      name,
      initiators: [
        {
          name: iqn('a1'),
          _links: { self: { href: `/api${IGROUPS}/${uuid}/initiators/${encodeURIComponent(iqn('a1'))}` } },
        },
      ],
    });
    const [keys] = await array.list(`${IGROUPS}?name=${name}`);
    expect(Object.keys(keys ?? {}).sort()).toEqual(['_links', 'name', 'svm', 'uuid']);
    expect(await array.list(`${IGROUPS}?name=*&svm.name=svm0`)).not.toHaveLength(0);
  });

  test.each([
    ['no name', { name: undefined }, '400 262212'],
    ['a bad name', { name: 'a b' }, '400 5373958'],
    ['no system', { os_type: undefined }, '400 262212'],
    ['no SVM', { svm: undefined }, '400 2621707'],
    ['an unknown protocol', { protocol: 'smb' }, '400 262197'],
    ['an IQN without an end', { initiators: [{ name: 'iqn.1994-05' }] }, '400 5373969'],
    ['an IQN with a bad date', { initiators: [{ name: 'iqn.1994-13.com.a:b' }] }, '400 5373971'],
    ['an IQN with bad characters', { initiators: [{ name: 'iqn.1994-05.com_a:b' }] }, '400 5373972'],
    ['a short EUI', { initiators: [{ name: 'eui.0123' }] }, '400 5373977'],
    ['an EUI that is not hexadecimal', { initiators: [{ name: 'eui.0123456789abcdeg' }] }, '400 5373978'],
    ['a long initiator', { initiators: [{ name: iqn('x'.repeat(90)) }] }, '400 5373992'],
    ['a name without a form', { protocol: 'mixed', initiators: [{ name: 'server1' }] }, '400 5373993'],
    ['a WWPN for iSCSI', { initiators: [{ name: '20:00:00:50:56:bb:b2:4b' }] }, '400 5374039'],
    ['an IQN for FC', { protocol: 'fcp', initiators: [{ name: iqn('a') }] }, '400 5374038'],
    ['an initiator given twice', { initiators: [{ name: iqn('t') }, { name: iqn('t') }] }, '409 5374035'],
    ['a child igroup that is not there', { igroups: [{ name: 'x' }] }, '404 5374878'],
  ])('is refused with %s', async (_case, change, wanted) => {
    const body = { name: unique('bad'), protocol: 'iscsi', os_type: 'linux', ...SVM, ...change };
    expect(await array.refusal('POST', IGROUPS, body)).toBe(wanted);
  });

  test('has a name of its own: a duplicate is 409, as Trident wants it', async () => {
    const one = await newIgroup();
    const other = await newIgroup();
    const body = { name: one.name, protocol: 'iscsi', os_type: 'linux', ...SVM };
    expect(await array.refusal('POST', IGROUPS, body)).toBe('409 5374023');
    expect(await array.refusal('PATCH', `${IGROUPS}/${other.uuid}`, { name: one.name })).toBe('409 5374023');
    await array.expect(200, 'PATCH', `${IGROUPS}/${other.uuid}`, { name: unique('renamed'), comment: 'c' });
    expect(await array.refusal('PATCH', `${IGROUPS}/${other.uuid}`, { protocol: 'fcp' })).toBe('400 262196');
  });

  test('takes initiators one by one and several at once', async () => {
    const { uuid } = await newIgroup();
    const path = `${IGROUPS}/${uuid}/initiators`;
    expect((await array.send('POST', path, { name: iqn('i1') })).status).toBe(201);
    expect((await array.send('POST', path, { records: [{ name: iqn('i2') }, { name: iqn('i3') }] })).status).toBe(201);
    expect(await array.refusal('POST', path, { name: iqn('i2') })).toBe('409 5374035');
    expect(await array.refusal('POST', path, {})).toBe('400 5374033');
    expect(await array.refusal('POST', `${IGROUPS}/none/initiators`, { name: iqn('i1') })).toBe('404 5374852');
    expect(await array.list(path)).toMatchObject([{ name: iqn('i1') }, { name: iqn('i2') }, { name: iqn('i3') }]);
    await array.expect(200, 'PATCH', `${path}/${iqn('i1')}`, { comment: 'noted' });
    await array.expect(200, 'DELETE', `${path}/${iqn('i2')}`);
    await array.expect(200, 'DELETE', `${path}/${encodeURIComponent(iqn('i3'))}`);
    expect(await array.refusal('DELETE', `${path}/${iqn('i3')}`)).toBe('404 5374034');
    expect(await array.list(`${path}?fields=comment`)).toMatchObject([{ name: iqn('i1'), comment: 'noted' }]);
  });

  test('keeps WWPNs in one form', async () => {
    const { uuid } = await newIgroup({ protocol: 'fcp', initiators: [{ name: '20000050562BB24B' }] });
    expect(await array.list(`${IGROUPS}/${uuid}/initiators`)).toMatchObject([{ name: '20:00:00:50:56:2b:b2:4b' }]);
  });

  test('cannot share an initiator with one of another system', async () => {
    await newIgroup({ initiators: [{ name: iqn('shared') }] });
    const windows = await newIgroup({ os_type: 'windows' });
    const path = `${IGROUPS}/${windows.uuid}/initiators`;
    expect(await array.refusal('POST', path, { name: iqn('shared') })).toBe('409 5374734');
    const body = { name: unique('w'), os_type: 'windows', ...SVM, initiators: [{ name: iqn('shared') }] };
    expect(await array.refusal('POST', IGROUPS, body)).toBe('409 5374732');
    const second = await newIgroup({ initiators: [{ name: iqn('shared') }] });
    expect(await array.refusal('PATCH', `${IGROUPS}/${second.uuid}`, { os_type: 'aix' })).toBe('409 5374733');
  });

  test('stays while it is mapped, unless told otherwise', async () => {
    const [lun, igroup] = [await newLun(), await newIgroup({ initiators: [{ name: iqn('m1') }] })];
    await mapped(lun, igroup);
    const initiator = `${IGROUPS}/${igroup.uuid}/initiators/${iqn('m1')}`;
    expect(await array.refusal('DELETE', `${IGROUPS}/${igroup.uuid}`)).toBe('409 1254213');
    expect(await array.refusal('DELETE', `${IGROUPS}/${igroup.uuid}?allow_delete_while_mapped=False`)).toBe(
      '409 1254213',
    );
    expect(await array.refusal('DELETE', initiator)).toBe('409 1254213');
    await array.expect(200, 'DELETE', `${initiator}?allow_delete_while_mapped=true`);
    await array.expect(200, 'DELETE', `${IGROUPS}/${igroup.uuid}?allow_delete_while_mapped=true`);
    expect(await array.list(`${MAPS}?lun.name=${lun.name}`)).toEqual([]);
    expect(await array.refusal('GET', `${IGROUPS}/${igroup.uuid}`)).toBe('404 4');
  });

  test('goes with its last map when it wants to', async () => {
    const [one, two] = [await newLun(), await newLun()];
    const igroup = await newIgroup({ delete_on_unmap: true, initiators: [{ name: iqn('d1') }] });
    await mapped(one, igroup);
    await mapped(two, igroup);
    await array.expect(200, 'DELETE', `${MAPS}/${one.uuid}/${igroup.uuid}`);
    await array.expect(200, 'GET', `${IGROUPS}/${igroup.uuid}`);
    await array.expect(200, 'DELETE', `/storage/luns/${two.uuid}?allow_delete_while_mapped=true`);
    expect(await array.refusal('GET', `${IGROUPS}/${igroup.uuid}`)).toBe('404 4');
  });

  test('may be deleted with its last map when it wants to, once', async () => {
    const igroup = await newIgroup({ delete_on_unmap: true, initiators: [{ name: iqn('d2') }] });
    await mapped(await newLun(), igroup);
    await array.expect(200, 'DELETE', `${IGROUPS}/${igroup.uuid}?allow_delete_while_mapped=true`);
    expect(await array.list(`${MAPS}?igroup.name=${igroup.name}`)).toEqual([]);
  });
});

describe('a LUN map', () => {
  test('gives the lowest free number and is shown as ONTAP shows it', async () => {
    const [one, two, three] = [await newLun(), await newLun(), await newLun()];
    const igroup = await newIgroup({ initiators: [{ name: iqn('n1') }] });
    const reply = await array.send('POST', `${MAPS}?return_records=true`, {
      ...SVM,
      igroup: { name: igroup.name },
      lun: { name: one.name, uuid: one.uuid },
    });
    expect(reply.status).toBe(201);
    expect(reply.headers['location']).toBe(`/api${MAPS}/${one.uuid}/${igroup.uuid}`);
    expect(at(reply.body, 'records', 0)).toMatchObject({
      svm: { name: 'svm0' },
      lun: one,
      igroup,
      logical_unit_number: 0,
      _links: { self: { href: `/api${MAPS}/${one.uuid}/${igroup.uuid}` } },
    });
    expect(await mapped(two, igroup, { logical_unit_number: 5 })).toBe(5);
    expect(await mapped(three, igroup)).toBe(1);
    await array.expect(200, 'DELETE', `${MAPS}/${one.uuid}/${igroup.uuid}`);
    expect(await mapped(one, igroup)).toBe(0);

    const [found] = await array.list(`${MAPS}?lun.name=${two.name}&fields=svm,lun,igroup,logical-unit-number`);
    expect(found).toMatchObject({
      svm: { name: 'svm0' },
      lun: { ...two, node: { name: 'sim-cluster-01' }, smbc: { replicated: false } },
      igroup: { ...igroup, os_type: 'linux', protocol: 'iscsi', replicated: false, initiators: [iqn('n1')] },
      logical_unit_number: 5,
    });
    const keys = await array.list(`${MAPS}?igroup.name=*&lun.name=${two.name}&fields=`);
    expect(keys).toHaveLength(1);
    expect(Object.keys(keys[0] ?? {}).sort()).toEqual(['_links', 'igroup', 'lun', 'svm']);
    expect(await array.list(`${MAPS}?igroup.name=${igroup.name}&lun.name=*`)).toHaveLength(3);
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
    const [lun, igroup] = [await newLun(), await newIgroup()];
    const refused = (body: unknown) => array.refusal('POST', MAPS, body);
    expect(await refused({ ...map(lun, igroup), svm: undefined })).toBe('400 2621707');
    expect(await refused({ ...SVM, igroup: { name: igroup.name } })).toBe('400 5374901');
    expect(await refused({ ...SVM, lun: { name: lun.name } })).toBe('400 5374902');
    expect(await refused({ ...SVM, lun: { name: '/vol/luns/none' }, igroup: { name: igroup.name } })).toBe(
      '400 5374875',
    );
    expect(await refused({ ...SVM, lun: { name: lun.name }, igroup: { name: 'none' } })).toBe('400 5374878');
    expect(await refused({ ...SVM, lun: { name: '/vol/luns/.snapshot/s/l' }, igroup: { name: igroup.name } })).toBe(
      '400 5374238',
    );
    expect(await refused({ ...map(lun, igroup), logical_unit_number: 4096 })).toBe('400 262197');
    expect(await array.refusal('DELETE', `${MAPS}/${lun.uuid}/${igroup.uuid}`)).toBe('404 5374922');
  });

  test('belongs to one SVM', async () => {
    const foreign = textAt(
      await array.expect(201, 'POST', `${IGROUPS}?return_records=true`, {
        name: unique('dr'),
        os_type: 'linux',
        svm: { name: 'svm_dr' },
      }),
      'records',
      0,
      'uuid',
    );
    expect(await array.refusal('POST', MAPS, map(await newLun(), { uuid: foreign }))).toBe('400 5374878');
  });

  test('exists once, under a number of its own', async () => {
    const [one, two] = [await newLun(), await newLun()];
    const igroup = await newIgroup();
    await mapped(one, igroup);
    expect(await array.refusal('POST', MAPS, map(one, igroup))).toBe('409 1254207');
    expect(await array.refusal('POST', MAPS, map(two, igroup, { logical_unit_number: 0 }))).toBe('409 1254324');
  });

  test('shows an initiator each LUN once, and under a number of its own', async () => {
    const [one, two] = [await newLun(), await newLun()];
    const first = await newIgroup({ initiators: [{ name: iqn('both') }] });
    const second = await newIgroup({ initiators: [{ name: iqn('both') }] });
    const third = await newIgroup();
    await mapped(one, first);
    expect(await array.refusal('POST', MAPS, map(one, second))).toBe('409 1254193');
    expect(await array.refusal('POST', MAPS, map(two, second, { logical_unit_number: 0 }))).toBe('409 1254324');
    expect(await mapped(two, second)).toBe(1);
    expect(await mapped(one, third)).toBe(0);
    const path = `${IGROUPS}/${third.uuid}/initiators`;
    expect(await array.refusal('POST', path, { name: iqn('both') })).toBe('409 1254193');
    await array.expect(200, 'DELETE', `${MAPS}/${one.uuid}/${third.uuid}`);
    await mapped(two, third);
    await array.expect(200, 'DELETE', `${MAPS}/${two.uuid}/${second.uuid}`);
    expect(await array.refusal('POST', path, { name: iqn('both') })).toBe('409 1254324');
  });

  test('keeps a LUN from being deleted', async () => {
    const [lun, igroup] = [await newLun(), await newIgroup()];
    await mapped(lun, igroup);
    expect(await array.refusal('DELETE', `/storage/luns/${lun.uuid}`)).toBe('409 1254197');
    await array.expect(200, 'DELETE', `/storage/luns/${lun.uuid}?allow_delete_while_mapped=true`);
    expect(await array.list(`${MAPS}?igroup.name=${igroup.name}`)).toEqual([]);
  });
});

describe('reporting nodes', () => {
  test('are the owner of the LUN and its partner, and grow and shrink by pairs', async () => {
    const [lun, igroup] = [await newLun(), await newIgroup()];
    await mapped(lun, igroup);
    const path = `${MAPS}/${lun.uuid}/${igroup.uuid}/reporting-nodes`;
    const names = async () => (await array.list(path)).map((node) => textAt(node, 'name'));
    expect(await names()).toEqual(['sim-cluster-01', 'sim-cluster-02']);
    const [first] = await array.list(path);
    const node = textAt(first, 'uuid');
    expect(first).toMatchObject({
      _links: { self: { href: `/api${path}/${node}` }, node: { href: `/api/cluster/nodes/${node}` } },
    });

    expect((await array.send('POST', path, { name: 'sim-cluster-03' })).status).toBe(201);
    expect(await names()).toEqual(['sim-cluster-01', 'sim-cluster-02', 'sim-cluster-03', 'sim-cluster-04']);
    const shown = await array.expect(200, 'GET', `${MAPS}/${lun.uuid}/${igroup.uuid}?fields=reporting_nodes`);
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
    const [lun, igroup] = [await newLun(), await newIgroup()];
    const path = `${MAPS}/${lun.uuid}/${igroup.uuid}/reporting-nodes`;
    expect(await array.refusal('GET', path)).toBe('404 5374922');
    expect(await array.refusal('POST', path, { name: 'sim-cluster-01' })).toBe('404 5374922');
    expect(await array.refusal('GET', `${MAPS}/${lun.uuid}/none/reporting-nodes`)).toBe('404 5374922');
  });
});
