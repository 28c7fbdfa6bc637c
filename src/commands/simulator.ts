import { resolve } from 'node:path';
import { messageOf, Problem } from '../engine/problem.ts';
import { defineCommand, type CommandContext } from '../cli/command.ts';
import type { ClockOptions, Simulator, SimulatorOptions } from '../simulator/contract.ts';
import { readPort } from './shared/ports.ts';
import { stopped } from './shared/stopped.ts';
import { checkDriver, drivers, factsOf, showFacts } from './simulator/facts.ts';
import { readFaultRules, readPairTopology, readTopology } from './simulator/lab-files.ts';
import { isLoopback } from './simulator/loopback.ts';
import {
  personalities,
  readInstant,
  readOntapVersion,
  readPersonality,
  readSeed,
  readSpeed,
  readTime,
} from './simulator/readings.ts';
import { announce } from './simulator/running.ts';
import { readSaved, writeSaved } from './simulator/saved.ts';
import { startSimulators } from './simulator/start.ts';

const checkAddress = (address: string, allowRemote: boolean, { terminal }: CommandContext) => {
  if (isLoopback(address)) return;
  if (!allowRemote)
    throw new Problem('cli.remote', 'usage', `${address} can be reached by other machines`, {
      hint: 'add --allow-remote if that is what you want',
    });
  terminal.err(`warning: other machines can reach the simulator at ${address}\n`);
};

/** Word for the sub-commands that talk to a running simulator; without a place for it, they need --url. */
const announceAll = async (
  simulators: readonly Simulator[],
  { options, terminal }: CommandContext,
): Promise<() => Promise<void>> => {
  const withdraw: (() => Promise<void>)[] = [];
  try {
    for (const { topology, url, controlUrl, certificate, controlToken: token } of simulators) {
      const cluster = topology.cluster.name;
      withdraw.push(await announce({ pid: process.pid, cluster, url, controlUrl, token, certificate }, options));
    }
  } catch (error) {
    terminal.err(`warning: other commands will not find this simulator by themselves: ${messageOf(error)}\n`);
  }
  return async () => {
    for (const each of withdraw) await each();
  };
};

const shaping = ['topology', 'personality', 'ontap-version', 'seed', 'clock', 'clock-speed'];

/** Flags that shape a new cluster say nothing to one that a file holds. */
const warnOfUnused = (stateFile: string, given: ReadonlySet<string>, { terminal }: CommandContext): void => {
  const unused = shaping.filter((name) => given.has(name)).map((name) => `--${name}`);
  if (unused.length > 0)
    terminal.err(`warning: ${stateFile} holds a cluster already: ${unused.join(', ')} changes nothing\n`);
};

const clockOf = (instant: string | undefined, speed: string | undefined): ClockOptions => {
  const from = instant === undefined ? undefined : readInstant(instant, '--clock');
  if (speed !== undefined) return { speed: readSpeed(speed, '--clock-speed'), ...(from === undefined ? {} : { from }) };
  return from === undefined ? 'real' : { frozenAt: from };
};

/** Flags that say how a cluster behaves, whichever it is. */
interface Behaviour {
  readonly address: string;
  readonly clock: string | undefined;
  readonly 'clock-speed': string | undefined;
  readonly fault: string | undefined;
  readonly 'job-time': string;
  readonly latency: string;
  readonly seed: string | undefined;
  readonly strict: boolean;
}

const optionsOf = async (flags: Behaviour, context: CommandContext): Promise<SimulatorOptions> => {
  const seed = readSeed(flags.seed);
  return {
    host: flags.address,
    controlPort: 0,
    strict: flags.strict,
    // Here the simulated clock is what somebody looks at: what is due on it is done.
    pace: { schedulesRun: true },
    latencyMs: readTime(flags.latency, '--latency'),
    jobs: { duration: readTime(flags['job-time'], '--job-time') },
    ...(seed === undefined ? {} : { seed }),
    clock: clockOf(flags.clock, flags['clock-speed']),
    ...(flags.fault === undefined ? {} : { faults: await readFaultRules(flags.fault, context) }),
  };
};

