import type { JsonObject } from '../src/engine/json.ts';
import type { Orchestrator } from '../src/engine/orchestrator/orchestrator.ts';
import type { Simulator } from '../src/simulator/contract.ts';
import { parseLab } from '../src/simulator/core/lab.ts';
import { startSimulator } from '../src/simulator/simulator.ts';
import { backendOf, type BenchDriver } from './drivers.ts';
import { openLab } from './lab.ts';

export interface DriverLab {
  /** An array of the kind that the driver is for, in this process. */
  readonly simulator: Simulator;
  /** It has nothing on record yet. */
  readonly orchestrator: Orchestrator;
  /** The configuration with which the driver manages the array. */
  readonly backend: JsonObject;
}

/** A driver's array and an engine, for as long as `use` takes. */
export const withDriverLab = async <T>(driver: BenchDriver, use: (lab: DriverLab) => Promise<T>): Promise<T> => {
  const topology = parseLab(driver.topology, { personality: undefined, version: undefined });
  const simulator = await startSimulator({ topology });
  try {
    await using lab = await openLab();
    const { name, password } = simulator.user('admin');
    const { host, certificate } = simulator;
    const backend = backendOf(driver, { host, svm: 'svm0', username: name, password, certificate });
    return await use({ simulator, orchestrator: lab.orchestrator, backend });
  } finally {
    await simulator.stop();
  }
};
