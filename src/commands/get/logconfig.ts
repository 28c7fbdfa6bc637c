import { defineCommand } from '../../cli/command.ts';
import { formatOf, noteUnknownFormat, printDocument } from '../../cli/output.ts';
import { explain } from '../shared/explain.ts';

export const command = defineCommand({
  summary: 'Show the logging settings of the server',
  examples: ['tridentctl get logconfig', 'tridentctl get logconfig --get-available-log-layers -o json'],
  args: {},
  flags: {
    'get-available-log-layers': { kind: 'boolean', summary: 'all log layers there are, not those that are set' },
    'get-available-workflows': { kind: 'boolean', summary: 'all workflows there are, not those that are set' },
  },
  async run({ flags }, context) {
    const { call } = await context.core();
    const { signal, terminal } = context;
    const request = { params: {}, signal };
    const allWorkflows = flags['get-available-workflows'];
    const allLayers = flags['get-available-log-layers'];
    const { logLevel } = await explain('could not get log level', () => call.getCurrentLogLevel(request));
    const workflows = await explain('could not get logging workflows', async () =>
      allWorkflows
        ? (await call.listLoggingWorkflows(request)).availableLoggingWorkflows
        : [(await call.getLoggingWorkflows(request)).logWorkflows],
    );
    const logLayers = await explain('could not get log layers', async () =>
      allLayers
        ? (await call.listLogLayers(request)).availableLogLayers
        : [(await call.getLogLayers(request)).logLayers],
    );
    const format = formatOf(context.options);
    if (format === 'json' || format === 'yaml')
      return printDocument({ logLevel, workflows, logLayers }, format, terminal);
    noteUnknownFormat(context);
    const entered = ' (value as entered as a command line argument)';
    const line = (what: string, all: boolean, values: readonly string[]) =>
      `${all ? 'Available' : 'Configured'} ${what}${all ? '' : entered}: [${values.join(' ')}]\n`;
    terminal.out(`Configured log level: ${logLevel}\n`);
    terminal.out(line('logging workflows', allWorkflows, workflows));
    terminal.out(line('log layers', allLayers, logLayers));
    return undefined;
  },
});
