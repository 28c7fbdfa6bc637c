import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf, Problem } from '../engine/problem.ts';
import type { Engine } from '../engine/engine.ts';
import { defineCommand, type CommandContext } from '../cli/command.ts';
import { stateDirectory } from '../cli/core.ts';
import { printValue } from '../cli/output.ts';
import { engineOptions, openStore, processStats } from '../cli/engine-host.ts';
import { runtime } from '../cli/version-text.ts';
import { compatibleVersion } from '../version.ts';
import { readPort } from './shared/ports.ts';
import { stopped } from './shared/stopped.ts';

/** Takes care of what interrupted processes left, before the first request; one failure stops nobody. */
const recover = async (engine: Engine, { terminal, signal }: CommandContext): Promise<void> => {
  for (const { id, subject, outcome, reason } of await engine.orchestrator.operations.recover({ signal }))
    terminal.err(`note: recovered operation ${id} (${subject}): ${outcome}${reason === '' ? '' : `, ${reason}`}\n`);
};

/** What a timer can wait for, in whole days. */
const longestIntervalSeconds = 24 * 86_400;

/** @throws Problem when the text is no time between looks; 0 stands for no looks at all */
const readInterval = (text: string): number => {
  const seconds = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : -1;
  if (seconds < 0 || seconds > longestIntervalSeconds)
    throw new Problem(
      'cli.pollInterval',
      'usage',
      `--poll-interval is a number of seconds from 0, which is never, to ${longestIntervalSeconds}, not ${JSON.stringify(text)}`,
    );
  return seconds;
};

/** Does it again and again until the signal, at first after a while; what goes wrong is told, and tried again. */
const repeat = async (
  work: () => Promise<void>,
  { firstMs, everyMs }: { readonly firstMs: number; readonly everyMs: number },
  { terminal, signal }: CommandContext,
): Promise<void> => {
  for (let wait = firstMs; ; wait = everyMs) {
    await sleep(wait, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    try {
      await work();
    } catch (error) {
      if (!signal.aborted) terminal.err(`warning: ${messageOf(error)}\n`);
    }
  }
};

/** Health, pools and access rules of all backends; never with 0 seconds (BE-80). */
const poll = (engine: Engine, seconds: number, context: CommandContext): Promise<void> => {
  const { signal } = context;
  const every = seconds * 1000;
  if (seconds === 0) return stopped(signal);
  return repeat(() => engine.orchestrator.poll({ signal }), { firstMs: every, everyMs: every }, context);
};

/** As in stock the first message to the arrays comes some seconds after the start; then it is seen whose time has come. */
const reportUsage = (engine: Engine, context: CommandContext): Promise<void> => {
  const { signal, terminal } = context;
  const progress = (text: string) => terminal.err(`warning: ${text}\n`);
  const report = () => engine.orchestrator.reportUsage({ signal, progress });
  return repeat(report, { firstMs: 10_000, everyMs: 60_000 }, context);
};

const shutdownMs = 30_000;

export const command = defineCommand({
  summary: 'Answer the REST API from the engine in this program',
  description:
    'Runs until Ctrl-C or SIGTERM, then takes no new requests and lets those that run come to their end. Any Trident\nclient can talk to it: tridentctl --server 127.0.0.1:8000 get backend',
  args: {},
  flags: {
    address: { kind: 'string', value: 'address', default: '127.0.0.1', summary: 'loopback address to listen on' },
    'metrics-port': { kind: 'string', value: 'port', summary: 'a second port that answers metrics only' },
    'poll-interval': {
      kind: 'string',
      value: 'seconds',
      default: '300',
      summary: 'time between looks at all backends, 0 for none',
    },
    port: { kind: 'string', value: 'port', default: '8000', summary: 'port to listen on, 0 for any that is free' },
  },
  async run({ flags }, context) {
    const { options, terminal, signal } = context;
    const port = readPort(flags.port);
    const metricsPort =
      flags['metrics-port'] === undefined ? undefined : readPort(flags['metrics-port'], 'metrics-port');
    const seconds = readInterval(flags['poll-interval']);
    if (options.server !== undefined)
      throw new Problem('cli.serveElsewhere', 'usage', '--server is where commands find a core; serve is one', {
        hint: 'choose where it listens with --address and --port',
      });
    const directory = stateDirectory(options);
    const [{ openEngine }, { serve }] = await Promise.all([
      import('../engine/engine.ts'),
      import('../engine/server/http-server.ts'),
    ]);
    await using store = await openStore(directory, options, terminal);
    await using engine = await openEngine({ ...engineOptions(options, terminal), store });
    const server = await serve({
      orchestrator: () => engine.orchestrator,
      address: flags.address,
      port,
      version: compatibleVersion,
      runtime,
      shutdownMs,
      processStats,
      ...(metricsPort === undefined ? {} : { metricsPort }),
      ...(options.verbose
        ? {
            log: ({ method, url, status, durationMs }) =>
              terminal.err(`${method} ${url} ${status} ${durationMs.toFixed(1)} ms\n`),
          }
        : {}),
    });
    const url = `${server.url}/trident/v1`;
    const metricsUrl = server.metricsUrl === undefined ? undefined : `${server.metricsUrl}/metrics`;
    const metrics = metricsUrl === undefined ? '' : `Serving metrics at ${metricsUrl}\n`;
    await printValue(
      { url, metricsUrl, stateDirectory: directory },
      `Serving the REST API at ${url}\n${metrics}`,
      context,
    );
    terminal.err(`note: state in ${directory}; stop with Ctrl-C or SIGTERM\n`);
    try {
      await recover(engine, context);
      await Promise.race([stopped(signal), poll(engine, seconds, context), reportUsage(engine, context)]);
    } finally {
      await server.close();
    }
    terminal.err('note: stopped\n');
  },
});
