import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { errorCode } from './node-errors.ts';

/**
 * Makes a directory, and those above it; true when it was not there. One by one, as Node's own recursion goes on for ever
 * where a file system says of a directory that it refuses that the one above is missing (`/proc`).
 */
export const makeDirectory = (path: string, mode: number): boolean => {
  try {
    mkdirSync(path, { mode });
    return true;
  } catch (error) {
    const code = errorCode(error);
    if (code === 'EEXIST' && statSync(path).isDirectory()) return false;
    if (code !== 'ENOENT' || existsSync(dirname(path))) throw error;
    makeDirectory(dirname(path), mode);
    return makeDirectory(path, mode);
  }
};
