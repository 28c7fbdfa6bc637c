import type { Field, Resource } from './core/declaration.ts';
import { isStoredList, labelOf, type Entry, type Stored } from './core/entry.ts';
import { isOffered } from './core/schema.ts';
import type { Topology } from './core/topology.ts';
import type { World } from './core/world.ts';

/** What holds of records of every kind: references lead somewhere, and sizes are numbers that add up. */

export class BrokenInvariant extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'BrokenInvariant';
  }
}

const isSize = (value: Stored): boolean =>
  typeof value === 'bigint' ? value >= 0n : typeof value === 'number' && Number.isFinite(value) && value >= 0;

/** Where records are looked for: in a world, or in what one is to be made of. */
interface Records {
  readonly all: (kind: string) => readonly Entry[];
  readonly has: (kind: string, id: string) => boolean;
  /** For values that derive from others; without one they are not looked at. */
  readonly world: World | undefined;
}

/** Says what is wrong with one member of one record; undefined: nothing. */
type Fault = (value: Stored) => string | undefined;

const faultOf = (field: Field, { has }: Records): Fault | undefined => {
  const { kind, to = '' } = field;
  const lost = (id: Stored) =>
    typeof id === 'string' && has(to, id) ? undefined : `refers to ${to} ${String(id)}, which is not there`;
  if (kind === 'ref') return lost;
  if (kind === 'refs') return (value) => (isStoredList(value) ? value.map(lost).find(Boolean) : 'is not a list');
  return kind === 'size' ? (value) => (isSize(value) ? undefined : 'is not a number of bytes') : undefined;
};

type Check = (entry: Entry) => void;

const checkOf = (kind: string, path: string, field: Field, records: Records): Check | undefined => {
  const fault = faultOf(field, records);
  const { compute } = field;
  const { world } = records;
  if (fault === undefined || (compute && world === undefined)) return undefined;
  return (entry) => {
    const value = compute && world ? compute(entry, world) : entry[path];
    const wrong = value === undefined ? undefined : fault(value);
    if (wrong !== undefined) throw new BrokenInvariant(`${labelOf(kind, entry)}: ${path} ${wrong}`);
  };
};

const checksOf = (
  { kind, fields, inside }: Resource,
  gate: Topology['cluster'],
  records: Records,
): readonly Check[] => {
  const offered = Object.entries(fields).filter(([, field]) => isOffered(field, gate.version, gate.personality));
  const containers = (inside ?? [])
    .filter(({ field }) => !(field in fields))
    .map(({ kind: to, field }): readonly [string, Field] => [field, { kind: 'ref', to }]);
  return [...offered, ...containers].flatMap(([path, field]) => checkOf(kind, path, field, records) ?? []);
};

const checkAll = (resources: readonly Resource[], gate: Topology['cluster'], records: Records): void => {
  for (const resource of resources) {
    const entries = records.all(resource.kind);
    if (entries.length === 0) continue;
    const checks = checksOf(resource, gate, records);
    for (const entry of entries) for (const check of checks) check(entry);
  }
};

/** Throws a BrokenInvariant. */
export const checkRecords = (world: World): void =>
  checkAll(world.resources(), world.topology.cluster, {
    all: (kind) => world.store.all(kind),
    has: (kind, id) => world.store.find(kind, id) !== undefined,
    world,
  });

type Tables = Readonly<Record<string, readonly Entry[]>>;

const keysOf = ([kind, entries]: readonly [string, readonly Entry[]]): readonly [string, ReadonlySet<string>] => {
  const keys = new Set<string>();
  for (const { $id } of entries) {
    if (keys.has($id)) throw new BrokenInvariant(`${kind} ${$id}: it is there twice`);
    keys.add($id);
  }
  return [kind, keys];
};

/** The same of records that a world is to be made of, before one is; and none is there twice. */
export const checkTables = (tables: Tables, resources: readonly Resource[], { cluster }: Topology): void => {
  const keys = new Map(Object.entries(tables).map(keysOf));
  checkAll(
    resources.filter((resource) => isOffered(resource, cluster.version, cluster.personality)),
    cluster,
    {
      all: (kind) => tables[kind] ?? [],
      // A kind that an older simulator did not know is not there to be looked at.
      has: (kind, id) => keys.get(kind)?.has(id) ?? true,
      world: undefined,
    },
  );
};
