import { parseLabPair } from './core/lab-pair.ts';
import { peerClusters } from './resources/cluster-peer.ts';
import { peerSvms } from './resources/svm-peer.ts';
import type { Simulation } from './simulation.ts';
import { DEFAULT_SEED, openSimulator } from './simulator.ts';
import type { Simulator, SimulatorOptions } from './contract.ts';

/** Two clusters, each behind a door of its own, that can mirror volumes to each other. */
export interface SimulatorPair {
  readonly first: Simulator;
  readonly second: Simulator;
  /** Moves both clocks forward together; what falls due is done in the order of time. Only for frozen clocks. */
  advance(milliseconds: number): void;
  stop(): Promise<void>;
}

export interface SimulatorPairOptions {
  readonly first?: SimulatorOptions;
  readonly second?: SimulatorOptions;
  /**
   * SVMs that are peered with each other from the start; default: the first SVM of each. An empty list leaves SVMs and
   * clusters for their clients to peer.
   */
  readonly peers?: readonly { readonly first: string; readonly second: string }[];
}

const svmIn = (simulation: Simulation, name: string) => {
  const svm = simulation.world.store.by('svm', 'name', name)[0];
  if (!svm) throw new Error(`The cluster ${simulation.world.topology.cluster.name} has no SVM ${name}.`);
  return { world: simulation.world, svm };
};

const peer = (first: Simulation, second: Simulation, wanted: SimulatorPairOptions['peers']): void => {
  const firstSvm = ({ world }: Simulation) => world.topology.svms[0]?.name ?? '';
  const peers = wanted ?? [{ first: firstSvm(first), second: firstSvm(second) }];
  if (peers.length === 0) return;
  peerClusters(first.world, second.world);
  for (const each of peers) peerSvms(svmIn(first, each.first), svmIn(second, each.second), ['snapmirror']);
};

/**
 * Starts two simulated clusters that reach each other: `sim-cluster` with SVM `svm0` and `sim-cluster-dr` with SVM
 * `svm1`, unless the options say otherwise. Clusters and SVMs are peered for SnapMirror.
 */
export const startSimulatorPair = async (options: SimulatorPairOptions): Promise<SimulatorPair> => {
  const clusters = parseLabPair({}, { personality: undefined, version: undefined });
  const first = await openSimulator({ ...options.first, topology: { ...clusters.first, ...options.first?.topology } });
  const second = await openSimulator({
    seed: (options.first?.seed ?? DEFAULT_SEED) + 1,
    ...options.second,
    topology: { ...clusters.second, ...options.second?.topology },
  }).catch(async (error: unknown) => {
    await first.simulator.stop();
    throw error;
  });
  const stop = async () => {
    await Promise.all([first.simulator.stop(), second.simulator.stop()]);
  };
  try {
    first.simulation.connect(second.simulation);
    const restored = options.first?.state !== undefined || options.second?.state !== undefined;
    if (!restored) peer(first.simulation, second.simulation, options.peers);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    first: first.simulator,
    second: second.simulator,
    advance: (milliseconds) => advanceTogether(first.simulation, second.simulation, milliseconds),
    stop,
  };
};

/** Each clock keeps its own time; both are taken forward by the same span, from one event to the next. */
const advanceTogether = (a: Simulation, b: Simulation, milliseconds: number): void => {
  let left = milliseconds;
  for (;;) {
    const step = Math.min(left, a.clock.untilNext() ?? left, b.clock.untilNext() ?? left);
    a.clock.advance(step);
    b.clock.advance(step);
    left -= step;
    if (left <= 0) return;
  }
};
