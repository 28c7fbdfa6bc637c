import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { messageOf, Problem } from '../engine/problem.ts';
import type { Simulator, SimulatorOptions } from '../simulator/simulator.ts';
import { defineCommand, type CommandContext } from '../cli/command.ts';
import { getDocument } from '../cli/document.ts';
import { formatOf, printDocument } from '../cli/output.ts';
import { listenProblem, readPort, stopped } from './shared/ports.ts';

const loopback = new Set(['127.0.0.1', '::1', 'localhost']);

const unitMs: Readonly<Record<string, number>> = { '': 1, ms: 1, s: 1000 };

/** `20ms`, `0.5s`, `20`. */
const readLatency = (text: string): number => {
  const [, amount = '', unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|)$/.exec(text) ?? [];
  if (amount === '')
    throw new Problem('cli.latency', 'usage', `--latency takes 20ms or 1s, not ${JSON.stringify(text)}`);
  return Number(amount) * (unitMs[unit] ?? 1);
};

const readSeed = (text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  if (!/^\d{1,15}$/.test(text))
    throw new Problem('cli.seed', 'usage', `--seed is a number, not ${JSON.stringify(text)}`);
  return Number(text);
};

/** What an earlier run left in the state file; undefined when there is none yet. */
const readState = async (path: string): Promise<string | undefined> => {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new Problem('cli.file', 'invalid', `cannot read ${path}: ${messageOf(error)}`, { cause: error });
  }
};

/** Written aside and moved into place: a crash leaves the old state or the new one. */
const writeState = async (path: string, state: string): Promise<void> => {
  const aside = `${path}.${randomBytes(4).toString('hex')}`;
  await writeFile(aside, state, { mode: 0o600 });
  await rename(aside, path);
};

interface Facts {
  readonly url: string;
  readonly host: string;
  readonly username: string;
  readonly password: string;
  readonly svm: string;
  readonly certificate: string;
  readonly controlToken: string;
}

const factsOf = (simulator: Simulator): Facts => {
  const administrator = simulator.users.find((user) => user.svm === undefined && user.role === 'admin');
  return {
    url: simulator.url,
    host: simulator.host,
    username: administrator?.name ?? '',
    password: administrator?.password ?? '',
    svm: simulator.topology.svms[0]?.name ?? '',
    certificate: simulator.certificate,
    controlToken: simulator.controlToken,
  };
};

/** A file that `create backend` takes as it stands. */
const backendFile = (driver: string, facts: Facts) => ({
  version: 1,
  storageDriverName: driver,
  backendName: 'simulated',
  managementLIF: facts.host,
  svm: facts.svm,
  username: facts.username,
  password: facts.password,
  trustedCACertificate: Buffer.from(facts.certificate).toString('base64'),
});

const show = async (facts: Facts, driver: string | undefined, context: CommandContext): Promise<void> => {
  const { terminal } = context;
  const format = formatOf(context.options);
  if (driver !== undefined)
    await printDocument(backendFile(driver, facts), format === 'json' ? 'json' : 'yaml', terminal);
  else if (format === 'json' || format === 'yaml') await printDocument(facts, format, terminal);
  else {
    terminal.out(`Simulated ONTAP cluster at ${facts.url}, SVM ${facts.svm}\n`);
    terminal.out(`User ${facts.username}, password ${facts.password}\n`);
  }
  terminal.err('note: stop with Ctrl-C or SIGTERM\n');
};

/** A lab file of the simulator, read by one of its own readers; what is wrong in it is named with its line. */
const readFileWith = async <T>(
  path: string | undefined,
  parse: (value: unknown) => T,
  context: CommandContext,
): Promise<T | undefined> => {
  if (path === undefined) return undefined;
  const document = await getDocument({ filename: path, base64: undefined }, context, '');
  const { InputError } = await import('../simulator/core/input.ts');
  return document.explain(async () => {
    try {
      return parse(document.value);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      const keys = error.path === '' ? [] : error.path.split('.').map((key) => (/^\d+$/.test(key) ? Number(key) : key));
      throw new Problem('cli.labFile', 'invalid', error.message, { cause: error, path: keys });
    }
  });
};

