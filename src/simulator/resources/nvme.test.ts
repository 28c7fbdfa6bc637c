import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { at, openOntapSession, textAt, type OntapSession } from '../../../test/support/ontap-session.ts';
import { defaultTopology } from '../core/topology.ts';

const MIB = 1024 ** 2;
const SVM = { svm: { name: 'svm0' } };
const SUBSYSTEMS = '/protocols/nvme/subsystems';
const MAPS = '/protocols/nvme/subsystem-maps';
const SERVICES = '/protocols/nvme/services';
const NQN = 'nqn.2014-08.org.nvmexpress:uuid:4c4c4544-0057-3610-8031-b4c04f574b32';

let array: OntapSession;
let made = 0;

const newSubsystem = async (more: Record<string, unknown> = {}): Promise<string> => {
  made += 1;
  const body = { name: `ss${made}`, os_type: 'linux', ...SVM, ...more };
  return textAt(await array.expect(201, 'POST', `${SUBSYSTEMS}?return_records=true`, body), 'records', 0, 'uuid');
};

const newNamespace = async (): Promise<string> => {
  made += 1;
  const body = { name: `/vol/nvme/ns${made}`, os_type: 'linux', ...SVM, space: { size: 10 * MIB } };
  return textAt(await array.expect(201, 'POST', '/storage/namespaces?return_records=true', body), 'records', 0, 'uuid');
};

const mapBody = (subsystem: string, namespace: string) => ({
  ...SVM,
  subsystem: { uuid: subsystem },
  namespace: { uuid: namespace },
});
const hostsOf = (subsystem: string) => `${SUBSYSTEMS}/${subsystem}/hosts`;

beforeAll(async () => {
  array = await openOntapSession({ clock: { frozenAt: new Date('2026-01-01T00:00:00Z') } });
  await array.expect(201, 'POST', '/storage/volumes?return_timeout=10', {
    name: 'nvme',
    ...SVM,
    size: 1024 * MIB,
    aggregates: [{ name: 'aggr1_n1' }],
  });
});
afterEach(() => array.simulator.world.verify());
afterAll(() => array.close());

