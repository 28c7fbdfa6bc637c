import { run } from './cli/run.ts';
import { openRealTerminal } from './cli/real-terminal.ts';

/** Ctrl-C and SIGTERM ask for a clean end; the second one does not ask. Made when somebody asks: it takes a millisecond. */
let controller: AbortController | undefined;
const stopping = () => (controller ??= new AbortController());
const statusOf = { SIGINT: 130, SIGTERM: 143 } as const;
let status = 0;
for (const name of ['SIGINT', 'SIGTERM'] as const)
  process.on(name, () => {
    if (status !== 0) process.exit(statusOf[name]);
    status = statusOf[name];
    stopping().abort();
  });

const finish = async () => {
  const result = await run(process.argv.slice(2), {
    terminal: openRealTerminal(),
    environment: process.env,
    directory: process.cwd(),
    get signal() {
      return stopping().signal;
    },
  });
  process.exit(result !== 0 && status !== 0 ? status : result);
};

void finish();
