import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { startSimulator } from '../../src/simulator/simulator.ts';
import type { Simulator } from '../../src/simulator/contract.ts';
import { at } from '../support/ontap-session.ts';
import { patience, propertyRuns } from '../support/property-runs.ts';

/** Qtrees, quotas, snapshots, clones, mirrors and shares in any order, while time goes by: the invariants hold. */

type Step =
  | { readonly kind: 'request'; readonly method: string; readonly path: string; readonly body?: unknown }
  | { readonly kind: 'wait'; readonly minutes: number }
  | { readonly kind: 'used'; readonly volume: string; readonly bytes: number }
  | { readonly kind: 'restart' };

const MIB = 1024 ** 2;
const svms = ['svm0', 'svm_dr'] as const;
const svm = fc.constantFrom(...svms);
const name = fc.constantFrom('a', 'b', 'c');
const qtreeName = fc.constantFrom('q', 'r', '');
const snapshotName = fc.constantFrom('s', 't');
const request = (method: string, path: string, body?: unknown): Step => ({ kind: 'request', method, path, body });

const volumes: fc.Arbitrary<Step> = fc.oneof(
  fc
    .tuple(
      svm,
      name,
      fc.constantFrom('rw', 'dp'),
      fc.constantFrom('none', 'volume'),
      fc.constantFrom('default', 'none'),
    )
    .map(([owner, each, type, guarantee, policy]) =>
      request('POST', '/storage/volumes', {
        name: each,
        svm: { name: owner },
        type,
        size: 100 * MIB,
        aggregates: [{ name: 'aggr1_n1' }],
        guarantee: { type: guarantee },
        snapshot_policy: { name: policy },
        ...(type === 'rw' ? { nas: { path: `/${each}` } } : {}),
      }),
    ),
  fc.tuple(svm, name, name, fc.option(snapshotName, { nil: undefined })).map(([owner, each, parent, snapshot]) =>
    request('POST', '/storage/volumes', {
      name: each,
      svm: { name: owner },
      clone: {
        is_flexclone: true,
        parent_volume: { name: parent },
        ...(snapshot === undefined ? {} : { parent_snapshot: { name: snapshot } }),
      },
    }),
  ),
  fc
    .tuple(
      svm,
      name,
      fc.constantFrom<unknown>(
        { clone: { split_initiated: true } },
        { quota: { enabled: true } },
        { quota: { enabled: false } },
        { size: 300 * MIB },
        { size: 60 * MIB },
        { name: 'c' },
        { state: 'offline' },
        { state: 'online' },
      ),
    )
    .map(([owner, each, body]) =>
      request('PATCH', `/storage/volumes?svm.name=${owner}&name=${each}&return_timeout=0`, body),
    ),
  fc
    .tuple(svm, name, fc.boolean())
    .map(([owner, each, force]) =>
      request('DELETE', `/storage/volumes?svm.name=${owner}&name=${each}&return_timeout=0&force=${force}`),
    ),
);

const contents: fc.Arbitrary<Step> = fc.oneof(
  fc
    .tuple(svm, name, qtreeName)
    .map(([owner, volume, each]) =>
      request('POST', '/storage/qtrees', { name: each, svm: { name: owner }, volume: { name: volume } }),
    ),
  fc
    .tuple(name, qtreeName, qtreeName)
    .map(([volume, each, other]) =>
      request('PATCH', `/storage/qtrees?volume.name=${volume}&name="${each}"&return_timeout=0`, { name: other }),
    ),
  fc
    .tuple(name, qtreeName)
    .map(([volume, each]) =>
      request('DELETE', `/storage/qtrees?volume.name=${volume}&name="${each}"&return_timeout=0`),
    ),
  fc.tuple(svm, name, qtreeName, fc.constantFrom(-1, 50 * MIB)).map(([owner, volume, each, limit]) =>
    request('POST', '/storage/quota/rules', {
      svm: { name: owner },
      volume: { name: volume },
      type: 'tree',
      qtree: { name: each },
      space: { hard_limit: limit },
    }),
  ),
  name.map((volume) => request('DELETE', `/storage/quota/rules?volume.name=${volume}&return_timeout=0`)),
  fc.tuple(svm, name, qtreeName).map(([owner, volume, tree]) =>
    request('POST', '/storage/luns', {
      name: `/vol/${volume}/${tree === '' ? '' : `${tree}/`}l`,
      svm: { name: owner },
      os_type: 'linux',
      space: { size: 20 * MIB, guarantee: { requested: tree === 'q' } },
    }),
  ),
  fc
    .tuple(svm, name, fc.constantFrom(0, 10 * MIB, 55 * MIB))
    .map(([, volume, bytes]): Step => ({ kind: 'used', volume, bytes })),
  fc
    .tuple(svm, name, qtreeName)
    .map(([owner, volume, tree]) =>
      request('POST', '/protocols/cifs/shares', { name: volume, svm: { name: owner }, path: `/${volume}/${tree}` }),
    ),
);

const snapshots: fc.Arbitrary<Step> = fc.oneof(
  fc
    .tuple(name, snapshotName)
    .map(([volume, each]) => request('POST', '/storage/volumes/*/snapshots', { name: each, volume: { name: volume } })),
  fc
    .tuple(name, fc.constantFrom('s', 't', 'hourly.*', 'snapmirror.*'))
    .map(([volume, each]) =>
      request('DELETE', `/storage/volumes/*/snapshots?volume.name=${volume}&name=${each}&return_timeout=0`),
    ),
  fc
    .tuple(svm, name, snapshotName)
    .map(([owner, volume, each]) =>
      request(
        'PATCH',
        `/storage/volumes?svm.name=${owner}&name=${volume}&restore_to.snapshot.name=${each}&return_timeout=0`,
        {},
      ),
    ),
);

