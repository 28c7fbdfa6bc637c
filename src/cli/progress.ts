import { harmless } from './harmless.ts';
import type { Terminal } from './terminal.ts';

export interface Progress {
  /**
   * The terminal, with the progress line out of the way whenever something else is written; no talk can act on it.
   */
  readonly terminal: Terminal;
  readonly progress: (step: string) => void;
  readonly clear: () => void;
}

const eraseLine = '\r\u001b[K';

/** One line on standard error that says what is being done; on a terminal that can take it away again, or as plain lines when asked to talk. */
export const showProgress = (terminal: Terminal, verbose: boolean): Progress => {
  const columns = verbose ? undefined : terminal.talkWidth;
  let shown = false;
  const clear = () => {
    if (shown) terminal.err(eraseLine);
    shown = false;
  };
  const progress = (text: string) => {
    const step = harmless(text);
    if (verbose) terminal.err(`step: ${step}\n`);
    if (columns === undefined) return;
    const room = Math.max(columns - 4, 10);
    terminal.err(`${eraseLine}… ${step.length > room ? `${step.slice(0, room - 1)}…` : step}`);
    shown = true;
  };
  return {
    terminal: {
      ...terminal,
      out: (text) => {
        clear();
        terminal.out(text);
      },
      err: (text) => {
        clear();
        terminal.err(harmless(text));
      },
    },
    progress,
    clear,
  };
};
