import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { Problem } from '../problem.ts';
import { recordChanged, recordExists, valueTaken } from './problems.ts';
import type { Lookup, Row, Write } from './record-codec.ts';
import type { Kind } from './store.ts';

/** The SQL of the store: rows in, rows out, no records. All synchronous; callers retry while the file is busy. */

export interface Where {
  readonly index: string;
  readonly value: string;
}

/** Statements of one connection, each prepared when first used. */
export type Statements = (sql: string) => StatementSync;

export const newStatements = (database: DatabaseSync): Statements => {
  const prepared = new Map<string, StatementSync>();
  return (sql) => {
    const known = prepared.get(sql);
    if (known !== undefined) return known;
    const made = database.prepare(sql);
    prepared.set(sql, made);
    return made;
  };
};

const rowsOfArrays = new WeakSet<StatementSync>();

/** A statement that answers rows as arrays, which is a third faster than as objects. */
const arrays = (statement: StatementSync): StatementSync => {
  if (!rowsOfArrays.has(statement)) {
    statement.setReturnArrays(true);
    rowsOfArrays.add(statement);
  }
  return statement;
};

const rowOf = (columns: unknown): Row => {
  const [id, revision, value]: readonly unknown[] = Array.isArray(columns) ? columns : [];
  if (typeof id !== 'string' || typeof revision !== 'number' || typeof value !== 'string')
    throw new Problem('store.corrupt', 'unavailable', 'the state database has a column of an unexpected type');
  return { id, revision, value };
};

/** A fact about the database as a whole. @throws Problem `store.corrupt` when it is not there */
export const readMeta = (sql: Statements, name: string): string => {
  const value = sql('SELECT value FROM meta WHERE name = ?').get(name)?.['value'];
  if (typeof value === 'string') return value;
  throw new Problem('store.corrupt', 'unavailable', `the state database does not tell its ${name}`);
};

/** A number that is another one as soon as another process, or another connection, has written. */
export const readForeignVersion = (sql: Statements): number => {
  const found: unknown = arrays(sql('PRAGMA data_version')).get();
  const [version]: readonly unknown[] = Array.isArray(found) ? found : [];
  if (typeof version === 'number') return version;
  throw new Problem('store.corrupt', 'unavailable', 'the state database does not tell its version');
};

export const readRow = (sql: Statements, kind: Kind, id: string): Row | undefined => {
  const found = arrays(sql('SELECT id, revision, value FROM record WHERE kind = ? AND id = ?')).get(kind, id);
  return found === undefined ? undefined : rowOf(found);
};

/** The row that has a value of a unique index. */
export const findRow = (sql: Statements, kind: Kind, { index, value }: Where): Row | undefined => {
  const found = arrays(
    sql(
      `SELECT record.id, record.revision, record.value FROM lookup JOIN record USING (kind, id)
       WHERE lookup.kind = ? AND lookup.name = ? AND lookup.value = ? AND lookup.exclusive`,
    ),
  ).get(kind, index, value);
  return found === undefined ? undefined : rowOf(found);
};

/** Calls `each` with every row in id order, within one read transaction. */
export const eachRow = (sql: Statements, kind: Kind, where: Where | undefined, each: (row: Row) => void): void => {
  const found =
    where === undefined
      ? arrays(sql('SELECT id, revision, value FROM record WHERE kind = ? ORDER BY id')).iterate(kind)
      : arrays(
          sql(
            `SELECT record.id, record.revision, record.value FROM lookup JOIN record USING (kind, id)
             WHERE lookup.kind = ? AND lookup.name = ? AND lookup.value = ? ORDER BY lookup.id`,
          ),
        ).iterate(kind, where.index, where.value);
  for (const columns of found) each(rowOf(columns));
};

export const listIds = (sql: Statements, kind: Kind, where: Where | undefined): readonly string[] => {
  const found =
    where === undefined
      ? arrays(sql('SELECT id FROM record WHERE kind = ? ORDER BY id')).all(kind)
      : arrays(sql('SELECT id FROM lookup WHERE kind = ? AND name = ? AND value = ? ORDER BY id')).all(
          kind,
          where.index,
          where.value,
        );
  return found.map((columns: unknown) => String(Array.isArray(columns) ? columns[0] : ''));
};

