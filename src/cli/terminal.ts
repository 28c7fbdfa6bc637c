/** The one object that knows about streams, width, colour and the clock; tests use one of their own. */
export interface Terminal {
  /** Data. */
  out(text: string): void;
  /** Talk: notes, warnings, errors, progress. */
  err(text: string): void;
  readonly outIsTTY: boolean;
  readonly errIsTTY: boolean;
  /** Columns of the terminal that talk goes to; undefined when it is none, or one on which no line can be written over. */
  readonly talkWidth: number | undefined;
  /** Columns of the terminal, or undefined when stdout is not one. */
  readonly width: number | undefined;
  /** Whether colours are wanted where there is a terminal to show them. */
  readonly colour: boolean;
  /** Standard input to its end, or to this many bytes: more of it is not waited for. */
  readInput(most: number): Promise<Buffer>;
  now(): Date;
}