describe('a subsystem', () => {
  test('is made and shown as ONTAP shows it', async () => {
    const reply = await array.send('POST', `${SUBSYSTEMS}?return_records=true`, {
      name: 'trident_ss_1',
      os_type: 'linux',
      ...SVM,
    });
    expect(reply.status).toBe(201);
    const record = at(reply.body, 'records', 0);
    expect(record).toMatchObject({
      svm: { name: 'svm0' },
      name: 'trident_ss_1',
      os_type: 'linux',
      comment: '',
      serial_number: expect.stringMatching(/^.{20}$/),
      target_nqn: expect.stringMatching(/^nqn\.1992-08\.com\.netapp:sn\.[0-9a-f]{32}:subsystem\.trident_ss_1$/),
      _links: { self: { href: `/api${SUBSYSTEMS}/${textAt(record, 'uuid')}` } },
    });
    const [found] = await array.list(`${SUBSYSTEMS}?name=trident_ss_1`);
    expect(found).toMatchObject({ svm: { name: 'svm0' }, name: 'trident_ss_1' });
    expect(at(found, 'target_nqn')).toBeUndefined();
    const other = await newSubsystem();
    const [prefix] = textAt(record, 'target_nqn').split(':subsystem');
    expect(textAt(await array.expect(200, 'GET', `${SUBSYSTEMS}/${other}`), 'target_nqn')).toContain(prefix);
  });

  test.each([
    ['a name that is taken', { name: 'trident_ss_1' }, '409 72090025'],
    ['a bad character in its name', { name: 'a b' }, '400 72089709'],
    ['a long name', { name: 'n'.repeat(65) }, '400 262197'],
    ['no system', { os_type: undefined }, '400 262212'],
    ['an unknown system', { os_type: 'hpux' }, '400 262197'],
    ['no SVM', { svm: undefined }, '400 2621707'],
    ['an SVM without the service', { svm: { name: 'svm_dr' } }, '400 72090029'],
    ['a host named twice', { hosts: [{ nqn: NQN }, { nqn: NQN }] }, '400 72090036'],
    ['a host that is none', { hosts: [{ nqn: 'host' }] }, '400 72089772'],
    ['a broken vendor UUID', { vendor_uuids: ['x'] }, '400 72089711'],
    ['a long comment', { comment: 'c'.repeat(256) }, '400 262197'],
  ])('is refused with %s', async (_case, more, wanted) => {
    expect(await array.refusal('POST', SUBSYSTEMS, { name: 'refused', os_type: 'linux', ...SVM, ...more })).toBe(
      wanted,
    );
  });

  test('and an igroup do not share a name', async () => {
    await array.expect(201, 'POST', '/protocols/san/igroups', { name: 'an_igroup', os_type: 'linux', ...SVM });
    expect(await array.refusal('POST', SUBSYSTEMS, { name: 'an_igroup', os_type: 'linux', ...SVM })).toBe(
      '409 72090043',
    );
    expect(
      await array.refusal('POST', '/protocols/san/igroups', { name: 'trident_ss_1', os_type: 'linux', ...SVM }),
    ).toBe('409 5376488');
  });

  test('changes its comment and keeps its name', async () => {
    const uuid = await newSubsystem();
    await array.expect(200, 'PATCH', `${SUBSYSTEMS}/${uuid}`, { comment: 'c' });
    expect(await array.refusal('PATCH', `${SUBSYSTEMS}/${uuid}`, { name: 'new' })).toBe('400 262196');
    expect(await array.expect(200, 'GET', `${SUBSYSTEMS}/${uuid}`)).toMatchObject({ comment: 'c' });
  });

  test('is deleted without hosts and maps, or with them on request', async () => {
    const [subsystem, namespace] = [await newSubsystem({ hosts: [{ nqn: NQN }] }), await newNamespace()];
    await array.expect(201, 'POST', MAPS, mapBody(subsystem, namespace));
    expect(await array.refusal('DELETE', `${SUBSYSTEMS}/${subsystem}?allow_delete_with_hosts=true`)).toBe(
      '409 72090023',
    );
    expect(await array.refusal('DELETE', `${SUBSYSTEMS}/${subsystem}?allow_delete_while_mapped=true`)).toBe(
      '409 72090024',
    );
    await array.expect(
      200,
      'DELETE',
      `${SUBSYSTEMS}/${subsystem}?allow_delete_while_mapped=true&allow_delete_with_hosts=true`,
    );
    expect(await array.list(`${MAPS}?namespace.uuid=${namespace}`)).toEqual([]);
    expect(await array.refusal('GET', `${SUBSYSTEMS}/${subsystem}`)).toBe('404 4');
  });

  test('shows its hosts and maps', async () => {
    const [subsystem, namespace] = [await newSubsystem({ hosts: [{ nqn: NQN }] }), await newNamespace()];
    await array.expect(201, 'POST', MAPS, mapBody(subsystem, namespace));
    expect(await array.expect(200, 'GET', `${SUBSYSTEMS}/${subsystem}?fields=hosts,subsystem_maps`)).toMatchObject({
      hosts: [{ nqn: NQN, priority: 'regular', dh_hmac_chap: { mode: 'none' } }],
      subsystem_maps: [{ namespace: { uuid: namespace }, nsid: '00000001h', anagrpid: '00000001h' }],
    });
    expect(await array.list(`${SUBSYSTEMS}?hosts.nqn=${NQN}&uuid=${subsystem}`)).toHaveLength(1);
  });
});

