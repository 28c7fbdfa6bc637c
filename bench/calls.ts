import { parseLab } from '../src/simulator/core/lab.ts';
import { startSimulator } from '../src/simulator/simulator.ts';
import { backendOf, type BenchDriver } from './drivers.ts';
import { limitOf, operationNames, type OperationName } from './call-limits.ts';
import { countCalls } from './call-scenario.ts';
import { openLab } from './lab.ts';
import type { BenchOptions } from './options.ts';
import { say, table } from './report.ts';

const isEconomy = ({ name }: BenchDriver): boolean => name.endsWith('-economy');

/** Calls of each operation of one driver, on an array of its own. */
export const callsOf = async (driver: BenchDriver): Promise<ReadonlyMap<OperationName, number>> => {
  const simulator = await startSimulator({
    topology: parseLab(driver.topology, { personality: undefined, version: undefined }),
  });
  try {
    await using lab = await openLab();
    const { name, password } = simulator.user('admin');
    const { host, certificate } = simulator;
    const backend = backendOf(driver, { host, svm: 'svm0', username: name, password, certificate });
    return await countCalls({
      simulator,
      orchestrator: lab.orchestrator,
      // With several aggregates the FlexVol that a create needs may not be there yet.
      backend: isEconomy(driver) ? { ...backend, aggregate: 'aggr1_n1' } : backend,
    });
  } finally {
    await simulator.stop();
  }
};

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
