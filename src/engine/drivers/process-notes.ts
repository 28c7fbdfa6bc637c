import type { DriverNotes } from './driver.ts';

/** Notes that last as long as the process, for a driver that nobody keeps any for. */
export const notesOfProcess = (): DriverNotes => {
  const texts = new Map<string, string>();
  return {
    get: async (key) => texts.get(key),
    put: async (key, text) => {
      texts.set(key, text);
    },
    remove: async (key) => {
      texts.delete(key);
    },
    keys: async (prefix) => [...texts.keys()].filter((key) => key.startsWith(prefix)),
  };
};