describe('a host of a subsystem', () => {
  test('is added, listed by its NQN and removed', async () => {
    const subsystem = await newSubsystem();
    await array.expect(201, 'POST', hostsOf(subsystem), { nqn: NQN });
    expect(await array.list(hostsOf(subsystem))).toMatchObject([
      { nqn: NQN, _links: { self: { href: `/api${hostsOf(subsystem)}/${encodeURIComponent(NQN)}` } } },
    ]);
    expect(at((await array.list(hostsOf(subsystem)))[0], 'subsystem')).toBeUndefined();
    expect(await array.expect(200, 'GET', `${hostsOf(subsystem)}/${encodeURIComponent(NQN)}`)).toMatchObject({
      nqn: NQN,
      subsystem: { uuid: subsystem },
    });
    await array.expect(200, 'DELETE', `${hostsOf(subsystem)}/${NQN}`);
    expect(await array.list(hostsOf(subsystem))).toEqual([]);
  });

  test('comes in numbers too, at once', async () => {
    const subsystem = await newSubsystem();
    await array.expect(201, 'POST', hostsOf(subsystem), {
      records: [{ nqn: NQN }, { nqn: 'nqn.1992-01.com.example:string' }],
    });
    expect(await array.list(hostsOf(subsystem))).toHaveLength(2);
  });

  test('keeps its secrets, and says how it authenticates', async () => {
    const subsystem = await newSubsystem();
    const secret = 'DHHC-1:00:secret:';
    await array.expect(201, 'POST', hostsOf(subsystem), {
      nqn: NQN,
      dh_hmac_chap: { host_secret_key: secret, controller_secret_key: secret },
    });
    const shown = await array.expect(200, 'GET', `${hostsOf(subsystem)}/${NQN}?fields=**`);
    expect(shown).toMatchObject({ dh_hmac_chap: { mode: 'bidirectional' } });
    expect(
      JSON.stringify([shown, await array.expect(200, 'GET', `${SUBSYSTEMS}/${subsystem}?fields=**`)]),
    ).not.toContain(secret);
  });

  test.each([
    ['twice', NQN, '409 72089705'],
    ['without a prefix', 'iqn.2014-08.org.nvmexpress:x', '400 72089772'],
    ['with a bad date', 'nqn.2014.org:x', '400 72089773'],
    ['without a qualifier', 'nqn.2014-08.', '400 72089771'],
    ['without a name', undefined, '400 72090003'],
  ])('is refused %s', async (_case, nqn, wanted) => {
    const subsystem = await newSubsystem({ hosts: [{ nqn: NQN }] });
    expect(await array.refusal('POST', hostsOf(subsystem), { nqn })).toBe(wanted);
  });

  test('can be told later where it is near to, and nothing else', async () => {
    const subsystem = await newSubsystem({ hosts: [{ nqn: NQN }] });
    const path = `${hostsOf(subsystem)}/${NQN}`;
    expect(at(await array.expect(200, 'GET', path), 'proximity')).toBeUndefined();
    const near = { local_svm: true, peer_svms: [{ name: 'svm_dr' }] };
    await array.expect(200, 'PATCH', path, { proximity: near });
    expect(await array.expect(200, 'GET', path)).toMatchObject({ nqn: NQN, priority: 'regular', proximity: near });
    expect(await array.list(`${SUBSYSTEMS}?uuid=${subsystem}&fields=hosts`)).toMatchObject([
      { hosts: [{ nqn: NQN, proximity: near }] },
    ]);
    expect(await array.refusal('PATCH', path, { proximity: { peer_svms: [{ name: 'none' }] } })).toBe('400 4');
    expect(await array.refusal('PATCH', path, { priority: 'high' })).toBe('400 262196');
    expect(await array.refusal('PATCH', path, {})).toBe('400 262190');
  });

  test('is looked for in a subsystem that is there', async () => {
    expect(await array.refusal('GET', hostsOf('11111111-1111-4111-8111-111111111111'))).toBe('404 72090001');
    expect(await array.refusal('GET', `${SUBSYSTEMS}//hosts`)).toBe('404 3');
    expect(await array.refusal('POST', hostsOf('*'), { nqn: NQN })).toBe('404 72090001');
    expect(await array.list(hostsOf('*'))).not.toHaveLength(0);
    expect(await array.refusal('DELETE', `${hostsOf(await newSubsystem())}/${NQN}`)).toBe('404 72090004');
  });
});

