import { Problem } from '../../engine/problem.ts';
import type { Simulator, SimulatorOptions } from '../../simulator/contract.ts';
import type { PairTopology } from '../../simulator/core/lab-pair.ts';
import type { Topology } from '../../simulator/core/topology.ts';
import { listenProblem } from '../shared/ports.ts';
import { noState, type Saved } from './saved.ts';

/** What flags and files say about the simulators of one command. */
export interface StartChoice {
  readonly options: Omit<SimulatorOptions, 'port' | 'state' | 'secrets' | 'topology'>;
  readonly topology: Topology | PairTopology;
  readonly port: number;
  /** Path of the state file and what is in it. */
  readonly stateFile: string | undefined;
  readonly saved: Saved | undefined;
}

const restored = (saved: Saved | undefined, index: number): Pick<SimulatorOptions, 'state' | 'secrets'> => {
  const state = saved?.states[index];
  const secrets = saved?.secrets[index];
  return { ...(state === undefined ? {} : { state }), ...(secrets === undefined ? {} : { secrets }) };
};

const checkCount = ({ saved, stateFile, topology }: StartChoice) => {
  const isPair = 'second' in topology;
  if (saved === undefined || saved.states.length === (isPair ? 2 : 1)) return;
  const [found, wanted] = isPair ? ['one cluster', 'two'] : [`${saved.states.length} clusters`, 'one'];
  throw new Problem('cli.state', 'usage', `${stateFile ?? ''} holds the state of ${found}, not of ${wanted}`, {
    hint: isPair ? 'leave --pair away, or use another file' : 'add --pair, or use another file',
  });
};

const startPair = async (
  choice: StartChoice,
  { first, second, peers }: PairTopology,
): Promise<readonly Simulator[]> => {
  const { startSimulatorPair } = await import('../../simulator/simulator-pair.ts');
  const { seed } = choice.options;
  const pair = await startSimulatorPair({
    first: { ...choice.options, topology: first, port: choice.port, ...restored(choice.saved, 0) },
    second: {
      ...choice.options,
      ...(seed === undefined ? {} : { seed: seed + 1 }),
      topology: second,
      port: choice.port === 0 ? 0 : choice.port + 1,
      ...restored(choice.saved, 1),
    },
    peers,
  });
  return [pair.first, pair.second];
};

const startAll = async (choice: StartChoice): Promise<readonly Simulator[]> => {
  const { topology } = choice;
  if ('second' in topology) return startPair(choice, topology);
  const { startSimulator } = await import('../../simulator/simulator.ts');
  return [await startSimulator({ ...choice.options, topology, port: choice.port, ...restored(choice.saved, 0) })];
};

/** The port that could not be had, which of a pair may be the second one. */
const portOf = (error: unknown, wanted: number): number =>
  error instanceof Error && 'port' in error && typeof error.port === 'number' ? error.port : wanted;

/** Starts one cluster, or two that are peers. @throws Problem for a port in use or a broken state file */
export const startSimulators = async (choice: StartChoice): Promise<readonly Simulator[]> => {
  checkCount(choice);
  try {
    return await startAll(choice);
  } catch (error) {
    const known = listenProblem(error, portOf(error, choice.port));
    if (known !== error || choice.saved === undefined || Problem.is(error)) throw known;
    throw noState(choice.stateFile ?? '', error);
  }
};
