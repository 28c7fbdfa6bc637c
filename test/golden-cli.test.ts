import { describe, expect, it } from 'vitest';
import { compareWithGolden, readGoldenCases } from './support/golden-cli.ts';
import { differences } from './support/golden-cli-differences.ts';

/** Our command line against recorded runs of the stock one, answered by a server that repeats what stock was answered. */

const scenarios = ['empty', 'life', 'stub', 'parse'];
const recorded = await Promise.all(scenarios.map(readGoldenCases));

describe.each(scenarios.map((scenario, index) => ({ scenario, cases: recorded[index] ?? {} })))(
  'scenario $scenario',
  ({ cases }) => {
    it.each(Object.entries(cases).filter(([name]) => differences[name] === undefined))('%s', async (_name, golden) => {
      const { stock, ours } = await compareWithGolden(golden);
      expect(ours).toEqual(stock);
    });

    it.each(Object.entries(cases).filter(([name]) => differences[name] !== undefined))(
      '%s differs on purpose',
      async (_name, golden) => {
        const { stock, ours } = await compareWithGolden(golden);
        expect(ours).not.toEqual(stock);
      },
    );
  },
);

it('lists no difference for a run that is not recorded', () => {
  const names = new Set(recorded.flatMap((cases) => Object.keys(cases)));
  expect(Object.keys(differences).filter((name) => !names.has(name))).toEqual([]);
});
