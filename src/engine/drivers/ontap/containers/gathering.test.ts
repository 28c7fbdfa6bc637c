import { describe, expect, it } from 'vitest';
import { Gathering } from './gathering.ts';
import { Rounds } from './rounds.ts';

const { signal } = new AbortController();

/** Each of them makes a change and joins a round. Answers who was in which round. */
const roundsOf = async (gathering: Gathering, changes: Readonly<Record<string, Promise<void>>>) => {
  const rounds = new Rounds<void>();
  const seen: string[] = [];
  const run = async (names: ReadonlySet<string>) => void seen.push([...names].join(' '));
  const take = async (name: string, change: Promise<void>) => {
    using arriving = gathering.begin();
    await change;
    await arriving.arrive(signal);
    await rounds.join('pool', name, run, signal);
  };
  await Promise.allSettled(Object.entries(changes).map(([name, change]) => take(name, change)));
  return seen;
};

describe('changes at about the same time', () => {
  it('share one round, whichever is made first', async () => {
    const [early, late] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const seen = roundsOf(new Gathering(), { a: Promise.resolve(), b: early.promise, c: late.promise });
    setImmediate(early.resolve);
    setTimeout(late.resolve, 5);
    expect(await seen).toEqual(['a b c']);
  });

  it('do not wait for one that failed', async () => {
    const refused = Promise.reject(new Error('refused'));
    expect(await roundsOf(new Gathering(), { a: Promise.resolve(), b: refused })).toEqual(['a']);
  });

  it('do not wait long for one that takes long', async () => {
    const gathering = new Gathering();
    using other = gathering.begin();
    expect(await roundsOf(gathering, { a: Promise.resolve() })).toEqual(['a']);
    await other.arrive(signal);
  });

  it('end with their signal', async () => {
    const gathering = new Gathering();
    using _other = gathering.begin();
    using one = gathering.begin();
    await expect(one.arrive(AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
  });
});
