import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { getSystemErrorMap } from 'node:util';
import { YAMLException } from 'js-yaml';
import type { JsonValue } from '../engine/json.ts';
import { errorCode } from '../engine/node-errors.ts';
import { detailsOf, messageOf, Problem } from '../engine/problem.ts';
import { locate, passedOver } from '../engine/yaml-places.ts';
import { readYaml } from '../engine/yaml.ts';
import type { CommandContext } from './command.ts';

/** A document that a command was given. */
export interface InputDocument {
  /** What messages call it: the path, `stdin` or `base64`. */
  readonly name: string;
  readonly value: JsonValue;
  /** Puts file and line before a problem that says which key is wrong. */
  explain<T>(call: () => Promise<T>): Promise<T>;
}

export interface DocumentFlags {
  readonly filename: string | undefined;
  readonly base64: string | undefined;
}

/** The flags every command has that reads a document. */
export const documentFlags = (summary: string) =>
  ({
    filename: { kind: 'string', short: 'f', value: 'path', summary },
    base64: { kind: 'string', hidden: true, summary: 'the document itself, in base64' },
  }) as const;

const fileProblem = (error: unknown, path: string): Problem => {
  const known = [...getSystemErrorMap().values()].find(([name]) => name === errorCode(error))?.[1];
  return new Problem('cli.file', 'invalid', `open ${path}: ${known ?? messageOf(error)}`, { cause: error });
};

const largestBytes = 16 * 1024 ** 2;

const tooLarge = (name: string): Problem =>
  new Problem(
    'cli.documentTooLarge',
    'invalid',
    `${name}: it has more than 16 MiB, as no document of this program does`,
  );

/** A file, a pipe or a device; no more of it than a document may have. */
const readPath = async (path: string): Promise<Buffer> => {
  await using file = await open(path);
  const chunks: Buffer[] = [];
  for (let left = largestBytes + 1; left > 0;) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(Math.min(left, 65_536)));
    if (bytesRead === 0) break;
    chunks.push(buffer.subarray(0, bytesRead));
    left -= bytesRead;
  }
  return Buffer.concat(chunks);
};

/** Strict, as Go: the standard alphabet with padding, line breaks allowed. */
const decodeBase64 = (text: string): Buffer => {
  const plain = text.replace(/[\r\n]/g, '');
  const legal = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
  if (legal.test(plain)) return Buffer.from(plain, 'base64');
  const at = /[^A-Za-z0-9+/]/.exec(plain)?.index ?? plain.length - (plain.length % 4);
  throw new Problem('cli.base64', 'invalid', `illegal base64 data at input byte ${at}`);
};

/** All of standard input; whoever waits for it can still be interrupted. */
const readStandardInput = async ({ terminal, signal }: CommandContext): Promise<Buffer> => {
  signal.throwIfAborted();
  const { promise: interrupted, reject } = Promise.withResolvers<never>();
  const stop = () => reject(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([terminal.readInput(largestBytes + 1), interrupted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
};

/** The name a document goes by in messages, and its bytes. */
const readBytes = async (
  flags: DocumentFlags,
  context: CommandContext,
): Promise<readonly [string, Buffer] | undefined> => {
  if (flags.base64) return ['base64', decodeBase64(flags.base64)];
  if (!flags.filename) return undefined;
  if (flags.filename === '-') return ['stdin', await readStandardInput(context)];
  try {
    return [flags.filename, await readPath(resolve(context.options.directory, flags.filename))];
  } catch (error) {
    throw fileProblem(error, flags.filename);
  }
};

const decode = (name: string, bytes: Buffer): string => {
  if (bytes.length > largestBytes) throw tooLarge(name);
  const isUtf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  try {
    return new TextDecoder(isUtf16 ? (bytes[0] === 0xff ? 'utf-16le' : 'utf-16be') : 'utf-8', { fatal: true }).decode(
      bytes,
    );
  } catch (error) {
    throw new Problem('cli.encoding', 'invalid', `${name}: this is not text in UTF-8`, { cause: error });
  }
};

const withPlace = (problem: Problem, place: string, hint = problem.hint): Problem =>
  new Problem(problem.code, problem.kind, `${place}: ${problem.message}`, {
    ...detailsOf(problem),
    cause: problem,
    ...(hint === undefined ? {} : { hint }),
  });

const syntaxPlace = (name: string, problem: Problem): Problem => {
  const mark = problem.cause instanceof YAMLException ? problem.cause.mark : undefined;
  if (mark === undefined) return withPlace(problem, name);
  const lineOf = mark.buffer.split('\n')[mark.line] ?? '';
  const tab = /^\s*\t/.test(lineOf) ? 'YAML does not allow tabs for indentation; use blanks' : problem.hint;
  return withPlace(problem, `${name}:${mark.line + 1}:${mark.column + 1}`, tab);
};

/** Parses a document; `name` is what messages call it. @throws Problem with file, line and column */
export const parseDocument = (name: string, text: string): InputDocument => {
  let value: JsonValue;
  try {
    value = readYaml(text);
  } catch (error) {
    throw Problem.is(error) ? syntaxPlace(name, error) : error;
  }
  return {
    name,
    value,
    explain: async (call) => {
      try {
        return await call();
      } catch (error) {
        if (!Problem.is(error) || error.path === undefined || error.kind !== 'invalid') throw error;
        const place = locate(text, error.path);
        throw place === undefined ? error : withPlace(error, `${name}:${place.line}`);
      }
    },
  };
};

/** Reads the document that `-f` or `--base64` names; undefined when neither was given. */
export const readDocument = async (
  flags: DocumentFlags,
  context: CommandContext,
): Promise<InputDocument | undefined> => {
  const source = await readBytes(flags, context);
  if (source === undefined) return undefined;
  const [name, bytes] = source;
  const text = decode(name, bytes);
  const document = parseDocument(name, text);
  for (const { line, why } of passedOver(text)) context.terminal.err(`note: ${name}:${line}: ${why}\n`);
  return document;
};

/** @throws Problem when there is nothing in a document */
export const requireContent = ({ name, value }: InputDocument): void => {
  if (value === null) throw new Problem('cli.emptyInput', 'invalid', `${name}: the document is empty`);
};

/** The same where there must be a document with something in it. @param missing what to say when there is none */
export const getDocument = async (
  flags: DocumentFlags,
  context: CommandContext,
  missing: string,
): Promise<InputDocument> => {
  const document = await readDocument(flags, context);
  if (document === undefined)
    throw new Problem('cli.noInput', 'usage', missing, { hint: 'use -f PATH, or -f - for standard input' });
  requireContent(document);
  return document;
};