describe('a subsystem map', () => {
  test('is made once per namespace, with the lowest free number', async () => {
    const [subsystem, other] = [await newSubsystem(), await newSubsystem()];
    const namespaces = [await newNamespace(), await newNamespace(), await newNamespace()];
    for (const namespace of namespaces.slice(0, 2))
      await array.expect(201, 'POST', MAPS, mapBody(subsystem, namespace));
    const [first = '', second = '', third = ''] = namespaces;
    expect(await array.refusal('POST', MAPS, mapBody(subsystem, first))).toBe('409 72089790');
    expect(await array.refusal('POST', MAPS, mapBody(other, first))).toBe('409 72089790');
    await array.expect(200, 'DELETE', `${MAPS}/${subsystem}/${first}`);
    await array.expect(201, 'POST', `${MAPS}?return_records=true`, mapBody(subsystem, third));
    const found = await array.list(`${MAPS}?subsystem.uuid=${subsystem}&fields=nsid,namespace.node.name`);
    expect(found).toMatchObject([
      { nsid: '00000001h', namespace: { uuid: third, node: { name: 'sim-cluster-01' } } },
      { nsid: '00000002h', namespace: { uuid: second } },
    ]);
  });

  test('shows its keys without being asked, and nothing else', async () => {
    const [subsystem, namespace] = [await newSubsystem(), await newNamespace()];
    await array.expect(201, 'POST', MAPS, mapBody(subsystem, namespace));
    const [found] = await array.list(`${MAPS}?subsystem.uuid=${subsystem}`);
    expect(found).toMatchObject({
      svm: { name: 'svm0' },
      subsystem: { uuid: subsystem },
      namespace: { uuid: namespace },
    });
    expect([at(found, 'nsid'), at(found, 'namespace', 'node')]).toEqual([undefined, undefined]);
    expect(await array.list(`${MAPS}?namespace.uuid=${namespace}&fields=subsystem.name,subsystem.uuid`)).toHaveLength(
      1,
    );
  });

  test('two in one body get two numbers', async () => {
    const [subsystem, a, b] = [await newSubsystem(), await newNamespace(), await newNamespace()];
    await array.expect(202, 'POST', MAPS, { records: [mapBody(subsystem, a), mapBody(subsystem, b)] });
    expect((await array.list(`${MAPS}?subsystem.uuid=${subsystem}&fields=nsid`)).map((map) => at(map, 'nsid'))).toEqual(
      ['00000001h', '00000002h'],
    );
  });

  test('takes the subsystem with it that wants to go with its last', async () => {
    const [subsystem, a, b] = [
      await newSubsystem({ delete_on_unmap: true, hosts: [{ nqn: NQN }] }),
      await newNamespace(),
      await newNamespace(),
    ];
    for (const namespace of [a, b]) await array.expect(201, 'POST', MAPS, mapBody(subsystem, namespace));
    await array.expect(200, 'DELETE', `${MAPS}/${subsystem}/${a}`);
    await array.expect(200, 'GET', `${SUBSYSTEMS}/${subsystem}`);
    await array.expect(200, 'DELETE', `/storage/namespaces/${b}?allow_delete_while_mapped=true`);
    expect(await array.refusal('GET', `${SUBSYSTEMS}/${subsystem}`)).toBe('404 4');
  });

  test('is refused for what is not there', async () => {
    const [subsystem, namespace] = [await newSubsystem(), await newNamespace()];
    const unknown = '11111111-1111-4111-8111-111111111111';
    expect(await array.refusal('POST', MAPS, mapBody(unknown, namespace))).toBe('400 72090001');
    expect(await array.refusal('POST', MAPS, mapBody(subsystem, unknown))).toBe('400 72090006');
    expect(
      await array.refusal('POST', MAPS, { ...SVM, subsystem: { name: 'none' }, namespace: { uuid: namespace } }),
    ).toBe('400 72090021');
    expect(
      await array.refusal('POST', MAPS, { ...SVM, subsystem: { uuid: subsystem }, namespace: { name: '/vol/x/y' } }),
    ).toBe('400 72090007');
    expect(await array.refusal('DELETE', `${MAPS}/${subsystem}/${namespace}`)).toBe('404 72090019');
    expect(await array.refusal('POST', MAPS, { subsystem: { uuid: subsystem }, namespace: { uuid: namespace } })).toBe(
      '400 2621707',
    );
  });
});

