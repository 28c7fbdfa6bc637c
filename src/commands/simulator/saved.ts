import { randomBytes } from 'node:crypto';
import { access, constants, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as v from 'valibot';
import { errorCode } from '../../engine/node-errors.ts';
import { messageOf, Problem } from '../../engine/problem.ts';
import type { Simulator, SimulatorSecrets } from '../../simulator/contract.ts';

/**
 * What is kept of a simulator between two runs: its state in the file that `--state` names, and beside it, in a file of
 * its own, the certificates, passwords and token that its clients know.
 */
export interface Saved {
  /** One text for each cluster. */
  readonly states: readonly string[];
  /** Empty when there is no such file. */
  readonly secrets: readonly SimulatorSecrets[];
}

const secretsFile = (path: string): string => `${path}.secrets`;

const secretsSchema = v.array(
  v.object({
    authority: v.object({ certificate: v.string(), privateKey: v.string() }),
    passwords: v.record(v.string(), v.string()),
    controlToken: v.string(),
  }),
);

const readText = async (path: string): Promise<string | undefined> => {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw new Problem('cli.file', 'invalid', `cannot read ${path}: ${messageOf(error)}`, { cause: error });
  }
};

export const noState = (path: string, error: unknown): Problem =>
  new Problem('cli.state', 'invalid', `${path} is no state of the simulator: ${messageOf(error)}`, {
    cause: error,
    hint: 'remove the file to start with a new cluster',
  });

/** One state is taken as it is; the simulator reads it. */
const statesIn = (text: string): readonly string[] => {
  if (!text.trimStart().startsWith('[')) return [text];
  const states: unknown = JSON.parse(text);
  return Array.isArray(states) ? states.map((each) => JSON.stringify(each)) : [text];
};

/** A state that cannot be left is better known before there is one. */
const checkPlace = async (path: string): Promise<void> => {
  try {
    await access(dirname(path), constants.W_OK);
  } catch (error) {
    throw new Problem('cli.file', 'invalid', `cannot write ${path}: ${messageOf(error)}`, { cause: error });
  }
};

/** What an earlier run left; undefined when there is nothing yet. @throws Problem, also when nothing could be left there */
export const readSaved = async (path: string): Promise<Saved | undefined> => {
  await checkPlace(path);
  const text = await readText(path);
  if (text === undefined) return undefined;
  const hidden = await readText(secretsFile(path));
  try {
    return {
      states: statesIn(text),
      secrets: hidden === undefined ? [] : v.parse(secretsSchema, JSON.parse(hidden)),
    };
  } catch (error) {
    throw noState(path, error);
  }
};

/** Written aside and moved into place: a crash leaves the old file or the new one. */
const replaceFile = async (path: string, text: string): Promise<void> => {
  const aside = `${path}.${randomBytes(4).toString('hex')}`;
  try {
    await writeFile(aside, text, { mode: 0o600 });
    await rename(aside, path);
  } catch (error) {
    await rm(aside, { force: true });
    // Whoever interrupted the simulator is to know that its state is not there.
    throw new Problem('cli.state', 'interrupted', `cannot write ${path}: ${messageOf(error)}`, { cause: error });
  }
};

/** Leaves what a later run starts from. @throws Problem */
export const writeSaved = async (path: string, simulators: readonly Simulator[]): Promise<void> => {
  const states = simulators.map((each) => each.dump());
  await replaceFile(secretsFile(path), `${JSON.stringify(simulators.map((each) => each.secrets()))}\n`);
  await replaceFile(
    path,
    states.length === 1 ? (states[0] ?? '') : `[${states.map((each) => each.trimEnd()).join(',\n')}]\n`,
  );
};
