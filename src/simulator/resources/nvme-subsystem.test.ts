import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { NQN, openNvmeSession, type NvmeSession } from '../../../test/support/nvme-session.ts';
import { at, textAt } from '../../../test/support/ontap-session.ts';
import { SUBSYSTEM_MAPS, subsystemMap, SUBSYSTEMS } from '../../../test/support/san-session.ts';

const SVM = { svm: { name: 'svm0' } };
const hostsOf = (subsystem: string) => `${SUBSYSTEMS}/${subsystem}/hosts`;

let array: NvmeSession;
beforeAll(async () => {
  array = await openNvmeSession();
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
    const other = await array.newSubsystem();
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
    const uuid = await array.newSubsystem();
    await array.expect(200, 'PATCH', `${SUBSYSTEMS}/${uuid}`, { comment: 'c' });
    expect(await array.refusal('PATCH', `${SUBSYSTEMS}/${uuid}`, { name: 'new' })).toBe('400 262196');
    expect(await array.expect(200, 'GET', `${SUBSYSTEMS}/${uuid}`)).toMatchObject({ comment: 'c' });
  });

  test('is deleted without hosts and maps, or with them on request', async () => {
    const [subsystem, namespace] = [await array.newSubsystem({ hosts: [{ nqn: NQN }] }), await array.nextNamespace()];
    await array.expect(201, 'POST', SUBSYSTEM_MAPS, subsystemMap(subsystem, namespace));
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
    expect(await array.list(`${SUBSYSTEM_MAPS}?namespace.uuid=${namespace}`)).toEqual([]);
    expect(await array.refusal('GET', `${SUBSYSTEMS}/${subsystem}`)).toBe('404 4');
  });

  test('shows its hosts and maps', async () => {
    const [subsystem, namespace] = [await array.newSubsystem({ hosts: [{ nqn: NQN }] }), await array.nextNamespace()];
    await array.expect(201, 'POST', SUBSYSTEM_MAPS, subsystemMap(subsystem, namespace));
    expect(await array.expect(200, 'GET', `${SUBSYSTEMS}/${subsystem}?fields=hosts,subsystem_maps`)).toMatchObject({
      hosts: [{ nqn: NQN, priority: 'regular', dh_hmac_chap: { mode: 'none' } }],
      subsystem_maps: [{ namespace: { uuid: namespace }, nsid: '00000001h', anagrpid: '00000001h' }],
    });
    expect(await array.list(`${SUBSYSTEMS}?hosts.nqn=${NQN}&uuid=${subsystem}`)).toHaveLength(1);
  });
});

describe('a host of a subsystem', () => {
  test('is added, listed by its NQN and removed', async () => {
    const subsystem = await array.newSubsystem();
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
    const subsystem = await array.newSubsystem();
    await array.expect(201, 'POST', hostsOf(subsystem), {
      records: [{ nqn: NQN }, { nqn: 'nqn.1992-01.com.example:string' }],
    });
    expect(await array.list(hostsOf(subsystem))).toHaveLength(2);
  });

  test('keeps its secrets, and says how it authenticates', async () => {
    const subsystem = await array.newSubsystem();
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
    const subsystem = await array.newSubsystem({ hosts: [{ nqn: NQN }] });
    expect(await array.refusal('POST', hostsOf(subsystem), { nqn })).toBe(wanted);
  });

  test('can be told later where it is near to, and nothing else', async () => {
    const subsystem = await array.newSubsystem({ hosts: [{ nqn: NQN }] });
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
    expect(await array.refusal('DELETE', `${hostsOf(await array.newSubsystem())}/${NQN}`)).toBe('404 72090004');
  });
});
