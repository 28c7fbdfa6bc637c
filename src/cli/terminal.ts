/** The one object that knows about streams, width, colour and the clock; tests use one of their own. */
export interface Terminal {
  /** Data. */
  out(text: string): void;
  /** Talk: notes, warnings, errors, progress. */
  err(text: string): void;
  readonly outIsTTY: boolean;
  readonly errIsTTY: boolean;
  /** Columns of the terminal, or undefined when stdout is not one. */
  readonly width: number | undefined;
  /** Whether colours are wanted where there is a terminal to show them. */
  readonly colour: boolean;
  /** All of standard input. */
  readInput(): Promise<Buffer>;
  now(): Date;
}
