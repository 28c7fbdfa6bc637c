import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Simulator } from '../../src/simulator/contract.ts';
import { at } from '../support/ontap-session.ts';
import { patience } from '../support/property-runs.ts';
import {
  fixed,
  holdsUnder,
  one,
  recordsOf,
  send,
  snapshotIn,
  snapshotName,
  uuidAt,
  type Step,
} from '../support/step-sequences.ts';

const MIB = 1024 ** 2;
const SVM = { svm: { name: 'svm0' } };
const UNITS = '/storage/storage-units';
const SUBSYSTEMS = '/protocols/nvme/subsystems';
const GROUPS = '/application/consistency-groups';

const subsystem = fc.constantFrom('ss1', 'ss2');
const host = fc.constantFrom('nqn.2014-08.org.x:1', 'nqn.2014-08.org.x:2');
const flag = fc.boolean();
const size = fc.integer({ min: 5, max: 60 }).map((mebibytes) => mebibytes * MIB);

/** Subsystems, hosts and maps of namespaces with these names. */
const nvmeSteps = (namespace: fc.Arbitrary<string>): fc.Arbitrary<Step> =>
  fc.oneof(
    fc
      .tuple(subsystem, flag)
      .map(([name, delete_on_unmap]) =>
        send('POST', fixed(SUBSYSTEMS), { name, os_type: 'linux', ...SVM, delete_on_unmap }),
      ),
    fc
      .tuple(subsystem, host)
      .map(([name, nqn]) => send('POST', async (array) => `${await one(array, SUBSYSTEMS, name)}/hosts`, { nqn })),
    fc
      .tuple(subsystem, host)
      .map(([name, nqn]) => send('DELETE', async (array) => `${await one(array, SUBSYSTEMS, name)}/hosts/${nqn}`)),
    fc.tuple(subsystem, namespace).map(([name, other]) =>
      send('POST', fixed('/protocols/nvme/subsystem-maps'), {
        ...SVM,
        subsystem: { name },
        namespace: { name: other },
      }),
    ),
    fc.tuple(subsystem, namespace).map(([name, other]) =>
      send('DELETE', async (array) => {
        const [subsystemPath, namespacePath] = [
          await one(array, SUBSYSTEMS, name),
          await one(array, '/storage/namespaces', other),
        ];
        return `/protocols/nvme/subsystem-maps/${subsystemPath.split('/').at(-1)}/${namespacePath.split('/').at(-1)}`;
      }),
    ),
    fc
      .tuple(subsystem, flag, flag)
      .map(([name, mapped, hosts]) =>
        send(
          'DELETE',
          async (array) =>
            `${await one(array, SUBSYSTEMS, name)}?allow_delete_while_mapped=${mapped}&allow_delete_with_hosts=${hosts}`,
        ),
      ),
    fc
      .tuple(namespace, flag)
      .map(([name, mapped]) =>
        send(
          'DELETE',
          async (array) => `${await one(array, '/storage/namespaces', name)}?allow_delete_while_mapped=${mapped}`,
        ),
      ),
    fc
      .tuple(namespace, size)
      .map(([name, bytes]) =>
        send('PATCH', (array) => one(array, '/storage/namespaces', name), { space: { size: bytes } }),
      ),
    fc
      .tuple(namespace, namespace)
      .map(([name, wanted]) => send('PATCH', (array) => one(array, '/storage/namespaces', name), { name: wanted })),
    fc
      .tuple(namespace, size)
      .map(([name, bytes]) =>
        send('POST', fixed('/storage/namespaces'), { name, os_type: 'linux', ...SVM, space: { size: bytes } }),
      ),
  );

const volume = fc.constantFrom('a', 'b', 'c');
const inVolume = fc.tuple(volume, fc.constantFrom('n1', 'n2')).map(([of, name]) => `/vol/${of}/${name}`);
const group = fc.constantFrom('g1', 'g2');

const unifiedStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: nvmeSteps(inVolume) },
  {
    weight: 2,
    arbitrary: fc.oneof(
      volume.map((name) =>
        send('POST', fixed('/storage/volumes'), { name, ...SVM, size: 200 * MIB, aggregates: [{ name: 'aggr1_n1' }] }),
      ),
      fc.tuple(volume, volume, snapshotName).map(([name, parent, snapshot]) =>
        send('POST', fixed('/storage/volumes'), {
          name,
          ...SVM,
          clone: {
            is_flexclone: true,
            parent_volume: { name: parent },
            ...(snapshot === 's1' ? { parent_snapshot: { name: snapshot } } : {}),
          },
        }),
      ),
      fc
        .tuple(volume, flag)
        .map(([name, force]) =>
          send('DELETE', async (array) => `${await one(array, '/storage/volumes', name)}?force=${force}`),
        ),
      fc
        .tuple(volume, volume)
        .map(([name, wanted]) => send('PATCH', (array) => one(array, '/storage/volumes', name), { name: wanted })),
      fc
        .tuple(volume, snapshotName)
        .map(([name, snapshot]) =>
          send('POST', async (array) => `${await one(array, '/storage/volumes', name)}/snapshots`, { name: snapshot }),
        ),
      fc
        .tuple(volume, snapshotName)
        .map(([name, snapshot]) => send('DELETE', snapshotIn('/storage/volumes', name, snapshot))),
      fc
        .tuple(volume, snapshotName)
        .map(([name, snapshot]) =>
          send(
            'PATCH',
            async (array) => `${await one(array, '/storage/volumes', name)}?restore_to.snapshot.name=${snapshot}`,
          ),
        ),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.oneof(
      fc.tuple(group, volume, volume).map(([name, ...volumes]) =>
        send('POST', fixed(GROUPS), {
          name,
          ...SVM,
          volumes: volumes.map((each) => ({ name: each, provisioning_options: { action: 'add' } })),
        }),
      ),
      fc.tuple(group, volume, fc.constantFrom('add', 'remove')).map(([name, other, action]) =>
        send('PATCH', (array) => one(array, GROUPS, name), {
          volumes: [{ name: other, provisioning_options: { action } }],
        }),
      ),
      fc
        .tuple(group, snapshotName)
        .map(([name, snapshot]) =>
          send('POST', async (array) => `${await one(array, GROUPS, name)}/snapshots`, { name: snapshot }),
        ),
      fc.tuple(group, snapshotName).map(([name, snapshot]) => send('DELETE', snapshotIn(GROUPS, name, snapshot))),
      group.map((name) => send('DELETE', (array) => one(array, GROUPS, name))),
    ),
  },
);

const unitName = fc.constantFrom('u1', 'u2', 'u3', 'svm0_root');

const newUnit = fc.record({ name: unitName, os_type: fc.constant('linux'), space: fc.constant({ size: 20 * MIB }) });
const patchGroup = (name: string, body: unknown): Step => send('PATCH', (array) => one(array, GROUPS, name), body);

/** Groups of units: nested, snapshotted, set back, cloned. */
const unitGroupSteps: fc.Arbitrary<Step> = fc.oneof(
  fc
    .tuple(group, newUnit, fc.boolean())
    .map(([name, own, lun]) =>
      send('POST', fixed(GROUPS), { name, ...SVM, ...(lun ? { luns: [own] } : { namespaces: [own] }) }),
    ),
  fc.tuple(group, newUnit).map(([name, own]) => patchGroup(name, { luns: [own] })),
  fc
    .tuple(group, group)
    .map(([name, heir]) =>
      patchGroup(name, { provisioning_options: { action: 'promote' }, consistency_groups: [{ name: heir }] }),
    ),
  fc
    .tuple(group, group, fc.constantFrom('add', 'remove'))
    .map(([name, other, action]) =>
      patchGroup(name, { consistency_groups: [{ name: other, provisioning_options: { action } }] }),
    ),
  group.map((name) => patchGroup(name, { provisioning_options: { action: 'demote' } })),
  fc
    .tuple(group, snapshotName)
    .map(([name, snapshot]) =>
      send('POST', async (array) => `${await one(array, GROUPS, name)}/snapshots`, { name: snapshot }),
    ),
  fc.tuple(group, snapshotName).map(([name, snapshot]) => send('DELETE', snapshotIn(GROUPS, name, snapshot))),
  fc
    .tuple(group, snapshotName)
    .map(([name, snapshot]) => patchGroup(name, { restore_to: { snapshot: { name: snapshot } } })),
  fc.tuple(group, group, flag).map(([name, source, split_initiated]) =>
    send('POST', fixed(GROUPS), {
      name,
      ...SVM,
      clone: { parent_consistency_group: { name: source }, storage_unit: { suffix: 'c' }, split_initiated },
    }),
  ),
  group.map((name) => send('DELETE', (array) => one(array, GROUPS, name))),
);

const unitStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: unitGroupSteps },
  { weight: 2, arbitrary: nvmeSteps(unitName) },
  {
    weight: 3,
    arbitrary: fc.oneof(
      fc.tuple(unitName, size).map(([name, bytes]) =>
        send('POST', fixed('/storage/luns'), {
          name,
          os_type: 'linux',
          ...SVM,
          space: { size: bytes },
          attributes: [{ name: 'a', value: '1' }],
        }),
      ),
      unitName.map((name) => send('DELETE', (array) => one(array, '/storage/luns', name))),
      fc
        .tuple(unitName, size)
        .map(([name, bytes]) =>
          send('PATCH', (array) => one(array, '/storage/luns', name), { space: { size: bytes } }),
        ),
      fc
        .tuple(unitName, unitName)
        .map(([name, wanted]) => send('PATCH', (array) => one(array, UNITS, name), { name: wanted })),
      fc
        .tuple(unitName, unitName, fc.option(snapshotName, { nil: undefined }))
        .map(([name, source, snapshot]): Step => async (array) => {
          const storage_unit = { uuid: await uuidAt(array, `${UNITS}?name=${source}`) };
          const body = {
            name,
            ...SVM,
            clone: {
              is_flexclone: true,
              source: { storage_unit, ...(snapshot === undefined ? {} : { snapshot: { name: snapshot } }) },
            },
          };
          return (await array.call('POST', UNITS, body)).status;
        }),
      unitName.map((name) => send('PATCH', (array) => one(array, UNITS, name), { clone: { split_initiated: true } })),
      fc
        .tuple(unitName, snapshotName)
        .map(([name, snapshot]) =>
          send('POST', async (array) => `${await one(array, UNITS, name)}/snapshots`, { name: snapshot }),
        ),
      fc.tuple(unitName, snapshotName).map(([name, snapshot]) => send('DELETE', snapshotIn(UNITS, name, snapshot))),
      fc
        .tuple(unitName, snapshotName)
        .map(([name, snapshot]) =>
          send('PATCH', async (array) => `${await one(array, UNITS, name)}?restore_to.snapshot.name=${snapshot}`),
        ),
    ),
  },
);

/** Units are the LUNs and namespaces, their volumes have their names, and their snapshots are those of the volumes. */
const checkUnits = async (array: Simulator): Promise<void> => {
  const units = await recordsOf(array, `${UNITS}?fields=type,location.volume&order_by=uuid`);
  const insides = [...(await recordsOf(array, '/storage/luns')), ...(await recordsOf(array, '/storage/namespaces'))];
  const named = (records: readonly unknown[]) =>
    records.map((each) => `${String(at(each, 'uuid'))} ${String(at(each, 'name'))}`).toSorted();
  expect(named(units)).toEqual(named(insides));
  expect(await recordsOf(array, '/storage/volumes?is_svm_root=false')).toHaveLength(units.length);
  for (const unit of units) {
    expect(at(unit, 'location', 'volume', 'name')).toBe(at(unit, 'name'));
    const own = await recordsOf(array, `${UNITS}/${String(at(unit, 'uuid'))}/snapshots`);
    const behind = await recordsOf(
      array,
      `/storage/volumes/${String(at(unit, 'location', 'volume', 'uuid'))}/snapshots`,
    );
    expect(named(own)).toEqual(named(behind));
  }
};

/** All kinds of answers were among them. */
const EVERY_KIND = [200, 201, 202, 400, 404, 409];

test(
  'namespaces, subsystems, volumes, snapshots and groups stay consistent whatever is asked',
  async () => {
    const statuses = await holdsUnder('unified', { step: unifiedStep }, () => Promise.resolve());
    expect(statuses).toEqual(expect.arrayContaining(EVERY_KIND));
  },
  patience(60_000),
);

test(
  'storage units stay what they are whatever is asked',
  async () => {
    const statuses = await holdsUnder('asa-r2', { step: unitStep }, checkUnits);
    expect(statuses).toEqual(expect.arrayContaining(EVERY_KIND));
  },
  patience(60_000),
);
