import { DatabaseSync } from 'node:sqlite';
import { setImmediate as turn } from 'node:timers/promises';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { propertyRuns } from '../../../test/support/property-runs.ts';
import { Problem } from '../problem.ts';
import type { Write } from './record-codec.ts';
import { newCommits } from './sqlite-commits.ts';
import { newStatements } from './sqlite-records.ts';
import { migrate, migrations } from './sqlite-schema.ts';
import { newTransactions } from './sqlite-transactions.ts';

/** A real database on a disk that takes as many turns as it is told to, and that fails at some time. */
const openOn = (turns: readonly number[], failsAt: number) => {
  const database = new DatabaseSync(':memory:');
  migrate(database, 'state.db', migrations);
  const sql = newStatements(database);
  const idsNow = () =>
    sql('SELECT id FROM record')
      .all()
      .map(({ id }) => String(id));
  const onDisk = new Set<string>();
  let flushes = 0;
  const flush = async () => {
    const number = flushes++;
    const written = idsNow();
    for (let left = turns[number % turns.length] ?? 0; left > 0; left--) await turn();
    if (number >= failsAt) throw new Problem('store.failed', 'unavailable', `flush ${number}`);
    for (const id of written) onDisk.add(id);
  };
  const opened = { database, file: 'state.db', flush, close: async () => database.close() };
  return { database, opened, sql, onDisk, commits: newCommits(opened, sql, newTransactions(opened, sql)) };
};

const put = (id: string): Write => ({
  verb: 'put',
  kind: 'node',
  id,
  text: '{}',
  revision: 'new',
  lookups: [],
});

const asked = fc.record({ id: fc.nat(60), wait: fc.nat(3) });

it('answers every commit, and says that it is kept only once it is on disk', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(asked, { minLength: 1, maxLength: 80 }),
      fc.array(fc.nat(4), { minLength: 1, maxLength: 5 }),
      fc.oneof(fc.nat(6), fc.constant(Number.POSITIVE_INFINITY)),
      async (changes, turns, failsAt) => {
        const { database, onDisk, commits } = openOn(turns, failsAt);
        using _ = database;
        const answers: Promise<void>[] = [];
        for (const { id, wait } of changes) {
          for (let left = wait; left > 0; left--) await turn();
          answers.push(
            commits.add([put(String(id))]).then(
              () => expect(onDisk).toContain(String(id)),
              (error: unknown) => expect(error).toMatchObject({ code: commits.failure?.code ?? 'store.exists' }),
            ),
          );
        }
        await commits.idle();
        // Those that are not answered by now never are.
        const isAnswered = await Promise.race([Promise.all(answers).then(() => true), turn(false)]);
        expect(isAnswered).toBe(true);
      },
    ),
    propertyRuns(200),
  );
});

it('refuses every commit after one that could not be brought to disk', async () => {
  const { database, commits } = openOn([0], 0);
  using _ = database;
  for (const id of ['a', 'b', 'c', 'd'])
    await expect(commits.add([put(id)])).rejects.toMatchObject({ code: 'store.failed' });
  await commits.idle();
});

it('lets all that wait know when no transaction can begin', async () => {
  const { database, opened, sql } = openOn([0], Number.POSITIVE_INFINITY);
  using _ = database;
  let tries = 0;
  const run = async () => {
    tries++;
    throw new Problem('store.busy', 'unavailable', 'kept busy');
  };
  const commits = newCommits(opened, sql, { run });
  const answers = Array.from({ length: 30 }, (_each, index) => commits.add([put(String(index))]));
  for (const { status } of await Promise.allSettled(answers)) expect(status).toBe('rejected');
  expect(tries).toBe(1);
});
