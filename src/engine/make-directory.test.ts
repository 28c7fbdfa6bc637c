import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { makeDirectory } from './make-directory.ts';

const folder = mkdtempSync(join(tmpdir(), 'make-directory-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a directory', () => {
  it('is made with those above it, once', () => {
    const path = join(folder, 'a', 'b', 'c');
    expect(makeDirectory(path, 0o700)).toBe(true);
    expect(makeDirectory(path, 0o700)).toBe(false);
    for (const made of [path, join(folder, 'a', 'b')]) expect(statSync(made).mode & 0o777).toBe(0o700);
  });

  it('is not made where a file is, nor below one', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(() => makeDirectory(join(folder, 'file'), 0o700)).toThrow('EEXIST');
    expect(() => makeDirectory(join(folder, 'file', 'below'), 0o700)).toThrow('ENOTDIR');
  });

  // Only Linux has it.
  it.skipIf(!existsSync('/proc/self'))('is refused by a file system that makes none, instead of tried for ever', () =>
    expect(() => makeDirectory('/proc/nothing/below', 0o700)).toThrow('ENOENT'),
  );
});
