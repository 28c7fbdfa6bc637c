import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const exec = promisify(execFile);
const program = join(import.meta.dirname, 'dying-process.ts');

/** An operation of the core as a process of its own carries it out. */
export interface DyingCall {
  readonly operation: string;
  readonly call: object;
}

/** Carries out an operation on a state directory in a process that kills itself (SIGKILL) at a point; answers `killed`. */
export const die = async (directory: string, { operation, call }: DyingCall, point: string): Promise<string> => {
  try {
    const { stdout } = await exec(process.execPath, [program, directory, operation, JSON.stringify(call), point]);
    return stdout;
  } catch (error) {
    if (error instanceof Error && 'signal' in error && error.signal === 'SIGKILL') return 'killed';
    throw error;
  }
};

/** Carries it out to the end; answers the points that it passed, each once. */
export const pointsOf = async (directory: string, dying: DyingCall): Promise<readonly string[]> => [
  ...new Set((await die(directory, dying, 'list')).split('\n').filter(Boolean)),
];
