import { limitOf, operationNames, type OperationName } from './call-limits.ts';
import { countCalls } from './call-scenario.ts';
import { withDriverLab } from './driver-lab.ts';
import type { BenchDriver } from './drivers.ts';
import type { BenchOptions } from './options.ts';
import { say, table } from './report.ts';

const isEconomy = ({ name }: BenchDriver): boolean => name.endsWith('-economy');

/** Calls of each operation of one driver, on an array of its own. */
export const callsOf = (driver: BenchDriver): Promise<ReadonlyMap<OperationName, number>> =>
  withDriverLab(driver, ({ backend, ...lab }) =>
    // With several aggregates the FlexVol that a create needs may not be there yet.
    countCalls({ ...lab, backend: isEconomy(driver) ? { ...backend, aggregate: 'aggr1_n1' } : backend }),
  );

/** Array calls of each operation on its success path, with a backend that is open already. */
export const run = async (options: BenchOptions): Promise<void> => {
  say(
    'array calls per operation: measured "of" the bound, the count of stock 26.06 in parentheses; - is refused.\n' +
      'Every quarter of an hour, and when nodes or publications have changed, a poll compares access rules too: 1 to 3 calls more.',
  );
  const counts = new Map(
    await Promise.all(options.drivers.map(async (driver) => [driver.name, await callsOf(driver)] as const)),
  );
  const cell = (driver: string, operation: OperationName): string => {
    const limit = limitOf(driver, operation);
    const count = String(counts.get(driver)?.get(operation) ?? '-');
    return limit === undefined ? count : `${count} of ${limit.bound} (${limit.stock})`;
  };
  table(
    ['operation', ...options.drivers.map(({ name }) => name)],
    operationNames.map((operation) => [operation, ...options.drivers.map(({ name }) => cell(name, operation))]),
  );
};
