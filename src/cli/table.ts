import Table from 'cli-table3';
import { displayWidth, graphemes } from './display-width.ts';
import { harmless } from './harmless.ts';

/**
 * Tables in the look of the stock program: box drawing, centred upper-case headers, cells to the left, no rule between
 * rows. cli-table3 draws the frame; the rows are set between its rules here, because its own layout takes seconds for
 * ten thousand of them.
 */

const classOf = (c: string): 'lower' | 'upper' | 'digit' | 'other' => {
  if (/\p{Ll}/u.test(c)) return 'lower';
  if (/\p{Lu}/u.test(c)) return 'upper';
  return /\p{Nd}/u.test(c) ? 'digit' : 'other';
};

/** Splits `User-State`, `GroupSnapshot`, `IPs` where the kind of letter changes, as the stock program does. */
export const headerText = (title: string): string => {
  const words: { text: string; kind: ReturnType<typeof classOf> }[] = [];
  for (const c of title) {
    const kind = classOf(c);
    const last = words.at(-1);
    if (last?.kind === kind) last.text += c;
    else if (last?.kind === 'upper' && kind === 'lower') {
      // The last capital of a run starts the next word: `IPs` is `I`, `Ps`.
      const start = last.text.slice(-1);
      last.text = last.text.slice(0, -1);
      words.push({ text: start + c, kind });
    } else words.push({ text: c, kind });
  }
  const text = words.map((word) => word.text).join(' ');
  return text.replaceAll('_', ' ').replace(/\s+/g, ' ').trim().toUpperCase();
};

/** Cells as nearly all are: one line of ASCII, as wide as it is long, to be shown as it is. */
const plain = /^(?:[\u0021-\u007e](?:[\u0020-\u007e]*[\u0021-\u007e])?)?$/;

const linesOf = (cell: string): readonly string[] =>
  cell
    .trim()
    .replaceAll('\t', '    ')
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .map(harmless);

/** Breaks lines at blanks, else after `-`, `/`, `.`, `_`, else anywhere, so that none is wider than `width`. */
const wrap = (lines: readonly string[], width: number): readonly string[] =>
  lines.flatMap((line) => {
    if (displayWidth(line) <= width) return [line];
    const parts: string[] = [];
    let now = '';
    for (const piece of line.split(/(?<=[\s/._-])/)) {
      if (now !== '' && displayWidth(now + piece.trimEnd()) > width) {
        parts.push(now.trimEnd());
        now = '';
      }
      now += piece;
      while (displayWidth(now.trimEnd()) > width) {
        let cut = '';
        for (const { segment } of graphemes(now)) {
          if (cut !== '' && displayWidth(cut + segment) > width) break;
          cut += segment;
        }
        parts.push(cut);
        now = now.slice(cut.length);
      }
    }
    if (now.trim() !== '') parts.push(now.trimEnd());
    return parts;
  });

const overhead = 3; // a rule and a blank on either side of each cell, and one rule more at the end

/**
 * Makes columns narrower until the table fits: first those that only their head makes wide, one after the other, then
 * always the widest; none gets narrower than the words of its head. A table that cannot be made to fit is left as it is.
 */
const fit = (
  widths: readonly number[],
  filled: readonly number[],
  headers: readonly string[],
  available: number,
): readonly number[] => {
  const fitted = [...widths];
  const least = widths.map((width, column) =>
    Math.min(width, Math.max(6, ...(headers[column] ?? '').split(' ').map(displayWidth))),
  );
  let excess = fitted.reduce((sum, width) => sum + width + overhead, 1) - available;
  const idle = widths.map((width, column) => width - Math.max(least[column] ?? 0, filled[column] ?? 0));
  for (const [column, width] of [...idle.entries()].sort(([, a], [, b]) => b - a)) {
    const taken = Math.max(0, Math.min(width, excess));
    fitted[column] = (fitted[column] ?? 0) - taken;
    excess -= taken;
  }
  while (excess > 0) {
    let widest = -1;
    for (const [index, width] of fitted.entries())
      if (width > (least[index] ?? 0) && (widest < 0 || width > (fitted[widest] ?? 0))) widest = index;
    // Folded by the terminal it is easier to read than folded twice.
    if (widest < 0) return widths;
    fitted[widest] = (fitted[widest] ?? 1) - 1;
    excess--;
  }
  return fitted;
};

