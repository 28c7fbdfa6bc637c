import { Chalk } from 'chalk';
import type { Paint } from './table.ts';

// Whether there is colour at all was decided by the terminal.
const chalk = new Chalk({ level: 1 });

const bad = new Set(['failed', 'offline', 'missing_backend', 'missing_volume', 'dirty', 'stuck']);
const good = new Set(['online', 'clean', 'done']);
const busy = new Set(['deleting', 'suspended', 'cleanable', 'creating', 'uploading', 'open', 'undone', 'upgrading']);

/** Colours the words of state columns. */
export const paintStates =
  (columns: readonly { readonly isState?: true }[]): Paint =>
  (text, column) => {
    if (columns[column]?.isState === undefined) return text;
    const word = text.trim();
    if (bad.has(word)) return chalk.red(text);
    if (busy.has(word)) return chalk.yellow(text);
    return good.has(word) ? chalk.green(text) : text;
  };

export const red = (text: string): string => chalk.red(text);
export const cyan = (text: string): string => chalk.cyan(text);
