import { Problem } from './problem.ts';

/** Letters of the units, each a step of 1024 (or 1000 with `b`) above the one before. */
const letters = ['k', 'm', 'g', 't', 'p', 'e', 'z', 'y'] as const;

/** Bytes of one of each unit, by its lower-case spelling: `gi`, `g` and `gib` are 1024³, `gb` is 1000³. */
const unitBytes: ReadonlyMap<string, bigint> = new Map([
  ['', 1n],
  ['b', 1n],
  ['bytes', 1n],
  ...letters.flatMap((letter, index): [string, bigint][] => {
    const exponent = BigInt(index + 1);
    const binary = 1024n ** exponent;
    return [
      [letter, binary],
      [`${letter}i`, binary],
      [`${letter}ib`, binary],
      [`${letter}b`, 1000n ** exponent],
    ];
  }),
]);

const examples = 'whole numbers with or without a unit, for example 10Gi, 500Mi, 20GB or 1073741824';
const pattern = /^(\d+)([a-z]*)$/;
const largest = BigInt(Number.MAX_SAFE_INTEGER);

const refuse = (text: string, why: string): Problem =>
  new Problem('size.invalid', 'invalid', `${JSON.stringify(text)} is not a valid size: ${why}`, {
    hint: `write sizes as ${examples}`,
  });

/**
 * Bytes of a size as Trident's users write it (pkg/capacity): case does not matter; `k`, `ki`, `kib` and so on up to
 * `y` are powers of 1024, `kb` … `yb` powers of 1000, `b`, `bytes` or nothing are bytes; whole numbers only.
 * What does not fit a safe integer is refused, where the stock parser wraps around.
 * @throws Problem `size.invalid`
 */
export const parseSize = (text: string): number => {
  const match = pattern.exec(text.trim().toLowerCase());
  if (match === null) {
    const trimmed = text.trim();
    if (trimmed === '') throw refuse(text, 'it is empty');
    if (trimmed.startsWith('-')) throw refuse(text, 'it is negative');
    throw refuse(text, 'it is not a whole number followed by a unit');
  }
  const [, digits = '', unit = ''] = match;
  const factor = unitBytes.get(unit);
  if (factor === undefined) throw refuse(text, `${JSON.stringify(unit)} is not a unit of size`);
  const tooLarge = `sizes must be below ${formatSize(Number.MAX_SAFE_INTEGER + 1)}`;
  // Checked before BigInt, whose cost grows with the square of the digits.
  if (digits.replace(/^0+/, '').length > 16) throw refuse(text, tooLarge);
  const bytes = BigInt(digits) * factor;
  if (bytes > largest) throw refuse(text, tooLarge);
  return Number(bytes);
};

/**
 * A number of bytes for people, in the largest binary unit that it reaches: `5GiB`, `953.67MiB`, `512B`.
 * Two decimals unless it is whole; not meant to be parsed again.
 */
export const formatSize = (bytes: number): string => {
  const sign = bytes < 0 ? '-' : '';
  let value = Math.abs(bytes);
  let unit = 'B';
  for (const letter of letters) {
    if (value < 1024) break;
    value /= 1024;
    unit = `${letter.toUpperCase()}iB`;
  }
  const shown = Number.isInteger(value) ? String(value) : value.toFixed(2);
  return `${sign}${shown}${unit}`;
};