const MIRRORS = '/snapmirror/relationships';
const states = fc.constantFrom('paused', 'broken_off', 'snapmirrored', 'in_sync');
const mirrors: fc.Arbitrary<Step> = fc.oneof(
  fc
    .tuple(
      svm,
      name,
      svm,
      name,
      fc.constantFrom('MirrorAllSnapshots', 'Asynchronous', 'XDPDefault', 'Sync'),
      fc.boolean(),
    )
    .map(([from, source, to, destination, policy, enabled]) =>
      request('POST', MIRRORS, {
        source: { path: `${from}:${source}` },
        destination: { path: `${to}:${destination}` },
        policy: { name: policy },
        ...(enabled ? { create_destination: { enabled } } : {}),
      }),
    ),
  fc
    .tuple(name, states)
    .map(([each, state]) => request('PATCH', `${MIRRORS}?destination.path=*:${each}&return_timeout=0`, { state })),
  fc
    .tuple(name, fc.constantFrom('', '&destination_only=true', '&source_only=true', '&source_info_only=true'))
    .map(([each, flag]) => request('DELETE', `${MIRRORS}?destination.path=*:${each}&return_timeout=0${flag}`)),
  name.map((each) => request('TRANSFER', each)),
  name.map((each) => request('ABORT', each)),
);

const time: fc.Arbitrary<Step> = fc.oneof(
  fc.constantFrom(1, 7, 61, 1500).map((minutes): Step => ({ kind: 'wait', minutes })),
  fc.constant<Step>({ kind: 'restart' }),
);

const step = fc.oneof(
  { weight: 4, arbitrary: volumes },
  { weight: 4, arbitrary: contents },
  { weight: 2, arbitrary: snapshots },
  { weight: 4, arbitrary: mirrors },
  { weight: 3, arbitrary: time },
);

/** Without them most sequences never come to a mirror that works. */
const MIRRORED: readonly Step[] = [
  ...(['a', 'b'] as const).map((each, index) =>
    request('POST', '/storage/volumes', {
      name: each,
      svm: { name: svms[index] },
      type: index === 0 ? 'rw' : 'dp',
      size: 100 * MIB,
      aggregates: [{ name: 'aggr1_n1' }],
      guarantee: { type: 'none' },
    }),
  ),
  request('POST', '/storage/qtrees', { name: 'q', svm: { name: 'svm0' }, volume: { name: 'a' } }),
  request('POST', '/storage/luns', {
    name: '/vol/a/q/k',
    svm: { name: 'svm0' },
    os_type: 'linux',
    space: { size: 20 * MIB, guarantee: { requested: true } },
  }),
  { kind: 'wait', minutes: 1 },
  request('POST', MIRRORS, { source: { path: 'svm0:a' }, destination: { path: 'svm_dr:b' } }),
  { kind: 'wait', minutes: 1 },
  { kind: 'request', method: 'TRANSFER', path: 'b' },
  { kind: 'wait', minutes: 6 },
];

/** Transfers are addressed by keys that only the array knows. */
const onTransfers = async (array: Simulator, method: string, volume: string) => {
  const found = await array.call('GET', `${MIRRORS}?destination.path=*:${volume}&fields=transfer.uuid`);
  const uuid = at(found.body, 'records', 0, 'uuid');
  const transfer = at(found.body, 'records', 0, 'transfer', 'uuid');
  if (typeof uuid !== 'string') return;
  if (method === 'TRANSFER') await array.call('POST', `${MIRRORS}/${uuid}/transfers`, {});
  else await array.call('PATCH', `${MIRRORS}/${uuid}/transfers/${String(transfer)}`, { state: 'aborted' });
};

const perform = async (array: Simulator, each: Step): Promise<void> => {
  switch (each.kind) {
    case 'wait':
      return array.clock.advance(each.minutes * 60_000);
    case 'restart': {
      const state = array.dump();
      array.restore(state);
      expect(array.dump()).toBe(state);
      return;
    }
    case 'used':
      try {
        array.world.setUsedBytes(each.volume, each.bytes);
      } catch {
        // No such volume, or no room: as good as not asked.
      }
      return;
    default: {
      if (each.method === 'TRANSFER' || each.method === 'ABORT') return onTransfers(array, each.method, each.path);
      const reply = await array.call(each.method, each.path, each.body);
      expect([each, reply.status, at(reply.body, 'error', 'code')]).not.toEqual([each, 500, '262145']);
    }
  }
};

describe('invariants of NAS and replication', () => {
  it('hold after any sequence of requests and any time', { timeout: patience(120_000) }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 60 }),
        fc.boolean(),
        fc.boolean(),
        async (steps, slow, mirrored) => {
          const array = await startSimulator({
            clock: { frozenAt: new Date('2026-01-01T00:00:00Z') },
            ...(slow ? { jobs: { duration: 5000 } } : {}),
            pace: { transferMs: 300_000, splitMs: 600_000, quotaMs: 90_000 },
          });
          try {
            for (const each of mirrored ? [...MIRRORED, ...steps] : steps) {
              await perform(array, each);
              array.world.verify();
            }
            array.clock.advance(86_400_000);
            array.world.verify();
            const defects = await array.call('GET', '/cluster/jobs?code=262145&fields=message,description');
            expect(at(defects.body, 'records')).toEqual([]);
          } finally {
            await array.stop();
          }
        },
      ),
      propertyRuns(150),
    );
  });
});
