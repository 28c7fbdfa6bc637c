import { isStoredList, isStoredObject, text, type Entry, type Stored, type StoredObject } from './entry.ts';
import type { World } from './world.ts';

/**
 * Records that live inside another one: LUNs and namespaces in a volume, attributes in a LUN, initiators in an igroup.
 * They go with their container; those that are data of the container are also in its snapshots and copies.
 */
export interface Inside {
  /** The kind of the container. */
  readonly kind: string;
  /** The member that holds the container's key; it must be an index. */
  readonly field: string;
  /**
   * The record in a copy of the container; key, UUID and container are set already. Absent: it is not data of the
   * container, and neither snapshots nor copies have it.
   */
  readonly copied?: (copy: Entry, container: Entry, world: World) => Entry;
  /** Members that derive from the container, after it changed; undefined: none did. */
  readonly follow?: (entry: Entry, container: Entry, world: World) => StoredObject | undefined;
}

interface Insider extends Inside {
  /** The kind of the records inside. */
  readonly of: string;
}

const insidersOf = (kind: string, world: World): readonly Insider[] =>
  world
    .resources()
    .flatMap((resource) =>
      (resource.inside ?? [])
        .filter((inside) => inside.kind === kind)
        .map((inside) => ({ ...inside, of: resource.kind })),
    );

/** What a container holds, as plain data that a snapshot can keep. */
export const freezeContents = (kind: string, container: string, world: World): readonly Stored[] =>
  insidersOf(kind, world)
    .filter((insider) => insider.copied !== undefined)
    .flatMap(({ of, field }) =>
      world.store
        .by(of, field, container)
        .map((entry) => ({ kind: of, entry, contents: freezeContents(of, entry.$id, world) })),
    );

export interface FrozenRecord {
  readonly kind: string;
  readonly entry: Entry;
  readonly contents: Stored | undefined;
}

/** Reads what `freezeContents` gave. */
export const readFrozen = (frozen: Stored | undefined): readonly FrozenRecord[] =>
  (frozen !== undefined && isStoredList(frozen) ? frozen : []).filter(isStoredObject).flatMap((record) => {
    const entry = record['entry'];
    if (entry === undefined || !isStoredObject(entry)) return [];
    return [{ kind: text(record, 'kind'), entry: { ...entry, $id: text(entry, '$id') }, contents: record['contents'] }];
  });

/** Without references to what has gone since the record was frozen, such as an export policy; `field` is its container's. */
const withoutLost = (kind: string, entry: Entry, field: string, world: World): Entry => {
  const { fields } = world.resource(kind);
  const isLost = ([path, value]: readonly [string, Stored | undefined]) => {
    const to = fields[path]?.to;
    return path !== field && to !== undefined && typeof value === 'string' && !world.store.find(to, value);
  };
  const members = Object.entries(entry);
  return members.some(isLost)
    ? { ...Object.fromEntries(members.filter((member) => !isLost(member))), $id: entry.$id }
    : entry;
};

/** Makes the container hold what it held: later records go, lost ones come back, the others are as they were. */
export const restoreContents = (kind: string, container: Entry, frozen: Stored | undefined, world: World): void => {
  const records = readFrozen(frozen);
  for (const { of, field, copied, follow } of insidersOf(kind, world)) {
    if (!copied) continue;
    // What has been moved into another container since stays there.
    const isElsewhere = (id: string) =>
      (world.store.find(of, id) ?? { [field]: container.$id })[field] !== container.$id;
    const wanted = records.filter((record) => record.kind === of && !isElsewhere(record.entry.$id));
    const kept = new Set(wanted.map(({ entry }) => entry.$id));
    for (const entry of world.store.by(of, field, container.$id))
      if (!kept.has(entry.$id)) dropRecord(of, entry.$id, world);
    // What was renamed since stands in the way of what has its old name, until all are as they were.
    for (const { entry } of wanted) if (world.store.find(of, entry.$id)) world.store.remove(of, entry.$id);
    for (const { entry, contents } of wanted) {
      const present = withoutLost(of, entry, field, world);
      const restored: Entry = { ...present, ...follow?.(entry, container, world), $id: entry.$id };
      world.store.put(of, restored);
      restoreContents(of, restored, contents, world);
    }
  }
};

