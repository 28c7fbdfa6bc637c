import { randomBytes, randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { Problem } from '../problem.ts';

/** `TRID`: tells our databases from those of other programs (PRAGMA application_id). */
const applicationId = 0x54_52_49_44;

/** Brings a database from the version before to this one, inside one transaction with the change of version. */
export interface Migration {
  readonly version: number;
  readonly apply: (database: DatabaseSync) => void;
}

/**
 * Every version of the schema, oldest first. A step that has been released is never changed. A change to the indexes
 * of the `kinds` table needs a step too, which fills `lookup` anew.
 */
export const migrations: readonly Migration[] = [
  {
    version: 1,
    apply: (database) => {
      database.exec(`
        CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE record (
          kind TEXT NOT NULL, id TEXT NOT NULL, revision INTEGER NOT NULL, value TEXT NOT NULL,
          UNIQUE (kind, id)
        );
        CREATE TABLE lookup (
          kind TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, id TEXT NOT NULL, exclusive INTEGER NOT NULL,
          PRIMARY KEY (kind, name, value, id)
        ) WITHOUT ROWID;
        CREATE UNIQUE INDEX lookup_exclusive ON lookup (kind, name, value) WHERE exclusive;
        CREATE INDEX lookup_record ON lookup (kind, id);
        CREATE TABLE ticket (
          number INTEGER PRIMARY KEY AUTOINCREMENT, owner TEXT NOT NULL, expires INTEGER NOT NULL
        );
        CREATE TABLE lock (
          name TEXT NOT NULL, ticket INTEGER NOT NULL, exclusive INTEGER NOT NULL,
          PRIMARY KEY (name, ticket)
        ) WITHOUT ROWID;
        CREATE INDEX lock_ticket ON lock (ticket);
      `);
      database
        .prepare(`INSERT INTO meta (name, value) VALUES ('installation', ?), ('salt', ?)`)
        .run(randomUUID(), randomBytes(16).toString('base64'));
    },
  },
  {
    // Group snapshots: their members are found by the group's name.
    version: 2,
    apply: (database) => {
      database.exec(`
        INSERT OR REPLACE INTO lookup (kind, name, value, id, exclusive)
          SELECT kind, 'group', coalesce(json_extract(value, '$.groupSnapshotName'), ''), id, 0
          FROM record WHERE kind = 'snapshot'
      `);
    },
  },
  {
    // The index values of a record stand beside it; empty ones are not indexed; locks are found by name alone.
    version: 3,
    apply: (database) => {
      database.exec(`
        DELETE FROM lookup WHERE value = '';
        ALTER TABLE record ADD COLUMN lookups TEXT NOT NULL DEFAULT '[]';
        UPDATE record SET lookups = (
          SELECT json_group_array(json_array(name, value)) FROM lookup
          WHERE lookup.kind = record.kind AND lookup.id = record.id
        );
        DROP INDEX lookup_record;
        DROP INDEX lock_ticket;
      `);
    },
  },
  {
    // Publications are `volume/node`, not `volume.node`, which two of them could have in common.
    version: 4,
    apply: (database) => {
      database.exec(`
        UPDATE lookup SET id = (
          SELECT json_extract(value, '$.volume') || '/' || json_extract(value, '$.node') FROM record
          WHERE record.kind = lookup.kind AND record.id = lookup.id
        ) WHERE kind = 'publication';
        UPDATE record SET id = json_extract(value, '$.volume') || '/' || json_extract(value, '$.node')
          WHERE kind = 'publication';
      `);
    },
  },
  {
    // Operations are found by whether they are settled, and those that are done not at all.
    version: 5,
    apply: (database) => {
      database.exec(`
        DELETE FROM lookup WHERE kind = 'operation' AND value = 'done';
        UPDATE lookup SET value = 'unsettled' WHERE kind = 'operation' AND value IN ('open', 'stuck');
        UPDATE record SET lookups = (
          SELECT json_group_array(json_array(name, value)) FROM lookup
          WHERE lookup.kind = 'operation' AND lookup.name = 'outcome' AND lookup.id = record.id
        ) WHERE kind = 'operation';
      `);
    },
  },
];

const readNumber = (database: DatabaseSync, pragma: string): number => {
  const [value] = Object.values(database.prepare(`PRAGMA ${pragma}`).get() ?? {});
  return typeof value === 'number' ? value : 0;
};

/** Version of the schema; 0 in a new file. */
export const schemaVersion = (database: DatabaseSync): number => readNumber(database, 'user_version');

const latest = (steps: readonly Migration[]): number => steps.at(-1)?.version ?? 0;

/**
 * Refuses a file that is not ours or that a newer version of the program has changed. Changes nothing.
 * @throws Problem `store.foreign` or `store.newer`
 */
export const checkSchema = (database: DatabaseSync, file: string, steps: readonly Migration[]): void => {
  const application = readNumber(database, 'application_id');
  const isEmpty = database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined;
  if (application !== applicationId && !(application === 0 && isEmpty))
    throw new Problem('store.foreign', 'invalid', `${file} is a database of another program`, {
      hint: 'choose another state directory with --state-dir',
    });
  const version = schemaVersion(database);
  if (version > latest(steps))
    throw new Problem(
      'store.newer',
      'unsupported',
      `the state in ${file} was written by a newer version of this program (its format is ${version}, this program knows formats up to ${latest(steps)})`,
      { hint: 'use that newer version, or choose another state directory with --state-dir', nothingDone: true },
    );
};

/** Applies the steps that the database lacks, each in a transaction of its own; other processes wait meanwhile. */
export const migrate = (database: DatabaseSync, file: string, steps: readonly Migration[]): void => {
  if (schemaVersion(database) === latest(steps)) return;
  for (const step of steps) {
    database.exec('BEGIN IMMEDIATE');
    try {
      // Read again under the lock: another process may have been first.
      checkSchema(database, file, steps);
      if (schemaVersion(database) < step.version) {
        step.apply(database);
        database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${step.version}`);
      }
      database.exec('COMMIT');
    } catch (cause) {
      if (database.isTransaction) database.exec('ROLLBACK');
      throw cause;
    }
  }
};
