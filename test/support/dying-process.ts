import { openEmbeddedCore } from '../../src/client/embedded.ts';
import { engineOptions, openStore } from '../../src/cli/engine-host.ts';
import type { GlobalOptions } from '../../src/cli/command.ts';
import type { Terminal } from '../../src/cli/terminal.ts';
import { runtime } from '../../src/cli/version-text.ts';

/**
 * A process of its own that carries out one operation and, at the named point of it, kills itself the hard way.
 *
 *   node dying-process.ts STATE_DIRECTORY OPERATION CALL_JSON POINT [NTH]
 *
 * With the point `list` it lives on and prints the points that it passed, one per line.
 */
const [directory = '', operation = '', call = '{}', point = '', nth = '1'] = process.argv.slice(2);

const terminal: Terminal = {
  out: () => undefined,
  err: (text) => void process.stderr.write(text),
  outIsTTY: false,
  errIsTTY: false,
  talkWidth: undefined,
  width: undefined,
  colour: false,
  readInput: () => Promise.resolve(Buffer.alloc(0)),
  now: () => new Date(),
};
const options: GlobalOptions = {
  output: '',
  debug: false,
  verbose: false,
  server: undefined,
  embedded: true,
  namespace: undefined,
  kubeconfig: undefined,
  stateDir: directory,
  directory: process.cwd(),
  environment: {},
};

let passed = 0;
await using core = openEmbeddedCore({
  ...engineOptions(options, terminal),
  openStore: () => openStore(directory, options, terminal),
  runtime,
  description: 'a process that dies',
  crashPoint: (name) => {
    if (point === 'list') process.stdout.write(`${name}\n`);
    else if (name === point && ++passed === Number(nth)) process.kill(process.pid, 'SIGKILL');
  },
});

const isOperation = (name: string): name is keyof typeof core.call => name in core.call;
if (!isOperation(operation)) throw new Error(`there is no operation ${operation}`);
await Reflect.apply(core.call[operation], undefined, [{ ...JSON.parse(call), signal: AbortSignal.timeout(60_000) }]);
