import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { backendRecord } from './records.ts';
import type { Store } from '../../src/engine/store/store.ts';

/** Where a state directory may be made, in a folder of its own. It is not there yet, nor is what it would stand in. */
export const newStateDirectory = async (): Promise<string> =>
  join(await mkdtemp(join(tmpdir(), 'sqlite-')), 'state', 'tridentctl');

/** Removes what `newStateDirectory` made, with all that is in it by now. */
export const removeStateDirectory = (directory: string): Promise<void> =>
  rm(join(directory, '..', '..'), { recursive: true });

export const databaseIn = (directory: string): string => join(directory, 'state.db');

/** Changes the database of a state directory behind the store's back. */
export const tamper = (directory: string, sql: string, ...values: (string | number)[]): void => {
  const file = new DatabaseSync(databaseIn(directory));
  file.prepare(sql).run(...values);
  file.close();
};

/** Puts a backend, whose record is sealed, where none may be yet. */
export const putBackend = (store: Store, uuid = 'b1') =>
  store.commit([{ kind: 'backend', put: backendRecord(uuid), revision: 'new' }]);
