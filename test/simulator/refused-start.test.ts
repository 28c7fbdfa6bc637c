import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const PROCESS = fileURLToPath(new URL('../support/refused-start-process.ts', import.meta.url));

/** In a process of its own, since other timers than the simulators' come and go where tests run. */
it('leaves no timer and no open door behind what could not be started or taken up', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [PROCESS], { timeout: 20_000 });
  const lines: unknown[] = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const left = (name: string, message: string) => ({ name, message: expect.stringContaining(message), left: 0 });
  expect(lines).toEqual([
    left('a port is taken', 'EADDRINUSE'),
    left('the port of the control plane is taken', 'EADDRINUSE'),
    left('a state to start with is broken', '$held is 7'),
    left('the port of the second of two is taken', 'EADDRINUSE'),
    left('an SVM of two is not there', 'gone'),
    left('a state to take up is broken', '$held is 7'),
    left('a release is none', 'cluster.version'),
  ]);
}, 30_000);
