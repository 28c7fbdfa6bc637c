import { fstatSync, statSync, writeSync } from 'node:fs';
import { errorCode } from '../engine/node-errors.ts';
import { messageOf, Problem } from '../engine/problem.ts';
import type { Terminal } from './terminal.ts';

/** The device that swallows everything; undefined where it has no number or is no file. */
const nullDevice = (): number | undefined => {
  try {
    return statSync('/dev/null').rdev;
  } catch {
    return undefined;
  }
};

/** Asks the cheap questions first: few things can be a terminal, and loading `node:tty` takes milliseconds. */
const isTerminal = (descriptor: 1 | 2): boolean => {
  try {
    const there = fstatSync(descriptor);
    if (!there.isCharacterDevice() || there.rdev === nullDevice()) return false;
  } catch {
    return false; // closed
  }
  return process.getBuiltinModule('node:tty').isatty(descriptor);
};

const pauseMs = 5;
const pause = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs);

const encoder = new TextEncoder();
/** What is on its way out. Bytes of their own for every text would stay until a collection that may never come. */
let outgoing: Uint8Array | undefined;
const outgoingBytes = 65_536;

/**
 * Writes at once and whole, so that nothing is lost when the process ends; Node's own streams would also cost a tenth
 * of the start-up.
 */
const write = (descriptor: 1 | 2, text: string): void => {
  const bytes = (outgoing ??= new Uint8Array(outgoingBytes));
  let rest = text;
  while (rest !== '') {
    const { read, written } = encoder.encodeInto(rest, bytes);
    writeBytes(descriptor, bytes.subarray(0, written));
    rest = rest.slice(read);
  }
};

const writeBytes = (descriptor: 1 | 2, bytes: Uint8Array): void => {
  let rest = bytes;
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(descriptor, rest));
    } catch (error) {
      // The other end of a pipe that does not block is busy reading.
      if (errorCode(error) !== 'EAGAIN') throw error;
      pause();
    }
  }
};

/** A reader of the data that went away (`… | head`) is no error: there is nobody left to do anything for. */
const writeData = (text: string): void => {
  try {
    write(1, text);
  } catch (error) {
    if (errorCode(error) === 'EPIPE') process.exit(0);
    const message = `standard output cannot be written: ${messageOf(error)}`;
    throw new Problem('cli.output', 'unavailable', message, { cause: error });
  }
};

/** Talk that nobody can hear is dropped: what the command was told to do must be done all the same. */
const writeTalk = (text: string): void => {
  try {
    write(2, text);
  } catch {
    // There is no place left to say so.
  }
};

/** Never blocks the process: Ctrl-C must get through. */
const readInput = async (most: number): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  let left = most;
  for await (const chunk of process.stdin) {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    chunks.push(bytes.subarray(0, left));
    left -= bytes.length;
    if (left <= 0) break;
  }
  return Buffer.concat(chunks);
};

// Some terminals do not know how wide they are, and say 0.
const columnsOf = (stream: NodeJS.WriteStream): number | undefined => (stream.columns > 0 ? stream.columns : undefined);

const usualColumns = 80;

/** The terminal of this process. */
export const openRealTerminal = (): Terminal => {
  const outIsTTY = isTerminal(1);
  const errIsTTY = isTerminal(2);
  const { env } = process;
  const isDumb = env['TERM'] === 'dumb';
  const width = outIsTTY ? columnsOf(process.stdout) : undefined;
  return {
    out: writeData,
    err: writeTalk,
    outIsTTY,
    errIsTTY,
    // The one is loaded already where both are the same terminal.
    talkWidth: errIsTTY && !isDumb ? (width ?? columnsOf(process.stderr) ?? usualColumns) : undefined,
    width,
    colour: (env['NO_COLOR'] ?? '') === '' && !isDumb,
    readInput,
    now: () => new Date(),
  };
};
