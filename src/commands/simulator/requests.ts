import * as v from 'valibot';
import { Problem } from '../../engine/problem.ts';
import { defineCommand } from '../../cli/command.ts';
import { printItems, type View } from '../../cli/output.ts';
import { requestsAnswer, type ShownRequest } from './answers.ts';
import { controlFlags, openControl } from './control.ts';

const requestView: View<ShownRequest> = {
  id: ({ number }) => String(number),
  columns: [
    { title: 'Number', cell: ({ number }) => String(number) },
    { title: 'Time', only: 'wide', cell: ({ time }) => time },
    { title: 'User', only: 'wide', cell: ({ user }) => user ?? '' },
    { title: 'Method', cell: ({ method }) => method },
    { title: 'Path', cell: ({ path, query }) => (query === '' ? path : `${path}?${query}`) },
    { title: 'Status', cell: ({ status }) => (status === 0 ? 'no answer' : String(status)) },
    { title: 'Code', cell: ({ code }) => code ?? '' },
    { title: 'Faults', only: 'wide', cell: ({ faults }) => faults.join(' ') },
  ],
};

export const command = defineCommand({
  summary: 'Show the requests that a running simulator was sent',
  examples: [
    'tridentctl simulator requests',
    'tridentctl simulator requests --method POST --path /storage/volumes -o json',
  ],
  args: {},
  flags: {
    ...controlFlags,
    code: { kind: 'string', value: 'code', summary: 'only those refused with this code of ONTAP’s, such as 262197' },
    count: { kind: 'boolean', summary: 'print how many there are, and nothing else' },
    method: { kind: 'string', value: 'method', summary: 'only those with this method' },
    path: { kind: 'string', value: 'pattern', summary: 'only those with this path; * within a segment, ** across' },
    status: { kind: 'string', value: 'status', summary: 'only those answered with this status' },
  },
  async run({ flags }, context) {
    if (flags.status !== undefined && !/^\d{1,3}$/.test(flags.status))
      throw new Problem('cli.status', 'usage', `--status is an HTTP status, not ${JSON.stringify(flags.status)}`);
    const query = new URLSearchParams();
    if (flags.method !== undefined) query.set('method', flags.method.toUpperCase());
    if (flags.path !== undefined) query.set('path', flags.path);
    if (flags.code !== undefined) query.set('code', flags.code);
    if (flags.status !== undefined) query.set('status', flags.status);
    const control = await openControl(flags, context);
    const { count, requests } = v.parse(requestsAnswer, await control.send('GET', `/requests?${query}`));
    if (flags.count) context.terminal.out(`${count}\n`);
    else await printItems(requests, requestView, context);
  },
});
