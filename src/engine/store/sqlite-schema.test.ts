import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { checkSchema, migrate, migrations, schemaVersion } from './sqlite-schema.ts';
import type { Migration } from './sqlite-schema.ts';
import { kinds } from './store.ts';

const latest = migrations.length;
const second: Migration = {
  version: latest + 1,
  apply: (database) =>
    database.exec(`ALTER TABLE record ADD COLUMN note TEXT NOT NULL DEFAULT ''; UPDATE record SET note = kind || id`),
};
const failing: Migration = {
  version: latest + 2,
  apply: (database) => {
    database.exec('DROP TABLE record');
    throw new Error('half way');
  },
};

const oldDatabase = (): DatabaseSync => {
  const database = new DatabaseSync(':memory:');
  migrate(database, 'old.db', migrations);
  database.exec(`INSERT INTO record (kind, id, revision, value) VALUES ('volume', 'v1', 1, '{}')`);
  return database;
};

describe('migrate', () => {
  it('brings an older database forward and keeps what is in it', () => {
    using database = oldDatabase();
    const steps = [...migrations, second];
    checkSchema(database, 'old.db', steps);
    migrate(database, 'old.db', steps);
    expect(schemaVersion(database)).toBe(latest + 1);
    expect(database.prepare('SELECT id, note FROM record').all()).toMatchObject([{ id: 'v1', note: 'volumev1' }]);
    migrate(database, 'old.db', steps);
    expect(schemaVersion(database)).toBe(latest + 1);
  });

  it('finds the members of group snapshots in a database of before', () => {
    using database = new DatabaseSync(':memory:');
    migrate(database, 'old.db', migrations.slice(0, 1));
    const insert = database.prepare(`INSERT INTO record (kind, id, revision, value) VALUES ('snapshot', ?, 1, ?)`);
    insert.run('v1/s1', JSON.stringify({ volume: 'v1', name: 's1', groupSnapshotName: 'g' }));
    insert.run('v1/s2', JSON.stringify({ volume: 'v1', name: 's2', groupSnapshotName: '' }));
    migrate(database, 'old.db', migrations);
    expect(database.prepare(`SELECT value, id FROM lookup WHERE kind = 'snapshot' ORDER BY id`).all()).toMatchObject([
      { value: 'g', id: 'v1/s1' },
    ]);
  });

  it('puts the index values beside the records of a database of before', () => {
    using database = new DatabaseSync(':memory:');
    migrate(database, 'old.db', migrations.slice(0, 2));
    database.exec(`
      INSERT INTO record (kind, id, revision, value) VALUES ('volume', 'v1', 1, '{}'), ('node', 'n1', 1, '{}');
      INSERT INTO lookup (kind, name, value, id, exclusive)
        VALUES ('volume', 'backend', 'b1', 'v1', 0), ('volume', 'cloneSource', '', 'v1', 0), ('volume', 'object', 'b1/x', 'v1', 1);
    `);
    migrate(database, 'old.db', migrations);
    expect(database.prepare('SELECT id, lookups FROM record ORDER BY id').all()).toMatchObject([
      { id: 'n1', lookups: '[]' },
      { id: 'v1', lookups: '[["backend","b1"],["object","b1/x"]]' },
    ]);
    expect(database.prepare('SELECT count(*) AS rows FROM lookup').get()).toMatchObject({ rows: 2 });
  });

  it('tells apart the publications of a database of before by volume and node', () => {
    using database = new DatabaseSync(':memory:');
    migrate(database, 'old.db', migrations.slice(0, 3));
    const insert = database.prepare(`INSERT INTO record (kind, id, revision, value) VALUES (?, ?, 1, ?)`);
    insert.run('publication', 'a.b.c', JSON.stringify({ volume: 'a.b', node: 'c' }));
    insert.run('volume', 'a.b', '{}');
    database.exec(`INSERT INTO lookup (kind, name, value, id, exclusive)
      VALUES ('publication', 'node', 'c', 'a.b.c', 0), ('volume', 'backend', 'b1', 'a.b', 0)`);
    migrate(database, 'old.db', migrations);
    expect(database.prepare('SELECT id FROM record ORDER BY kind').all()).toMatchObject([
      { id: 'a.b/c' },
      { id: 'a.b' },
    ]);
    expect(database.prepare('SELECT value, id FROM lookup ORDER BY kind').all()).toMatchObject([
      { value: 'c', id: 'a.b/c' },
      { value: 'b1', id: 'a.b' },
    ]);
  });

  it('keeps of the operations of before what is not settled, and what was undone, where it is found', () => {
    using database = new DatabaseSync(':memory:');
    migrate(database, 'old.db', migrations.slice(0, 4));
    const record = database.prepare(
      `INSERT INTO record (kind, id, revision, value, lookups) VALUES ('operation', ?, 1, '{}', ?)`,
    );
    const lookup = database.prepare(
      `INSERT INTO lookup (kind, name, value, id, exclusive) VALUES ('operation', 'outcome', ?, ?, 0)`,
    );
    for (const [index, outcome] of ['open', 'stuck', 'undone', 'done'].entries()) {
      record.run(`o${index}`, JSON.stringify([['outcome', outcome]]));
      lookup.run(outcome, `o${index}`);
    }
    migrate(database, 'old.db', migrations);
    expect(database.prepare('SELECT value, id FROM lookup ORDER BY id').all()).toMatchObject([
      { value: 'unsettled', id: 'o0' },
      { value: 'unsettled', id: 'o1' },
      { value: 'undone', id: 'o2' },
    ]);
    expect(database.prepare('SELECT lookups FROM record ORDER BY id').all()).toMatchObject([
      { lookups: '[["outcome","unsettled"]]' },
      { lookups: '[["outcome","unsettled"]]' },
      { lookups: '[["outcome","undone"]]' },
      { lookups: '[]' },
    ]);
  });

  it('keeps the last whole version when a step fails', () => {
    using database = oldDatabase();
    expect(() => migrate(database, 'old.db', [...migrations, second, failing])).toThrow('half way');
    expect(schemaVersion(database)).toBe(latest + 1);
    expect(database.prepare('SELECT count(*) AS rows FROM record').get()).toMatchObject({ rows: 1 });
  });
});

describe('checkSchema', () => {
  it('accepts a new file and refuses those of others and of newer versions', () => {
    using fresh = new DatabaseSync(':memory:');
    checkSchema(fresh, 'new.db', migrations);
    fresh.exec('CREATE TABLE other (x)');
    expect(() => checkSchema(fresh, 'new.db', migrations)).toThrow('database of another program');
    using newer = oldDatabase();
    newer.exec('PRAGMA user_version = 9');
    expect(() => checkSchema(newer, 'old.db', migrations)).toThrow(/its format is 9, .* up to \d/);
  });
});

/** Rows of `lookup` are made from this table, so a change to it needs a migration that makes them anew. */
it('has the indexes that the latest version of the schema was made for', () => {
  const indexes = Object.entries(kinds).flatMap(([kind, { indexes: own }]) =>
    Object.entries(own).map(([name, index]) => `${kind}.${name}${index.unique === true ? ' unique' : ''}`),
  );
  expect({ version: migrations.at(-1)?.version, indexes }).toEqual({
    version: 5,
    indexes: [
      'backend.name unique',
      'volume.backend',
      'volume.object unique',
      'volume.cloneSource',
      'volume.shareSource',
      'snapshot.volume',
      'snapshot.group',
      'publication.volume',
      'publication.node',
      'publication.backend',
      'operation.outcome',
      // No step: before this kind there were none of its records.
      'driverNote.backend',
    ],
  });
});
