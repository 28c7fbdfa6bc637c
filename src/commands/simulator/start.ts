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

const startAll = async (choice: StartChoice): Promise<readonly Simulator[]> => {
  const { startSimulator } = await import('../../simulator/simulator.ts');
  return [await startSimulator({ ...choice.options, port: choice.port, ...restored(choice.saved, 0) })];
};

/** Starts one cluster, or two that are peers. @throws Problem for a port in use or a broken state file */
export const startSimulators = async (choice: StartChoice): Promise<readonly Simulator[]> => {
  checkCount(choice);
  try {
    return await startAll(choice);
  } catch (error) {
    const known = listenProblem(error, choice.port);
    if (known !== error || choice.saved === undefined || Problem.is(error)) throw known;
    throw noState(choice.stateFile ?? '', error);
  }
};
