import type { CommandContext, GlobalOptions } from './command.ts';
import { jsonOfItems, jsonText } from './json-text.ts';
import type { Terminal } from './terminal.ts';

export interface Column<T> {
  readonly title: string;
  cell(item: T): string;
  /** Only in one of the two tables; in both when absent. */
  readonly only?: 'wide' | 'narrow';
  /** Its words are coloured on a terminal: red for what is broken, green for what is well. */
  readonly isState?: true;
}

/** How things of one kind are shown: every format comes from here. */
export interface View<T> {
  readonly columns: readonly Column<T>[];
  /** What `-o name` prints. */
  id(item: T): string;
  /** What JSON and YAML print, where it is not the thing as it is. */
  shown?(item: T): unknown;
  /** Which of the things the tables leave out. */
  tabled?(item: T): boolean;
}

export type Format = 'table' | 'wide' | 'json' | 'yaml' | 'name';

/** What `-o` means; anything unknown is the table, as the stock program has it. */
export const formatOf = (options: GlobalOptions): Format => {
  const { output } = options;
  return output === 'wide' || output === 'json' || output === 'yaml' || output === 'name' ? output : 'table';
};

/** Says on standard error that an unknown format was taken for the table. */
export const noteUnknownFormat = (context: CommandContext): void => {
  const { output } = context.options;
  if (output === '' || output === 'ps' || formatOf(context.options) !== 'table') return;
  context.terminal.err(
    `note: ${JSON.stringify(output)} is no output format (json, yaml, name, wide); showing the table\n`,
  );
};

/** JSON or YAML of a whole value. */
export const printDocument = async (value: unknown, format: 'json' | 'yaml', terminal: Terminal): Promise<void> => {
  if (format === 'json') terminal.out(jsonText(value));
  else {
    const { yamlText } = await import('./yaml-text.ts');
    terminal.out(yamlText(value));
  }
};

/** Prints what is no list of things: as JSON or YAML where that was asked for, as this text otherwise. */
export const printValue = async (
  value: unknown,
  text: string,
  { options, terminal }: CommandContext,
): Promise<void> => {
  const format = formatOf(options);
  if (format === 'json' || format === 'yaml') await printDocument(value, format, terminal);
  else terminal.out(text);
};

/** Prints things as a table, and that is all. */
export const printRows = async <T>(
  items: readonly T[],
  columns: readonly Column<T>[],
  isWide: boolean,
  terminal: Terminal,
): Promise<void> => {
  const shown = columns.filter((column) => column.only === undefined || (column.only === 'wide') === isWide);
  const { renderTable } = await import('./table.ts');
  const rows = items.map((item) => shown.map((column) => column.cell(item)));
  const paint = terminal.outIsTTY && terminal.colour ? (await import('./colour.ts')).paintStates(shown) : undefined;
  const titles = shown.map((column) => column.title);
  terminal.out(renderTable(titles, rows, { width: terminal.width, ...(paint === undefined ? {} : { paint }) }));
};

/** Prints things in the format the user asked for. */
export const printItems = async <T>(items: readonly T[], view: View<T>, context: CommandContext): Promise<void> => {
  noteUnknownFormat(context);
  const { terminal } = context;
  const format = formatOf(context.options);
  if (format === 'name') terminal.out(items.map((item) => `${view.id(item)}\n`).join(''));
  else if (format === 'json' || format === 'yaml') {
    const shown = items.map((item) => view.shown?.(item) ?? item);
    const inPieces = format === 'json' ? jsonOfItems : (await import('./yaml-text.ts')).yamlOfItems;
    for (const text of inPieces(shown)) terminal.out(text);
  } else {
    const tabled = view.tabled === undefined ? items : items.filter((item) => view.tabled?.(item));
    await printRows(tabled, view.columns, format === 'wide', terminal);
  }
};
