import { openTestStore } from './sqlite-store.ts';
import { volumeRecord } from './records.ts';

/**
 * A process of its own that uses a state directory, for tests that need one: `node store-process.ts DIRECTORY TASK`.
 * Says on stdout how far it came, one word a line.
 */
const [directory = '', task = '', count = '0'] = process.argv.slice(2);

const say = (word: string): void => {
  process.stdout.write(`${word}\n`);
};

const increment = async (): Promise<void> => {
  await using store = await openTestStore(directory);
  for (let done = 0; done < Number(count);) {
    const found = await store.get('volume', 'counter');
    if (found === undefined) throw new Error('no counter');
    const { value, revision } = found;
    const put = volumeRecord('counter', { config: { ...value.config, size: value.config.size + 1 } });
    try {
      await store.commit([{ kind: 'volume', put, revision }]);
      done += 1;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'store.changed')) throw error;
    }
  }
  say('done');
};

/** Increments without compare-and-swap, which only the lock makes safe. */
const locked = async (): Promise<void> => {
  await using store = await openTestStore(directory);
  for (let done = 0; done < Number(count); done++) {
    await using _ = await store.lease({ exclusive: ['volume/counter'], waitMs: 60_000 }, AbortSignal.timeout(60_000));
    const found = await store.get('volume', 'counter');
    if (found === undefined) throw new Error('no counter');
    const put = volumeRecord('counter', { config: { ...found.value.config, size: found.value.config.size + 1 } });
    await store.commit([{ kind: 'volume', put, revision: 'any' }]);
  }
  say('done');
};

const open = async (): Promise<void> => {
  await using store = await openTestStore(directory);
  await store.commit([{ kind: 'volume', put: volumeRecord(`by-${process.pid}`), revision: 'new' }]);
  say(store.installationUuid);
};

const hold = async (): Promise<void> => {
  const store = await openTestStore(directory);
  await store.lease({ exclusive: ['volume/v1'], shared: ['backend/b1'], waitMs: 0 }, AbortSignal.timeout(60_000));
  say(store.owner);
  // Until it is killed.
  setInterval(() => undefined, 1000);
};

const tasks: Readonly<Record<string, () => Promise<void>>> = { increment, locked, open, hold };
await tasks[task]?.();
