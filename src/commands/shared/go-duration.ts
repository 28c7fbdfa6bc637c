const nanosecondsOf: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};
/** What a duration can be at most: about 292 years. */
const most = 2 ** 63;

/**
 * A duration as Go reads it: `90s`, `1h30m`, `-1.5s`, and 0 without a unit.
 * @returns nanoseconds, or what is wrong in the words of Go, which stock shows
 */
export const readGoDuration = (text: string): number | { readonly why: string } => {
  const shown = JSON.stringify(text);
  const invalid = { why: `time: invalid duration ${shown}` };
  const amounts = text.replace(/^[-+]/, '');
  if (amounts === '0') return 0;
  if (amounts === '') return invalid;
  let total = 0;
  for (let rest = amounts; rest !== '';) {
    // A unit is all there is up to the next amount.
    const [part, amount = '', unit = ''] = /^(\d+\.?\d*|\.\d+)([^.\d]*)/.exec(rest) ?? [];
    if (part === undefined) return invalid;
    if (unit === '') return { why: `time: missing unit in duration ${shown}` };
    const nanoseconds = nanosecondsOf[unit];
    if (nanoseconds === undefined) return { why: `time: unknown unit ${JSON.stringify(unit)} in duration ${shown}` };
    total += Number(amount) * nanoseconds;
    rest = rest.slice(part.length);
  }
  if (total >= most) return invalid;
  return text.startsWith('-') ? -total : total;
};
