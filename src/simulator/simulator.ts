import { randomBytes } from 'node:crypto';
import { Api, type ApiParts, type Incoming, type Reply } from './core/api.ts';
import type { ClockState } from './core/clock.ts';
import { createAuthority } from './core/certificate.ts';
import { flawedIdentities } from './core/identities.ts';

import { FaultTable } from './core/faults.ts';
import type { JobModel } from './core/jobs.ts';
import type { Pace } from './core/pace.ts';
import { RequestRecorder, REQUESTS_KEPT } from './core/request-log.ts';
import { listen } from './core/server.ts';
import { sleep } from './core/sleep.ts';
import { defaultTopology, type Topology } from './core/topology.ts';
import { Users, type User } from './core/users.ts';
import { answerControl, isControl } from './control.ts';
import { changeAccount, presentUser } from './resources/account.ts';
import { Simulation } from './simulation.ts';
import { viewWorld } from './world-view.ts';
import type {
  SimulatorOptions,
  ClockOptions,
  JobOptions,
  PaceOptions,
  SimulatorUser,
  SimulatedReply,
  Simulator,
} from './contract.ts';

/** Seed taken when none is wanted in particular. */
export const DEFAULT_SEED = 1;

const RETENTION_MS = 300_000;

const toJobModel = (options: JobOptions | undefined): JobModel => {
  const duration = options?.duration ?? 0;
  return {
    ...(typeof duration === 'number' ? { minMs: duration, maxMs: duration } : duration),
    runningPolls: options?.runningPolls ?? 0,
    retentionMs: options?.retentionMs ?? RETENTION_MS,
  };
};

const toPace = (options: PaceOptions | undefined): Pace => ({
  quotaMs: options?.quotaMs ?? 0,
  splitMs: options?.splitMs ?? 0,
  moveMs: options?.moveMs ?? 0,
  transferMs: options?.transferMs ?? 0,
  transferBytesPerSecond: options?.transferBytesPerSecond,
  schedulesRun: options?.schedulesRun ?? false,
});

const toClock = (options: ClockOptions | undefined): ClockState => {
  if (options === undefined || options === 'real') return {};
  if ('frozenAt' in options) return { frozenAt: options.frozenAt.getTime() };
  return { running: { now: options.from?.getTime() ?? Date.now(), speed: options.speed } };
};

const toUsers = (topology: Topology, options: SimulatorOptions): Users => {
  const passwords = { ...options.secrets?.passwords, ...options.credentials };
  return new Users(
    topology.users.map(({ name, password, token, role, svm, locked }): User => ({
      name,
      role,
      privileges: [],
      svm,
      locked: locked ?? false,
      password: passwords[name] ?? password ?? randomBytes(12).toString('base64url'),
      token: options.tokens?.[name] ?? token,
    })),
  );
};

const showUser = ({ name, password, token, role, svm, locked }: User): SimulatorUser => ({
  name,
  password,
  role,
  locked,
  ...(token === undefined ? {} : { token }),
  ...(svm === undefined ? {} : { svm }),
});

/** More than anything ONTAP takes; a state to restore may be long. */
const greatestBody = (target: string): number => (isControl(target) ? 2 ** 30 : 2 ** 24);

const LOOPBACK = '127.0.0.1';
const inBrackets = (host: string) => (host.includes(':') ? `[${host}]` : host);

/** Starts a simulated cluster. It listens when the promise resolves and runs until `stop`. */
export const startSimulator = async (options: SimulatorOptions): Promise<Simulator> =>
  (await openSimulator(options)).simulator;

/** The same, with its inside: for those that connect clusters with each other. */
export const openSimulator = async (
  options: SimulatorOptions,
): Promise<{ readonly simulator: Simulator; readonly simulation: Simulation }> => {
  const simulation = new Simulation({
    topology: { ...defaultTopology, ...options.topology },
    seed: options.seed ?? DEFAULT_SEED,
    clock: toClock(options.clock),
    jobs: toJobModel(options.jobs),
    pace: toPace(options.pace),
    strict: options.strict ?? false,
  });
  try {
    if (options.state !== undefined) simulation.restore(options.state);
    return { simulator: await open(simulation, options), simulation };
  } catch (cause) {
    // Its timers would keep the process.
    simulation.stop();
    throw cause;
  }
};

