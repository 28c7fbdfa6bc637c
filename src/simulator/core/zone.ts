import type { World } from './world.ts';

/** The zone in which a cluster writes times. */

const UTC = ['Etc/UTC', 'UTC', 'Etc/GMT', 'GMT'];

const formats = new Map<string, Intl.DateTimeFormat>();

const formatOf = (timeZone: string): Intl.DateTimeFormat => {
  const known = formats.get(timeZone);
  if (known) return known;
  const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  formats.set(timeZone, format);
  return format;
};

export const isTimeZone = (name: string): boolean => {
  try {
    formatOf(name);
    return true;
  } catch {
    return false;
  }
};

/** `+02:00` at an instant (milliseconds): zones have a summer time. */
const offsetAt = (timeZone: string, instant: number): string => {
  const name = formatOf(timeZone)
    .formatToParts(instant)
    .find(({ type }) => type === 'timeZoneName')?.value;
  return /[+-]\d{2}:\d{2}/.exec(name ?? '')?.[0] ?? '+00:00';
};

const offsetMs = (offset: string): number => {
  const [, sign = '+', hours = '0', minutes = '0'] = /^([+-])(\d{2}):(\d{2})$/.exec(offset) ?? [];
  return (sign === '-' ? -60_000 : 60_000) * (Number(hours) * 60 + Number(minutes));
};

/** An instant as a clock of the offset writes it: `2025-05-01T11:30:00+02:00`. */
export const timeTextAt = (instant: number, offset: string): string =>
  `${new Date(instant + offsetMs(offset)).toISOString().slice(0, 19)}${offset}`;

/** Writes times that are kept in UTC in the zone of the cluster; undefined where that is UTC. */
export const zoneOf = (world: World): ((time: string) => string) | undefined => {
  const name = world.store.all('cluster')[0]?.['timezone.name'];
  if (typeof name !== 'string' || UTC.includes(name) || !isTimeZone(name)) return undefined;
  return (time) => {
    const instant = Date.parse(time);
    return Number.isNaN(instant) ? time : timeTextAt(instant, offsetAt(name, instant));
  };
};
