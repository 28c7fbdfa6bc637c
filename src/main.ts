import { isRunByNpx } from './cli/npx.ts';
import { run } from './cli/run.ts';
import { openRealTerminal } from './cli/real-terminal.ts';

const statusOf = { SIGINT: 130, SIGTERM: 143 } as const;
let status = 0;
/** As it was at the start: it may have gone when somebody asks for the signal. */
const parent = process.ppid;

/** Calls `ended` when the process that started this one has gone. */
const watchParent = (ended: () => void): void => {
  const look = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(look);
    ended();
  }, 500).unref();
};

/** Ctrl-C and SIGTERM ask for a clean end; the second one does not ask. */
const watchSignals = (): AbortController => {
  const controller = new AbortController();
  const end = (name: keyof typeof statusOf) => {
    status = statusOf[name];
    controller.abort();
  };
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.on(name, () => {
      if (status !== 0) process.exit(statusOf[name]);
      end(name);
    });
  if (isRunByNpx(process.env))
    watchParent(() => {
      // What was sent to both of them is not sent twice.
      if (status === 0) end('SIGTERM');
    });
  return controller;
};

/** Made when somebody asks: until then there is nothing to end cleanly, and it takes milliseconds. */
let stopping: AbortController | undefined;

/** A working directory that somebody removed has no name any more; what is in it is not found then, and the rest works. */
const workingDirectory = (): string => {
  try {
    return process.cwd();
  } catch {
    return process.env['PWD'] ?? '/';
  }
};

const finish = async () => {
  const result = await run(process.argv.slice(2), {
    terminal: openRealTerminal(),
    environment: process.env,
    directory: workingDirectory(),
    get signal() {
      return (stopping ??= watchSignals()).signal;
    },
  });
  process.exit(result !== 0 && status !== 0 ? status : result);
};

void finish();
