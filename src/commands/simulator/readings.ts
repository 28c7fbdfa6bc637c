import { Problem } from '../../engine/problem.ts';

/** What people write in the flags of the simulator, read. */

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `20ms`, `0.5s`, `10m`, `1h30m`, `1d`, or milliseconds without a unit. @throws Problem that names the place */
export const readTime = (text: string, place: string): number => {
  if (!/^(?:\d+(?:\.\d+)?|(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+)$/.test(text))
    throw new Problem('cli.time', 'usage', `${place} takes 20ms, 1s, 10m, 1h30m or 1d, not ${JSON.stringify(text)}`);
  let milliseconds = 0;
  for (const [, amount = '', unit = ''] of text.matchAll(/([\d.]+)([a-z]*)/g))
    milliseconds += Number(amount) * (unitMs[unit] ?? 1);
  return Math.round(milliseconds);
};

/** An instant of ISO 8601. @throws Problem that names the place */
export const readInstant = (text: string, place: string): Date => {
  const instant = new Date(text);
  if (Number.isNaN(instant.getTime()) || !/^\d{4}-\d\d-\d\d/.test(text))
    throw new Problem(
      'cli.instant',
      'usage',
      `${place} takes a date and time such as 2025-05-01T09:30:00Z, not ${JSON.stringify(text)}`,
    );
  return instant;
};

/** `60`, `0.5`. @throws Problem that names the place */
export const readSpeed = (text: string, place: string): number => {
  const speed = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : 0;
  if (speed > 0 && speed <= 1e6) return speed;
  throw new Problem('cli.speed', 'usage', `${place} takes a factor such as 60, not ${JSON.stringify(text)}`);
};

/** @throws Problem when the text is no seed */
export const readSeed = (text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  if (!/^\d{1,15}$/.test(text))
    throw new Problem('cli.seed', 'usage', `--seed is a number, not ${JSON.stringify(text)}`);
  return Number(text);
};

export const personalities = ['unified', 'asa', 'asa-r2', 'afx'] as const;
export type Personality = (typeof personalities)[number];

/** @throws Problem that lists them */
export const readPersonality = (text: string | undefined): Personality | undefined => {
  if (text === undefined) return undefined;
  const found = personalities.find((each) => each === text.toLowerCase());
  if (found === undefined)
    throw new Problem(
      'cli.personality',
      'usage',
      `--personality is one of ${personalities.join(', ')}, not ${JSON.stringify(text)}`,
    );
  return found;
};

/** `9.16.1`, or `9.16` for its first release. @throws Problem */
export const readOntapVersion = (text: string | undefined): string | undefined => {
  if (text === undefined) return undefined;
  if (!/^\d{1,3}\.\d{1,3}(?:\.\d{1,3})?$/.test(text))
    throw new Problem('cli.ontapVersion', 'usage', `--ontap-version looks like 9.16.1, not ${JSON.stringify(text)}`);
  return text.split('.').length === 2 ? `${text}.1` : text;
};