const readFiles = async (
  files: { readonly topology: string | undefined; readonly fault: string | undefined },
  context: CommandContext,
): Promise<Pick<SimulatorOptions, 'topology' | 'faults'>> => {
  const { parseFaultRules, parseTopologyParts } = await import('../simulator/core/input.ts');
  const topology = await readFileWith(files.topology, parseTopologyParts, context);
  const faults = await readFileWith(files.fault, parseFaultRules, context);
  return { ...(topology === undefined ? {} : { topology }), ...(faults === undefined ? {} : { faults }) };
};

interface Choice extends Pick<SimulatorOptions, 'topology' | 'faults'> {
  readonly host: string;
  readonly port: number;
  readonly seed: number | undefined;
  readonly latencyMs: number;
}

const start = async ({ seed, ...choice }: Choice, stateFile: string | undefined): Promise<Simulator> => {
  const { startSimulator } = await import('../simulator/simulator.ts');
  const state = stateFile === undefined ? undefined : await readState(stateFile);
  try {
    return await startSimulator({
      ...choice,
      ...(seed === undefined ? {} : { seed }),
      ...(state === undefined ? {} : { state }),
    });
  } catch (error) {
    const known = listenProblem(error, choice.port);
    if (known !== error || state === undefined) throw known;
    throw new Problem('cli.state', 'invalid', `${stateFile ?? ''} is no state of the simulator: ${messageOf(error)}`, {
      cause: error,
      hint: 'remove the file to start with an empty cluster',
    });
  }
};

export const command = defineCommand({
  summary: 'Run a simulated ONTAP cluster',
  description:
    'Answers ONTAP’s REST API over HTTPS until Ctrl-C or SIGTERM: enough of it to try, teach and test without an array.',
  examples: ['tridentctl simulator', 'tridentctl simulator --port 8443 --state array.json --print-backend ontap-nas'],
  args: {},
  flags: {
    address: { kind: 'string', value: 'address', default: '127.0.0.1', summary: 'address to listen on' },
    'allow-remote': { kind: 'boolean', summary: 'listen on an address that other machines can reach' },
    fault: {
      kind: 'string',
      value: 'path',
      summary: 'YAML or JSON file with faults: which requests, and what happens to them',
    },
    latency: { kind: 'string', value: 'time', default: '0ms', summary: 'time added to every answer, for example 20ms' },
    port: { kind: 'string', value: 'port', default: '0', summary: 'port to listen on, 0 for any that is free' },
    'print-backend': { kind: 'string', value: 'driver', summary: 'print a backend file for this driver' },
    seed: { kind: 'string', value: 'number', summary: 'same seed and same requests give the same answers' },
    state: { kind: 'string', value: 'path', summary: 'file to start from and to leave the state in at the end' },
    topology: {
      kind: 'string',
      value: 'path',
      summary: 'YAML or JSON file that replaces parts of the default cluster',
    },
  },
  async run({ flags }, context) {
    const { options, signal, terminal } = context;
    if (!loopback.has(flags.address)) {
      if (!flags['allow-remote'])
        throw new Problem('cli.remote', 'usage', `${flags.address} can be reached by other machines`, {
          hint: 'add --allow-remote if that is what you want',
        });
      terminal.err(`warning: other machines can reach the simulator at ${flags.address}\n`);
    }
    const stateFile = flags.state === undefined ? undefined : resolve(options.directory, flags.state);
    const choice = {
      host: flags.address,
      port: readPort(flags.port),
      seed: readSeed(flags.seed),
      latencyMs: readLatency(flags.latency),
      ...(await readFiles({ topology: flags.topology, fault: flags.fault }, context)),
    };
    const simulator = await start(choice, stateFile);
    try {
      await show(factsOf(simulator), flags['print-backend'], context);
      await stopped(signal);
    } finally {
      const state = simulator.dump();
      await simulator.stop();
      if (stateFile !== undefined) await writeState(stateFile, state);
    }
  },
});
