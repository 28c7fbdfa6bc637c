import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  IGROUPS,
  iqn,
  lunMap,
  LUN_MAPS,
  openIgroupSession,
  type IgroupSession,
} from '../../../test/support/igroup-session.ts';
import { at } from '../../../test/support/ontap-session.ts';
import type { Named } from '../../../test/support/san-session.ts';

const svm = { name: 'svm0' };

let array: IgroupSession;
beforeAll(async () => {
  array = await openIgroupSession();
});
afterEach(() => array.simulator.world.verify());
afterAll(() => array.close());

/** An igroup with one initiator of its own. */
const newHost = async (): Promise<Named & { readonly initiator: string }> => {
  const initiator = iqn(array.unique('host'));
  return { ...(await array.nextIgroup({ initiators: [{ name: initiator }] })), initiator };
};
const nested = (parent: Named) => `${IGROUPS}/${parent.uuid}/igroups`;
const nest = (parent: Named, child: Named) => array.expect(201, 'POST', nested(parent), { name: child.name });
const refusedIn = (parent: Named, child: Named) => array.refusal('POST', nested(parent), { uuid: child.uuid });

const show = (igroup: Named, fields: string) => array.expect(200, 'GET', `${IGROUPS}/${igroup.uuid}?fields=${fields}`);

describe('igroups in an igroup', () => {
  test('are given with it, and its initiators are theirs, with the igroup that has them', async () => {
    const host = await newHost();
    const parent = await array.nextIgroup({ igroups: [{ name: host.name }] });
    expect(await show(parent, 'initiators,igroups,supports_igroups')).toMatchObject({
      supports_igroups: true,
      igroups: [{ name: host.name, uuid: host.uuid, _links: { self: { href: `/api${IGROUPS}/${host.uuid}` } } }],
      initiators: [
        {
          name: host.initiator,
          igroup: { name: host.name, uuid: host.uuid },
          _links: {
            self: { href: `/api${IGROUPS}/${host.uuid}/initiators/${encodeURIComponent(host.initiator)}` },
          },
        },
      ],
    });
    expect(await show(host, 'parent_igroups,supports_igroups,initiators')).toMatchObject({
      supports_igroups: false,
      parent_igroups: [{ name: parent.name, uuid: parent.uuid }],
      initiators: [{ name: host.initiator }],
    });
    expect(await array.list(`${IGROUPS}?initiators.name=${host.initiator}`)).toHaveLength(2);
    expect(await array.list(`${IGROUPS}/${parent.uuid}/initiators`)).toEqual([]);
  });

  test('are added one by one and several at once, listed, renamed along and taken out', async () => {
    const [parent, one, two, three] = [await array.nextIgroup(), await newHost(), await newHost(), await newHost()];
    await nest(parent, one);
    await array.expect(201, 'POST', nested(parent), { records: [{ name: two.name }, { uuid: three.uuid }] });
    await array.expect(200, 'PATCH', `${IGROUPS}/${two.uuid}`, { name: 'renamed' });
    expect(await array.list(`${nested(parent)}?name=renamed`)).toMatchObject([
      { name: 'renamed', uuid: two.uuid, _links: { self: { href: `/api${nested(parent)}/${two.uuid}` } } },
    ]);
    expect(await array.expect(200, 'GET', `${nested(parent)}/${one.uuid}`)).toMatchObject({
      name: one.name,
      igroup: { uuid: parent.uuid },
    });
    await array.expect(200, 'DELETE', `${nested(parent)}/${one.uuid}`);
    expect(await array.refusal('GET', `${nested(parent)}/${one.uuid}`)).toBe('404 4');
    expect(await array.refusal('DELETE', `${nested(parent)}/${one.uuid}`)).toBe('404 5374738');
    expect(at(await show(parent, 'igroups'), 'igroups')).toMatchObject([{ name: three.name }, { name: 'renamed' }]);
    await array.expect(200, 'GET', `${IGROUPS}/${one.uuid}`);
  });

  test('are of its system and protocol, and it has no initiators of its own', async () => {
    const [parent, host] = [await array.nextIgroup(), await newHost()];
    expect(await refusedIn(parent, await array.nextIgroup({ os_type: 'windows' }))).toBe('409 5374739');
    expect(await refusedIn(parent, await array.nextIgroup({ protocol: 'mixed' }))).toBe('409 5374740');
    expect(await refusedIn(host, await array.nextIgroup())).toBe('409 5374040');
    expect(await refusedIn(parent, parent)).toBe('400 5374745');
    expect(await array.refusal('POST', nested(parent), { name: 'none' })).toBe('400 5374878');
    expect(await array.refusal('POST', nested(parent), {})).toBe('400 262212');
    expect(await array.refusal('POST', `${IGROUPS}/none/igroups`, { name: host.name })).toBe('404 5374852');
    const both = { igroups: [{ name: host.name }], initiators: [{ name: iqn('both') }] };
    expect(
      await array.refusal('POST', IGROUPS, {
        name: array.unique('bad'),
        svm,
        os_type: 'linux',
        protocol: 'iscsi',
        ...both,
      }),
    ).toBe('409 5374040');
    await nest(parent, host);
    expect(await array.refusal('POST', `${IGROUPS}/${parent.uuid}/initiators`, { name: iqn('x') })).toBe('409 5374040');
    expect(await array.refusal('PATCH', `${IGROUPS}/${host.uuid}`, { os_type: 'aix' })).toBe('409 5374739');
    await array.expect(200, 'PATCH', `${IGROUPS}/${host.uuid}`, { os_type: 'linux' });
  });

  test('are there once, in three layers at most, and not around in a circle', async () => {
    const [top, middle, other, host] = [
      await array.nextIgroup(),
      await array.nextIgroup(),
      await array.nextIgroup(),
      await newHost(),
    ];
    await nest(top, middle);
    await nest(middle, host);
    expect(await refusedIn(middle, host)).toBe('409 5374736');
    expect(await refusedIn(middle, top)).toBe('409 5374736');
    expect(await refusedIn(top, host)).toBe('409 5374741');
    expect(await refusedIn(await array.nextIgroup(), top)).toBe('409 5374735');
    await nest(other, host);
    expect(await refusedIn(top, other)).toBe('409 5374741');
    expect(at(await show(host, 'parent_igroups'), 'parent_igroups')).toHaveLength(2);
    const same = await array.nextIgroup({ initiators: [{ name: host.initiator }] });
    expect(await refusedIn(top, same)).toBe('409 5374742');
    const sibling = await newHost();
    await nest(top, sibling);
    expect(await array.refusal('POST', `${IGROUPS}/${sibling.uuid}/initiators`, { name: host.initiator })).toBe(
      '409 5374742',
    );
  });
});

