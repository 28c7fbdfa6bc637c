import { exitStatusOf, messageOf, Problem } from '../engine/problem.ts';
import { harmless } from './harmless.ts';
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
  const say = (line: string) => terminal.err(`${line}\n`);
  const hint = (text: string) => say(`${cyan('hint:')} ${harmless(text)}`);
  const fault = (text: string) => say(`${red('Error:')} ${harmless(text)}`);
  const problem = Problem.is(error) ? error : undefined;
  if (problem?.kind === 'interrupted') {
    fault(problem.message);
    if (problem.hint !== undefined) hint(problem.hint);
    return exitStatusOf.interrupted;
  }
  const known = problem !== undefined && problem.kind !== 'bug';
  const message = known ? problem.message : `internal error: ${messageOf(error)}`;
  fault(message.replace(/\n+$/, ''));
  if (problem?.hint !== undefined) hint(problem.hint);
  if (!known && !style.debug)
    hint('this is a defect of tridentctl; please report it with the output of the same command and -d');
  if (style.debug) {
    for (const cause of causesOf(error)) say(`because: ${harmless(cause)}`);
    if (problem !== undefined) say(`code: ${problem.code}, kind: ${problem.kind}`);
    if (error instanceof Error && error.stack !== undefined) say(harmless(error.stack));
  }
  return style.detailed ? exitStatusOf[problem?.kind ?? 'bug'] : 1;
};
