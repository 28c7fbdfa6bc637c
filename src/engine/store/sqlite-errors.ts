import { setTimeout as delay } from 'node:timers/promises';
import { Problem, messageOf } from '../problem.ts';

/** Result codes of SQLite (sqlite.org/rescode.html); extended codes carry the primary one in their low byte. */
const codes = {
  busy: 5,
  locked: 6,
  readOnly: 8,
  ioError: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  protocol: 15,
  notADatabase: 26,
} as const;

/** `SQLITE_IOERR_SHMSIZE`: the memory that processes share is a file, for which there was no room. */
const noRoomForSharing = 4874;

const primaryCode = (error: unknown): number | undefined => {
  if (!(error instanceof Error && 'errcode' in error && typeof error.errcode === 'number')) return undefined;
  return error.errcode === noRoomForSharing ? codes.full : error.errcode & 0xff;
};

/** True for what passes by itself: another process writes, recovers or tidies the database at this moment. */
const passes = (error: unknown): boolean => {
  const code = primaryCode(error);
  return code === codes.busy || code === codes.locked || code === codes.protocol;
};

/** What SQLite refused, as a Problem that names the file. A Problem passes through. */
const storeProblem = (error: unknown, file: string): Problem => {
  if (Problem.is(error)) return error;
  const because = messageOf(error);
  switch (primaryCode(error)) {
    case codes.busy:
    case codes.locked:
    case codes.protocol:
      return new Problem('store.busy', 'unavailable', `the state database ${file} is kept busy by other processes`, {
        cause: error,
        hint: 'try again; if it persists, look for a hanging process that has the file open',
      });
    case codes.corrupt:
    case codes.notADatabase:
      return new Problem('store.corrupt', 'unavailable', `the state database ${file} is damaged: ${because}`, {
        cause: error,
        hint: 'restore the state directory from a backup, or choose another one with --state-dir',
      });
    case codes.full:
      return new Problem('store.full', 'limit', `there is no room to write the state database ${file}`, {
        cause: error,
        hint: 'make room on that file system and try again',
      });
    case codes.readOnly:
    case codes.cannotOpen:
      return new Problem('store.denied', 'denied', `the state database ${file} cannot be written: ${because}`, {
        cause: error,
        hint: 'check owner and rights of the directory, or choose another one with --state-dir',
      });
    default:
      return new Problem('store.failed', 'unavailable', `the state database ${file} cannot be used: ${because}`, {
        cause: error,
      });
  }
};

/** How long one access waits, in milliseconds, for other processes to let go of the database. */
const patience = 30_000;

/**
 * Runs a piece of synchronous database work, again while other processes are in the way. SQLite itself waits only
 * briefly (`busy_timeout`), since that blocks the whole process; the longer waits are made here.
 */
export const withRetry = async <T>(file: string, work: () => T): Promise<T> => {
  const deadline = performance.now() + patience;
  for (let pause = 2; ; pause = Math.min(pause * 2, 100)) {
    try {
      return work();
    } catch (error) {
      if (!passes(error) || performance.now() > deadline) throw storeProblem(error, file);
    }
    await delay(pause * (0.5 + Math.random()));
  }
};
