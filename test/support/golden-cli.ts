import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as v from 'valibot';
import { readYaml } from '../../src/engine/yaml.ts';
import { plainPath, startRecordingServer, type ReceivedRequest } from './recording-server.ts';
import { runCli, type CliResult } from './run-cli.ts';

/** Recorded runs of the stock command line, and how ours is held against them. */

const exchangeSchema = v.object({
  method: v.string(),
  path: v.string(),
  requestBody: v.optional(v.string(), ''),
  status: v.optional(v.nullable(v.number()), null),
  responseBody: v.optional(v.string(), ''),
});
const caseSchema = v.object({
  argv: v.array(v.string()),
  env: v.optional(v.record(v.string(), v.string()), {}),
  files: v.optional(v.record(v.string(), v.union([v.string(), v.object({ text: v.string() })])), {}),
  stdin: v.optional(v.string(), ''),
  exit: v.number(),
  stdout: v.optional(v.string(), ''),
  stdoutSha256: v.optional(v.string()),
  stderr: v.optional(v.string(), ''),
  crash: v.optional(v.unknown()),
  rest: v.optional(v.array(exchangeSchema), []),
});
export type GoldenCase = v.InferOutput<typeof caseSchema>;

const folder = join(import.meta.dirname, '..', 'fixtures', 'golden-cli');

export const readGoldenCases = async (scenario: string): Promise<Readonly<Record<string, GoldenCase>>> =>
  v.parse(v.record(v.string(), caseSchema), JSON.parse(await readFile(join(folder, `${scenario}.json`), 'utf8')));

const recordedAddress = '127.0.0.1:8000';

/** Runs our command line on the input of a recorded run, against its recorded answers. */
const replay = async (golden: GoldenCase): Promise<CliResult & { readonly received: readonly ReceivedRequest[] }> => {
  const directory = await mkdtemp(join(tmpdir(), 'golden-'));
  await using server = await startRecordingServer(golden.rest);
  const address = `127.0.0.1:${server.port}`;
  const here = (text: string) => text.replaceAll(recordedAddress, address);
  try {
    await mkdir(join(directory, 'home'));
    for (const [name, file] of Object.entries(golden.files)) {
      await mkdir(dirname(join(directory, name)), { recursive: true });
      await writeFile(join(directory, name), typeof file === 'string' ? file : file.text);
    }
    const environment = Object.fromEntries(Object.entries(golden.env).map(([name, value]) => [name, here(value)]));
    const result = await runCli(golden.argv.map(here), {
      directory,
      environment: { HOME: join(directory, 'home'), PATH: '', TZ: 'UTC', ...environment },
      stdin: golden.stdin,
    });
    const back = (text: string) => text.replaceAll(address, recordedAddress);
    return {
      exit: result.exit,
      stdout: back(result.stdout),
      stderr: back(result.stderr),
      received: [...server.received],
    };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
};

/** Rows of cells; continuation lines are rows of their own. */
const cellsOf = (table: string): readonly (readonly string[])[] =>
  table
    .split('\n')
    .filter((line) => line.startsWith('│'))
    .map((line) => line.split('│').map((cell) => cell.trim()));

const hideVolatile = (text: string): string => text.replace(/(?:go|node)\d+\.\d+(?:\.\d+)?/g, 'RUNTIME');

type Seen = { readonly as: string; readonly value: unknown };

/** What a text says, whatever its layout. */
const contentOf = (text: string, argv: readonly string[]): Seen => {
  const plain = hideVolatile(text);
  if (plain.includes('│')) return { as: 'table', value: cellsOf(plain) };
  if (plain.startsWith('{')) return { as: 'json', value: JSON.parse(plain) };
  if (argv.includes('yaml')) return { as: 'yaml', value: readYaml(plain) };
  return { as: 'text', value: plain.trimEnd() };
};

/** What stock says on standard error, without the word before it, its log records and its crashes. */
const messageOf = (golden: GoldenCase): string =>
  golden.crash !== undefined
    ? ''
    : golden.stderr
        .split('\n')
        .filter((line) => !line.startsWith('time="') && !/^\s*$/.test(line))
        .join('\n')
        .replace(/^Error: /, '');

const jsonOrText = (body: string): unknown => {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
};

const changesOf = (requests: readonly { readonly method: string; readonly path: string; readonly body: string }[]) =>
  requests
    .filter((request) => request.method !== 'GET')
    .map(({ method, path, body }) => ({ method, path: plainPath(path), body: jsonOrText(body) }));

/** Everything that a run is held to, in a form that compares well. */
export interface Held {
  readonly exit: number;
  readonly stdout: Seen;
  readonly message: string;
  readonly changes: readonly unknown[];
  /** Reads of ours that stock does not make. */
  readonly furtherReads: readonly string[];
}

/** What stock did and what we did. Where our message contains stock's, it counts as the same. */
export const compareWithGolden = async (golden: GoldenCase): Promise<{ readonly stock: Held; readonly ours: Held }> => {
  const result = await replay(golden);
  const message = messageOf(golden);
  const said = result.stderr.replaceAll(/\n\s*\n/g, '\n');
  const reads = new Set(golden.rest.map((exchange) => plainPath(exchange.path)));
  const generated = golden.stdoutSha256 !== undefined;
  const stock: Held = {
    exit: golden.exit,
    stdout: generated ? { as: 'text', value: 'generated' } : contentOf(golden.stdout, golden.argv),
    message,
    changes: changesOf(golden.rest.map((one) => ({ method: one.method, path: one.path, body: one.requestBody }))),
    furtherReads: [],
  };
  const ours: Held = {
    exit: result.exit,
    stdout:
      generated && result.stdout !== '' ? { as: 'text', value: 'generated' } : contentOf(result.stdout, golden.argv),
    message: said.includes(message) ? message : result.stderr,
    changes: changesOf(result.received),
    furtherReads: result.received
      .filter((request) => request.method === 'GET' && !reads.has(plainPath(request.path)))
      .map((request) => request.path),
  };
  return { stock, ours };
};
