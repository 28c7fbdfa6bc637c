import { EVENT_ID, getScalarValue, type Event } from 'js-yaml';
import { parseYaml, type ParsedYaml } from './yaml.ts';

/** Where things stand in a YAML or JSON text, for messages about them. */

interface Node {
  readonly path: readonly (string | number)[];
  /** Of its first character in the text; negative when it is not there. */
  readonly offset: number;
  /** The key of a value, and not the value itself. */
  readonly isKey: boolean;
}

interface Place {
  readonly kind: 'list' | 'map';
  index: number;
  key: string | undefined;
}

/** All keys and values of the first document, in their order. */
const nodesOf = function* ({ source, events }: ParsedYaml): Generator<Node> {
  const open: Place[] = [];
  const nodeAt = (offset: number, isKey: boolean): Node => ({
    path: open.map((place) => (place.kind === 'list' ? place.index : (place.key ?? ''))),
    offset,
    isKey,
  });
  const finish = () => {
    const parent = open.at(-1);
    if (parent?.kind === 'list') parent.index += 1;
    else if (parent !== undefined) parent.key = undefined;
  };
  for (const event of events.slice(1)) {
    if (event.type === EVENT_ID.DOCUMENT) return;
    const parent = open.at(-1);
    if (event.type === EVENT_ID.POP) {
      open.pop();
      finish();
    } else if (event.type === EVENT_ID.SEQUENCE || event.type === EVENT_ID.MAPPING) {
      yield nodeAt(event.start, false);
      open.push({ kind: event.type === EVENT_ID.SEQUENCE ? 'list' : 'map', index: 0, key: undefined });
    } else if (event.type === EVENT_ID.SCALAR && parent?.kind === 'map' && parent.key === undefined) {
      parent.key = getScalarValue(source, event);
      yield nodeAt(event.valueStart, true);
    } else {
      if (event.type === EVENT_ID.SCALAR) yield nodeAt(event.valueStart, false);
      finish();
    }
  }
};

const tryToParse = (text: string): ParsedYaml | undefined => {
  try {
    return parseYaml(text);
  } catch {
    return undefined;
  }
};

/** Tells the lines of places that come in their order; what is not in the text itself is where the last one was. */
const lineCounter = (source: string): ((offset: number) => number) => {
  let line = 1;
  let counted = 0;
  return (offset) => {
    if (offset > counted) {
      line += source.slice(counted, offset).split('\n').length - 1;
      counted = offset;
    }
    return line;
  };
};

const lineAt = (source: string, offset: number): number => lineCounter(source)(offset);

const isBelow = (path: Node['path'], above: Node['path']): boolean =>
  above.length < path.length && above.every((key, at) => key === path[at]);

/**
 * Where a key stands in a text, so that a wrong value can be shown with its line. A key that is not in the text itself
 * (a default, a merged key) gives the closest collection around it that is.
 * @returns one-based line and column, or undefined for a text that does not parse
 */
export const locate = (
  text: string,
  path: readonly (string | number)[],
): { readonly line: number; readonly column: number } | undefined => {
  const parsed = tryToParse(text);
  if (parsed === undefined) return undefined;
  let best: Node | undefined;
  for (const node of nodesOf(parsed)) {
    const fits = node.path.length <= path.length && node.path.every((key, at) => String(key) === String(path[at]));
    if (fits && node.offset >= 0 && node.path.length > (best?.path.length ?? -1)) best = node;
  }
  if (best === undefined) return undefined;
  const before = parsed.source.slice(0, best.offset);
  return { line: lineAt(parsed.source, best.offset), column: best.offset - (before.lastIndexOf('\n') + 1) + 1 };
};

/** What a text says in vain. */
export interface PassedOver {
  /** One-based. */
  readonly line: number;
  readonly why: string;
}

const repeatedKeys = (parsed: ParsedYaml): readonly PassedOver[] => {
  const seen = new Set<string>();
  const found: PassedOver[] = [];
  let repeated: Node['path'] | undefined;
  const lines = lineCounter(parsed.source);
  for (const { path, offset, isKey } of nodesOf(parsed)) {
    if (!isKey) continue;
    // What is below a repeated key, and so comes next, is another value of it, and not a repetition of its own.
    if (repeated !== undefined && isBelow(path, repeated)) continue;
    const text = JSON.stringify(path);
    if (seen.has(text)) {
      repeated = path;
      found.push({ line: lines(offset), why: `${JSON.stringify(path.at(-1))} is given again; the last one counts` });
    } else seen.add(text);
  }
  return found;
};

const startOf = (event: Event): number | undefined => {
  if (event.type === EVENT_ID.SEQUENCE || event.type === EVENT_ID.MAPPING) return event.start;
  return event.type === EVENT_ID.SCALAR && event.valueStart >= 0 ? event.valueStart : undefined;
};

/** The first thing that a later document says. */
const laterDocument = ({ source, events }: ParsedYaml): readonly PassedOver[] => {
  const second = events.findIndex((event, at) => at > 0 && event.type === EVENT_ID.DOCUMENT);
  const start =
    second < 0
      ? undefined
      : events
          .slice(second)
          .map(startOf)
          .find((offset) => offset !== undefined);
  return start === undefined
    ? []
    : [{ line: lineAt(source, start), why: 'this document is not read; only the first one of a file is' }];
};

/** What of a text counts for nothing, as with stock, which says nothing of it. Empty for one that does not parse. */
export const passedOver = (text: string): readonly PassedOver[] => {
  const parsed = tryToParse(text);
  return parsed === undefined ? [] : [...repeatedKeys(parsed), ...laterDocument(parsed)];
};
