import { Problem } from '../engine/problem.ts';
import type { GlobalOptions } from './command.ts';
import type { Host } from './host.ts';
import { logLevels } from './log-levels.ts';

/** As stock reads them: also two that help does not name. */
const levels: readonly string[] = [...logLevels, 'warning', 'panic'];

const checkStatus = (place: string, status: string | undefined): void => {
  if (status === undefined || status === '' || status === 'simple' || status === 'detailed') return;
  throw new Problem('cli.exitStatus', 'usage', `${place} is simple or detailed, not ${JSON.stringify(status)}`);
};

/**
 * What the global flags and the environment say.
 * @param given names of the flags that were given on the line
 * @throws Problem of kind `usage` for a value that a flag cannot have
 */
export const readGlobalOptions = (
  flags: Readonly<Record<string, unknown>>,
  host: Pick<Host, 'directory' | 'environment'>,
  given: ReadonlySet<string>,
): GlobalOptions => {
  const text = (name: string) => {
    const value = flags[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const level = given.has('log-level') ? (text('log-level') ?? '').toLowerCase() : 'info';
  if (!levels.includes(level))
    throw new Problem('cli.logLevel', 'usage', `unknown log level ${JSON.stringify(level)}`, {
      hint: 'use trace, debug, info, warn, error or fatal',
    });
  const status = text('exit-status');
  if (status !== undefined) checkStatus('--exit-status', status);
  else checkStatus('TRIDENTCTL_EXIT_STATUS', host.environment['TRIDENTCTL_EXIT_STATUS']);
  const debug = flags['debug'] === true || level === 'debug' || level === 'trace';
  return {
    output: text('output') ?? '',
    debug,
    verbose: debug || flags['verbose'] === true,
    server: text('server'),
    embedded: flags['embedded'] === true,
    namespace: text('namespace'),
    kubeconfig: text('kubeconfig'),
    stateDir: text('state-dir'),
    directory: host.directory,
    environment: host.environment,
  };
};
