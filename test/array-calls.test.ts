import { describe, expect, it } from 'vitest';
import { limitOf, operationNames, type OperationName } from '../bench/call-limits.ts';
import { callsOf } from '../bench/calls.ts';
import { drivers } from '../bench/drivers.ts';

/** The table of array calls, counted by the simulator through the whole engine. */

/** What correctness makes dearer than the table has it; the decisions say why. */
const dearer: Readonly<Record<string, Partial<Record<OperationName, number>>>> = {
  // Decision 13.
  'ontap-nas-economy': { create: 4 },
  // Decision 14.
  'ontap-san-economy': { 'clone from a snapshot': 3 },
};

const counted = drivers.filter(({ name }) => limitOf(name, 'create') !== undefined);

describe.each(counted)('$name', (driver) => {
  it('makes no more calls than the table allows', { timeout: 60_000 }, async () => {
    const counts = await callsOf(driver);
    const over = operationNames.flatMap((operation) => {
      const bound = dearer[driver.name]?.[operation] ?? limitOf(driver.name, operation)?.bound;
      const count = counts.get(operation);
      // What the table has no number for is refused.
      if (bound === '-' ? count === undefined : count !== undefined && bound !== undefined && count <= bound) return [];
      return [`${operation}: ${count} of ${bound}`];
    });
    expect(over).toEqual([]);
  });
});
