import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { startSimulator } from '../../src/simulator/simulator.ts';
import type { Simulator } from '../../src/simulator/contract.ts';
import { at } from '../support/ontap-session.ts';
import { propertyRuns } from '../support/property-runs.ts';

const MIB = 1024 ** 2;
const SVM = { svm: { name: 'svm0' } };
const volume = fc.constantFrom('a', 'b', 'c');
const lun = fc.constantFrom('l1', 'l2', 'l3');
const igroup = fc.constantFrom('g1', 'g2');
const snapshot = fc.constantFrom('s1', 's2');
const flag = fc.boolean();
const size = fc.integer({ min: 5, max: 120 });

/** A step looks up what it changes, as clients do; what is not there is asked for all the same. */
type Step = (array: Simulator) => Promise<number>;

const call = async (array: Simulator, method: string, path: string, body?: unknown): Promise<number> =>
  (await array.call(method, path, body)).status;

const uuidOf = async (array: Simulator, path: string): Promise<string> =>
  String(at((await array.call('GET', path)).body, 'records', 0, 'uuid') ?? '00000000-0000-4000-8000-000000000000');

const volumePath = async (array: Simulator, name: string) =>
  `/storage/volumes/${await uuidOf(array, `/storage/volumes?name=${name}`)}`;
const lunPath = async (array: Simulator, of: string, name: string) =>
  `/storage/luns/${await uuidOf(array, `/storage/luns?name=/vol/${of}/${name}`)}`;
const igroupPath = async (array: Simulator, name: string) =>
  `/protocols/san/igroups/${await uuidOf(array, `/protocols/san/igroups?name=${name}`)}`;

const bytes = (mebibytes: number, requested: boolean) => ({ size: mebibytes * MIB, guarantee: { requested } });

const step: fc.Arbitrary<Step> = fc.oneof(
  volume.map(
    (name): Step =>
      (array) =>
        call(array, 'POST', '/storage/volumes', {
          name,
          ...SVM,
          size: 400 * MIB,
          aggregates: [{ name: 'aggr1_n1' }],
          guarantee: { type: name === 'a' ? 'volume' : 'none' },
        }),
  ),
  fc.tuple(volume, volume, fc.option(snapshot, { nil: undefined })).map(
    ([name, parent, from]): Step =>
      (array) =>
        call(array, 'POST', '/storage/volumes', {
          name,
          ...SVM,
          clone: {
            parent_volume: { name: parent },
            is_flexclone: true,
            ...(from === undefined ? {} : { parent_snapshot: { name: from } }),
          },
        }),
  ),
  fc.tuple(volume, flag).map(
    ([name, force]): Step =>
      async (array) =>
        call(array, 'DELETE', `${await volumePath(array, name)}?force=${force}`),
  ),
  fc.tuple(volume, volume).map(
    ([from, to]): Step =>
      async (array) =>
        call(array, 'PATCH', await volumePath(array, from), { name: to }),
  ),
  fc.tuple(volume, fc.constantFrom('aggr1_n1', 'aggr1_n2')).map(
    ([name, to]): Step =>
      async (array) =>
        call(array, 'PATCH', await volumePath(array, name), { movement: { destination_aggregate: { name: to } } }),
  ),
  volume.map(
    (name): Step =>
      async (array) =>
        call(array, 'PATCH', await volumePath(array, name), { clone: { split_initiated: true } }),
  ),
  fc.tuple(volume, snapshot).map(
    ([of, name]): Step =>
      async (array) =>
        call(array, 'POST', `${await volumePath(array, of)}/snapshots`, { name }),
  ),
  fc.tuple(volume, snapshot).map(([of, name]): Step => async (array) => {
    const path = `${await volumePath(array, of)}/snapshots`;
    return call(array, 'DELETE', `${path}/${await uuidOf(array, `${path}?name=${name}`)}`);
  }),
  fc.tuple(volume, snapshot).map(
    ([of, name]): Step =>
      async (array) =>
        call(array, 'PATCH', `${await volumePath(array, of)}?restore_to.snapshot.name=${name}`),
  ),
  fc.tuple(volume, lun, size, flag).map(
    ([of, name, mebibytes, reserved]): Step =>
      (array) =>
        call(array, 'POST', '/storage/luns', {
          name: `/vol/${of}/${name}`,
          os_type: 'linux',
          ...SVM,
          space: bytes(mebibytes, reserved),
          attributes: [{ name: 'x', value: name }],
        }),
  ),
  fc.tuple(volume, lun, lun, fc.option(snapshot, { nil: undefined })).map(
    ([of, from, name, inside]): Step =>
      (array) =>
        call(array, 'POST', '/storage/luns', {
          name: `/vol/${of}/${name}`,
          ...SVM,
          clone: {
            source: { name: inside === undefined ? `/vol/${of}/${from}` : `/vol/${of}/.snapshot/${inside}/${from}` },
          },
        }),
  ),
  fc.tuple(volume, lun, size, flag).map(
    ([of, name, mebibytes, reserved]): Step =>
      async (array) =>
        call(array, 'PATCH', await lunPath(array, of, name), { space: bytes(mebibytes, reserved) }),
  ),
  // Renamed, or moved into another volume.
  fc.tuple(volume, lun, volume, lun).map(
    ([of, from, into, to]): Step =>
      async (array) =>
        call(array, 'PATCH', await lunPath(array, of, from), { name: `/vol/${into}/${to}` }),
  ),
  fc.tuple(volume, lun, lun).map(
    ([of, from, to]): Step =>
      async (array) =>
        call(array, 'PATCH', await lunPath(array, of, to), { clone: { source: { name: `/vol/${of}/${from}` } } }),
  ),
  fc.tuple(volume, lun, flag).map(
    ([of, name, mapped]): Step =>
      async (array) =>
        call(array, 'DELETE', `${await lunPath(array, of, name)}?allow_delete_while_mapped=${mapped}`),
  ),
  fc.tuple(igroup, flag, flag).map(
    ([name, leaves, shared]): Step =>
      (array) =>
        call(array, 'POST', '/protocols/san/igroups', {
          name,
          os_type: 'linux',
          ...SVM,
          delete_on_unmap: leaves,
          initiators: [{ name: `iqn.1994-05.com.redhat:${shared ? 'shared' : name}` }],
        }),
  ),
  fc.tuple(igroup, flag).map(
    ([name, mapped]): Step =>
      async (array) =>
        call(array, 'DELETE', `${await igroupPath(array, name)}?allow_delete_while_mapped=${mapped}`),
  ),
  fc.tuple(igroup, fc.constantFrom('g1', 'g2', 'shared')).map(
    ([name, initiator]): Step =>
      async (array) =>
        call(array, 'POST', `${await igroupPath(array, name)}/initiators`, {
          name: `iqn.1994-05.com.redhat:${initiator}`,
        }),
  ),
  fc.tuple(volume, lun, igroup).map(
    ([of, name, to]): Step =>
      (array) =>
        call(array, 'POST', '/protocols/san/lun-maps', {
          ...SVM,
          lun: { name: `/vol/${of}/${name}` },
          igroup: { name: to },
        }),
  ),
  fc.tuple(volume, lun, igroup).map(([of, name, to]): Step => async (array) => {
    const [unit, group] = [await lunPath(array, of, name), await igroupPath(array, to)];
    return call(array, 'DELETE', `/protocols/san/lun-maps/${unit.split('/').at(-1)}/${group.split('/').at(-1)}`);
  }),
);

