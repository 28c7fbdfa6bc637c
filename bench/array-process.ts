import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import type { JsonObject } from '../src/engine/json.ts';
import type { ArrayFacts } from './drivers.ts';

/** What an array did since `reset`. */
export interface Counters {
  /** Requests answered. */
  readonly calls: number;
  readonly jobs: number;
  /** TLS handshakes. */
  readonly handshakes: number;
}

/** A simulated array in a process of its own, so that it does not share the processor core of what is measured. */
export interface ArrayProcess extends AsyncDisposable {
  readonly facts: ArrayFacts;
  counters(): Promise<Counters>;
  reset(): Promise<void>;
  /** Processor time it has used, in milliseconds; undefined where the system does not tell. */
  cpuMs(): number | undefined;
  /** The most memory it has used, in MB; undefined where the system does not tell. */
  peakMemoryMb(): number | undefined;
  /** The whole state, and a simulator in it. */
  dump(): Promise<string>;
  restore(state: string): Promise<void>;
}

export interface ArrayChoice {
  /** What every call takes at least; waiting for jobs comes on top. */
  readonly latencyMs: number;
  /** What every job takes. */
  readonly jobTimeMs: number;
  /** A topology file. */
  readonly topology: JsonObject;
}

type Method = 'GET' | 'POST' | 'DELETE';
type Answer = Readonly<Record<string, unknown>>;

const bin = join(import.meta.dirname, '..', 'bin', 'tridentctl.js');

/** Clock ticks per second of `/proc` on every Linux that Node runs on. */
const ticksPerSecond = 100;

const cpuOf = (pid: number): number | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerSecond;
  } catch {
    return undefined;
  }
};

const peakMemoryOf = (pid: number): number | undefined => {
  try {
    const kilobytes = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) / 1024;
  } catch {
    return undefined;
  }
};

const textOf = (facts: Answer, name: string): string => {
  const value = facts[name];
  if (typeof value === 'string') return value;
  throw new Error(`the simulator does not tell its ${name}`);
};

/** What a simulator with `-o json` prints once it listens; what it says beside that is for people, unless it ends. */
const announcementOf = async (child: ChildProcessByStdio<null, Readable, Readable>): Promise<Answer> => {
  let text = '';
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (said += chunk));
  child.on('exit', (status) => {
    if (status !== 0) process.stderr.write(`the simulator ended with status ${status}: ${said}`);
  });
  while (!text.trimEnd().endsWith('}')) await once(child.stdout, 'data', { signal: AbortSignal.timeout(30_000) });
  return JSON.parse(text);
};

/** Asks past what is measured: on a connection of its own. */
const openControl = (facts: ArrayFacts, url: string, token: string) => {
  const pool = new Pool(url, { connections: 1, connect: { ca: facts.certificate } });
  const text = async (method: Method, path: string, authorization: string, body?: string): Promise<string> => {
    const answer = await pool.request({ method, path, headers: { authorization }, ...(body ? { body } : {}) });
    const content = await answer.body.text();
    if (answer.statusCode !== 200) throw new Error(`${method} ${path}: ${content}`);
    return content;
  };
  const ask = async (method: Method, path: string, authorization: string): Promise<Answer> =>
    JSON.parse(await text(method, path, authorization));
  const bearer = `Bearer ${token}`;
  const basic = `Basic ${Buffer.from(`${facts.username}:${facts.password}`).toString('base64')}`;
  return {
    control: (method: Method, path: string) => ask(method, `/_sim${path}`, bearer),
    dump: () => text('GET', '/_sim/dump', bearer),
    restore: (state: string) => text('POST', '/_sim/restore', bearer, state),
    array: (path: string) => ask('GET', `/api${path}`, basic),
    close: () => pool.close(),
  };
};

/** Jobs tell their beginning in whole seconds: waits for the next one, and says which that is. */
const nextSecond = async (): Promise<string> => {
  const next = Math.floor(Date.now() / 1000) * 1000 + 1000;
  // Timers may be a millisecond early.
  while (Date.now() < next) await sleep(next - Date.now());
  return new Date(next).toISOString().replace('.000Z', 'Z');
};

const topologyFile = (topology: JsonObject): { readonly path: string; readonly remove: () => void } => {
  const directory = mkdtempSync(join(tmpdir(), 'tridentctl-bench-'));
  const path = join(directory, 'topology.json');
  writeFileSync(path, JSON.stringify(topology));
  return { path, remove: () => rmSync(directory, { recursive: true, force: true }) };
};

/** Starts `tridentctl simulator`. */
export const startArrayProcess = async (choice: ArrayChoice): Promise<ArrayProcess> => {
  const file = topologyFile(choice.topology);
  const times = ['--latency', `${choice.latencyMs}ms`, '--job-time', `${choice.jobTimeMs}ms`];
  const child = spawn(process.execPath, [bin, 'simulator', ...times, '--topology', file.path, '-o', 'json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  const announced = await announcementOf(child);
  file.remove();
  const facts = {
    host: textOf(announced, 'host'),
    svm: textOf(announced, 'svm'),
    username: textOf(announced, 'username'),
    password: textOf(announced, 'password'),
    certificate: textOf(announced, 'certificate'),
  };
  const { control, array, close, dump, restore } = openControl(
    facts,
    textOf(announced, 'url'),
    textOf(announced, 'controlToken'),
  );
  let handshakesBefore = 0;
  let since = '';
  return {
    facts,
    async counters() {
      const { handshakes } = await control('GET', '/connections');
      const { count } = await control('GET', '/requests');
      const { num_records: jobs } = await array(`/cluster/jobs?return_records=false&start_time=>=${since}`);
      return { calls: Number(count), jobs: Number(jobs), handshakes: Number(handshakes) - handshakesBefore };
    },
    async reset() {
      since = await nextSecond();
      await control('DELETE', '/requests');
      handshakesBefore = Number((await control('GET', '/connections'))['handshakes']);
    },
    peakMemoryMb: () => (child.pid === undefined ? undefined : peakMemoryOf(child.pid)),
    dump,
    async restore(state) {
      await restore(state);
    },
    cpuMs: () => (child.pid === undefined ? undefined : cpuOf(child.pid)),
    async [Symbol.asyncDispose]() {
      await close();
      child.kill('SIGTERM');
      await ended;
    },
  };
};
