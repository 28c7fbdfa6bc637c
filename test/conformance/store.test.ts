import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newMemoryState, openMemoryStore } from '../../src/engine/store/memory.ts';
import { openTestStore } from '../support/sqlite-store.ts';
import { describeStore } from './store.ts';

describeStore('memory', async () => {
  const state = newMemoryState();
  return { open: async () => openMemoryStore({ state }), remove: async () => undefined };
});

describeStore('SQLite', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'store-'));
  return { open: () => openTestStore(directory), remove: () => rm(directory, { recursive: true }) };
});
