import { Agent, request } from 'undici';
import { startSimulator } from '../../src/simulator/simulator.ts';
import type { Simulator, SimulatorOptions } from '../../src/simulator/contract.ts';

export interface OntapReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
}

/** A started simulator and a client that speaks to it over HTTPS, as an ONTAP client does. */
export interface OntapSession {
  readonly simulator: Simulator;
  /** Path below `/api`. */
  send(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<OntapReply>;
  /** Sends and gives the body back; throws when the answer is not the status. */
  expect(status: number, method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<unknown>;
  /** The records of a collection. */
  list(path: string): Promise<readonly unknown[]>;
  /** `error.code` of a refused request, with its status: `409 5374023`. */
  refusal(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<string>;
  /** The same as another user. */
  sendAs(user: string, method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<OntapReply>;
  /** Ends the connections; the simulator runs on. */
  disconnect(): Promise<void>;
  /** Ends the connections, and stops the simulator. */
  close(): Promise<void>;
}

/** The value under keys and positions; undefined where there is none. */
export const at = (value: unknown, ...path: readonly (string | number)[]): unknown => {
  let found: unknown = value;
  for (const step of path) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = Reflect.get(found, step);
  }
  return found;
};

/** As `at`, for texts that must be there. */
export const textAt = (value: unknown, ...path: readonly (string | number)[]): string => {
  const found = at(value, ...path);
  if (typeof found !== 'string') throw new Error(`No text at ${path.join('.')} in ${JSON.stringify(value)}`);
  return found;
};

/** Makes a record that takes no job; gives back its UUID. */
export const uuidOfNew = async (array: OntapSession, collection: string, body: unknown): Promise<string> =>
  textAt(await array.expect(201, 'POST', `${collection}?return_records=true`, body), 'records', 0, 'uuid');

export const openOntapSession = async (options: SimulatorOptions, user = 'admin'): Promise<OntapSession> =>
  connectOntapSession(await startSimulator(options), user);

/** A session with a simulator that runs already; closing the session stops it. */
export const connectOntapSession = (simulator: Simulator, user = 'admin'): OntapSession => {
  const dispatcher = new Agent({ connect: { ca: simulator.certificate }, connections: 4 });
  const sendAs: OntapSession['sendAs'] = async (as, method, path, body) => {
    const { name, password } = simulator.user(as);
    const authorization = `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;
    const answer = await request(`${simulator.url}/api${path}`, {
      dispatcher,
      method,
      headers: {
        authorization,
        accept: 'application/json, application/hal+json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.body.text();
    const parsed: unknown = text === '' ? undefined : JSON.parse(text);
    return { status: answer.statusCode, headers: answer.headers, body: parsed };
  };
  const send: OntapSession['send'] = (method, path, body) => sendAs(user, method, path, body);
  const expect: OntapSession['expect'] = async (status, method, path, body) => {
    const reply = await send(method, path, body);
    if (reply.status !== status)
      throw new Error(`${method} ${path}: ${reply.status} instead of ${status}: ${JSON.stringify(reply.body)}`);
    return reply.body;
  };
  return {
    simulator,
    send,
    sendAs,
    expect,
    list: async (path) => {
      const records = at(await expect(200, 'GET', path), 'records');
      return Array.isArray(records) ? records : [];
    },
    refusal: async (method, path, body) => {
      const reply = await send(method, path, body);
      return `${reply.status} ${String(at(reply.body, 'error', 'code'))}`;
    },
    disconnect: () => dispatcher.close(),
    close: async () => {
      await dispatcher.close();
      await simulator.stop();
    },
  };
};
