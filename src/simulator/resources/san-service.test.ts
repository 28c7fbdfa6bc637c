import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { at, openOntapSession, textAt, type OntapSession } from '../../../test/support/ontap-session.ts';
import { defaultTopology } from '../core/topology.ts';

const ISCSI = '/protocols/san/iscsi/services';
const FCP = '/protocols/san/fcp/services';
const CREDENTIALS = '/protocols/san/iscsi/credentials';

let array: OntapSession;
const svmUuid = async (name: string) => textAt((await array.list(`/svm/svms?name=${name}`))[0], 'uuid');

const newSvm = async (name: string): Promise<string> => {
  await array.expect(201, 'POST', '/svm/svms?return_timeout=10', { name, aggregates: [{ name: 'aggr1_n1' }] });
  return svmUuid(name);
};

beforeAll(async () => {
  const [svm0, ...others] = defaultTopology.svms;
  array = await openOntapSession({
    clock: { frozenAt: new Date('2026-01-01T00:00:00Z') },
    topology: {
      licences: ['nfs', 'iscsi', 'fcp'],
      svms: svm0 ? [{ ...svm0, protocols: ['nfs', 'iscsi', 'fcp', 'nvme'] }, ...others] : others,
    },
  });
});
afterEach(() => array.simulator.world.verify());
afterAll(() => array.close());

describe('the iSCSI service', () => {
  test('is there in the default topology, with its interfaces', async () => {
    const svm = await svmUuid('svm0');
    const service = await array.expect(200, 'GET', `${ISCSI}/${svm}?fields=target.name`);
    expect(textAt(service, 'target', 'name')).toMatch(/^iqn\.1992-08\.com\.netapp:sn\.[0-9a-f]{32}:vs\.\d+$/);
    expect(await array.list(`${ISCSI}?svm.uuid=${svm}&return_records=true&fields=target.name,enabled`)).toMatchObject([
      { svm: { uuid: svm }, enabled: true, target: { name: at(service, 'target', 'name') } },
    ]);
    const interfaces = await array.list(
      `/network/ip/interfaces?services=data_iscsi&svm.uuid=${svm}&fields=ip.address,state`,
    );
    expect(interfaces).toMatchObject([
      { ip: { address: '192.0.2.21' }, state: 'up' },
      { ip: { address: '192.0.2.22' }, state: 'up' },
    ]);
    expect(
      await array.list(`/network/ip/interfaces?services=data_nvme_tcp&svm.uuid=${svm}&fields=state`),
    ).toMatchObject([{ state: 'up' }, { state: 'up' }]);
  });

  test('is made once per SVM, disabled before it is deleted, and takes the credentials along', async () => {
    const svm = await newSvm('svm_iscsi');
    expect(await array.refusal('GET', `${ISCSI}/${svm}`)).toBe('404 5374078');
    await array.expect(201, 'POST', ISCSI, { svm: { uuid: svm } });
    expect(await array.expect(200, 'GET', `${ISCSI}/${svm}`)).toMatchObject({
      enabled: true,
      target: { alias: 'svm_iscsi' },
    });
    expect(await array.expect(200, 'GET', `/svm/svms/${svm}?fields=iscsi`)).toMatchObject({ iscsi: { enabled: true } });
    expect(await array.refusal('POST', ISCSI, { svm: { uuid: svm } })).toBe('409 5374077');
    expect(await array.list(`${CREDENTIALS}?svm.uuid=${svm}`)).toMatchObject([{ initiator: 'default' }]);
    expect(await array.refusal('DELETE', `${ISCSI}/${svm}`)).toBe('409 5373960');
    await array.expect(200, 'PATCH', `${ISCSI}/${svm}`, { enabled: false, target: { alias: 'other' } });
    await array.expect(200, 'DELETE', `${ISCSI}/${svm}`);
    expect(await array.list(`${CREDENTIALS}?svm.uuid=${svm}`)).toEqual([]);
    expect(await array.expect(200, 'GET', `/svm/svms/${svm}?fields=iscsi`)).toMatchObject({
      iscsi: { enabled: false },
    });
  });

  test('needs a running SVM that may have it', async () => {
    const svm = await newSvm('svm_stopped');
    expect(await array.refusal('POST', ISCSI, {})).toBe('400 2621707');
    await array.expect(200, 'PATCH', `/svm/svms/${svm}?return_timeout=10`, { iscsi: { allowed: false } });
    expect(await array.refusal('POST', ISCSI, { svm: { uuid: svm } })).toBe('400 2621507');
    await array.expect(200, 'PATCH', `/svm/svms/${svm}?return_timeout=10`, {
      iscsi: { allowed: true },
      state: 'stopped',
    });
    expect(await array.refusal('POST', ISCSI, { svm: { uuid: svm } })).toBe('400 5374893');
  });

  test('goes with its SVM, as igroups and interfaces do', async () => {
    const svm = await newSvm('svm_short');
    await array.expect(201, 'POST', ISCSI, { svm: { uuid: svm } });
    await array.expect(201, 'POST', '/protocols/san/igroups', { name: 'g', os_type: 'linux', svm: { uuid: svm } });
    await array.expect(200, 'DELETE', `/svm/svms/${svm}?return_timeout=10`);
    expect(await array.list(`${ISCSI}?svm.name=svm_short`)).toEqual([]);
    expect(await array.list('/protocols/san/igroups?name=g')).toEqual([]);
  });
});

