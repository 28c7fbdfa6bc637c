import Table from 'cli-table3';
import { displayWidth, graphemes } from './display-width.ts';

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

/** Control characters would act on the terminal; they are shown as the symbols Unicode has for them. */
const harmless = (text: string): string =>
  text.replace(/\p{Cc}/gu, (c) => {
    const code = c.charCodeAt(0);
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    return code === 0x7f ? '\u2421' : '\ufffd';
  });

const linesOf = (cell: string): readonly string[] => {
  if (/^[\u0021-\u007e](?:[\u0020-\u007e]*[\u0021-\u007e])?$/.test(cell)) return [cell];
  return cell
    .trim()
    .replaceAll('\t', '    ')
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .map(harmless);
};

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

/** Takes width from the widest columns until the table fits; no column gets narrower than a short word. */
const fit = (widths: readonly number[], available: number): readonly number[] => {
  const fitted = [...widths];
  const least = widths.map((width) => Math.min(width, 6));
  let excess = fitted.reduce((sum, width) => sum + width + overhead, 1) - available;
  while (excess > 0) {
    let widest = -1;
    for (const [index, width] of fitted.entries())
      if (width > (least[index] ?? 0) && (widest < 0 || width > (fitted[widest] ?? 0))) widest = index;
    if (widest < 0) break;
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

/** A table as text, with a newline at its end. */
export const renderTable = (
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  options: TableOptions,
): string => {
  const headers = titles.map(headerText);
  let cells = rows.map((row) => row.map(linesOf));
  let widths: readonly number[] = headers.map((header, column) => {
    let width = displayWidth(header);
    for (const row of cells) for (const line of row[column] ?? []) width = Math.max(width, displayWidth(line));
    return width;
  });
  let heads = headers.map((header) => [header] as readonly string[]);
  if (options.width !== undefined) {
    widths = fit(widths, options.width);
    heads = heads.map((lines, column) => wrap(lines, widths[column] ?? 0));
    cells = cells.map((row) => row.map((lines, column) => wrap(lines, widths[column] ?? 0)));
  }
  const { top, bottom } = frame(
    heads.map((lines) => lines.join('\n')),
    widths,
    rows.length > 0,
  );
  const paint = options.paint ?? ((text) => text);
  const out = [...top];
  for (const row of cells) {
    const height = Math.max(1, ...row.map((lines) => lines.length));
    for (let line = 0; line < height; line++)
      out.push(
        `│${widths.map((width, column) => ` ${paint(pad(row[column]?.[line] ?? '', width), column)} `).join('│')}│`,
      );
  }
  out.push(bottom);
  return `${out.join('\n')}\n`;
};
