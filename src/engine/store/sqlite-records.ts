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

const revisionOf = (sql: Statements, { kind, id }: Write): number | undefined => {
  const revision = sql('SELECT revision FROM record WHERE kind = ? AND id = ?').get(kind, id)?.['revision'];
  return typeof revision === 'number' ? revision : undefined;
};

const lookupsOf = (sql: Statements, { kind, id }: Write): readonly Lookup[] =>
  // Left to itself SQLite walks all index values of the kind instead.
  sql('SELECT name, value, exclusive FROM lookup INDEXED BY lookup_record WHERE kind = ? AND id = ?')
    .all(kind, id)
    .map(({ name, value, exclusive }) => ({ name: String(name), value: String(value), exclusive: exclusive === 1 }));

const has = (lookups: readonly Lookup[], wanted: Lookup): boolean =>
  lookups.some(({ name, value }) => name === wanted.name && value === wanted.value);

/** Writes the record and takes away the index values that it no longer has. */
const writeRecord = (sql: Statements, write: Write): void => {
  const { kind, id } = write;
  const current = revisionOf(sql, write);
  if (write.verb === 'remove') {
    if (current === undefined) return;
    if (write.revision !== undefined && write.revision !== current) throw recordChanged(kind, id);
    sql('DELETE FROM record WHERE kind = ? AND id = ?').run(kind, id);
    sql('DELETE FROM lookup INDEXED BY lookup_record WHERE kind = ? AND id = ?').run(kind, id);
    return;
  }
  if (write.revision === 'new' && current !== undefined) throw recordExists(kind, id);
  if (typeof write.revision === 'number' && write.revision !== current) throw recordChanged(kind, id);
  sql(
    `INSERT INTO record (kind, id, revision, value) VALUES (?, ?, 1, ?)
     ON CONFLICT (kind, id) DO UPDATE SET revision = revision + 1, value = excluded.value`,
  ).run(kind, id, write.text);
  if (current === undefined) return;
  for (const old of lookupsOf(sql, write))
    if (!has(write.lookups, old))
      sql('DELETE FROM lookup WHERE kind = ? AND name = ? AND value = ? AND id = ?').run(kind, old.name, old.value, id);
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
  for (const write of writes) writeRecord(sql, write);
  // Of several writes of one record the last one counts.
  const last = new Map(writes.map((write) => [`${write.kind}/${write.id}`, write]));
  for (const write of last.values()) writeLookups(sql, write);
};
