import { join } from 'node:path';
import { expect } from 'vitest';
import { runCli, type CliResult } from './run-cli.ts';

/** Runs one command line. */
export type Line = (line: string) => Promise<CliResult>;

/** Commands on a state directory in a folder, with an exit status for each kind of failure. */
export const commandsIn =
  (folder: string): Line =>
  (line) =>
    runCli([...line.split(' '), '--state-dir', join(folder, 'state'), '--embedded', '--exit-status', 'detailed'], {
      directory: folder,
    });

export const expectDone = async (cli: Line, line: string): Promise<void> => {
  const { exit, stderr } = await cli(line);
  expect(exit, `${line}: ${stderr}`).toBe(0);
};

const records = async (cli: Line): Promise<string> => {
  const lines = ['backend', 'volume', 'snapshot', 'publication'].map((noun) => cli(`get ${noun} -o json`));
  return JSON.stringify((await Promise.all(lines)).map(({ stdout }) => stdout));
};

/** The command ends with this status and says all this; what is on record stays as it was. */
export const expectRefusal = async (
  cli: Line,
  line: string,
  status: number,
  ...parts: readonly string[]
): Promise<void> => {
  const before = await records(cli);
  const { exit, stderr, stdout } = await cli(line);
  for (const part of parts) expect(stderr).toContain(part);
  expect([exit, stdout]).toEqual([status, '']);
  // Nothing is left for recovery either.
  expect(stderr).not.toContain('taking it back failed');
  expect(await records(cli)).toBe(before);
};
