import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, expect, it } from 'vitest';
import { clientTitle, openPythonClient } from '../support/python-client.ts';

/** Machines on which the clients in Python cannot be run. */

const path = process.env['PATH'] ?? '';
const home = process.env['XDG_CACHE_HOME'];
afterEach(() => {
  process.env['PATH'] = path;
  if (home === undefined) delete process.env['XDG_CACHE_HOME'];
  else process.env['XDG_CACHE_HOME'] = home;
});

it('says plainly that a suite is skipped, and why', async () => {
  process.env['PATH'] = '/nowhere';
  const found = await openPythonClient('any', ['any==1'], '3.9');
  expect(found).toEqual({ client: undefined, reason: 'there is no Python 3.9 or later with venv' });
  expect(clientTitle('a client', found)).toBe('a client (skipped: there is no Python 3.9 or later with venv)');
});

it('takes an interpreter that is called python, and says which package it could not have', async (context) => {
  const real = await promisify(execFile)('python3', ['-c', 'import sys; print(sys.executable)']).catch(() => undefined);
  if (real === undefined) return context.skip('there is no Python to call by another name');
  const folder = await mkdtemp(join(tmpdir(), 'python-'));
  try {
    await symlink(real.stdout.trim(), join(folder, 'python'));
    process.env['PATH'] = folder;
    process.env['XDG_CACHE_HOME'] = folder;
    const found = await openPythonClient('none', [join(folder, 'no-such-package.whl')], '3.9');
    expect(found.reason).toMatch(/no-such-package\.whl could not be installed: /);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}, 120_000);