test('a service needs its licence', async () => {
  const bare = await openOntapSession({ topology: { licences: ['nfs'] } });
  try {
    expect(await bare.refusal('POST', ISCSI, { svm: { name: 'svm_dr' } })).toBe('400 1115127');
    expect(await bare.refusal('POST', FCP, { svm: { name: 'svm_dr' } })).toBe('400 1115127');
  } finally {
    await bare.close();
  }
});

describe('the FC service', () => {
  test('has a node name that its interfaces share', async () => {
    const svm = await svmUuid('svm0');
    const [service] = await array.list(`${FCP}?svm.uuid=${svm}&fields=target.name,enabled`);
    const wwnn = textAt(service, 'target', 'name');
    expect(wwnn).toMatch(/^([0-9a-f]{2}:){7}[0-9a-f]{2}$/);
    const interfaces = await array.list(`/network/fc/interfaces?svm.uuid=${svm}&fields=wwpn,wwnn,state,location`);
    expect(interfaces).toMatchObject([
      { name: 'fc_n1', state: 'up', wwnn, location: { node: { name: 'sim-cluster-01' } } },
      { name: 'fc_n2', state: 'up', wwnn, location: { node: { name: 'sim-cluster-02' } } },
    ]);
    expect(new Set(interfaces.map((each) => at(each, 'wwpn'))).size).toBe(2);
    expect(await array.refusal('POST', FCP, { svm: { uuid: svm } })).toBe('409 5374082');
    expect(await array.refusal('DELETE', `${FCP}/${svm}`)).toBe('409 5373960');
  });

  test('gets interfaces on the ports of nodes', async () => {
    const path = '/network/fc/interfaces';
    const body = (more: object) => ({ name: 'fc_x', data_protocol: 'fcp', svm: { name: 'svm0' }, ...more });
    expect(await array.refusal('POST', path, body({}))).toBe('400 5374873');
    expect(await array.refusal('POST', path, body({ location: { home_node: { name: 'none' } } }))).toBe('400 1966217');
    expect(await array.refusal('POST', path, { ...body({}), name: 'x'.repeat(255) })).toBe('400 1966300');
    const home = { location: { home_port: { name: '1b', node: { name: 'sim-cluster-01' } } } };
    expect(
      await array.refusal('POST', path, { ...body(home), data_protocol: 'fc_nvme', svm: { name: 'svm_dr' } }),
    ).toBe('400 72089652');
    const uuid = textAt(
      await array.expect(201, 'POST', `${path}?return_records=true`, body(home)),
      'records',
      0,
      'uuid',
    );
    expect(await array.refusal('POST', path, body(home))).toBe('409 1966140');
    const move = { location: { home_node: { name: 'sim-cluster-02' } } };
    expect(await array.refusal('PATCH', `${path}/${uuid}`, move)).toBe('409 1966238');
    await array.expect(200, 'PATCH', `${path}/${uuid}`, { enabled: false });
    await array.expect(200, 'PATCH', `${path}/${uuid}`, move);
    expect(await array.expect(200, 'GET', `${path}/${uuid}`)).toMatchObject({
      state: 'down',
      location: { node: { name: 'sim-cluster-02' } },
    });
    await array.expect(200, 'DELETE', `${path}/${uuid}`);
  });
});

