import { beforeEach, describe, expect, it } from 'vitest';
import { patient } from '../../../test/support/lab.ts';
import { storeWith } from '../../../test/support/store-with.ts';
import { Problem } from '../problem.ts';
import { newMemoryState, openMemoryStore } from '../store/memory.ts';
import type { MemoryState } from '../store/memory.ts';
import type { Store } from '../store/store.ts';
import { openJournal } from './journal.ts';
import { readState } from './json-state.ts';
import type { CallOptions } from './orchestrator.ts';
import { createRunner } from './runner.ts';
import type { Runner } from './runner.ts';
import type { Saga } from './saga.ts';

/** The runner with sagas of its own, on a store whose answers get lost. */

interface Pair {
  readonly first: boolean;
  readonly second: boolean;
}

let state: MemoryState;
let store: Store;
/** What the steps did to the world, in order. */
let done: string[];

beforeEach(() => {
  state = newMemoryState();
  store = openMemoryStore({ state });
  done = [];
});

const unavailable = () => new Problem('store.gone', 'unavailable', 'the store does not answer');

const runnerOn = (on: Store): Runner =>
  createRunner({
    store: on,
    journal: openJournal(on, () => new Date()),
    now: () => new Date(),
    crashPoint: () => undefined,
    beforeRun: async () => undefined,
    afterRun: async () => undefined,
  });

/** Two steps that can be undone; the second does what `second` does. */
const pair = (second: () => Promise<void> = async () => undefined): Saga<Pair> => ({
  kind: 'test.pair',
  subject: () => 'pair p',
  locks: () => ({ exclusive: ['pair/p'], shared: [] }),
  decode(json) {
    const read = readState(json);
    return { first: read.flag('first'), second: read.flag('second') };
  },
  steps: [
    {
      name: 'first',
      describe: () => 'do the first',
      async run() {
        done.push('first');
        return { first: true };
      },
      async undo() {
        done.push('undo first');
        return undefined;
      },
    },
    {
      name: 'second',
      describe: () => 'do the second',
      async run() {
        done.push('second');
        await second();
        return { second: true };
      },
      async undo() {
        done.push('undo second');
        return 'something was left';
      },
    },
  ],
});

const run = (runner: Runner, saga: Saga<Pair>, options: CallOptions = patient) =>
  runner.run(saga, { exclusive: ['pair/p'], shared: [] }, async () => ({ first: false, second: false }), options);

const entries = async () => (await store.list('operation')).map(({ value }) => value);

describe('runner', () => {
  it('writes the entry before the first step, and its end with the last', async () => {
    const seen: string[] = [];
    const saga = pair(async () => {
      const [entry] = await entries();
      seen.push(`${entry?.outcome} ${entry?.step}`);
    });
    expect(await run(runnerOn(store), saga)).toEqual({ first: true, second: true });
    expect(seen).toEqual(['open 1']);
    expect(await entries()).toMatchObject([{ outcome: 'done', step: 2, state: {} }]);
  });

  it('undoes a failed step and those before it, and keeps what the undoing remarked', async () => {
    const saga = pair(async () => {
      throw unavailable();
    });
    await expect(run(runnerOn(store), saga)).rejects.toThrow('the store does not answer');
    expect(done).toEqual(['first', 'second', 'undo second', 'undo first']);
    expect(await entries()).toMatchObject([
      { outcome: 'undone', reason: 'the store does not answer; something was left' },
    ]);
  });

  it('does not undo a step that certainly did nothing', async () => {
    const saga = pair(async () => {
      throw new Problem('test.refused', 'conflict', 'refused', { nothingDone: true });
    });
    await expect(run(runnerOn(store), saga)).rejects.toThrow('refused');
    expect(done).toEqual(['first', 'second', 'undo first']);
  });

  it('takes a write for done when the entry says so, though its answer was lost', async () => {
    const deaf = storeWith(store, {
      async commit(changes) {
        await store.commit(changes);
        if (done.length > 0) throw unavailable();
      },
    });
    expect(await run(runnerOn(deaf), pair())).toEqual({ first: true, second: true });
    expect(await entries()).toMatchObject([{ outcome: 'done' }]);
  });

  it('undoes nothing when it cannot tell what the store kept, and leaves the entry to recovery', async () => {
    let isGone = false;
    const fleeting = storeWith(store, {
      async commit(changes) {
        await store.commit(changes);
        isGone = done.includes('second');
        if (isGone) throw unavailable();
      },
      async get(kind, id) {
        if (isGone) throw unavailable();
        return store.get(kind, id);
      },
    });
    await expect(run(runnerOn(fleeting), pair())).rejects.toMatchObject({ code: 'operation.abandoned' });
    expect(done).toEqual(['first', 'second']);
    expect(await entries()).toMatchObject([{ outcome: 'done' }]);
  });

  it('undoes nothing when its locks were lost', async () => {
    const lost = new AbortController();
    const slipping = storeWith(store, {
      async lease(request, signal) {
        const lease = await store.lease(request, signal);
        return { ...lease, lost: lost.signal, [Symbol.asyncDispose]: () => lease[Symbol.asyncDispose]() };
      },
    });
    const saga = pair(async () => {
      lost.abort(new Error('lease expired'));
      throw unavailable();
    });
    await expect(run(runnerOn(slipping), saga)).rejects.toMatchObject({ code: 'operation.abandoned' });
    expect(done).toEqual(['first', 'second']);
    expect(await entries()).toMatchObject([{ outcome: 'open', step: 1 }]);
    await runnerOn(store).settle(pair(), (await entries())[0]?.id ?? '', patient);
    expect(done).toEqual(['first', 'second', 'undo second', 'undo first']);
  });

  it('says that it waits for another operation', async () => {
    const { promise: told, resolve } = Promise.withResolvers<string>();
    const holder = await store.lease({ exclusive: ['pair/p'], shared: [], waitMs: 0 }, patient.signal);
    const lines: string[] = [];
    const progress = (line: string) => {
      lines.push(line);
      resolve(line);
    };
    const ended = run(runnerOn(store), pair(), { ...patient, progress });
    expect(await told).toBe('wait for another operation on the same objects to come to its end');
    await holder[Symbol.asyncDispose]();
    await ended;
    expect(lines.slice(1)).toEqual(['do the first', 'do the second']);
  });

  it('says that an interruption was taken back', async () => {
    const controller = new AbortController();
    const saga = pair(async () => controller.abort());
    const interrupted = pair(async () => {
      controller.abort();
      controller.signal.throwIfAborted();
    });
    await expect(run(runnerOn(store), interrupted, controller)).rejects.toMatchObject({
      kind: 'interrupted',
      hint: 'what had been begun was taken back; nothing is left of it',
    });
    await expect(run(runnerOn(store), saga, controller)).rejects.toHaveProperty('name', 'AbortError');
    expect(done).toEqual(['first', 'second', 'undo second', 'undo first']);
  });

  it('leaves an entry alone that a living process works on', async () => {
    const other = openMemoryStore({ state });
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    let reached: () => void = () => undefined;
    const atSecond = new Promise<void>((resolve) => (reached = resolve));
    const running = run(
      runnerOn(store),
      pair(() => {
        reached();
        return held;
      }),
    );
    await atSecond;
    const [entry] = await entries();
    const settling = runnerOn(other).settle(pair(), entry?.id ?? '', patient);
    release();
    await running;
    expect(await settling).toBeUndefined();
    expect(await entries()).toMatchObject([{ outcome: 'done' }]);
  });
});
