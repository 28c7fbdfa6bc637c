import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { thisProcess } from '../../../test/support/sqlite-store.ts';
import { describeOwner, newProcessOwner } from './process-owner.ts';

describe('an owner of locks', () => {
  it('runs until it is retired, whatever else this process owns', () => {
    const [first, second] = [newProcessOwner(thisProcess), newProcessOwner(thisProcess)];
    expect(first.livenessOf(second.name)).toBe('running');
    second.retire();
    expect(first.livenessOf(second.name)).toBe('gone');
    expect(first.livenessOf(first.name)).toBe('running');
  });

  it('in another process is gone when that has ended, even before its parent has noticed', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000); console.log("up")']);
    await once(child.stdout, 'data');
    const here = newProcessOwner(thisProcess);
    const there = newProcessOwner({ ...thisProcess, pid: child.pid ?? 0 });
    expect(here.livenessOf(there.name)).toBe('running');
    const ended = once(child, 'close');
    child.kill('SIGKILL');
    await ended;
    expect(here.livenessOf(there.name)).toBe('gone');
  });

  it('whose process id was given away since is gone', () => {
    const here = newProcessOwner(thisProcess);
    const parts = here.name.split('/');
    const [host = '', boot = '', pid = '', start = ''] = parts;
    expect(here.livenessOf([host, boot, String(process.ppid), start, 'x'].join('/'))).toBe('gone');
    expect(here.livenessOf([host, boot, pid, '1', 'x'].join('/'))).toBe('gone');
    expect(here.livenessOf([host, 'beforeboot-1', pid, start, 'x'].join('/'))).toBe('gone');
    expect(here.livenessOf([host, `${boot.split('-')[0]}-1`, pid, start, 'x'].join('/'))).toBe('unknown');
  });

  it('of another host, or of no known form, is unknown', () => {
    const here = newProcessOwner(thisProcess);
    const other = newProcessOwner({ ...thisProcess, hostName: 'a host/with a slash' });
    expect(here.livenessOf(other.name)).toBe('unknown');
    expect(here.livenessOf('')).toBe('unknown');
    expect(describeOwner(other.name)).toBe(`process ${process.pid} on a host/with a slash`);
  });

  it('that cannot be looked at is unknown while its id is in use', () => {
    const here = newProcessOwner({ ...thisProcess, isRunning: (pid) => pid === 4_190_000 });
    const [host = '', boot = ''] = here.name.split('/');
    expect(here.livenessOf([host, boot, '4190000', '5', 'x'].join('/'))).toBe('unknown');
    expect(here.livenessOf([host, boot, '4190001', '5', 'x'].join('/'))).toBe('gone');
  });
});