/** Says where the simulators are, and leaves their state when they end. */
const runUntilStopped = async (
  simulators: readonly Simulator[],
  { driver, stateFile }: { readonly driver: string | undefined; readonly stateFile: string | undefined },
  context: CommandContext,
): Promise<void> => {
  const withdraw = await announceAll(simulators, context);
  try {
    await showFacts(simulators.map(factsOf), driver, context);
    context.terminal.err('note: stop with Ctrl-C or SIGTERM\n');
    await stopped(context.signal);
  } finally {
    await withdraw();
    try {
      if (stateFile !== undefined) await writeSaved(stateFile, simulators);
    } finally {
      for (const simulator of simulators) await simulator.stop();
    }
  }
};

export const command = defineCommand({
  summary: 'Run a simulated ONTAP cluster',
  description:
    'Answers ONTAP’s REST API over HTTPS until Ctrl-C or SIGTERM: enough of it to try, teach and test without an array.\nThe words below it talk to a simulator that runs.',
  examples: [
    'tridentctl simulator',
    'tridentctl simulator --port 8443 --state array.json --print-backend ontap-nas',
    'tridentctl simulator --personality asa-r2 --ontap-version 9.16.1',
    'tridentctl simulator --pair --topology lab.yaml --fault faults.yaml --seed 7 --latency 20ms',
  ],
  args: {},
  flags: {
    address: { kind: 'string', value: 'address', default: '127.0.0.1', summary: 'address to listen on' },
    'allow-remote': { kind: 'boolean', summary: 'listen on an address that other machines can reach' },
    clock: {
      kind: 'string',
      value: 'instant',
      summary: 'a date and time at which the simulated clock stands until it is moved; the machine’s when absent',
    },
    'clock-speed': {
      kind: 'string',
      value: 'factor',
      summary: 'how many times as fast as the machine’s the simulated clock runs, from now or from --clock',
    },
    fault: {
      kind: 'string',
      value: 'path',
      summary: 'YAML or JSON file with faults: which requests, and what happens to them',
    },
    'job-time': { kind: 'string', value: 'time', default: '0ms', summary: 'what every job takes, for example 200ms' },
    latency: {
      kind: 'string',
      value: 'time',
      default: '0ms',
      summary: 'time that every call takes at least, for example 20ms',
    },
    'ontap-version': { kind: 'string', value: 'version', summary: 'release to simulate, for example 9.16.1' },
    pair: { kind: 'boolean', summary: 'run two clusters that are peers, for mirrors' },
    personality: { kind: 'string', value: 'kind', choices: personalities, summary: 'unified, asa, asa-r2 or afx' },
    port: {
      kind: 'string',
      value: 'port',
      default: '0',
      summary: 'port to listen on, 0 for any that is free; the second cluster of a pair takes the next one',
    },
    'print-backend': {
      kind: 'string',
      value: 'driver',
      choices: drivers,
      summary: 'print a backend file for this driver',
    },
    seed: { kind: 'string', value: 'number', summary: 'same seed and same requests give the same answers' },
    state: { kind: 'string', value: 'path', summary: 'file to start from and to leave the state in at the end' },
    strict: {
      kind: 'boolean',
      summary:
        'refuse what only some arrays refuse: LUN maps without interfaces on the nodes, deleting mounted volumes',
    },
    topology: {
      kind: 'string',
      value: 'path',
      summary: 'YAML or JSON file that says what the cluster, or each of a pair, consists of',
    },
  },
  async run({ flags, given }, context) {
    checkAddress(flags.address, flags['allow-remote'], context);
    const port = readPort(flags.port);
    if (flags.pair && port === 65_535) throw new Problem('cli.port', 'usage', '--pair needs the port after --port too');
    const kind = { personality: readPersonality(flags.personality), version: readOntapVersion(flags['ontap-version']) };
    const options = await optionsOf(flags, context);
    const topology = await (flags.pair ? readPairTopology : readTopology)(flags.topology, kind, context);
    const driver = flags['print-backend'];
    const stateFile = flags.state === undefined ? undefined : resolve(context.options.directory, flags.state);
    const saved = stateFile === undefined ? undefined : await readSaved(stateFile);
    if (saved !== undefined) warnOfUnused(flags.state ?? '', given, context);
    else if (driver !== undefined)
      checkDriver(driver, ('first' in topology ? topology.first : topology).cluster.personality);
    const simulators = await startSimulators({ options, topology, port, stateFile, saved });
    await runUntilStopped(simulators, { driver, stateFile }, context);
  },
});
