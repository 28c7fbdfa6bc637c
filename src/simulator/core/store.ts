import type { Entry, Stored } from './entry.ts';

/** What a table must know to keep its records findable. */
export interface TableShape {
  readonly kind: string;
  /** Members by which records are found quickly. */
  readonly indexes: readonly string[];
  /** Members that give the order of the collection; `$id` breaks ties. */
  readonly order: readonly string[];
  /** Computes the keys that must be unique; undefined: the rule does not concern this record. */
  readonly unique: readonly ((entry: Entry) => string | undefined)[];
}

export type ChangeListener = (kind: string, before: Entry | undefined, after: Entry | undefined) => void;

const compareStored = (a: Stored | undefined, b: Stored | undefined): number => {
  if (a === b) return 0;
  if (a === undefined) return 1;
  if (b === undefined) return -1;
  return a < b ? -1 : 1;
};

class Table {
  readonly shape: TableShape;
  readonly #entries = new Map<string, Entry>();
  readonly #indexes = new Map<string, Map<Stored, Set<string>>>();
  readonly #unique: Map<string, string>[];
  #ordered: Entry[] = [];
  readonly compare: (a: Entry, b: Entry) => number;

  constructor(shape: TableShape) {
    this.shape = shape;
    this.#unique = shape.unique.map(() => new Map());
    for (const field of shape.indexes) this.#indexes.set(field, new Map());
    this.compare = (a, b) => {
      for (const field of shape.order) {
        const difference = compareStored(a[field], b[field]);
        if (difference !== 0) return difference;
      }
      return compareStored(a.$id, b.$id);
    };
  }

  find(id: string): Entry | undefined {
    return this.#entries.get(id);
  }

  all(): readonly Entry[] {
    return this.#ordered;
  }

  by(field: string, value: Stored): readonly Entry[] {
    const index = this.#indexes.get(field);
    if (!index) throw new Error(`${this.shape.kind} has no index on ${field}`);
    const ids = index.get(value);
    if (!ids) return [];
    const found: Entry[] = [];
    for (const id of ids) {
      const entry = this.#entries.get(id);
      if (entry) found.push(entry);
    }
    return found.length > 1 ? found.sort(this.compare) : found;
  }

  hasIndex(field: string): boolean {
    return this.#indexes.has(field);
  }

  findUnique(rule: number, key: string): string | undefined {
    return this.#unique[rule]?.get(key);
  }

  /** Where the record stands in the order, or would stand. */
  position(entry: Entry): number {
    let low = 0;
    let high = this.#ordered.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const there = this.#ordered[middle];
      if (there && this.compare(there, entry) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  replace(before: Entry | undefined, after: Entry | undefined): void {
    if (before && after && this.compare(before, after) === 0) {
      this.#ordered[this.position(before)] = after;
    } else {
      if (before) this.#ordered.splice(this.position(before), 1);
      if (after) this.#ordered.splice(this.position(after), 0, after);
    }
    if (before) this.#unlist(before);
    if (after) this.#enlist(after);
    if (before && !after) this.#entries.delete(before.$id);
    if (after) this.#entries.set(after.$id, after);
  }

  #unlist(entry: Entry) {
    for (const [field, index] of this.#indexes) {
      const value = entry[field];
      if (value !== undefined) index.get(value)?.delete(entry.$id);
      if (value !== undefined && index.get(value)?.size === 0) index.delete(value);
    }
    this.shape.unique.forEach((keyOf, rule) => {
      const key = keyOf(entry);
      if (key !== undefined) this.#unique[rule]?.delete(key);
    });
  }

  #enlist(entry: Entry) {
    for (const [field, index] of this.#indexes) {
      const value = entry[field];
      if (value === undefined) continue;
      const ids = index.get(value);
      if (ids) ids.add(entry.$id);
      else index.set(value, new Set([entry.$id]));
    }
    this.shape.unique.forEach((keyOf, rule) => {
      const key = keyOf(entry);
      if (key === undefined) return;
      const holder = this.#unique[rule]?.get(key);
      if (holder !== undefined && holder !== entry.$id) {
        throw new Error(`${this.shape.kind} ${entry.$id} and ${holder} share a unique key`);
      }
      this.#unique[rule]?.set(key, entry.$id);
    });
  }
}

/** All records of one simulated cluster, by kind. Changes inside `transaction` are taken back when it throws. */
export class Store {
  readonly #tables: ReadonlyMap<string, Table>;
  readonly #listeners: ChangeListener[] = [];
  #journal: (() => void)[] | undefined;

  constructor(shapes: readonly TableShape[]) {
    this.#tables = new Map(shapes.map((shape) => [shape.kind, new Table(shape)]));
  }

  onChange(listener: ChangeListener): void {
    this.#listeners.push(listener);
  }

  find(kind: string, id: string | undefined): Entry | undefined {
    return id === undefined ? undefined : this.#table(kind).find(id);
  }

  /** Throws for a record that must be there: a dangling reference is a defect of the simulator. */
  get(kind: string, id: string): Entry {
    const entry = this.find(kind, id);
    if (!entry) throw new Error(`${kind} ${id} is not there`);
    return entry;
  }

  all(kind: string): readonly Entry[] {
    return this.#table(kind).all();
  }

  /** Records whose indexed member has the value, in the collection's order. */
  by(kind: string, field: string, value: Stored): readonly Entry[] {
    return this.#table(kind).by(field, value);
  }

  hasIndex(kind: string, field: string): boolean {
    return this.#table(kind).hasIndex(field);
  }

  findUnique(kind: string, rule: number, key: string): string | undefined {
    return this.#table(kind).findUnique(rule, key);
  }

  /** The order of the collection. */
  compare(kind: string, a: Entry, b: Entry): number {
    return this.#table(kind).compare(a, b);
  }

  position(kind: string, entry: Entry): number {
    return this.#table(kind).position(entry);
  }

  put(kind: string, entry: Entry): void {
    this.#replace(kind, this.find(kind, entry.$id), entry);
  }

  /** Puts the record with some members changed; undefined unsets. Returns the new record. */
  change(kind: string, id: string, changes: Readonly<Record<string, Stored | undefined>>): Entry {
    const after: Entry = { ...this.get(kind, id), ...changes, $id: id };
    this.put(kind, after);
    return after;
  }

  remove(kind: string, id: string): void {
    this.#replace(kind, this.get(kind, id), undefined);
  }

  transaction<T>(work: () => T): T {
    if (this.#journal) return work();
    const journal: (() => void)[] = [];
    this.#journal = journal;
    try {
      return work();
    } catch (cause) {
      this.#journal = undefined;
      for (const undo of journal.toReversed()) undo();
      throw cause;
    } finally {
      this.#journal = undefined;
    }
  }

  kinds(): readonly string[] {
    return [...this.#tables.keys()];
  }

  clear(): void {
    for (const kind of this.kinds()) for (const entry of this.all(kind).slice()) this.#replace(kind, entry, undefined);
  }

  #replace(kind: string, before: Entry | undefined, after: Entry | undefined) {
    this.#table(kind).replace(before, after);
    this.#journal?.push(() => this.#replace(kind, after, before));
    for (const listener of this.#listeners) listener(kind, before, after);
  }

  #table(kind: string): Table {
    const table = this.#tables.get(kind);
    if (!table) throw new Error(`No table ${kind}`);
    return table;
  }
}
