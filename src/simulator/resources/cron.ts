/** When a schedule runs. Times are UTC, the zone of the default cluster. An absent list means every value. */
export interface Cron {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly days: readonly number[];
  readonly months: readonly number[];
  readonly weekdays: readonly number[];
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** A 29th of February on a given day of the week comes within 28 years, except around a century. */
const FARTHEST_DAYS = 366 * 40;

const ascending = (values: readonly number[], count: number): readonly number[] =>
  values.length === 0 ? Array.from({ length: count }, (_, index) => index) : values.toSorted((a, b) => a - b);

/** With both days and weekdays, either is enough. */
const isDay = (cron: Cron, date: Date): boolean => {
  if (cron.months.length > 0 && !cron.months.includes(date.getUTCMonth() + 1)) return false;
  const day = cron.days.includes(date.getUTCDate());
  const weekday = cron.weekdays.includes(date.getUTCDay());
  if (cron.days.length > 0 && cron.weekdays.length > 0) return day || weekday;
  return (cron.days.length === 0 || day) && (cron.weekdays.length === 0 || weekday);
};

/** The first run after an instant (milliseconds); undefined: there is none, as on a 30th of February. */
export const nextRun = (cron: Cron, after: number): number | undefined => {
  const hours = ascending(cron.hours, 24);
  const minutes = ascending(cron.minutes, 60);
  const today = Math.floor(after / DAY_MS) * DAY_MS;
  for (let day = 0; day <= FARTHEST_DAYS; day++) {
    const midnight = today + day * DAY_MS;
    if (!isDay(cron, new Date(midnight))) continue;
    for (const hour of hours) {
      if (midnight + (hour + 1) * 60 * MINUTE_MS <= after) continue;
      for (const minute of minutes) {
        const instant = midnight + (hour * 60 + minute) * MINUTE_MS;
        if (instant > after) return instant;
      }
    }
  }
  return undefined;
};

const DURATION = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/i;

/** Milliseconds of `P1DT2H3M4S`; undefined when it is no duration, or none at all. */
export const parseDuration = (text: string): number | undefined => {
  const match = DURATION.exec(text);
  if (!match) return undefined;
  const [weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((part) => Number(part ?? 0));
  const total = ((weeks * 7 + days) * 24 + hours) * 3600 + minutes * 60 + seconds;
  return total > 0 ? total * 1000 : undefined;
};

/** `PT13M7S`; days are written as hours, as ONTAP does. */
export const durationText = (milliseconds: number): string => {
  const total = Math.max(0, Math.floor(milliseconds / 1000));
  const hours = Math.floor(total / 3600);
  const minutes = Math.floor((total % 3600) / 60);
  const seconds = total % 60;
  const parts = `${hours > 0 ? `${hours}H` : ''}${minutes > 0 ? `${minutes}M` : ''}${seconds > 0 ? `${seconds}S` : ''}`;
  return `PT${parts === '' ? '0S' : parts}`;
};