describe('iSCSI credentials', () => {
  const chap = (inbound: string, outbound?: string) => ({
    authentication_type: 'CHAP',
    chap: {
      inbound: { user: 'in', password: inbound },
      ...(outbound === undefined ? {} : { outbound: { user: 'out', password: outbound } }),
    },
  });

  test('of the default initiator are set by Trident and never shown', async () => {
    const svm = await svmUuid('svm0');
    const fields = 'svm.name,chap.inbound.user,chap.outbound.user,initiator,authentication_type';
    const read = `${CREDENTIALS}?initiator=default&svm.uuid=${svm}&return_records=true&fields=${fields}`;
    expect(await array.list(read)).toMatchObject([{ initiator: 'default', authentication_type: 'none' }]);
    const path = `${CREDENTIALS}/${svm}/default`;
    await array.expect(200, 'PATCH', path, chap('secret-in', 'secret-out'));
    const [found] = await array.list(read);
    expect(found).toMatchObject({
      svm: { name: 'svm0' },
      authentication_type: 'chap',
      chap: { inbound: { user: 'in' }, outbound: { user: 'out' } },
    });
    const everything = JSON.stringify([
      await array.expect(200, 'GET', `${path}?fields=**`),
      array.simulator.requests.list(),
    ]);
    expect(everything).not.toContain('secret-in');
    expect(everything).not.toContain('secret-out');
    await array.expect(200, 'PATCH', path, chap('secret-in', 'secret-out'));

    expect(await array.refusal('PATCH', path, chap('same', 'same'))).toBe('400 5374147');
    expect(await array.refusal('PATCH', path, { authentication_type: 'none', chap: { inbound: { user: 'x' } } })).toBe(
      '400 5374900',
    );
    expect(await array.refusal('PATCH', path, { initiator_address: { masks: [{ address: '192.0.2.0' }] } })).toBe(
      '400 5374155',
    );
    expect(await array.refusal('DELETE', path)).toBe('409 5374155');
    await array.expect(200, 'PATCH', path, { authentication_type: 'none' });
    expect(at((await array.list(read))[0], 'chap')).toBeUndefined();
    expect(await array.refusal('PATCH', path, { authentication_type: 'chap' })).toBe('400 5374149');
  });

  test('of one initiator exist once', async () => {
    const svm = await svmUuid('svm0');
    const initiator = 'iqn.1994-05.com.redhat:c1';
    const body = (more: object) => ({ svm: { uuid: svm }, initiator, ...more });
    expect(await array.refusal('POST', CREDENTIALS, body({ ...chap('a'), initiator: 'c1' }))).toBe('400 5374039');
    expect(await array.refusal('POST', CREDENTIALS, body({}))).toBe('400 262212');
    expect(await array.refusal('POST', CREDENTIALS, body({ authentication_type: 'chap' }))).toBe('400 5374149');
    const halfOutbound = {
      authentication_type: 'chap',
      chap: { inbound: { user: 'in', password: 'a' }, outbound: { user: 'out' } },
    };
    expect(await array.refusal('POST', CREDENTIALS, body(halfOutbound))).toBe('400 5374150');
    expect(await array.refusal('POST', CREDENTIALS, { ...body(chap('a')), svm: { name: 'svm_dr' } })).toBe(
      '400 5374078',
    );
    await array.expect(201, 'POST', CREDENTIALS, body(chap('a', 'b')));
    expect(await array.refusal('POST', CREDENTIALS, body(chap('a', 'b')))).toBe('409 5374142');
    expect(await array.refusal('GET', `${CREDENTIALS}?chap.inbound.password=a`)).toBe('400 262202');
    await array.expect(200, 'DELETE', `${CREDENTIALS}/${svm}/${initiator}`);
    expect(await array.refusal('DELETE', `${CREDENTIALS}/${svm}/${initiator}`)).toBe('404 5374895');
  });
});
