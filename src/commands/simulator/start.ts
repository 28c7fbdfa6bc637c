import { Problem } from '../../engine/problem.ts';
import type { Simulator, SimulatorOptions } from '../../simulator/simulator.ts';
import { listenProblem } from '../shared/ports.ts';
import { noState, type Saved } from './saved.ts';

/** What flags and files say about the simulators of one command. */
export interface StartChoice {
  readonly options: Omit<SimulatorOptions, 'port' | 'state' | 'secrets'>;
  readonly port: number;
  readonly isPair: boolean;
  /** Path of the state file and what is in it. */
  readonly stateFile: string | undefined;
  readonly saved: Saved | undefined;
}

const restored = (saved: Saved | undefined, index: number): Pick<SimulatorOptions, 'state' | 'secrets'> => {
  const state = saved?.states[index];
  const secrets = saved?.secrets[index];
  return { ...(state === undefined ? {} : { state }), ...(secrets === undefined ? {} : { secrets }) };
};

const checkCount = ({ saved, stateFile, isPair }: StartChoice) => {
  if (saved === undefined || saved.states.length === (isPair ? 2 : 1)) return;
  const [found, wanted] = isPair ? ['one cluster', 'two'] : [`${saved.states.length} clusters`, 'one'];
  throw new Problem('cli.state', 'usage', `${stateFile ?? ''} holds the state of ${found}, not of ${wanted}`, {
    hint: isPair ? 'leave --pair away, or use another file' : 'add --pair, or use another file',
  });
};

/** The second cluster is the default one of a pair, of the personality and release of the first. */
const startPair = async (choice: StartChoice): Promise<readonly Simulator[]> => {
  const { secondTopology, startSimulatorPair } = await import('../../simulator/simulator-pair.ts');
  const { topology, seed, ...common } = choice.options;
  const second = secondTopology();
  const { version = second.cluster.version, personality = second.cluster.personality } = topology?.cluster ?? {};
  const { first, second: mirror } = await startSimulatorPair({
    first: {
      ...common,
      ...(seed === undefined ? {} : { seed }),
      ...(topology === undefined ? {} : { topology }),
      port: choice.port,
      ...restored(choice.saved, 0),
    },
    second: {
      ...common,
      ...(seed === undefined ? {} : { seed: seed + 1 }),
      topology: { cluster: { ...second.cluster, version, personality } },
      port: choice.port === 0 ? 0 : choice.port + 1,
      ...restored(choice.saved, 1),
    },
  });
  return [first, mirror];
};

const startAll = async (choice: StartChoice): Promise<readonly Simulator[]> => {
  if (choice.isPair) return startPair(choice);
  const { startSimulator } = await import('../../simulator/simulator.ts');
  return [await startSimulator({ ...choice.options, port: choice.port, ...restored(choice.saved, 0) })];
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