describe('the NVMe service and its interfaces', () => {
  test('are there for an SVM that starts with the protocol', async () => {
    expect(await array.list(`${SERVICES}?fields=enabled`)).toMatchObject([{ svm: { name: 'svm0' }, enabled: true }]);
    expect(await array.list('/protocols/nvme/interfaces?fields=*&svm.name=svm0&order_by=name')).toMatchObject([
      {
        name: 'nvme_n1',
        enabled: true,
        interface_type: 'ip_interface',
        transport_address: '192.0.2.31',
        transport_protocols: ['nvme_tcp'],
        node: { name: 'sim-cluster-01' },
      },
      { name: 'nvme_n2', transport_address: '192.0.2.32' },
    ]);
  });

  test('a service is made, disabled and removed; the SVM says so', async () => {
    const peer = { svm: { name: 'svm_dr' } };
    await array.expect(201, 'POST', SERVICES, peer);
    expect(await array.refusal('POST', SERVICES, peer)).toBe('409 72089650');
    const [svm] = await array.list('/svm/svms?name=svm_dr&fields=nvme');
    expect(svm).toMatchObject({ nvme: { allowed: true, enabled: true } });
    const own = `${SERVICES}/${textAt(svm, 'uuid')}`;
    expect(await array.refusal('DELETE', own)).toBe('409 72090028');
    await array.expect(200, 'PATCH', own, { enabled: false });
    await array.expect(201, 'POST', SUBSYSTEMS, { name: 'holds', os_type: 'linux', ...peer });
    expect(await array.refusal('DELETE', own)).toBe('409 72089653');
    await array.expect(200, 'DELETE', `${SUBSYSTEMS}?name=holds`);
    await array.expect(200, 'DELETE', own);
    expect(await array.refusal('GET', own)).toBe('404 72089651');
    expect(await array.list('/svm/svms?name=svm_dr&fields=nvme.enabled')).toMatchObject([{ nvme: { enabled: false } }]);
  });

  test('the service stays while an interface carries NVMe', async () => {
    const own = `${SERVICES}/${textAt((await array.list('/svm/svms?name=svm0'))[0], 'uuid')}`;
    await array.expect(200, 'PATCH', own, { enabled: false });
    await array.expect(
      200,
      'DELETE',
      `${SUBSYSTEMS}?svm.name=svm0&allow_delete_while_mapped=true&allow_delete_with_hosts=true`,
    );
    expect(await array.refusal('DELETE', own)).toBe('409 72089654');
    await array.expect(200, 'PATCH', own, { enabled: true });
  });

  test('an interface follows the IP interface, and a namespace is not mapped where nodes have none', async () => {
    const lif = textAt((await array.list('/network/ip/interfaces?name=nvme_n2'))[0], 'uuid');
    await array.expect(200, 'PATCH', `/network/ip/interfaces/${lif}`, { name: 'nvme_b' });
    expect(await array.list('/protocols/nvme/interfaces?name=nvme_b')).toHaveLength(1);
    await array.expect(200, 'DELETE', `/network/ip/interfaces/${lif}`);
    expect(await array.list('/protocols/nvme/interfaces')).toHaveLength(1);
    const body = mapBody(await newSubsystem(), await newNamespace());
    expect(await array.refusal('POST', MAPS, body)).toBe('400 72089902');
    await array.expect(200, 'DELETE', '/network/ip/interfaces?name=nvme_n1');
    expect(await array.refusal('POST', MAPS, body)).toBe('400 72089903');
  });
});

describe('a cluster without the NVMe licence, of an old release', () => {
  test('has no service to be made, and hosts without priorities', async () => {
    const old = await openOntapSession({
      topology: {
        cluster: { ...defaultTopology.cluster, version: '9.12.1' },
        licences: defaultTopology.licences.filter((name) => name !== 'nvme_of'),
      },
    });
    try {
      expect(await old.refusal('POST', SERVICES, { svm: { name: 'svm_dr' } })).toBe('400 1115127');
      const body = { name: 'ss', os_type: 'linux', ...SVM, hosts: [{ nqn: NQN }] };
      const uuid = textAt(
        await old.expect(201, 'POST', `${SUBSYSTEMS}?return_records=true`, body),
        'records',
        0,
        'uuid',
      );
      expect(await old.refusal('GET', `${SUBSYSTEMS}/${uuid}/hosts?fields=priority`)).toBe('400 262197');
      expect(await old.expect(200, 'GET', `${SUBSYSTEMS}/${uuid}/hosts/${NQN}`)).toMatchObject({
        nqn: NQN,
        dh_hmac_chap: { mode: 'none' },
      });
    } finally {
      await old.close();
    }
  });
});
