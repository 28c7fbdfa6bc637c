import { timingSafeEqual } from 'node:crypto';
import type { RequestFilter, Simulator } from './contract.ts';
import type { Incoming, Reply } from './core/api.ts';
import { isObject } from './core/entry.ts';
import { decodeUrl } from './core/target.ts';
import { InputError, parseClusterChange, parseFaultRule } from './core/input.ts';
import { toJson } from './core/json.ts';

/** The control plane: beside the cluster's API, under a prefix that no cluster has, with a token of its own. */
const PREFIX = '/_sim';

/** Whether a request (path and query) is for the control plane. */
export const isControl = (target: string): boolean => target.startsWith(PREFIX);

interface ControlRequest {
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  /** As JSON; throws when it is none. */
  readonly body: unknown;
  readonly text: string;
}

type Operation = (simulator: Simulator, request: ControlRequest) => unknown;

const member = (body: unknown, name: string): unknown => (isObject(body) ? body[name] : undefined);

const wholeNumber = (body: unknown, name: string): number => {
  const value = member(body, name);
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0)
    throw new InputError('request', name, 'must be a whole number');
  return value;
};

const optionalText = (body: unknown, name: string): string | undefined => {
  const value = member(body, name);
  return typeof value === 'string' ? value : undefined;
};

const filterOf = (query: URLSearchParams): RequestFilter => {
  const method = query.get('method');
  const path = query.get('path');
  const status = query.get('status');
  const code = query.get('code');
  return {
    ...(method === null ? {} : { method }),
    ...(path === null ? {} : { path }),
    ...(status === null ? {} : { status: Number(status) }),
    ...(code === null ? {} : { code }),
  };
};

const showClock = ({ clock }: Simulator) => ({
  now: clock.now().toISOString(),
  frozen: clock.frozen,
  ...(clock.frozen || clock.speed === 1 ? {} : { speed: clock.speed }),
});

const moveClock: Operation = (simulator, { body }) => {
  const instant = optionalText(body, 'set');
  const speed = member(body, 'run');
  if (speed !== undefined) {
    if (typeof speed !== 'number' || !(speed > 0)) throw new InputError('request', 'run', 'must be more than 0');
    simulator.clock.run(speed);
  } else if (instant === undefined) simulator.clock.advance(wholeNumber(body, 'advance_ms'));
  else if (instant === 'now') simulator.clock.freeze();
  else if (Number.isNaN(Date.parse(instant))) throw new InputError('request', 'set', 'must be a date and time');
  else simulator.clock.set(new Date(instant));
  return showClock(simulator);
};

/** An answer that is as it is to be sent. */
class Texts {
  readonly texts: Iterable<string>;
  constructor(texts: Iterable<string>) {
    this.texts = texts;
  }
}

