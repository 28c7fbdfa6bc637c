import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GlobalOptions } from './command.ts';
import { chooseMode } from './core.ts';

let home = '';
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'mode-'));
});
afterEach(() => rm(home, { recursive: true }));

const options = (given: Partial<GlobalOptions>, environment: GlobalOptions['environment'] = {}): GlobalOptions => ({
  output: '',
  debug: false,
  verbose: false,
  server: undefined,
  embedded: false,
  namespace: undefined,
  kubeconfig: undefined,
  stateDir: undefined,
  directory: home,
  environment: { HOME: home, ...environment },
  ...given,
});
const kubeconfig = async (text: string): Promise<string> => {
  const path = join(home, 'kubeconfig');
  await writeFile(path, text);
  return path;
};
const inUse = 'apiVersion: v1\nkind: Config\ncurrent-context: lab\n';

describe('chooseMode', () => {
  it('uses the engine in the program when nothing is configured', async () =>
    expect(await chooseMode(options({}))).toEqual({
      kind: 'embedded',
      stateDirectory: join(home, '.local/state/tridentctl'),
    }));

  it.each([
    ['the flag', { stateDir: 'here' }, {}, 'here'],
    ['the variable', {}, { TRIDENT_STATE_DIR: '/var/lib/trident' }, '/var/lib/trident'],
    ['XDG', {}, { XDG_STATE_HOME: '/xdg' }, '/xdg/tridentctl'],
    ['the flag before the variable', { stateDir: '/flag' }, { TRIDENT_STATE_DIR: '/variable' }, '/flag'],
  ])('keeps state where %s says', async (_what, given, environment, directory) => {
    const mode = await chooseMode(options(given, environment));
    expect(mode).toEqual({ kind: 'embedded', stateDirectory: directory === 'here' ? join(home, 'here') : directory });
  });

  it('says so when there is no place for state', () =>
    expect(chooseMode(options({}, { HOME: undefined }))).rejects.toThrow('no place to keep state'));

  it('prefers the flag to the variable, and both to a cluster', async () => {
    const KUBECONFIG = await kubeconfig(inUse);
    const environment = { KUBECONFIG, TRIDENT_SERVER: 'variable:8000' };
    expect(await chooseMode(options({ server: 'flag:8000' }, environment))).toEqual({
      kind: 'server',
      server: 'flag:8000',
    });
    expect(await chooseMode(options({}, environment))).toEqual({ kind: 'server', server: 'variable:8000' });
    expect(await chooseMode(options({ embedded: true }, environment))).toMatchObject({ kind: 'embedded' });
  });

  it('refuses a server and the engine at once', () =>
    expect(chooseMode(options({ server: 'x', embedded: true }))).rejects.toThrow('exclude each other'));

  it.each([
    ['with a current context', inUse, 'cluster'],
    ['that cannot be read', 'current-context: [', 'cluster'],
    ['without a current context', 'apiVersion: v1\ncurrent-context: ""\n', 'embedded'],
  ])('takes a kubeconfig %s for a %3$s', async (_what, text, kind) => {
    const KUBECONFIG = await kubeconfig(text);
    expect(await chooseMode(options({}, { KUBECONFIG }))).toMatchObject({ kind });
  });
});
