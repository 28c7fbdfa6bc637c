import { exitStatusOf, messageOf, Problem } from '../engine/problem.ts';
import type { Terminal } from './terminal.ts';

export interface ErrorStyle {
  /** Says where an error comes from. */
  readonly debug: boolean;
  /** One exit status for each kind of error instead of 1 for all. */
  readonly detailed: boolean;
}

interface Paints {
  red(text: string): string;
  cyan(text: string): string;
}
const plain: Paints = { red: (text) => text, cyan: (text) => text };

/** Messages of the causes, outermost first, without those that only repeat what was said. */
const causesOf = (error: unknown): readonly string[] => {
  const messages: string[] = [];
  let said = messageOf(error);
  for (let cause = error instanceof Error ? error.cause : undefined; cause instanceof Error; cause = cause.cause) {
    if (said.includes(cause.message)) continue;
    messages.push(cause.message);
    said = cause.message;
  }
  return messages;
};

/** Prints an error as one line `Error: …`, with its hint on a line of its own. Returns the exit status. */
export const reportError = async (error: unknown, terminal: Terminal, style: ErrorStyle): Promise<number> => {
  const { red, cyan } = terminal.errIsTTY && terminal.colour ? await import('./colour.ts') : plain;
  const hint = (text: string) => terminal.err(`${cyan('hint:')} ${text}\n`);
  const problem = Problem.is(error) ? error : undefined;
  if (problem?.kind === 'interrupted') {
    terminal.err(`${red('Error:')} ${problem.message}\n`);
    if (problem.hint !== undefined) hint(problem.hint);
    return exitStatusOf.interrupted;
  }
  const known = problem !== undefined && problem.kind !== 'bug';
  const message = known ? problem.message : `internal error: ${messageOf(error)}`;
  terminal.err(`${red('Error:')} ${message.replace(/\n+$/, '')}\n`);
  if (problem?.hint !== undefined) hint(problem.hint);
  if (!known && !style.debug)
    hint('this is a defect of tridentctl; please report it with the output of the same command and -d');
  if (style.debug) {
    for (const cause of causesOf(error)) terminal.err(`because: ${cause}\n`);
    if (problem !== undefined) terminal.err(`code: ${problem.code}, kind: ${problem.kind}\n`);
    if (error instanceof Error && error.stack !== undefined) terminal.err(`${error.stack}\n`);
  }
  return style.detailed ? exitStatusOf[problem?.kind ?? 'bug'] : 1;
};
