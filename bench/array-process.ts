import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Pool } from 'undici';
import type { JsonObject } from '../src/engine/json.ts';

/** A simulated array in a process of its own, so that it does not share the processor core of what is measured. */
export interface ArrayProcess extends AsyncDisposable {
  /** Configuration of a backend on it. */
  readonly config: JsonObject;
  /** Requests answered and TLS handshakes made since the last `reset`. */
  counters(): Promise<{ readonly calls: number; readonly handshakes: number }>;
  reset(): Promise<void>;
  /** Processor time it has used, in milliseconds; undefined where the system does not tell. */
  cpuMs(): number | undefined;
}

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

const textOf = (facts: Readonly<Record<string, unknown>>, name: string): string => {
  const value = facts[name];
  if (typeof value === 'string') return value;
  throw new Error(`the simulator does not tell its ${name}`);
};

/** Starts `tridentctl simulator`, which answers after `latencyMs`. */
export const startArrayProcess = async (latencyMs: number): Promise<ArrayProcess> => {
  const child = spawn(process.execPath, [bin, 'simulator', '--latency', `${latencyMs}ms`, '-o', 'json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  while (!text.trimEnd().endsWith('}')) await once(child.stdout, 'data', { signal: AbortSignal.timeout(30_000) });
  const facts: Readonly<Record<string, unknown>> = JSON.parse(text);
  const certificate = textOf(facts, 'certificate');
  const pool = new Pool(textOf(facts, 'url'), { connections: 1, connect: { ca: certificate } });
  const headers = { authorization: `Bearer ${textOf(facts, 'controlToken')}` };
  const ask = async (method: 'GET' | 'DELETE', path: string): Promise<Readonly<Record<string, unknown>>> => {
    const answer = await pool.request({ method, path: `/_sim${path}`, headers });
    if (answer.statusCode !== 200) throw new Error(`${method} ${path}: ${await answer.body.text()}`);
    return JSON.parse(await answer.body.text());
  };
  let handshakesBefore = 0;
  return {
    config: {
      version: 1,
      storageDriverName: 'ontap-nas',
      backendName: 'nas1',
      managementLIF: textOf(facts, 'host'),
      svm: textOf(facts, 'svm'),
      username: textOf(facts, 'username'),
      password: textOf(facts, 'password'),
      trustedCACertificate: Buffer.from(certificate).toString('base64'),
      storagePrefix: 'trident_',
      autoExportPolicy: true,
    },
    async counters() {
      const { handshakes } = await ask('GET', '/connections');
      const { count } = await ask('GET', '/requests');
      return { calls: Number(count), handshakes: Number(handshakes) - handshakesBefore };
    },
    async reset() {
      await ask('DELETE', '/requests');
      handshakesBefore = Number((await ask('GET', '/connections'))['handshakes']);
    },
    cpuMs: () => (child.pid === undefined ? undefined : cpuOf(child.pid)),
    async [Symbol.asyncDispose]() {
      await pool.close();
      child.kill('SIGTERM');
      await ended;
    },
  };
};