/** Opens the doors of a cluster. */
const open = async (simulation: Simulation, options: SimulatorOptions): Promise<Simulator> => {
  const host = options.host ?? LOOPBACK;
  const users = toUsers(simulation.world.topology, options);
  const faults = new FaultTable();
  for (const rule of options.faults ?? []) faults.add(rule);
  const log = new RequestRecorder(REQUESTS_KEPT);
  const stopped = new AbortController();
  const parts = { world: () => simulation.world, router: () => simulation.router, faults, log, sleep };
  const login: ApiParts['login'] = (authorization, commonName) => {
    const { world } = simulation;
    const present = (name: string) => presentUser(name, users.find(name), world);
    return users.authenticate({ authorization, commonName, release: world.version, present });
  };
  const api = new Api({ ...parts, login, latencyMs: options.latencyMs ?? 0 });
  // Whatever happens to users, `call` stays open.
  const insider = users.list().find((user) => user.svm === undefined && user.role === 'admin');
  const unheard = { faults: new FaultTable(), log: new RequestRecorder(0), latencyMs: 0 };
  const own = new Api({ ...parts, ...unheard, login: () => insider });

  const authority = createAuthority('ONTAP simulator', options.secrets?.authority);
  const controlToken = options.controlToken ?? options.secrets?.controlToken ?? randomBytes(24).toString('base64url');
  const handle = (incoming: Incoming): Promise<Reply> =>
    isControl(incoming.target) ? answerControl(simulator, incoming) : api.handle(incoming);
  const listening = await listen({
    host,
    port: options.port ?? 0,
    identity: authority.issueServer(host),
    flaw: () => faults.strikeConnection(simulation.world.random, simulation.clock.now()),
    flawed: flawedIdentities(authority, host),
    authority: authority.certificate,
    greatestBody,
    handle,
  });
  const url = `https://${inBrackets(host)}:${listening.port}`;
  const control =
    options.controlPort === undefined
      ? undefined
      : await listen({
          host: LOOPBACK,
          port: options.controlPort,
          identity: authority.issueServer(LOOPBACK),
          flaw: () => undefined,
          flawed: flawedIdentities(authority, LOOPBACK),
          authority: authority.certificate,
          greatestBody,
          handle: (incoming) => answerControl(simulator, incoming),
        }).catch(async (cause: unknown) => {
          await listening.close();
          throw cause;
        });

  const simulator: Simulator = {
    url,
    host: `${inBrackets(host)}:${listening.port}`,
    port: listening.port,
    certificate: authority.certificate,
    get users() {
      return users.list().map(showUser);
    },
    accounts: {
      setLocked: (name, locked) => {
        users.change(name, { locked });
        changeAccount(name, { locked }, simulation.world);
      },
      setPassword: (name, password) => {
        users.change(name, { password });
        changeAccount(name, { $password: undefined }, simulation.world);
      },
    },
    controlToken,
    controlUrl: control === undefined ? url : `https://${LOOPBACK}:${control.port}`,
    get topology() {
      return simulation.world.topology;
    },
    requests: log,
    connections: listening.connections,
    faults,
    clock: {
      get frozen() {
        return simulation.clock.frozen;
      },
      get speed() {
        return simulation.clock.speed;
      },
      now: () => new Date(simulation.clock.now()),
      advance: (milliseconds) => simulation.clock.advance(milliseconds),
      freeze: () => simulation.clock.freeze(),
      run: (speed) => simulation.clock.run(speed),
      set: (instant) => simulation.clock.set(instant.getTime()),
    },
    world: viewWorld(() => simulation.world),
    user: (name) => {
      const user = users.find(name);
      if (!user) throw new Error(`The simulator has no user "${name}".`);
      return showUser(user);
    },
    issueClientCertificate: (user) => authority.issueClient(user),
    call: (method, path, body) => callApi(own, method, path, body, stopped.signal),
    dump: () => [...simulation.dumpTexts()].join(''),
    dumpTexts: () => simulation.dumpTexts(),
    restore: (state) => simulation.restore(state),
    reconfigure: (change) => simulation.reconfigure(change),
    secrets: () => ({
      authority: { certificate: authority.certificate, privateKey: authority.privateKey },
      passwords: Object.fromEntries(users.list().map(({ name, password }) => [name, password])),
      controlToken,
    }),
    stop: async () => {
      stopped.abort();
      simulation.stop();
      await Promise.all([listening.close(), control?.close()]);
    },
  };
  return simulator;
};

/** A request without a socket, as the first cluster administrator. */
const callApi = async (
  api: Api,
  method: string,
  path: string,
  body: unknown,
  signal: AbortSignal,
): Promise<SimulatedReply> => {
  const reply = await api.handle({
    method,
    target: path.startsWith('/api') ? path : `/api${path}`,
    signal,
    arrived: performance.now(),
    commonName: undefined,
    headers: {},
    body: body === undefined ? '' : JSON.stringify(body),
  });
  const text = method === 'HEAD' ? '' : [...reply.texts].join('');
  const content: unknown = text === '' ? undefined : JSON.parse(text);
  return { status: reply.status, headers: reply.headers, body: content };
};
