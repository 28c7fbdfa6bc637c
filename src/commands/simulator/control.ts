import { Agent, request } from 'undici';
import { messageOf, Problem } from '../../engine/problem.ts';
import { isLoopback } from './loopback.ts';
import { listRunning, type RunningSimulator } from './running.ts';
import type { CommandContext, GlobalOptions } from '../../cli/command.ts';
import { variableOf } from '../../cli/environment.ts';

/** Talks to the control plane of a simulator that runs. */

export const controlFlags = {
  cluster: { kind: 'string', value: 'name', summary: 'which simulated cluster, where several run' },
  token: { kind: 'string', value: 'token', summary: 'its control token, where it runs on another machine' },
  url: { kind: 'string', value: 'url', summary: 'where it runs, if not found by itself' },
} as const;

export interface ControlFlags {
  readonly cluster: string | undefined;
  readonly token: string | undefined;
  readonly url: string | undefined;
}

export interface ControlPlane {
  readonly url: string;
  /** Path below `/_sim`. @throws Problem with what the simulator said */
  send(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<unknown>;
  /** The answer as it came. */
  text(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<string>;
}

interface Target {
  readonly url: string;
  readonly token: string;
  /** PEM; undefined: not verified, as on loopback there is nobody in between. */
  readonly certificate: string | undefined;
}

const namesOf = (found: readonly RunningSimulator[]): string =>
  found.map(({ cluster, url }) => `${cluster} (${url})`).join(', ');

const originOf = (url: string): string => {
  const text = url.includes('://') ? url : `https://${url}`;
  if (!URL.canParse(text) || !text.startsWith('https://'))
    throw new Problem('cli.simulatorUrl', 'usage', `${JSON.stringify(url)} is not the address of a simulator`, {
      hint: 'write HOST:PORT or https://HOST:PORT',
    });
  return new URL(text).origin;
};

const reached = ({ controlUrl, token, certificate }: RunningSimulator, given: string | undefined): Target => ({
  url: controlUrl,
  token: given ?? token,
  certificate,
});

/** A simulator that was named, whether this machine knows it or not. */
const named = (url: string, token: string | undefined, found: readonly RunningSimulator[]): Target => {
  const origin = originOf(url);
  const known = found.find((each) => [each.url, each.controlUrl].some((its) => originOf(its) === origin));
  if (known !== undefined) return reached(known, token);
  if (token === undefined)
    throw new Problem(
      'cli.simulatorToken',
      'usage',
      `the control token of the simulator at ${origin} is not known here`,
      {
        hint: 'give it by TRIDENT_SIMULATOR_TOKEN; tridentctl simulator -o json tells it when it starts',
      },
    );
  if (!isLoopback(new URL(origin).hostname))
    throw new Problem(
      'cli.simulatorRemote',
      'unsupported',
      `the certificate of the simulator at ${origin} is not known here`,
      {
        hint: 'run this command on the machine where the simulator runs',
      },
    );
  return { url: origin, token, certificate: undefined };
};

const findTarget = async (flags: ControlFlags, options: GlobalOptions): Promise<Target> => {
  const found = await listRunning(options);
  const url = flags.url ?? variableOf(options, 'TRIDENT_SIMULATOR_URL');
  const token = flags.token ?? variableOf(options, 'TRIDENT_SIMULATOR_TOKEN');
  if (url !== undefined) return named(url, token, found);
  const matching = flags.cluster === undefined ? found : found.filter(({ cluster }) => cluster === flags.cluster);
  const [only] = matching;
  if (only !== undefined && matching.length === 1) return reached(only, token);
  if (only !== undefined)
    throw new Problem('cli.whichSimulator', 'usage', `several simulators run: ${namesOf(matching)}`, {
      hint: 'choose one with --cluster NAME or --url URL',
    });
  if (found.length > 0)
    throw new Problem(
      'cli.noSimulator',
      'notFound',
      `no simulated cluster ${flags.cluster ?? ''} runs; there is ${namesOf(found)}`,
    );
  throw new Problem('cli.noSimulator', 'notFound', 'no simulator runs', {
    hint: 'start one with tridentctl simulator; --state-dir must be the same for both',
  });
};

const GREATEST_WAIT_MS = 60_000;

const refusalOf = (status: number, text: string, url: string): Problem => {
  let message = text;
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === 'object' && body !== null && 'error' in body) message = String(body.error);
  } catch {
    // Not JSON: shown as it is.
  }
  if (status === 401)
    return new Problem('cli.simulatorToken', 'denied', `the simulator at ${url} does not take the token`);
  return new Problem('cli.simulatorRefused', status === 404 ? 'notFound' : 'invalid', message.trim());
};

/** Finds the simulator that flags, environment or the state directory name. @throws Problem */
export const openControl = async (flags: ControlFlags, context: CommandContext): Promise<ControlPlane> => {
  const target = await findTarget(flags, context.options);
  const text: ControlPlane['text'] = async (method, path, body) => {
    const dispatcher = new Agent({
      connect: target.certificate === undefined ? { rejectUnauthorized: false } : { ca: target.certificate },
    });
    try {
      const answer = await request(`${target.url}/_sim${path}`, {
        dispatcher,
        method,
        headers: { authorization: `Bearer ${target.token}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
        signal: AbortSignal.any([context.signal, AbortSignal.timeout(GREATEST_WAIT_MS)]),
      });
      const content = await answer.body.text();
      if (answer.statusCode !== 200) throw refusalOf(answer.statusCode, content, target.url);
      return content;
    } catch (error) {
      if (Problem.is(error)) throw error;
      if (context.signal.aborted) throw context.signal.reason;
      throw new Problem(
        'cli.simulatorUnreachable',
        'unavailable',
        `no simulator answers at ${target.url}: ${messageOf(error)}`,
        {
          cause: error,
        },
      );
    } finally {
      await dispatcher.close();
    }
  };
  return {
    url: target.url,
    text,
    send: async (method, path, body) => {
      const parsed: unknown = JSON.parse(await text(method, path, body));
      return parsed;
    },
  };
};