export const countRows = (sql: Statements, kind: Kind, where: Where | undefined): number => {
  const found =
    where === undefined
      ? sql('SELECT count(*) AS rows FROM record WHERE kind = ?').get(kind)
      : sql('SELECT count(*) AS rows FROM lookup WHERE kind = ? AND name = ? AND value = ?').get(
          kind,
          where.index,
          where.value,
        );
  return typeof found?.['rows'] === 'number' ? found['rows'] : 0;
};

/** A record as it lies in the table: what has to be known of it before it is written over. */
interface Present {
  readonly row: number;
  readonly revision: number;
  /** Its index values, in the form of `lookupsText`. */
  readonly lookups: string;
}

const findPresent = (sql: Statements, { kind, id }: Write): Present | undefined => {
  const found = sql('SELECT rowid AS row, revision, lookups FROM record WHERE kind = ? AND id = ?').get(kind, id);
  if (found === undefined) return undefined;
  const { row, revision, lookups } = found;
  if (typeof row !== 'number' || typeof revision !== 'number' || typeof lookups !== 'string')
    throw new Problem('store.corrupt', 'unavailable', 'the state database has a column of an unexpected type');
  return { row, revision, lookups };
};

/** The index values of a record stand beside it, so that they are found without an index over the indexes. */
const lookupsText = (lookups: readonly Lookup[]): string =>
  JSON.stringify(lookups.map(({ name, value }) => [name, value]));

const removeLookups = (sql: Statements, { kind, id }: Write, text: string): void => {
  const pairs: unknown = JSON.parse(text);
  const remove = sql('DELETE FROM lookup WHERE kind = ? AND name = ? AND value = ? AND id = ?');
  for (const pair of Array.isArray(pairs) ? pairs : []) {
    const [name, value]: readonly unknown[] = Array.isArray(pair) ? pair : [];
    remove.run(kind, String(name), String(value), id);
  }
};

/** Writes one record. Answers whether its index values are other than before; those it had are taken away then. */
const writeRecord = (sql: Statements, write: Write): boolean => {
  const { kind, id } = write;
  if (write.verb === 'remove') {
    const removed = sql('DELETE FROM record WHERE kind = ? AND id = ? RETURNING revision, lookups').get(kind, id);
    if (removed === undefined) return false;
    // Thrown inside a savepoint: the record is there again.
    if (write.revision !== undefined && write.revision !== removed['revision']) throw recordChanged(kind, id);
    removeLookups(sql, write, String(removed['lookups']));
    return true;
  }
  const lookups = lookupsText(write.lookups);
  const present = write.revision === 'new' ? undefined : findPresent(sql, write);
  if (present === undefined) {
    if (typeof write.revision === 'number') throw recordChanged(kind, id);
    const added = sql('INSERT OR IGNORE INTO record (kind, id, revision, value, lookups) VALUES (?, ?, 1, ?, ?)');
    if (added.run(kind, id, write.text, lookups).changes === 0) throw recordExists(kind, id);
    return true;
  }
  if (typeof write.revision === 'number' && write.revision !== present.revision) throw recordChanged(kind, id);
  const set = sql('UPDATE record SET revision = revision + 1, value = ?, lookups = ? WHERE rowid = ?');
  set.run(write.text, lookups, present.row);
  if (lookups === present.lookups) return false;
  removeLookups(sql, write, present.lookups);
  return true;
};

/** Adds the index values of a written record. Comes last, so that records may swap values in one commit. */
const writeLookups = (sql: Statements, write: Write): void => {
  if (write.verb === 'remove') return;
  const { kind, id } = write;
  const add = sql('INSERT OR IGNORE INTO lookup (kind, name, value, id, exclusive) VALUES (?, ?, ?, ?, ?)');
  for (const { name, value, exclusive } of write.lookups) {
    // Nothing is added when the record has the value already, or when another one has it that must be unique.
    if (add.run(kind, name, value, id, exclusive ? 1 : 0).changes > 0 || !exclusive) continue;
    if (findRow(sql, kind, { index: name, value })?.id !== id) throw valueTaken(kind, name, value);
  }
};

/** Makes all the writes inside a transaction of the caller's. @throws Problem `store.exists` or `store.changed` */
export const applyWrites = (sql: Statements, writes: readonly Write[]): void => {
  // Of several writes of one record the last one counts.
  const indexed = new Map<string, Write>();
  for (const write of writes) {
    const record = `${write.kind}/${write.id}`;
    if (writeRecord(sql, write) || indexed.has(record)) indexed.set(record, write);
  }
  for (const write of indexed.values()) writeLookups(sql, write);
};
