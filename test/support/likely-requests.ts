import * as fc from 'fast-check';

/** Requests that are right in form and meet each other: few names, all kinds of records, in any order. */

export interface LikelyRequest {
  readonly method: 'POST' | 'PATCH' | 'DELETE';
  /** `{/storage/volumes uuid}` stands for that member of a record of the collection. */
  readonly collection: string;
  /** PATCH and DELETE: the record of the collection, counted round. */
  readonly which: number;
  readonly query: string;
  readonly body: unknown;
}

const MIB = 1024 ** 2;
const name = fc.constantFrom('a', 'b', 'c');
const svmName = fc.constantFrom('svm0', 'svm0', 'svm_dr');
const size = fc.constantFrom(20 * MIB, 100 * MIB, 5 * 1024 * MIB, 6 * 1024 ** 4);
const lunPath = fc.tuple(name, name).map(([volume, lun]) => `/vol/${volume}/l${lun}`);
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const named = (value: fc.Arbitrary<string>) => value.map((each) => ({ name: each }));
const owned = <T>(model: { [Key in keyof T]: fc.Arbitrary<T[Key]> }) => fc.record({ svm: named(svmName), ...model });

const volume = owned({
  name,
  size,
  aggregates: named(fc.constantFrom('aggr1_n1', 'aggr1_n2')).map((each) => [each]),
  guarantee: maybe(fc.constantFrom({ type: 'none' }, { type: 'volume' })),
  type: maybe(fc.constantFrom('rw', 'dp')),
  nas: maybe(fc.record({ path: name.map((each) => `/${each}`), export_policy: maybe(named(name)) })),
});
const clone = fc
  .record({ svm: named(svmName), name, parent_volume: named(name), parent_snapshot: maybe(named(name)) })
  .map(({ svm, name: own, ...clone_ }) => ({ svm, name: own, clone: { is_flexclone: true, ...clone_ } }));
const mirror = fc.tuple(name, name, fc.boolean()).map(([from, to, enabled]) => ({
  source: { path: `svm0:${from}` },
  destination: { path: `svm_dr:${to}` },
  ...(enabled ? { create_destination: { enabled }, state: 'snapmirrored' } : {}),
}));

const VOLUMES = '/storage/volumes';
const RELATIONSHIPS = '/snapmirror/relationships';

/** What is made in each collection, and what it is changed to. */
const bodies: Readonly<
  Record<string, { readonly made: fc.Arbitrary<unknown>; readonly changed: fc.Arbitrary<unknown> }>
> = {
  [VOLUMES]: {
    made: fc.oneof(volume, volume, clone),
    changed: fc.oneof(
      fc.record({ size }),
      fc.record({ name }),
      fc.constantFrom({ state: 'offline' }, { state: 'online' }, { clone: { split_initiated: true } }),
      fc.record({ quota: fc.record({ enabled: fc.boolean() }) }),
      fc.record({ nas: fc.record({ export_policy: named(name) }) }),
    ),
  },
  [`${VOLUMES}/{${VOLUMES} uuid}/snapshots`]: { made: fc.record({ name }), changed: fc.record({ name }) },
  '/storage/qtrees': {
    made: owned({ name, volume: named(name), export_policy: maybe(named(name)) }),
    changed: fc.oneof(fc.record({ name }), fc.record({ export_policy: named(name) })),
  },
  '/storage/quota/rules': {
    made: owned({
      volume: named(name),
      type: fc.constant('tree'),
      qtree: named(name),
      space: fc.record({ hard_limit: size }),
    }),
    changed: fc.record({ space: fc.record({ hard_limit: size }) }),
  },
  '/storage/luns': {
    made: owned({ name: lunPath, os_type: fc.constant('linux'), space: fc.record({ size: fc.constant(10 * MIB) }) }),
    changed: fc.oneof(fc.record({ name: lunPath }), fc.record({ clone: fc.record({ source: named(lunPath) }) })),
  },
  '/protocols/san/igroups': {
    made: owned({ name, os_type: fc.constant('linux') }),
    changed: fc.record({ name }),
  },
  '/protocols/san/lun-maps': {
    made: owned({ lun: named(lunPath), igroup: named(name) }),
    changed: fc.constant({}),
  },
  '/protocols/nfs/export-policies': { made: owned({ name }), changed: fc.record({ name }) },
  '/storage/snapshot-policies': {
    made: owned({
      name,
      enabled: fc.constant(true),
      copies: fc.constant([{ count: 1, schedule: { name: 'hourly' } }]),
    }),
    changed: fc.record({ enabled: fc.boolean() }),
  },
  [RELATIONSHIPS]: {
    made: mirror,
    changed: fc.constantFrom({ state: 'snapmirrored' }, { state: 'paused' }, { state: 'broken_off' }),
  },
  [`${RELATIONSHIPS}/{${RELATIONSHIPS} uuid}/transfers`]: {
    made: fc.constant({}),
    changed: fc.constant({ state: 'aborted' }),
  },
};

const removal = fc.constantFrom(
  '',
  '?force=true',
  '?allow_delete_while_mapped=true',
  '?destination_only=true',
  '?source_only=true',
  '?source_info_only=true',
);

export const likelyRequest: fc.Arbitrary<LikelyRequest> = fc
  .constantFrom(...Object.entries(bodies))
  .chain(([collection, { made, changed }]) => {
    const common = { collection: fc.constant(collection), which: fc.nat(20) };
    return fc.oneof(
      fc.record({ ...common, method: fc.constant('POST' as const), query: fc.constant(''), body: made }),
      fc.record({
        ...common,
        method: fc.constant('POST' as const),
        query: fc.constantFrom('', '?continue_on_failure=true'),
        body: fc.record({ records: fc.array(made, { minLength: 1, maxLength: 3 }) }),
      }),
      fc.record({ ...common, method: fc.constant('PATCH' as const), query: fc.constant(''), body: changed }),
      fc.record({ ...common, method: fc.constant('DELETE' as const), query: removal, body: fc.constant(undefined) }),
    );
  });
