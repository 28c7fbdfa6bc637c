import type { DriverNotes } from '../drivers/driver.ts';
import type { Change, Store } from '../store/store.ts';
import type { DriverNoteRecord } from './model.ts';
import { driverNoteId } from './model.ts';

/** What the driver of a backend keeps between processes, in the store. */
export const driverNotes = (store: Store, backendUUID: string): DriverNotes => {
  const idOf = (key: string): string => driverNoteId({ backendUUID, key });
  return {
    async get(key) {
      return (await store.get('driverNote', idOf(key)))?.value.text;
    },
    async put(key, text) {
      const put: DriverNoteRecord = { backendUUID, key, text };
      await store.commit([{ kind: 'driverNote', put, revision: 'any' }]);
    },
    async remove(key) {
      if ((await store.get('driverNote', idOf(key))) !== undefined)
        await store.commit([{ kind: 'driverNote', remove: idOf(key) }]);
    },
    async keys(prefix) {
      const notes = await store.list('driverNote', { index: 'backend', value: backendUUID });
      return notes.map(({ value }) => value.key).filter((key) => key.startsWith(prefix));
    },
  };
};

/** What removes them with their backend. */
export const notesRemoval = async (store: Store, backendUUID: string): Promise<readonly Change[]> => {
  const notes = await store.list('driverNote', { index: 'backend', value: backendUUID });
  return notes.map(({ value }): Change => ({ kind: 'driverNote', remove: driverNoteId(value) }));
};
