import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { stateDirectory } from '../../cli/core.ts';
import type { GlobalOptions } from '../../cli/command.ts';
import { isRunning } from '../../cli/processes.ts';
import { makeDirectory } from '../../engine/make-directory.ts';

/**
 * Simulators that run say so in a file each, in the state directory, which only its owner can read: it holds the token
 * of the control plane, so that nobody has to copy it.
 */

const running = v.object({
  pid: v.number(),
  cluster: v.string(),
  url: v.string(),
  /** Where its control plane is, which no fault strikes. */
  controlUrl: v.string(),
  token: v.string(),
  /** PEM */
  certificate: v.string(),
});
export type RunningSimulator = v.InferOutput<typeof running>;

const folderOf = (options: GlobalOptions): string => join(stateDirectory(options), 'simulators');

const fileOf = (options: GlobalOptions, { url }: { readonly url: string }): string =>
  join(folderOf(options), `${url.replaceAll(/[^\w.]+/g, '_')}.json`);

/** Leaves word of a simulator; returns what takes it away. */
export const announce = async (simulator: RunningSimulator, options: GlobalOptions): Promise<() => Promise<void>> => {
  const file = fileOf(options, simulator);
  makeDirectory(folderOf(options), 0o700);
  await rm(file, { force: true });
  await writeFile(file, `${JSON.stringify(simulator, undefined, 2)}\n`, { mode: 0o600, flag: 'wx' });
  return () => rm(file, { force: true });
};

const readOne = async (file: string): Promise<RunningSimulator | undefined> => {
  try {
    const parsed = v.safeParse(running, JSON.parse(await readFile(file, 'utf8')));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
};

/** Simulators of this state directory whose process lives; what dead ones left is removed. */
export const listRunning = async (options: GlobalOptions): Promise<readonly RunningSimulator[]> => {
  const folder = folderOf(options);
  const names = await readdir(folder).catch(() => []);
  const found: RunningSimulator[] = [];
  for (const name of names.filter((each) => each.endsWith('.json')).sort()) {
    const one = await readOne(join(folder, name));
    if (one !== undefined && isRunning(one.pid)) found.push(one);
    else await rm(join(folder, name), { force: true });
  }
  return found;
};
