import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { NQN, openNvmeSession, type NvmeSession } from '../../../test/support/nvme-session.ts';
import { at } from '../../../test/support/ontap-session.ts';
import { SUBSYSTEM_MAPS, subsystemMap, SUBSYSTEMS } from '../../../test/support/san-session.ts';

const SVM = { svm: { name: 'svm0' } };
let array: NvmeSession;
beforeAll(async () => {
  array = await openNvmeSession();
});
afterEach(() => array.simulator.world.verify());
afterAll(() => array.close());

describe('a subsystem map', () => {
  test('is made once per namespace, with the lowest free number', async () => {
    const [subsystem, other] = [await array.newSubsystem(), await array.newSubsystem()];
    const namespaces = [await array.nextNamespace(), await array.nextNamespace(), await array.nextNamespace()];
    for (const namespace of namespaces.slice(0, 2))
      await array.expect(201, 'POST', SUBSYSTEM_MAPS, subsystemMap(subsystem, namespace));
    const [first = '', second = '', third = ''] = namespaces;
    expect(await array.refusal('POST', SUBSYSTEM_MAPS, subsystemMap(subsystem, first))).toBe('409 72089790');
    expect(await array.refusal('POST', SUBSYSTEM_MAPS, subsystemMap(other, first))).toBe('409 72089790');
    await array.expect(200, 'DELETE', `${SUBSYSTEM_MAPS}/${subsystem}/${first}`);
    await array.expect(201, 'POST', `${SUBSYSTEM_MAPS}?return_records=true`, subsystemMap(subsystem, third));
    const found = await array.list(`${SUBSYSTEM_MAPS}?subsystem.uuid=${subsystem}&fields=nsid,namespace.node.name`);
    expect(found).toMatchObject([
      { nsid: '00000001h', namespace: { uuid: third, node: { name: 'sim-cluster-01' } } },
      { nsid: '00000002h', namespace: { uuid: second } },
    ]);
  });

  test('shows its keys without being asked, and nothing else', async () => {
    const [subsystem, namespace] = [await array.newSubsystem(), await array.nextNamespace()];
    await array.expect(201, 'POST', SUBSYSTEM_MAPS, subsystemMap(subsystem, namespace));
    const [found] = await array.list(`${SUBSYSTEM_MAPS}?subsystem.uuid=${subsystem}`);
    expect(found).toMatchObject({
      svm: { name: 'svm0' },
      subsystem: { uuid: subsystem },
      namespace: { uuid: namespace },
    });
    expect([at(found, 'nsid'), at(found, 'namespace', 'node')]).toEqual([undefined, undefined]);
    expect(
      await array.list(`${SUBSYSTEM_MAPS}?namespace.uuid=${namespace}&fields=subsystem.name,subsystem.uuid`),
    ).toHaveLength(1);
  });

  test('two in one body get two numbers', async () => {
    const [subsystem, a, b] = [await array.newSubsystem(), await array.nextNamespace(), await array.nextNamespace()];
    await array.expect(202, 'POST', SUBSYSTEM_MAPS, {
      records: [subsystemMap(subsystem, a), subsystemMap(subsystem, b)],
    });
    expect(
      (await array.list(`${SUBSYSTEM_MAPS}?subsystem.uuid=${subsystem}&fields=nsid`)).map((map) => at(map, 'nsid')),
    ).toEqual(['00000001h', '00000002h']);
  });

  test('takes the subsystem with it that wants to go with its last', async () => {
    const [subsystem, a, b] = [
      await array.newSubsystem({ delete_on_unmap: true, hosts: [{ nqn: NQN }] }),
      await array.nextNamespace(),
      await array.nextNamespace(),
    ];
    for (const namespace of [a, b]) await array.expect(201, 'POST', SUBSYSTEM_MAPS, subsystemMap(subsystem, namespace));
    await array.expect(200, 'DELETE', `${SUBSYSTEM_MAPS}/${subsystem}/${a}`);
    await array.expect(200, 'GET', `${SUBSYSTEMS}/${subsystem}`);
    await array.expect(200, 'DELETE', `/storage/namespaces/${b}?allow_delete_while_mapped=true`);
    expect(await array.refusal('GET', `${SUBSYSTEMS}/${subsystem}`)).toBe('404 4');
  });

  test('is refused for what is not there', async () => {
    const [subsystem, namespace] = [await array.newSubsystem(), await array.nextNamespace()];
    const unknown = '11111111-1111-4111-8111-111111111111';
    expect(await array.refusal('POST', SUBSYSTEM_MAPS, subsystemMap(unknown, namespace))).toBe('400 72090001');
    expect(await array.refusal('POST', SUBSYSTEM_MAPS, subsystemMap(subsystem, unknown))).toBe('400 72090006');
    expect(
      await array.refusal('POST', SUBSYSTEM_MAPS, {
        ...SVM,
        subsystem: { name: 'none' },
        namespace: { uuid: namespace },
      }),
    ).toBe('400 72090021');
    expect(
      await array.refusal('POST', SUBSYSTEM_MAPS, {
        ...SVM,
        subsystem: { uuid: subsystem },
        namespace: { name: '/vol/x/y' },
      }),
    ).toBe('400 72090007');
    expect(await array.refusal('DELETE', `${SUBSYSTEM_MAPS}/${subsystem}/${namespace}`)).toBe('404 72090019');
    expect(
      await array.refusal('POST', SUBSYSTEM_MAPS, { subsystem: { uuid: subsystem }, namespace: { uuid: namespace } }),
    ).toBe('400 2621707');
  });
});
