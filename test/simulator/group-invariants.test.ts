import * as fc from 'fast-check';
import { expect, test } from 'vitest';
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
  type Step,
} from '../support/step-sequences.ts';

const MIB = 1024 ** 2;
const SVM = { svm: { name: 'svm0' } };
const GROUPS = '/application/consistency-groups';
const VOLUMES = '/storage/volumes';

const names = ['a', 'b', 'c', 'd'];
const volume = fc.constantFrom(...names);
const group = fc.constantFrom('g1', 'g2', 'c1', 'c2');
const newVolume = (name: string): Step =>
  send('POST', fixed(VOLUMES), { name, ...SVM, size: 100 * MIB, aggregates: [{ name: 'aggr1_n1' }] });

const groupAction = fc.constantFrom(undefined, undefined, 'create', 'create', 'add', 'remove');
const volumeAction = fc.constantFrom(undefined, 'create', 'add', 'add', 'add', 'remove', 'reassign');
/** Without what is undefined, as it is on the wire. */
const given = (members: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
const optionsOf = (options: Record<string, unknown>) => ({ provisioning_options: given(options) });

/** A group in a group as bodies name it: with volumes that are there, new ones, and LUNs that need a volume. */
const anyChild = fc
  .tuple(
    group,
    groupAction,
    fc.array(fc.tuple(fc.option(volume, { nil: undefined }), volumeAction), { maxLength: 2 }),
    fc.boolean(),
    fc.option(group, { nil: undefined }),
  )
  .map(([name, action, volumes, withLun, renamed]) => ({
    name,
    ...optionsOf({ action, name: action === 'create' ? undefined : renamed }),
    volumes: volumes.map(([own, act]) => ({
      ...given({ name: own }),
      ...optionsOf({ action: act, count: own === undefined ? 2 : undefined }),
      ...(act === undefined || act === 'create' ? { space: { size: 100 * MIB } } : {}),
    })),
    ...(withLun ? { luns: [{ name: '/vol/b/l', os_type: 'linux', space: { size: 10 * MIB } }] } : {}),
  }))
  .map(({ volumes, ...child }) => (volumes.length === 0 ? child : { ...child, volumes }));

const ofOne = (action: string) =>
  fc.tuple(group, volume).map(([name, own]) => ({ name, volumes: [{ name: own, ...optionsOf({ action }) }] }));
const moved = fc
  .tuple(group, fc.constantFrom('add', 'remove'), fc.option(group, { nil: undefined }))
  .map(([name, action, renamed]) => ({ name, ...optionsOf({ action, name: renamed }) }));

/** Mostly such as can be done. */
const childBody: fc.Arbitrary<Record<string, unknown>> = fc.oneof(
  { weight: 5, arbitrary: ofOne('add') },
  { weight: 2, arbitrary: fc.oneof(ofOne('remove'), ofOne('reassign')) },
  { weight: 2, arbitrary: moved },
  { weight: 1, arbitrary: anyChild },
);

const groupSteps: readonly fc.Arbitrary<Step>[] = [
  fc
    .tuple(group, fc.array(childBody, { minLength: 1, maxLength: 2 }))
    .map(([name, consistency_groups]) => send('POST', fixed(GROUPS), { name, ...SVM, consistency_groups })),
  fc
    .tuple(group, fc.array(childBody, { minLength: 1, maxLength: 2 }))
    .map(([name, consistency_groups]) => send('PATCH', (array) => one(array, GROUPS, name), { consistency_groups })),
  fc
    .tuple(group, childBody)
    .map(([name, { name: _name, provisioning_options: _options, ...contents }]) =>
      send('PATCH', (array) => one(array, GROUPS, name), contents),
    ),
  fc.tuple(group, group, fc.constantFrom('promote', 'demote')).map(([name, heir, action]) =>
    send('PATCH', (array) => one(array, GROUPS, name), {
      ...optionsOf({ action }),
      ...(action === 'promote' ? { consistency_groups: [{ name: heir }] } : {}),
    }),
  ),
  fc
    .tuple(group, snapshotName)
    .map(([name, snapshot]) =>
      send('PATCH', (array) => one(array, GROUPS, name), { restore_to: { snapshot: { name: snapshot } } }),
    ),
  fc
    .tuple(group, group, fc.option(snapshotName, { nil: undefined }), fc.boolean())
    .map(([name, source, snapshot, split]) =>
      send('POST', fixed(GROUPS), {
        name,
        ...SVM,
        clone: {
          parent_consistency_group: { name: source },
          ...(snapshot === undefined ? {} : { parent_snapshot: { name: snapshot } }),
          volume: { prefix: 'c_' },
          split_initiated: split,
        },
      }),
    ),
];

const otherSteps: readonly fc.Arbitrary<Step>[] = [
  fc.tuple(group, ofOne('add')).map(([name, { volumes }]) => send('POST', fixed(GROUPS), { name, ...SVM, volumes })),
  volume.map(newVolume),
  volume.map((name) => send('DELETE', async (array) => `${await one(array, VOLUMES, name)}?force=true`)),
  fc
    .tuple(group, snapshotName)
    .map(([name, snapshot]) =>
      send('POST', async (array) => `${await one(array, GROUPS, name)}/snapshots`, { name: snapshot }),
    ),
  fc.tuple(group, snapshotName).map(([name, snapshot]) => send('DELETE', snapshotIn(GROUPS, name, snapshot))),
  fc.tuple(volume, snapshotName).map(([name, snapshot]) => send('DELETE', snapshotIn(VOLUMES, name, snapshot))),
  group.map((name) => send('DELETE', (array) => one(array, GROUPS, name))),
];

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.oneof(...groupSteps) },
  { weight: 1, arbitrary: fc.oneof(...otherSteps) },
);

test(
  'groups nest, and stay consistent whatever is asked',
  async () => {
    let nested = 0;
    const statuses = await holdsUnder('unified', { first: names.map(newVolume), step }, async (array) => {
      const groups = await recordsOf(array, `${GROUPS}?fields=parent_consistency_group`);
      nested += groups.filter((each) => at(each, 'parent_consistency_group') !== undefined).length;
    });
    expect(statuses).toEqual(expect.arrayContaining([202, 400, 404, 409]));
    expect(nested).toBeGreaterThan(0);
  },
  patience(60_000),
);