const pad = (text: string, width: number): string => {
  const missing = width - displayWidth(text);
  return missing > 0 ? text + ' '.repeat(missing) : text;
};

/** The rules and the header of a table with these column widths. */
const frame = (headers: readonly string[], widths: readonly number[], hasRows: boolean) => {
  const table = new Table({
    head: [...headers],
    colWidths: widths.map((width) => width + 2),
    colAligns: headers.map(() => 'center'),
    style: { head: [], border: [], compact: true },
  });
  if (hasRows) table.push(headers.map(() => ''));
  const lines = table.toString().split('\n');
  // With rows: …, rule, one empty row, bottom. Without: …, bottom.
  return { top: lines.slice(0, hasRows ? -2 : -1), bottom: lines.at(-1) ?? '' };
};

/** What a cell's text looks like, for example red for a failed state; its width must not change. */
export type Paint = (text: string, column: number) => string;

export interface TableOptions {
  /** Columns of the terminal; undefined for a file or a pipe, which get the full width. */
  readonly width: number | undefined;
  readonly paint?: Paint;
}

type Lines = readonly string[];

/** The rows whose cells are not all plain or do not fit: their cells in lines, by the index of the row. */
type Special = Map<number, readonly Lines[]>;

/** How wide the columns are by what is in them, and the rows that need more care than the others. */
const measure = (rows: readonly Lines[], headers: Lines): { readonly cells: number[]; readonly special: Special } => {
  const widths = headers.map(() => 0);
  const special: Special = new Map();
  for (const [index, row] of rows.entries()) {
    if (row.every((cell) => plain.test(cell))) {
      for (let column = 0; column < row.length; column++) {
        const { length } = row[column] ?? '';
        if (length > (widths[column] ?? 0)) widths[column] = length;
      }
      continue;
    }
    const cells = row.map(linesOf);
    special.set(index, cells);
    for (const [column, lines] of cells.entries())
      widths[column] = Math.max(widths[column] ?? 0, ...lines.map(displayWidth));
  }
  return { cells: widths, special };
};

const plainLine = (row: Lines, widths: readonly number[], paint: Paint | undefined): string => {
  let text = '│';
  for (let column = 0; column < widths.length; column++) {
    const cell = (row[column] ?? '').padEnd(widths[column] ?? 0);
    text += ` ${paint === undefined ? cell : paint(cell, column)} │`;
  }
  return text;
};

const specialLines = (cells: readonly Lines[], widths: readonly number[], paint: Paint | undefined): Lines => {
  const height = Math.max(1, ...cells.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) => {
    const shown = widths.map((width, column) => {
      const cell = pad(cells[column]?.[line] ?? '', width);
      return paint === undefined ? cell : paint(cell, column);
    });
    return `│ ${shown.join(' │ ')} │`;
  });
};

/** A table as text, with a newline at its end. */
export const renderTable = (titles: Lines, rows: readonly Lines[], options: TableOptions): string => {
  const headers = titles.map(headerText);
  const { cells: filled, special } = measure(rows, headers);
  const wanted = headers.map((header, column) => Math.max(displayWidth(header), filled[column] ?? 0));
  const widths = options.width === undefined ? wanted : fit(wanted, filled, headers, options.width);
  if (widths.some((width, column) => width < (wanted[column] ?? 0)))
    for (const [index, row] of rows.entries()) {
      const cells = special.get(index) ?? row.map((cell) => [cell]);
      special.set(
        index,
        cells.map((lines, column) => wrap(lines, widths[column] ?? 0)),
      );
    }
  const heads = headers.map((header, column) => wrap([header], widths[column] ?? 0).join('\n'));
  const { top, bottom } = frame(heads, widths, rows.length > 0);
  const out = [...top];
  for (const [index, row] of rows.entries()) {
    const cells = special.get(index);
    if (cells === undefined) out.push(plainLine(row, widths, options.paint));
    else out.push(...specialLines(cells, widths, options.paint));
  }
  out.push(bottom);
  return `${out.join('\n')}\n`;
};
