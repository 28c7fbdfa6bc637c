import { Problem } from '../../engine/problem.ts';

/**
 * JSON in, with the messages of Go's decoder: people and scripts know them from stock's programs. The text is read by
 * JSON.parse; only when that refuses is it read again, slowly, for the reason.
 */

const quoted = (character: string): string => {
  if (character === "'") return "'\\''";
  if (character === '"') return "'\"'";
  return `'${JSON.stringify(character).slice(1, -1)}'`;
};

/** Stops at the first character that Go's scanner would refuse. */
class Refused extends Error {}

class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  readDocument(): void {
    this.#readValue('looking for beginning of value');
    this.#skipSpace();
    if (this.#at < this.#text.length) this.#refuse('after top-level value');
  }

  #refuse(context: string): never {
    const character = this.#text.codePointAt(this.#at);
    if (character === undefined) throw new Refused('unexpected end of JSON input');
    throw new Refused(`invalid character ${quoted(String.fromCodePoint(character))} ${context}`);
  }

  #skipSpace(): void {
    while (/[ \t\r\n]/.test(this.#text[this.#at] ?? '')) this.#at += 1;
  }

  #readValue(context: string): void {
    this.#skipSpace();
    const first = this.#text[this.#at] ?? '';
    if (first === '{') this.#readObject();
    else if (first === '[') this.#readArray();
    else if (first === '"') this.#readString();
    else if (/[-0-9]/.test(first)) this.#readNumber();
    else if (first === 't' || first === 'f' || first === 'n') this.#readLiteral(first);
    else this.#refuse(context);
  }

  #readObject(): void {
    this.#at += 1;
    this.#skipSpace();
    if (this.#text[this.#at] === '}') {
      this.#at += 1;
      return;
    }
    for (;;) {
      this.#skipSpace();
      if (this.#text[this.#at] !== '"') this.#refuse('looking for beginning of object key string');
      this.#readString();
      this.#skipSpace();
      if (this.#text[this.#at] !== ':') this.#refuse('after object key');
      this.#at += 1;
      this.#readValue('looking for beginning of value');
      if (this.#isEnd('}', 'after object key:value pair')) return;
    }
  }

  #readArray(): void {
    this.#at += 1;
    this.#skipSpace();
    if (this.#text[this.#at] === ']') {
      this.#at += 1;
      return;
    }
    for (;;) {
      this.#readValue('looking for beginning of value');
      if (this.#isEnd(']', 'after array element')) return;
    }
  }

  #isEnd(end: string, context: string): boolean {
    this.#skipSpace();
    const character = this.#text[this.#at];
    if (character !== end && character !== ',') this.#refuse(context);
    this.#at += 1;
    return character === end;
  }

  #readString(): void {
    this.#at += 1;
    for (;;) {
      const character = this.#text[this.#at];
      if (character === undefined || character < ' ') this.#refuse('in string literal');
      this.#at += 1;
      if (character === '"') return;
      if (character === '\\') this.#readEscape();
    }
  }

  #readEscape(): void {
    const character = this.#text[this.#at] ?? '';
    if (!/["\\/bfnrtu]/.test(character)) this.#refuse('in string escape code');
    this.#at += 1;
    if (character !== 'u') return;
    for (let digit = 0; digit < 4; digit++) {
      if (!/[0-9a-fA-F]/.test(this.#text[this.#at] ?? '')) this.#refuse(String.raw`in \u hexadecimal character escape`);
      this.#at += 1;
    }
  }

  #readDigits(context: string): void {
    if (!/[0-9]/.test(this.#text[this.#at] ?? '')) this.#refuse(context);
    while (/[0-9]/.test(this.#text[this.#at] ?? '')) this.#at += 1;
  }

  #readNumber(): void {
    if (this.#text[this.#at] === '-') this.#at += 1;
    if (this.#text[this.#at] === '0') this.#at += 1;
    else this.#readDigits('in numeric literal');
    if (this.#text[this.#at] === '.') {
      this.#at += 1;
      this.#readDigits('after decimal point in numeric literal');
    }
    if (/[eE]/.test(this.#text[this.#at] ?? '')) {
      this.#at += 1;
      if (/[-+]/.test(this.#text[this.#at] ?? '')) this.#at += 1;
      this.#readDigits('in exponent of numeric literal');
    }
  }

  #readLiteral(first: 't' | 'f' | 'n'): void {
    const word = { t: 'true', f: 'false', n: 'null' }[first];
    for (const letter of word) {
      if (this.#text[this.#at] !== letter) this.#refuse(`in literal ${word} (expecting ${quoted(letter)})`);
      this.#at += 1;
    }
  }
}

/** Why Go's decoder refuses a text, or undefined when it takes it. */
export const refusalOf = (text: string): string | undefined => {
  try {
    new Scanner(text).readDocument();
    return undefined;
  } catch (error) {
    return error instanceof Refused ? error.message : 'exceeded max depth';
  }
};

/**
 * Exactly one JSON value.
 * @throws Problem `json.syntax` of kind `invalid`
 */
export const parseJson = (text: string): unknown => {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch (error) {
    throw new Problem('json.syntax', 'invalid', refusalOf(text) ?? 'malformed JSON', { cause: error });
  }
};
