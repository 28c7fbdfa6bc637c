import * as fc from 'fast-check';
import { load } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { readYaml } from '../engine/yaml.ts';
import { yamlOfItems, yamlText } from './yaml-text.ts';

/** Text as people and machines write it, and texts that YAML readers are known to take for something else. */
const tricky = fc.constantFrom(
  'y',
  'no',
  'On',
  'null',
  '~',
  '',
  '0755',
  '0x1f',
  '1_000',
  '1e3',
  '.5',
  '-.inf',
  '12:30:45',
  '2026-01-01',
  '=',
  '<<',
  '- x',
  'a: b',
  'a #b',
  '@x',
  '%x',
  '"x"',
  "it's",
  ' x',
  'x ',
  'l1\nl2',
  'l1\nl2\n',
  '\n',
  'a\n\n b',
  '0b11',
  '+1',
  '0o17',
);
const text = fc.oneof(tricky, fc.string(), fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }));
const number = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => (x === 0 ? 0 : x)),
);
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    text,
    number,
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(text, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;

describe('yamlText', () => {
  it('means the same to a reader of YAML 1.1', () =>
    fc.assert(
      fc.property(json, (value) => {
        expect(readYaml(yamlText(value))).toEqual(value);
      }),
      { numRuns: 500 },
    ));

  it('means the same to a reader of YAML 1.2', () =>
    fc.assert(
      fc.property(json, (value) => {
        expect(load(yamlText(value))).toEqual(value);
      }),
      { numRuns: 500 },
    ));

  it('looks as the stock program prints it', () =>
    expect(
      yamlText({ b: ['x', { z: 1, a: 'yes' }], a: {}, c: [], n: 'plain words', l: 'one\ntwo\n', d: '2026-01-01' }),
    ).toBe('a: {}\nb:\n- x\n- a: "yes"\n  z: 1\nc: []\nd: "2026-01-01"\nl: |\n  one\n  two\n"n": plain words\n\n'));
});

describe('YAML in pieces', () => {
  it.each([0, 1, 39, 40, 41, 100])('is the same text as in one piece, for %i things', (count) => {
    const items = Array.from({ length: count }, (_, index) => ({
      name: `thing ${index}`,
      none: [],
      long: 'many words that take more than eighty columns of a line, so that it is folded once and again',
      lines: 'one\ntwo\n',
      inner: { a: [1, {}, ['x']] },
    }));
    expect([...yamlOfItems(items)].join('')).toBe(yamlText({ items }));
  });

  it('is so for anything', () =>
    fc.assert(
      fc.property(fc.array(json), (items) => {
        expect([...yamlOfItems(items)].join('')).toBe(yamlText({ items }));
      }),
    ));
});
