import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Core } from '../client/contract.ts';
import type { operations } from '../client/operations.ts';
import { Problem } from '../engine/problem.ts';
import type { GlobalOptions } from './command.ts';
import { variableOf } from './environment.ts';
import type { Terminal } from './terminal.ts';
import { runtime } from './version-text.ts';

/** How a command reaches a core. */
export type Mode =
  | { readonly kind: 'server'; readonly server: string }
  | { readonly kind: 'cluster'; readonly kubeconfig: string }
  | { readonly kind: 'embedded'; readonly stateDirectory: string };

const homeOf = (options: GlobalOptions): string | undefined =>
  variableOf(options, 'HOME') ?? variableOf(options, 'USERPROFILE');

/** The kubeconfig that kubectl would read, if it is there. */
const findKubeconfig = (options: GlobalOptions): string | undefined => {
  if (options.kubeconfig !== undefined) return options.kubeconfig;
  const listed = variableOf(options, 'KUBECONFIG');
  if (listed !== undefined) return listed.split(':').find((path) => path !== '' && existsSync(path));
  const home = homeOf(options);
  const usual = home === undefined ? undefined : join(home, '.kube', 'config');
  return usual !== undefined && existsSync(usual) ? usual : undefined;
};

/** Whether a kubeconfig has a current context; one that cannot be read counts, so that nobody is surprised. */
const namesCluster = async (path: string): Promise<boolean> => {
  const [{ readFile }, { readYaml }] = await Promise.all([import('node:fs/promises'), import('../engine/yaml.ts')]);
  try {
    const config = readYaml(await readFile(path, 'utf8'));
    if (typeof config !== 'object' || config === null || !('current-context' in config)) return false;
    return config['current-context'] !== '' && config['current-context'] !== null;
  } catch {
    return true;
  }
};

/** Where the engine in this program keeps its state (XDG base directories). @throws Problem when there is no home */
export const stateDirectory = (options: GlobalOptions): string => {
  const named = options.stateDir ?? variableOf(options, 'TRIDENT_STATE_DIR');
  if (named !== undefined) return resolve(options.directory, named);
  const base = variableOf(options, 'XDG_STATE_HOME');
  if (base !== undefined) return join(resolve(options.directory, base), 'tridentctl');
  const home = homeOf(options);
  if (home === undefined)
    throw new Problem(
      'cli.noStateDirectory',
      'usage',
      'no place to keep state: neither HOME nor XDG_STATE_HOME is set',
      {
        hint: 'use --state-dir or TRIDENT_STATE_DIR',
      },
    );
  return join(home, '.local', 'state', 'tridentctl');
};

/** A flag or variable wins; else a kubeconfig that names a cluster; else the engine in this program. */
export const chooseMode = async (options: GlobalOptions): Promise<Mode> => {
  if (options.server !== undefined && options.embedded)
    throw new Problem('cli.twoModes', 'usage', '--server and --embedded exclude each other');
  if (options.server !== undefined) return { kind: 'server', server: options.server };
  const embedded = () => ({ kind: 'embedded', stateDirectory: stateDirectory(options) }) as const;
  if (options.embedded) return embedded();
  const server = variableOf(options, 'TRIDENT_SERVER');
  if (server !== undefined) return { kind: 'server', server };
  const kubeconfig = findKubeconfig(options);
  if (kubeconfig !== undefined && (options.kubeconfig !== undefined || (await namesCluster(kubeconfig))))
    return { kind: 'cluster', kubeconfig };
  return embedded();
};

const requestTimeoutMs = 300_000;

/** Opens the core that the options choose, and says which when someone is there to read it. */
export const openCore = async (options: GlobalOptions, terminal: Terminal): Promise<Core<typeof operations>> => {
  const mode = await chooseMode(options);
  if (mode.kind === 'cluster')
    throw new Problem(
      'cli.clusterMode',
      'unsupported',
      options.kubeconfig === undefined
        ? `${mode.kubeconfig} names a cluster, and this release cannot reach Trident in a cluster yet`
        : '--kubeconfig asks for Trident in a cluster, which this release cannot reach yet',
      {
        hint: 'choose another way: --server HOST:PORT (for example through `kubectl port-forward`), or --embedded for the engine in this program',
      },
    );
  const core =
    mode.kind === 'server'
      ? await openServer(mode.server, options, terminal)
      : await openEmbedded(mode.stateDirectory, options, terminal);
  if (terminal.errIsTTY || options.verbose) terminal.err(`note: using ${core.description}\n`);
  return core;
};

const openServer = async (server: string, options: GlobalOptions, terminal: Terminal) => {
  const [{ openHttpCore }, { traceHttp }] = await Promise.all([import('../client/http.ts'), import('./http-trace.ts')]);
  return openHttpCore({
    server,
    timeoutMs: requestTimeoutMs,
    connections: 16,
    ...(options.debug ? { trace: traceHttp(terminal) } : {}),
  });
};

const openEmbedded = async (directory: string, options: GlobalOptions, terminal: Terminal) => {
  const [{ openEmbeddedCore }, { engineOptions, openStore }] = await Promise.all([
    import('../client/embedded.ts'),
    import('./engine-host.ts'),
  ]);
  return openEmbeddedCore({
    ...engineOptions(options, terminal),
    openStore: () => openStore(directory, options, terminal),
    runtime,
    description: `embedded engine (state in ${directory})`,
  });
};
