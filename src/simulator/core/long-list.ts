import { isObject } from './entry.ts';

/** Above so many records, a page is made as the client takes it. */
export const LONG = 500;
/** So few become one piece of text that what they were made from is soon forgotten. */
const TOGETHER = 20;

/**
 * Records that are made one by one as they are come to: ten thousand with all their fields are never in memory at once.
 * Those that have gone by then are not among them, as on an array.
 */
export class LongList implements Iterable<unknown> {
  readonly #each: () => Iterator<unknown>;

  constructor(each: () => Iterator<unknown>) {
    this.#each = each;
  }

  map(change: (record: unknown) => unknown): LongList {
    const each = this.#each;
    return new LongList(function* () {
      for (const record of { [Symbol.iterator]: each }) yield change(record);
    });
  }

  [Symbol.iterator](): Iterator<unknown> {
    return this.#each();
  }
}

const textsOf = function* (records: LongList, others: Readonly<Record<string, unknown>>): Generator<string> {
  let count = 0;
  let group: string[] = [];
  yield '{"records":[';
  for (const record of records) {
    group.push(`${count === 0 ? '' : ','}${JSON.stringify(record)}`);
    count += 1;
    if (group.length < TOGETHER) continue;
    yield group.join('');
    group = [];
  }
  yield `${group.join('')}],${JSON.stringify({ ...others, num_records: count }).slice(1)}\n`;
};

/** A body as JSON, in pieces that are made as they are taken where it has a long list of records. */
export const jsonTexts = (body: unknown): Iterable<string> => {
  if (!isObject(body) || !(body['records'] instanceof LongList)) return [`${JSON.stringify(body)}\n`];
  const { records, ...others } = body;
  return textsOf(records, others);
};

/** A body as JSON with line breaks and indentation, in one piece. */
export const prettyTexts = (body: unknown): Iterable<string> => {
  const whole =
    isObject(body) && body['records'] instanceof LongList ? { ...body, records: [...body['records']] } : body;
  return [`${JSON.stringify(whole, undefined, 2)}\n`];
};
