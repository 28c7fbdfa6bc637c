import { chmodSync, closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Problem, messageOf } from '../problem.ts';
import { withRetry } from './sqlite-errors.ts';
import { checkSchema, migrate, migrations } from './sqlite-schema.ts';

const databaseName = 'state.db';

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);

const unusable = (directory: string, error: unknown): Problem =>
  new Problem(
    'store.directory',
    codeOf(error) === 'EACCES' || codeOf(error) === 'EPERM' || codeOf(error) === 'EROFS' ? 'denied' : 'unavailable',
    `the state directory ${directory} cannot be used: ${messageOf(error)}`,
    { cause: error, hint: 'choose another one with --state-dir or TRIDENT_STATE_DIR' },
  );

/**
 * Makes the directory (0700) and the file (0600) if they are not there, whatever the umask. SQLite gives `-wal` and
 * `-shm` the mode of the database. The rights of a directory that exists already are its owner's business; the file is
 * ours, so rights that others have on it are taken away.
 */
const prepareFile = (directory: string): string => {
  const file = join(directory, databaseName);
  try {
    if (mkdirSync(directory, { recursive: true, mode: 0o700 }) !== undefined) chmodSync(directory, 0o700);
    try {
      closeSync(openSync(file, 'wx', 0o600));
      chmodSync(file, 0o600);
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
      const { mode } = statSync(file);
      if ((mode & 0o077) !== 0) chmodSync(file, mode & 0o700);
    }
  } catch (error) {
    throw unusable(directory, error);
  }
  return file;
};

const connect = (file: string, synchronous: 'FULL' | 'NORMAL'): DatabaseSync => {
  // Longer waits are made by `withRetry`, which does not block the process.
  const database = new DatabaseSync(file, { timeout: 20 });
  try {
    database.exec(`PRAGMA synchronous = ${synchronous}; PRAGMA trusted_schema = OFF`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
};

/** A connection whose transactions are on disk when they end; creates or migrates the database when needed. */
export const openDatabase = async (directory: string): Promise<{ database: DatabaseSync; file: string }> => {
  const file = prepareFile(directory);
  const database = await withRetry(file, () => connect(file, 'FULL'));
  try {
    await withRetry(file, () => checkSchema(database, file, migrations));
    await withRetry(file, () => database.exec('PRAGMA journal_mode = WAL'));
    await withRetry(file, () => migrate(database, file, migrations));
    return { database, file };
  } catch (error) {
    database.close();
    throw error;
  }
};

/**
 * A connection for what need not outlive a power failure: its transactions are atomic and seen by all processes at
 * once, but are not waited for until they are on disk.
 */
export const openVolatile = (file: string): Promise<DatabaseSync> => withRetry(file, () => connect(file, 'NORMAL'));