/** Gives a copy of a container copies of what the original held. */
export const copyContents = (kind: string, copy: Entry, frozen: Stored | undefined, world: World): void => {
  const insiders = insidersOf(kind, world);
  for (const { kind: of, entry, contents } of readFrozen(frozen)) {
    const insider = insiders.find((each) => each.of === of);
    if (!insider?.copied) continue;
    const id = world.random.uuid(of);
    const made = insider.copied(
      { ...entry, ...('uuid' in entry ? { uuid: id } : {}), [insider.field]: copy.$id, $id: id },
      copy,
      world,
    );
    const present = withoutLost(of, made, insider.field, world);
    world.store.put(of, present);
    copyContents(of, present, contents, world);
    for (const { created } of world.reactionsTo(of)) created?.(present, { world, parameters: {} });
  }
};

/** What a copy of a record keeps of its own when the original is copied over it again. */
const OWN = ['uuid', 'serial_number', 'create_time'];

/**
 * What a container held, as records of another container that is a copy of it: records that stand for the same keep
 * their keys from one transfer to the next, and on the way back. Nothing is put into the store.
 */
export const transplantContents = (
  kind: string,
  copy: Entry,
  frozen: Stored | undefined,
  world: World,
): readonly StoredObject[] => {
  const insiders = insidersOf(kind, world);
  return readFrozen(frozen).flatMap(({ kind: of, entry, contents }) => {
    const insider = insiders.find((each) => each.of === of);
    if (!insider?.copied) return [];
    const prior = world.store
      .by(of, insider.field, copy.$id)
      .find((there) => there['$origin'] === entry.$id || entry['$origin'] === there.$id);
    const id = prior?.$id ?? world.random.uuid(of);
    const made = insider.copied(
      { ...entry, ...('uuid' in entry ? { uuid: id } : {}), [insider.field]: copy.$id, $id: id },
      copy,
      world,
    );
    const own = prior ? Object.fromEntries(OWN.filter((path) => path in prior).map((path) => [path, prior[path]])) : {};
    const record: Entry = { ...made, ...own, $origin: entry.$id, $id: made.$id };
    return [{ kind: of, entry: record, contents: transplantContents(of, record, contents, world) }];
  });
};

/** A container changed: what is inside takes over what derives from it. */
export const followContainer = (kind: string, container: Entry, world: World): void => {
  for (const { of, field, follow } of insidersOf(kind, world)) {
    if (!follow) continue;
    for (const entry of world.store.by(of, field, container.$id)) {
      const changes = follow(entry, container, world);
      if (!changes) continue;
      const after = world.store.change(of, entry.$id, changes);
      for (const { modified } of world.reactionsTo(of)) modified?.(after, entry, { world, parameters: {} });
      followContainer(of, after, world);
    }
  }
};

/** What is inside goes. */
export const dropContents = (kind: string, container: string, world: World): void => {
  for (const { of, field } of insidersOf(kind, world)) {
    for (const entry of world.store.by(of, field, container)) dropRecord(of, entry.$id, world);
  }
};

/** A record goes, with all that is inside it and all that its removal does elsewhere. */
const dropRecord = (kind: string, id: string, world: World): void => {
  const entry = world.store.find(kind, id);
  if (!entry) return;
  for (const { removed } of world.reactionsTo(kind)) removed?.(entry, { world, parameters: {} });
  world.resource(kind).remove?.effects?.(entry, { world, parameters: {} });
  dropContents(kind, id, world);
  if (world.store.find(kind, id)) world.store.remove(kind, id);
};
