import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { IGROUPS, iqn, LUN_MAPS, openIgroupSession, type IgroupSession } from '../../../test/support/igroup-session.ts';
import { textAt } from '../../../test/support/ontap-session.ts';

const SVM = { svm: { name: 'svm0' } };

let array: IgroupSession;
beforeAll(async () => {
  array = await openIgroupSession();
});
afterEach(() => array.simulator.world.verify());
afterAll(() => array.close());

describe('an igroup', () => {
  test('is made with its initiators and shown as ONTAP shows it', async () => {
    const name = array.unique('trident-');
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
    const body = { name: array.unique('bad'), protocol: 'iscsi', os_type: 'linux', ...SVM, ...change };
    expect(await array.refusal('POST', IGROUPS, body)).toBe(wanted);
  });

  test('has a name of its own: a duplicate is 409, as Trident wants it', async () => {
    const one = await array.nextIgroup();
    const other = await array.nextIgroup();
    const body = { name: one.name, protocol: 'iscsi', os_type: 'linux', ...SVM };
    expect(await array.refusal('POST', IGROUPS, body)).toBe('409 5374023');
    expect(await array.refusal('PATCH', `${IGROUPS}/${other.uuid}`, { name: one.name })).toBe('409 5374023');
    await array.expect(200, 'PATCH', `${IGROUPS}/${other.uuid}`, { name: array.unique('renamed'), comment: 'c' });
    expect(await array.refusal('PATCH', `${IGROUPS}/${other.uuid}`, { protocol: 'fcp' })).toBe('400 262196');
  });

  test('takes initiators one by one and several at once', async () => {
    const { uuid } = await array.nextIgroup();
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
    const { uuid } = await array.nextIgroup({ protocol: 'fcp', initiators: [{ name: '20000050562BB24B' }] });
    expect(await array.list(`${IGROUPS}/${uuid}/initiators`)).toMatchObject([{ name: '20:00:00:50:56:2b:b2:4b' }]);
  });

  test('cannot share an initiator with one of another system', async () => {
    await array.nextIgroup({ initiators: [{ name: iqn('shared') }] });
    const windows = await array.nextIgroup({ os_type: 'windows' });
    const path = `${IGROUPS}/${windows.uuid}/initiators`;
    expect(await array.refusal('POST', path, { name: iqn('shared') })).toBe('409 5374734');
    const body = { name: array.unique('w'), os_type: 'windows', ...SVM, initiators: [{ name: iqn('shared') }] };
    expect(await array.refusal('POST', IGROUPS, body)).toBe('409 5374732');
    const second = await array.nextIgroup({ initiators: [{ name: iqn('shared') }] });
    expect(await array.refusal('PATCH', `${IGROUPS}/${second.uuid}`, { os_type: 'aix' })).toBe('409 5374733');
  });

  test('stays while it is mapped, unless told otherwise', async () => {
    const [lun, igroup] = [await array.nextLun(), await array.nextIgroup({ initiators: [{ name: iqn('m1') }] })];
    await array.mapped(lun, igroup);
    const initiator = `${IGROUPS}/${igroup.uuid}/initiators/${iqn('m1')}`;
    expect(await array.refusal('DELETE', `${IGROUPS}/${igroup.uuid}`)).toBe('409 1254213');
    expect(await array.refusal('DELETE', `${IGROUPS}/${igroup.uuid}?allow_delete_while_mapped=False`)).toBe(
      '409 1254213',
    );
    expect(await array.refusal('DELETE', initiator)).toBe('409 1254213');
    await array.expect(200, 'DELETE', `${initiator}?allow_delete_while_mapped=true`);
    await array.expect(200, 'DELETE', `${IGROUPS}/${igroup.uuid}?allow_delete_while_mapped=true`);
    expect(await array.list(`${LUN_MAPS}?lun.name=${lun.name}`)).toEqual([]);
    expect(await array.refusal('GET', `${IGROUPS}/${igroup.uuid}`)).toBe('404 4');
  });

  test('goes with its last map when it wants to', async () => {
    const [one, two] = [await array.nextLun(), await array.nextLun()];
    const igroup = await array.nextIgroup({ delete_on_unmap: true, initiators: [{ name: iqn('d1') }] });
    await array.mapped(one, igroup);
    await array.mapped(two, igroup);
    await array.expect(200, 'DELETE', `${LUN_MAPS}/${one.uuid}/${igroup.uuid}`);
    await array.expect(200, 'GET', `${IGROUPS}/${igroup.uuid}`);
    await array.expect(200, 'DELETE', `/storage/luns/${two.uuid}?allow_delete_while_mapped=true`);
    expect(await array.refusal('GET', `${IGROUPS}/${igroup.uuid}`)).toBe('404 4');
  });

  test('may be deleted with its last map when it wants to, once', async () => {
    const igroup = await array.nextIgroup({ delete_on_unmap: true, initiators: [{ name: iqn('d2') }] });
    await array.mapped(await array.nextLun(), igroup);
    await array.expect(200, 'DELETE', `${IGROUPS}/${igroup.uuid}?allow_delete_while_mapped=true`);
    expect(await array.list(`${LUN_MAPS}?igroup.name=${igroup.name}`)).toEqual([]);
  });
});
