import { run } from '../../src/cli/run.ts';
import type { Host } from '../../src/cli/host.ts';
import type { Terminal } from '../../src/cli/terminal.ts';

export interface CliOptions {
  /** All of it: nothing is taken from the test's own environment. */
  readonly environment?: Host['environment'];
  /** Working directory. */
  readonly directory: string;
  readonly stdin?: string | Buffer;
  readonly signal?: AbortSignal;
  /** What stdout and stderr are; files or pipes when absent. */
  readonly terminal?: Partial<Terminal>;
}

export interface CliResult {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one command line in this process, through the program's own main function. */
export const runCli = async (line: readonly string[], options: CliOptions): Promise<CliResult> => {
  const written = { stdout: '', stderr: '' };
  const terminal: Terminal = {
    out: (text) => {
      written.stdout += text;
    },
    err: (text) => {
      written.stderr += text;
    },
    outIsTTY: false,
    errIsTTY: false,
    talkWidth: undefined,
    width: undefined,
    colour: false,
    readInput: () => Promise.resolve(Buffer.from(options.stdin ?? '')),
    now: () => new Date(),
    ...options.terminal,
  };
  const exit = await run(line, {
    terminal,
    environment: options.environment ?? { HOME: options.directory },
    directory: options.directory,
    signal: options.signal ?? new AbortController().signal,
  });
  return { exit, ...written };
};
