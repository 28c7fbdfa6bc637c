import { labelOf, type Entry, type Stored } from './entry.ts';
import { SortedList } from './sorted-list.ts';

interface UniqueRule {
  /** The members that are unique together. */
  readonly fields: readonly string[];
  /** Computes the key; undefined: the rule does not concern this record. */
  readonly keyOf: (entry: Entry) => string | undefined;
}

/** What a table must know to keep its records findable. */
export interface TableShape {
  readonly kind: string;
  /** Members by which records are found quickly. */
  readonly indexes: readonly string[];
  /** Members that give the order of the collection; `$id` breaks ties. */
  readonly order: readonly string[];
  readonly unique: readonly UniqueRule[];
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
  /** Records by the value of a member, each list in the collection's order. */
  readonly #indexes = new Map<string, Map<Stored, SortedList<Entry>>>();
  readonly #unique: Map<string, string>[];
  readonly #ordered: SortedList<Entry>;
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
    this.#ordered = new SortedList(this.compare);
  }

  find(id: string): Entry | undefined {
    return this.#entries.get(id);
  }

  all(): readonly Entry[] {
    return this.#ordered.values();
  }

  by(field: string, value: Stored): readonly Entry[] {
    const index = this.#indexes.get(field);
    if (!index) throw new Error(`${this.shape.kind} has no index on ${field}`);
    return index.get(value)?.values() ?? [];
  }

  hasIndex(field: string): boolean {
    return this.#indexes.has(field);
  }

  findUnique(rule: number, key: string): string | undefined {
    return this.#unique[rule]?.get(key);
  }

  replace(before: Entry | undefined, after: Entry | undefined): void {
    // Before anything is changed: what throws here leaves the table as it is.
    const keys = this.shape.unique.map((rule, index) => this.#freeKey(index, after, rule));
    this.#ordered.replace(before, after);
    for (const [field, index] of this.#indexes) this.#reindex(index, field, before, after);
    this.shape.unique.forEach(({ keyOf }, rule) => this.#claim(rule, before && keyOf(before), after, keys[rule]));
    if (before && !after) this.#entries.delete(before.$id);
    if (after) this.#entries.set(after.$id, after);
  }

  #reindex(index: Map<Stored, SortedList<Entry>>, field: string, before: Entry | undefined, after: Entry | undefined) {
    const left = before?.[field];
    const taken = after?.[field];
    if (left !== undefined) {
      const list = index.get(left);
      list?.replace(before, left === taken ? after : undefined);
      if (list?.isEmpty) index.delete(left);
    }
    if (taken === undefined || left === taken) return;
    const list = index.get(taken) ?? new SortedList(this.compare);
    list.replace(undefined, after);
    index.set(taken, list);
  }

  /** The key that a record takes; two records with one are a defect of the simulator, or of a saved state. */
  #freeKey(index: number, after: Entry | undefined, { fields, keyOf }: UniqueRule): string | undefined {
    const taken = after && keyOf(after);
    const holder = taken === undefined ? undefined : this.#unique[index]?.get(taken);
    if (after && holder !== undefined && holder !== after.$id)
      throw new Error(
        `${labelOf(this.shape.kind, after)}: ${fields.join(' and ')} as ${this.shape.kind} ${holder} has`,
      );
    return taken;
  }

  #claim(rule: number, left: string | undefined, after: Entry | undefined, taken: string | undefined) {
    if (left !== undefined && left !== taken) this.#unique[rule]?.delete(left);
    if (after !== undefined && taken !== undefined) this.#unique[rule]?.set(taken, after.$id);
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

  /** Changes are taken back when it throws. One inside another is taken back by itself when it alone throws. */
  transaction<T>(work: () => T): T {
    return this.#journalled(work, true);
  }

  /** Does the work and takes all its changes back. */
  rehearse<T>(work: () => T): T {
    return this.#journalled(work, false);
  }

  #journalled<T>(work: () => T, isKept: boolean): T {
    const outer = this.#journal;
    const journal = outer ?? [];
    const from = journal.length;
    this.#journal = journal;
    let isDone = false;
    try {
      const result = work();
      isDone = isKept;
      return result;
    } finally {
      if (!isDone) this.#undo(journal, from);
      this.#journal = outer;
    }
  }

  #undo(journal: (() => void)[], from: number) {
    this.#journal = undefined;
    for (const undo of journal.splice(from).toReversed()) undo();
  }

  kinds(): readonly string[] {
    return [...this.#tables.keys()];
  }

  clear(): void {
    for (const kind of this.kinds()) for (const entry of this.all(kind)) this.#replace(kind, entry, undefined);
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
