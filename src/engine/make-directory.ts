import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { errorCode } from './node-errors.ts';

const makeOne = (path: string, mode: number): boolean => {
  try {
    mkdirSync(path, { mode });
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST' && statSync(path).isDirectory()) return false;
    throw error;
  }
};

/**
 * Makes a directory, and those above it; true when it was not there. One by one, as Node's own recursion goes on for ever
 * where a file system says of a directory that it refuses that the one above is missing (`/proc`).
 */
export const makeDirectory = (path: string, mode: number): boolean => {
  try {
    return makeOne(path, mode);
  } catch (error) {
    const above = dirname(path);
    if (errorCode(error) !== 'ENOENT' || above === path) throw error;
    // It may be there by now: other processes make the same ones at this moment.
    makeDirectory(above, mode);
    return makeOne(path, mode);
  }
};