describe('maps of an igroup with others in it', () => {
  test('reach the initiators of all of them, also those that come later', async () => {
    const [lun, top, middle, host] = [
      await array.nextLun(),
      await array.nextIgroup(),
      await array.nextIgroup(),
      await newHost(),
    ];
    await nest(top, middle);
    await nest(middle, host);
    await array.mapped(lun, top);
    const later = await newHost();
    await nest(middle, later);
    const reached = [host.initiator, later.initiator];
    expect(await array.list(`${LUN_MAPS}?lun.uuid=${lun.uuid}&fields=igroup.initiators`)).toMatchObject([
      { igroup: { name: top.name, initiators: reached } },
    ]);
    expect(await array.list(`/storage/luns?uuid=${lun.uuid}&fields=lun_maps`)).toMatchObject([
      { lun_maps: [{ igroup: { initiators: reached } }] },
    ]);
  });

  test('show an initiator each LUN once, under a number of its own', async () => {
    const [one, two, parent, host] = [
      await array.nextLun(),
      await array.nextLun(),
      await array.nextIgroup(),
      await newHost(),
    ];
    await nest(parent, host);
    await array.mapped(one, parent);
    expect(await array.refusal('POST', LUN_MAPS, lunMap(one, host))).toBe('409 1254193');
    expect(await array.refusal('POST', LUN_MAPS, lunMap(two, host, { logical_unit_number: 0 }))).toBe('409 1254324');
    await array.mapped(two, host);
    expect(await array.list(`${LUN_MAPS}?lun.uuid=${two.uuid}&fields=logical_unit_number`)).toMatchObject([
      { logical_unit_number: 1 },
    ]);
    const [second, third] = [await array.nextIgroup(), await array.nextIgroup()];
    await array.mapped(one, second);
    expect(await refusedIn(second, host)).toBe('409 1254193');
    await array.mapped(await array.nextLun(), third);
    expect(await refusedIn(third, host)).toBe('409 1254324');
    expect(await array.list(nested(third))).toEqual([]);
  });

  test('keep it together, unless a request says otherwise', async () => {
    const [lun, parent, host] = [
      await array.nextLun(),
      await array.nextIgroup({ delete_on_unmap: true }),
      await newHost(),
    ];
    await nest(parent, host);
    await array.mapped(lun, parent);
    const member = `${nested(parent)}/${host.uuid}`;
    const initiator = `${IGROUPS}/${host.uuid}/initiators/${host.initiator}`;
    for (const path of [member, initiator, `${IGROUPS}/${host.uuid}`])
      expect(await array.refusal('DELETE', path)).toBe('409 1254213');
    await array.expect(200, 'DELETE', `${initiator}?allow_delete_while_mapped=true`);
    await array.expect(200, 'DELETE', `${member}?allow_delete_while_mapped=true`);
    await nest(parent, host);
    await array.expect(200, 'DELETE', `${LUN_MAPS}/${lun.uuid}/${parent.uuid}`);
    expect(at(await show(host, 'parent_igroups'), 'parent_igroups')).toBeUndefined();
    await array.expect(200, 'DELETE', `${IGROUPS}/${host.uuid}`);
  });
});
