import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Problem } from './problem.ts';
import { formatSize, parseSize } from './sizes.ts';

/** The size in bytes, or the Problem it was refused with. */
const attempt = (text: string): number | Problem => {
  try {
    return parseSize(text);
  } catch (error) {
    if (Problem.is(error)) return error;
    throw error;
  }
};

describe('parseSize', () => {
  it.each([
    ['0', 0],
    ['1000', 1000],
    ['17b', 17],
    ['17 ', 17],
    ['17Bytes', 17],
    ['1k', 1024],
    ['1G', 1024 ** 3],
    ['1g', 1024 ** 3],
    ['1Gi', 1024 ** 3],
    ['1GiB', 1024 ** 3],
    ['1GB', 1000 ** 3],
    [' 5gi\n', 5 * 1024 ** 3],
    ['3Ti', 3 * 1024 ** 4],
    ['7PiB', 7 * 1024 ** 5],
    ['9pb', 9 * 1000 ** 5],
    ['0Yi', 0],
    ['007k', 7 * 1024],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
  ])('reads %j as %d bytes', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  it.each([
    '',
    '  ',
    '-1',
    '-1Gi',
    '+1000',
    '10.5Gi',
    '1e30',
    '0x10',
    '1_000',
    '1,000',
    'Gi',
    '10 Gi',
    '10Xi',
    '10GiGi',
    'NaN',
    'Infinity',
    '٣Gi',
    '9007199254740992',
    '8Pi',
    '1Ei',
    '16Ei',
    '1Yi',
    '18446744073709551617',
    '9'.repeat(100_000),
  ])('refuses %.40j with examples', (text) => {
    expect(attempt(text)).toMatchObject({
      code: 'size.invalid',
      kind: 'invalid',
      hint: expect.stringContaining('10Gi'),
    });
  });

  it.each(['8Pi', '1Yi', '9'.repeat(30)])('says what %s must be below', (text) => {
    expect(attempt(text)).toMatchObject({ message: expect.stringContaining(': sizes must be below 8PiB') });
  });

  it('multiplies exactly or refuses, never wraps around', () => {
    const unit = fc.constantFrom(
      ...['k', 'm', 'g', 't', 'p', 'e', 'z', 'y'].flatMap((letter, index) =>
        [`${letter}`, `${letter}i`, `${letter}ib`, `${letter}b`].map((spelling) => ({
          spelling,
          factor: BigInt(spelling === `${letter}b` ? 1000 : 1024) ** BigInt(index + 1),
        })),
      ),
      { spelling: '', factor: 1n },
      { spelling: 'b', factor: 1n },
      { spelling: 'bytes', factor: 1n },
    );
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 70n }), unit, fc.boolean(), (number, { spelling, factor }, upper) => {
        const text = `${number}${upper ? spelling.toUpperCase() : spelling}`;
        const exact = number * factor;
        const answer = attempt(text);
        return exact > BigInt(Number.MAX_SAFE_INTEGER) ? Problem.is(answer) : answer === Number(exact);
      }),
    );
  });

  it('answers any text with a size or a Problem', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const answer = attempt(text);
        return Problem.is(answer) || Number.isSafeInteger(answer);
      }),
    );
  });
});

describe('formatSize', () => {
  it.each([
    [0, '0B'],
    [512, '512B'],
    [1024, '1KiB'],
    [5 * 1024 ** 3, '5GiB'],
    [1_000_000_000, '953.67MiB'],
    [Number.MAX_SAFE_INTEGER, '8.00PiB'],
  ])('shows %d as %s', (bytes, text) => {
    expect(formatSize(bytes)).toBe(text);
  });

  it('shows what parseSize reads back when the unit divides it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1023 }), fc.constantFrom('KiB', 'MiB', 'GiB', 'TiB'), (number, unit) => {
        expect(formatSize(parseSize(`${number}${unit}`))).toBe(`${number}${unit}`);
      }),
    );
  });
});
