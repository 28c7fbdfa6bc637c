import * as v from 'valibot';
import { Problem } from '../../engine/problem.ts';
import { validate } from '../../engine/validation.ts';
import { defineCommand, type CommandContext } from '../../cli/command.ts';
import { getDocument } from '../../cli/document.ts';
import { logLevels } from '../../cli/log-levels.ts';
import { explain } from '../shared/explain.ts';
import { refuseTogether } from '../shared/flags.ts';

interface Settings {
  readonly level: string;
  readonly workflows: string;
  readonly layers: string;
}

const fileSchema = v.object({
  logLevel: v.optional(v.string(), ''),
  workflows: v.optional(v.nullable(v.array(v.string())), []),
  logLayers: v.optional(v.nullable(v.array(v.string())), []),
});

const fromFile = async (filename: string, context: CommandContext): Promise<Settings> => {
  const document = await getDocument({ filename, base64: undefined }, context, 'no input file was specified');
  return document.explain(async () => {
    const file = validate(fileSchema, document.value, { code: 'cli.logconfig', what: 'logging settings' });
    return {
      level: file.logLevel,
      workflows: [...(file.workflows ?? [])].sort().join(':'),
      layers: (file.logLayers ?? []).join(','),
    };
  });
};

export const command = defineCommand({
  summary: 'Change the logging settings of the server',
  description: 'All three settings are always set: a setting that is left out is cleared.',
  examples: ['tridentctl update logconfig --log-level debug --log-layers core,rest_frontend'],
  args: { ignored: { kind: 'many', name: 'ignored', summary: 'not used', optional: true, hidden: true } },
  flags: {
    'config-file': {
      kind: 'string',
      short: 'f',
      value: 'path',
      summary: 'file with the settings as `get logconfig -o json` shows them, - for standard input',
    },
    'log-layers': { kind: 'string', value: 'layers', summary: 'layers to log at the trace level, separated by commas' },
    'log-level': {
      kind: 'string',
      value: 'level',
      choices: logLevels,
      summary: 'log level of the server',
    },
    'log-workflows': {
      kind: 'string',
      value: 'workflows',
      summary: 'workflows to log, for example volume=create,delete:core=init',
    },
  },
  async run({ flags, given }, context) {
    for (const other of ['log-level', 'log-workflows', 'log-layers']) refuseTogether(['config-file', other], given);
    const settings: Settings = flags['config-file']
      ? await fromFile(flags['config-file'], context)
      : { level: flags['log-level'] ?? '', workflows: flags['log-workflows'] ?? '', layers: flags['log-layers'] ?? '' };
    if (settings.level === '') throw new Problem('cli.noLevel', 'usage', 'log level was empty, it is required');
    const { call, mode } = await context.core();
    const { signal, terminal } = context;
    await explain(`could not update log level to ${settings.level}`, () =>
      call.setLogLevel({ params: { level: settings.level }, signal }),
    );
    await explain(`could not update logging workflows to ${settings.workflows}`, () =>
      call.setLoggingWorkflows({ params: {}, body: { logWorkflows: settings.workflows }, signal }),
    );
    await explain(`could not update logging layers to ${settings.layers}`, () =>
      call.setLoggingLayers({ params: {}, body: { logLayers: settings.layers }, signal }),
    );
    if (mode === 'embedded')
      terminal.err(
        'note: the settings are those of a core that runs; the engine in this program ends with the command\n',
      );
  },
});
