import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/**
 * Clients that NetApp gives out as Python packages. They are installed by name, at pinned versions, into a virtual
 * environment outside the repository that later runs find again.
 */

const run = promisify(execFile);

export interface PythonClient {
  /** The interpreter of the virtual environment. */
  readonly python: string;
  /** Where such a client may keep files of its own. */
  readonly home: string;
}

/** The client, or the reason why there is none on this machine. */
export type PythonClientOrReason =
  | { readonly client: PythonClient; readonly reason: undefined }
  | { readonly client: undefined; readonly reason: string };

const INSTALL_MS = 420_000;

const lastLine = (error: unknown): string => {
  const output = error instanceof Error && 'stderr' in error ? String(error.stderr) : '';
  const lines = output.split('\n').filter((line) => line.trim() !== '' && !line.includes('notice'));
  return lines.at(-1) ?? (error instanceof Error ? error.message : String(error));
};

const findPython = async (): Promise<{ readonly command: string; readonly version: string } | undefined> => {
  for (const command of ['python3', 'python']) {
    try {
      const { stdout } = await run(command, ['-c', 'import sys, venv; print("%d.%d" % sys.version_info[:2])']);
      const [major = 0, minor = 0] = stdout.trim().split('.').map(Number);
      if (major === 3 && minor >= 9) return { command, version: stdout.trim() };
    } catch {
      // Not there, too old, or without venv: the next one.
    }
  }
  return undefined;
};

/** Installs packages (`name==version`) once per machine and version of Python. */
export const openPythonClient = async (
  name: string,
  packages: readonly string[],
  minimum: string,
): Promise<PythonClientOrReason> => {
  const python = await findPython();
  if (python === undefined) return { client: undefined, reason: 'there is no Python 3.9 or later with venv' };
  const { command, version } = python;
  if (Number(version.split('.')[1]) < Number(minimum.split('.')[1]))
    return { client: undefined, reason: `Python ${version} is older than ${minimum}` };
  const cache = join(process.env['XDG_CACHE_HOME'] ?? tmpdir(), 'tridentctl-tests');
  const key = [name, ...packages, `python${version}`].join('-').replaceAll(/[^\w.-]+/g, '_');
  const home = join(cache, key);
  const client = { python: join(home, 'bin', 'python'), home };
  if (existsSync(client.python)) return { client, reason: undefined };
  await mkdir(cache, { recursive: true });
  // Built aside and moved into place, so that an interrupted installation is never taken for a whole one.
  const aside = await mkdtemp(join(cache, `${name}-`));
  try {
    await run(command, ['-m', 'venv', aside], { timeout: INSTALL_MS });
    await run(
      join(aside, 'bin', 'python'),
      ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--retries', '1', ...packages],
      { timeout: INSTALL_MS, maxBuffer: 2 ** 26 },
    );
    await rename(aside, home).catch((error: unknown) => {
      // Another run was quicker.
      if (!existsSync(client.python)) throw error;
    });
    return { client, reason: undefined };
  } catch (error) {
    return { client: undefined, reason: `${packages.join(', ')} could not be installed: ${lastLine(error)}` };
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
};

/** The suite's title: it says when and why the client is not there. */
export const clientTitle = (what: string, { reason }: PythonClientOrReason): string => {
  if (reason === undefined) return what;
  process.stderr.write(`skipped: ${what}: ${reason}\n`);
  return `${what} (skipped: ${reason})`;
};
