import { expect, it } from 'vitest';
import { isRunByNpx } from './npx.ts';

const npx = { npm_command: 'exec', npm_lifecycle_event: 'npx' };

it.each([
  ['npx tridentctl simulator', { ...npx, npm_lifecycle_script: "'tridentctl'" }, true],
  ['the same by npm 10', { ...npx, npm_lifecycle_script: '"tridentctl"' }, true],
  ['a shell', {}, false],
  ["npx -c 'tridentctl simulator &'", { ...npx, npm_lifecycle_script: 'tridentctl simulator &' }, false],
  ['npx something else', { ...npx, npm_lifecycle_script: "'start-lab'" }, false],
  [
    'npm run',
    { npm_command: 'run', npm_lifecycle_event: 'quickstart', npm_lifecycle_script: 'node scripts/quickstart.ts' },
    false,
  ],
  [
    'npm run of the bare name',
    { npm_command: 'run', npm_lifecycle_event: 'tridentctl', npm_lifecycle_script: 'tridentctl' },
    false,
  ],
])('knows for a program started by %s whether it is npx’s: %j', (_, environment, expected) =>
  expect(isRunByNpx(environment)).toBe(expected),
);
