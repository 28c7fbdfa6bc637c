import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { NQN, openNvmeSession, type NvmeSession } from '../../../test/support/nvme-session.ts';
import { openOntapSession, textAt } from '../../../test/support/ontap-session.ts';
import { SUBSYSTEM_MAPS, subsystemMap, SUBSYSTEMS } from '../../../test/support/san-session.ts';
import { defaultTopology } from '../core/topology.ts';

const SVM = { svm: { name: 'svm0' } };
const SERVICES = '/protocols/nvme/services';

let array: NvmeSession;
beforeAll(async () => {
  array = await openNvmeSession();
});
afterEach(() => array.simulator.world.verify());
afterAll(() => array.close());

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
    const [subsystem, namespace] = [await array.newSubsystem({ hosts: [{ nqn: NQN }] }), await array.nextNamespace()];
    await array.expect(201, 'POST', SUBSYSTEM_MAPS, subsystemMap(subsystem, namespace));
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
    const body = subsystemMap(await array.newSubsystem(), await array.nextNamespace());
    expect(await array.refusal('POST', SUBSYSTEM_MAPS, body)).toBe('400 72089902');
    await array.expect(200, 'DELETE', '/network/ip/interfaces?name=nvme_n1');
    expect(await array.refusal('POST', SUBSYSTEM_MAPS, body)).toBe('400 72089903');
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
