import type { Terminal } from './terminal.ts';

/** What the program runs on: the real one is made in `main.ts`, tests make their own. */
export interface Host {
  readonly terminal: Terminal;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly directory: string;
  /** Aborts when the user or the system wants the program to end. */
  readonly signal: AbortSignal;
}
