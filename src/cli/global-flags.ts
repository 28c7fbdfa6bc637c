import type { Flags } from './command.ts';
import { logLevels } from './log-levels.ts';

/** Flags that every command takes, in any position. */
export const globalFlags = {
  debug: { kind: 'boolean', short: 'd', summary: 'say everything: requests, answers, where an error comes from' },
  embedded: { kind: 'boolean', summary: 'use the engine in this program, even if a cluster is configured' },
  'exit-status': {
    kind: 'string',
    value: 'simple|detailed',
    summary: 'simple: 1 for every error; detailed: one status for each kind of error',
  },
  help: { kind: 'boolean', short: 'h', summary: 'help for this command' },
  kubeconfig: { kind: 'string', short: 'k', value: 'path', summary: 'kubeconfig file that names the cluster' },
  'log-level': {
    kind: 'string',
    value: 'level',
    choices: logLevels,
    default: 'info',
    summary: 'how much to say: trace, debug, info, warn, error, fatal',
  },
  namespace: { kind: 'string', short: 'n', value: 'name', summary: 'namespace of the Trident deployment' },
  output: {
    kind: 'string',
    short: 'o',
    value: 'format',
    choices: ['json', 'yaml', 'name', 'wide'],
    summary: 'output format: json, yaml, name, wide, ps',
  },
  server: { kind: 'string', short: 's', value: 'host:port', summary: 'Trident’s REST API: address and port, or a URL' },
  'state-dir': { kind: 'string', value: 'path', summary: 'where the engine in this program keeps its state' },
  verbose: { kind: 'boolean', short: 'v', summary: 'say which Trident answers, and each step' },
} as const satisfies Flags;