/** Enough to begin with that most steps find something. */
const furnish = async (array: Simulator) => {
  for (const name of ['a', 'b']) {
    await call(array, 'POST', '/storage/volumes', {
      name,
      ...SVM,
      size: 600 * MIB,
      aggregates: [{ name: 'aggr1_n1' }],
    });
    for (const [index, unit] of ['l1', 'l2'].entries()) {
      const space = bytes(20, index === 0);
      await call(array, 'POST', '/storage/luns', { name: `/vol/${name}/${unit}`, os_type: 'linux', ...SVM, space });
    }
    await call(array, 'POST', `${await volumePath(array, name)}/snapshots`, { name: 's1' });
  }
  for (const name of ['g1', 'g2']) {
    const initiators = [{ name: `iqn.1994-05.com.redhat:${name}` }];
    await call(array, 'POST', '/protocols/san/igroups', { name, os_type: 'linux', ...SVM, initiators });
  }
};

/** What each initiator sees: no LUN twice, no number twice. */
const checkViews = async (array: Simulator) => {
  const reply = await array.call('GET', '/protocols/san/lun-maps?fields=lun,igroup.initiators,logical_unit_number');
  const seen = new Set<string>();
  const maps = at(reply.body, 'records');
  for (const map of Array.isArray(maps) ? maps : []) {
    const initiators = at(map, 'igroup', 'initiators');
    for (const initiator of Array.isArray(initiators) ? initiators : []) {
      for (const view of [
        `${initiator} lun ${at(map, 'lun', 'uuid')}`,
        `${initiator} number ${at(map, 'logical_unit_number')}`,
      ]) {
        expect(seen).not.toContain(view);
        seen.add(view);
      }
    }
  }
};

test('whatever is asked, nothing fails inside, nothing dangles, and space adds up', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60 }), async (steps) => {
      const array = await startSimulator({ clock: { frozenAt: new Date('2026-01-01T00:00:00Z') } });
      try {
        await furnish(array);
        for (const each of steps) {
          expect(await each(array)).not.toBe(500);
          array.world.verify();
          await checkViews(array);
        }
        const state = array.dump();
        array.restore(state);
        expect(array.dump()).toBe(state);
        array.world.verify();
      } finally {
        await array.stop();
      }
    }),
    propertyRuns(25),
  );
});