/** `{}` in a path stands for one segment. */
const OPERATIONS: Readonly<Record<string, Operation>> = {
  'GET /requests': (simulator, { query }) => ({
    count: simulator.requests.count(filterOf(query)),
    requests: simulator.requests.list(filterOf(query)),
  }),
  'DELETE /requests': (simulator) => {
    simulator.requests.reset();
    return {};
  },
  'GET /connections': ({ connections: { handshakes, open, peak } }) => ({ handshakes, open, peak }),
  'GET /faults': (simulator) => ({ faults: simulator.faults.list() }),
  'POST /faults': (simulator, { body }) => ({ name: simulator.faults.add(parseFaultRule(body)) }),
  'DELETE /faults': (simulator) => {
    simulator.faults.clear();
    return {};
  },
  'DELETE /faults/{}': (simulator, { path }) => ({ removed: simulator.faults.remove(path[1] ?? '') }),
  'GET /clock': showClock,
  'POST /clock': moveClock,
  'GET /dump': (simulator) => new Texts(simulator.dumpTexts()),
  'POST /restore': (simulator, { text }) => {
    simulator.restore(text);
    return {};
  },
  'POST /cluster': (simulator, { body }) => {
    simulator.reconfigure(parseClusterChange(body));
    const { personality, version } = simulator.topology.cluster;
    return { personality, version };
  },
  'POST /users/{}/lock': (simulator, { path }) => {
    simulator.accounts.setLocked(path[1] ?? '', true);
    return {};
  },
  'POST /users/{}/unlock': (simulator, { path }) => {
    simulator.accounts.setLocked(path[1] ?? '', false);
    return {};
  },
  'POST /users/{}/password': (simulator, { path, body }) => {
    const password = optionalText(body, 'password');
    if (password === undefined || password === '') throw new InputError('request', 'password', 'must be a text');
    simulator.accounts.setPassword(path[1] ?? '', password);
    return {};
  },
  'GET /volumes': (simulator) => ({ volumes: simulator.world.volumes() }),
  'POST /volumes/{}/used': (simulator, { path, body }) => {
    simulator.world.setUsedBytes(path[1] ?? '', wholeNumber(body, 'bytes'), optionalText(body, 'svm'));
    return {};
  },
  'POST /volumes/{}/qtrees/{}/used': (simulator, { path, body }) => {
    simulator.world.setQtreeUsedBytes(
      path[1] ?? '',
      path[3] ?? '',
      wholeNumber(body, 'bytes'),
      optionalText(body, 'svm'),
    );
    return {};
  },
  'POST /volumes/{}/quota-state': (simulator, { path, body }) => {
    simulator.world.setQuotaState(path[1] ?? '', optionalText(body, 'state'), optionalText(body, 'svm'));
    return {};
  },
  'POST /units/{}/used': (simulator, { path, body }) => {
    simulator.world.setUnitUsedBytes(path[1] ?? '', wholeNumber(body, 'bytes'), optionalText(body, 'svm'));
    return {};
  },
  'POST /aggregates/{}/available': (simulator, { path, body }) => {
    simulator.world.setAggregateAvailable(path[1] ?? '', wholeNumber(body, 'bytes'));
    return {};
  },
  'POST /aggregates/{}/size': (simulator, { path, body }) => {
    simulator.world.setAggregateSize(path[1] ?? '', wholeNumber(body, 'bytes'));
    return {};
  },
  'POST /interfaces/{}/down': (simulator, { path }) => {
    simulator.world.setInterfaceDown(path[1] ?? '', true);
    return {};
  },
  'POST /interfaces/{}/up': (simulator, { path }) => {
    simulator.world.setInterfaceDown(path[1] ?? '', false);
    return {};
  },
  'POST /aggregates/{}/offline': (simulator, { path }) => {
    simulator.world.setAggregateOffline(path[1] ?? '', true);
    return {};
  },
  'POST /aggregates/{}/online': (simulator, { path }) => {
    simulator.world.setAggregateOffline(path[1] ?? '', false);
    return {};
  },
  'POST /nodes/{}/down': (simulator, { path }) => {
    simulator.world.setNodeDown(path[1] ?? '', true);
    return {};
  },
  'POST /nodes/{}/up': (simulator, { path }) => {
    simulator.world.setNodeDown(path[1] ?? '', false);
    return {};
  },
  'POST /nodes/{}/takeover': (simulator, { path }) => {
    simulator.world.setNodeTakenOver(path[1] ?? '', true);
    return {};
  },
  'POST /nodes/{}/giveback': (simulator, { path }) => {
    simulator.world.setNodeTakenOver(path[1] ?? '', false);
    return {};
  },
  'POST /jobs/{}/finish': (simulator, { path }) => {
    simulator.world.finishJob(path[1] ?? '');
    return {};
  },
  'POST /transfers/{}/finish': (simulator, { path }) => {
    simulator.world.finishTransfer(path[1] ?? '');
    return {};
  },
  'GET /verify': (simulator) => {
    simulator.world.verify();
    return { verified: true };
  },
};

const find = (method: string, path: readonly string[]): Operation | undefined =>
  Object.entries(OPERATIONS).find(([key]) => {
    const [verb = '', pattern = ''] = key.split(' ');
    const parts = pattern.slice(1).split('/');
    return (
      verb === method &&
      parts.length === path.length &&
      parts.every((part, index) => part === '{}' || part === path[index])
    );
  })?.[1];

const isAllowed = (simulator: Simulator, headers: Incoming['headers']): boolean => {
  const given = Buffer.from(headers['x-sim-token'] ?? headers['authorization']?.replace(/^Bearer\s+/i, '') ?? '');
  const wanted = Buffer.from(simulator.controlToken);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
};

const reply = (status: number, body: unknown): Reply => ({
  status,
  headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' },
  texts: body instanceof Texts ? body.texts : [`${toJson(body)}\n`],
});

/** Answers a request to the control plane. Such requests are not in the request log. */
export const answerControl = async (simulator: Simulator, incoming: Incoming): Promise<Reply> => {
  if (!isAllowed(simulator, incoming.headers))
    return reply(401, { error: 'The control plane needs its token: Authorization: Bearer TOKEN' });
  const [whole = '', search = ''] = incoming.target.split('?');
  try {
    const path = whole
      .slice(PREFIX.length)
      .split('/')
      .filter((part) => part !== '')
      .map(decodeUrl);
    const operation = find(incoming.method, path);
    if (!operation) return reply(404, { error: `The control plane has no ${incoming.method} ${whole}` });
    const { body: text } = incoming;
    if (text === undefined) throw new InputError('request', '', 'the body is not text in UTF-8');
    const request: ControlRequest = {
      path,
      query: new URLSearchParams(search),
      text,
      get body(): unknown {
        return text === '' ? undefined : JSON.parse(text);
      },
    };
    return reply(200, operation(simulator, request));
  } catch (cause) {
    return reply(400, { error: cause instanceof Error ? cause.message : String(cause) });
  }
};
