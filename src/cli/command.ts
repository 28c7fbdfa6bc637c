import type { Core } from '../client/contract.ts';
import type { operations } from '../client/operations.ts';
import type { Terminal } from './terminal.ts';

/** Kinds of things whose names can complete a word. */
export type ObjectKind = 'backend' | 'groupsnapshot' | 'node' | 'operation' | 'snapshot' | 'storageclass' | 'volume';

/** A flag or argument as a command declares it; the registrar turns it into parser options, help and completion. */
export type FlagSpec = {
  readonly kind: 'boolean' | 'string' | 'list';
  readonly summary: string;
  readonly short?: string;
  /** Shown in help as the value's name; `a|b` lists what it can be. */
  readonly value?: string;
  /** What the value can be, where it is too much for `value`. */
  readonly choices?: readonly string[];
  /** The value is the name of one of these. */
  readonly names?: ObjectKind;
  readonly default?: string;
  readonly hidden?: true;
  readonly required?: true;
};
type ArgumentSpec = {
  readonly kind: 'one' | 'many';
  readonly name: string;
  readonly summary: string;
  readonly optional?: true;
  /** Taken because stock takes it, and of no use: help does not show it. */
  readonly hidden?: true;
  /** What it can be. */
  readonly choices?: readonly string[];
  /** It is the name of one of these. */
  readonly names?: ObjectKind;
};

type FlagValue<S extends FlagSpec> = S['kind'] extends 'boolean'
  ? boolean
  : S['kind'] extends 'list'
    ? readonly string[]
    : S extends { readonly default: string } | { readonly required: true }
      ? string
      : string | undefined;
type ArgumentValue<S extends ArgumentSpec> = S['kind'] extends 'many'
  ? readonly string[]
  : S extends { readonly optional: true }
    ? string | undefined
    : string;

export type Flags = Readonly<Record<string, FlagSpec>>;
export type Arguments = Readonly<Record<string, ArgumentSpec>>;

/** What the global flags and the environment say. */
export interface GlobalOptions {
  readonly output: string;
  readonly debug: boolean;
  readonly server: string | undefined;
  readonly embedded: boolean;
  readonly namespace: string | undefined;
  readonly kubeconfig: string | undefined;
  readonly stateDir: string | undefined;
  /** Says more on standard error: which core answered, each step. */
  readonly verbose: boolean;
  /** What relative paths in arguments are relative to. */
  readonly directory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Everything a command may use; expensive things are made when first asked for. */
export interface CommandContext {
  readonly terminal: Terminal;
  readonly options: GlobalOptions;
  /** Aborts on Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
  /** Shows what is being done while it is being done; gone when the command ends. */
  readonly progress: (step: string) => void;
  core(): Promise<Core<typeof operations>>;
}

/** A command is a value: what it is called, what it takes, what it does. Only the registrar knows the argv parser. */
export interface Command<A extends Arguments, F extends Flags> {
  readonly summary: string;
  /** Longer help, after the summary. */
  readonly description?: string;
  /** Command lines that the tests run as they stand. */
  readonly examples?: readonly string[];
  readonly args: A;
  readonly flags: F;
  run(
    input: {
      readonly args: { readonly [K in keyof A]: ArgumentValue<A[K]> };
      readonly flags: { readonly [K in keyof F]: FlagValue<F[K]> };
      /** Names of the flags that were given on the line. */
      readonly given: ReadonlySet<string>;
    },
    context: CommandContext,
  ): Promise<void>;
}

/** What the registrar read from a line; it holds to what the command declared. */
export interface AnyInput {
  readonly args: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly flags: Readonly<Record<string, boolean | string | readonly string[] | undefined>>;
  readonly given: ReadonlySet<string>;
}

/** A command of any arguments and flags, as the registrar holds it. */
export interface AnyCommand extends Omit<Command<Arguments, Flags>, 'run'> {
  run(input: AnyInput, context: CommandContext): Promise<void>;
}

export const defineCommand = <const A extends Arguments, const F extends Flags>(
  command: Command<A, F>,
): Command<A, F> => command;
