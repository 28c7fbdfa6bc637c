import { chmodSync, close as closeLater, closeSync, existsSync, fdatasync, open, openSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { makeDirectory } from '../make-directory.ts';
import { errorCode } from '../node-errors.ts';
import { Problem, messageOf } from '../problem.ts';
import { withRetry } from './sqlite-errors.ts';
import { checkSchema, migrate, migrations } from './sqlite-schema.ts';

const databaseName = 'state.db';

/** Whether there is a database in a directory; makes nothing. */
export const hasDatabase = (directory: string): boolean => existsSync(join(directory, databaseName));

const unusable = (directory: string, error: unknown): Problem =>
  new Problem(
    'store.directory',
    ['EACCES', 'EPERM', 'EROFS'].includes(errorCode(error)) ? 'denied' : 'unavailable',
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
    if (makeDirectory(directory, 0o700)) chmodSync(directory, 0o700);
    try {
      closeSync(openSync(file, 'wx', 0o600));
      chmodSync(file, 0o600);
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error;
      const { mode } = statSync(file);
      if ((mode & 0o077) !== 0) chmodSync(file, mode & 0o700);
    }
  } catch (error) {
    throw unusable(directory, error);
  }
  return file;
};

/**
 * The log is written back into the database when it has so many pages (16 MB; SQLite's own habit is 1,000). Most pages
 * of a busy database change many times over, and only their last state is written back.
 */
const checkpointPages = 4_000;

const connect = (file: string): DatabaseSync => {
  // Longer waits are made by `withRetry`, which does not block the process.
  const database = new DatabaseSync(file, { timeout: 20 });
  try {
    database.exec(
      `PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF; PRAGMA wal_autocheckpoint = ${checkpointPages}`,
    );
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
};

/** An open database, and what it takes to know that its transactions are on disk. */
export interface Opened {
  readonly database: DatabaseSync;
  readonly file: string;
  /** Resolves when every transaction that has ended is on disk. @throws Problem */
  readonly flush: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/**
 * Looks whether the file is still the one that was opened. SQLite goes on with one that was removed or replaced, which
 * nobody else ever sees, and which is gone with this process.
 */
const watchPlace = (file: string): (() => void) => {
  const opened = statSync(file);
  return () => {
    try {
      // SQLite reads and writes that file in this way too; to leave it to a thread takes twenty times as long.
      const now = statSync(file);
      if (now.ino === opened.ino && now.dev === opened.dev) return;
    } catch (error) {
      // What cannot be looked at just now may be there all the same.
      if (!['ENOENT', 'ENOTDIR'].includes(errorCode(error))) return;
    }
    throw new Problem(
      'store.replaced',
      'unavailable',
      `the state database ${file} was removed or replaced while it was in use`,
      { hint: 'start this command again; it then works with what is there now' },
    );
  };
};

// File handles would make a promise, a request and a counter of their own for each of thousands of flushes.
const openFile = promisify(open);
const bringToDisk = promisify(fdatasync);
const closeFile = promisify(closeLater);

/**
 * SQLite itself waits for the disk inside COMMIT, and the whole process with it. In WAL mode with `synchronous=NORMAL`
 * it leaves that to the next checkpoint: a transaction is atomic and seen by all, and is on disk once the log is. The
 * log is waited for here, without holding up anything else. Nobody takes the log away while a connection is open, and
 * closing our handle on it frees no lock, since SQLite keeps none on that file.
 */
const flushLog = (database: DatabaseSync, file: string): Pick<Opened, 'flush' | 'close'> => {
  database.exec('PRAGMA synchronous = NORMAL');
  let log: Promise<number> | undefined;
  return {
    async flush() {
      try {
        await bringToDisk(await (log ??= openFile(`${file}-wal`, 'r+')));
      } catch (error) {
        throw new Problem(
          'store.failed',
          'unavailable',
          `the state database ${file} cannot be brought to disk: ${messageOf(error)}`,
          { cause: error, hint: 'what was done last may be lost; see to the disk and start this command again' },
        );
      }
    },
    async close() {
      database.close();
      const opened = await log?.catch(() => undefined);
      if (opened !== undefined) await closeFile(opened);
    },
  };
};

/** Where there is no log, transactions are on disk when they end. */
const flushed = (database: DatabaseSync): Pick<Opened, 'flush' | 'close'> => ({
  flush: async () => undefined,
  close: async () => database.close(),
});

/** Opens the database; creates or migrates it when needed. */
export const openDatabase = async (directory: string): Promise<Opened> => {
  const file = prepareFile(directory);
  const database = await withRetry(file, () => connect(file));
  try {
    await withRetry(file, () => checkSchema(database, file, migrations));
    // Some file systems cannot share the memory that a log needs; SQLite then stays with what it has.
    const mode = await withRetry(file, () => database.prepare('PRAGMA journal_mode = WAL').get()?.['journal_mode']);
    await withRetry(file, () => migrate(database, file, migrations));
    const { flush, close } = mode === 'wal' ? flushLog(database, file) : flushed(database);
    const checkPlace = watchPlace(file);
    return {
      database,
      file,
      async flush() {
        try {
          await flush();
        } finally {
          checkPlace();
        }
      },
      close,
    };
  } catch (error) {
    database.close();
    throw error;
  }
};
