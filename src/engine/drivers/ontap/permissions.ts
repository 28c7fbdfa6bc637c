import { Problem } from '../../problem.ts';

/** Modes as ONTAP's REST writes them: a decimal number whose digits are the octal mode, `777` or `4755`. */

const bit = (letter: string | undefined, expected: string, value: number): number | undefined =>
  letter === expected ? value : letter === '-' ? 0 : undefined;

const fromSymbols = (text: string): string | undefined => {
  const triplets = text.length === 12 && text.startsWith('---') ? text.slice(3) : text;
  if (triplets.length !== 9) return undefined;
  let digits = '';
  for (let at = 0; at < 9; at += 3) {
    const parts = [bit(triplets[at], 'r', 4), bit(triplets[at + 1], 'w', 2), bit(triplets[at + 2], 'x', 1)];
    let sum = 0;
    for (const part of parts) {
      if (part === undefined) return undefined;
      sum += part;
    }
    digits += String(sum);
  }
  return digits;
};

/** The mode of `---rwxr-xr-x`, `rwxr-xr-x`, `755` or `0755`; undefined when the text is none of these. */
export const parsePermissions = (text: string): number | undefined => {
  if (/^[0-7]{3,5}$/.test(text)) return Number(text) <= 7777 ? Number(text) : undefined;
  const digits = fromSymbols(text);
  return digits === undefined ? undefined : Number(digits);
};

/**
 * @throws Problem `volume.option` when the text is no mode
 */
export const permissionsOf = (text: string): number => {
  const mode = parsePermissions(text);
  if (mode === undefined)
    throw new Problem(
      'volume.option',
      'invalid',
      `unixPermissions: ${JSON.stringify(text)} is not a mode such as ---rwxr-xr-x or 0755`,
      {
        nothingDone: true,
      },
    );
  return mode;
};
