import type { Field } from './declaration.ts';
import type { Stored } from './entry.ts';
import { toJson } from './json.ts';
import { invalidValue, Refusal } from './refusal.ts';

const UNITS: Readonly<Record<string, number>> = { B: 0, KB: 1, MB: 2, GB: 3, TB: 4, PB: 5 };

/** `10GB`, `1.5TB`, `123`; 1024-based. Undefined when it is not a size. */
export const parseSize = (text: string): number | bigint | undefined => {
  const match = /^(-?\d+(?:\.\d+)?)\s*([KMGTP]?B)?$/i.exec(text.trim());
  if (!match) return undefined;
  const [, digits = '', unit] = match;
  if (unit === undefined) return parseInteger(digits);
  return Math.round(Number(digits) * 1024 ** (UNITS[unit.toUpperCase()] ?? 0));
};

/** Undefined when it is not a whole number; a bigint beyond 2^53. */
const parseInteger = (text: string): number | bigint | undefined => {
  if (!/^-?\d+$/.test(text.trim())) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : BigInt(text.trim());
};

export const parseBoolean = (text: string): boolean | undefined => {
  const lower = text.toLowerCase();
  if (lower === 'true' || lower === 'on') return true;
  return lower === 'false' || lower === 'off' ? false : undefined;
};

/** The canonical form of an enum value: input may differ in case and use hyphens for underscores. */
export const parseEnum = (text: string, values: readonly string[]): string | undefined => {
  const fold = (value: string) => value.toLowerCase().replaceAll('-', '_');
  return values.find((value) => value === text) ?? values.find((value) => fold(value) === fold(text));
};

/** Milliseconds; ISO 8601 with or without fraction, or epoch seconds. */
export const parseTime = (text: string): number | undefined => {
  if (/^\d{9,}$/.test(text)) return Number(text) * 1000;
  const parsed = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(parsed) ? undefined : parsed;
};

const isInteger = (value: unknown): value is number | bigint =>
  typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value));

const wanted: Readonly<Record<string, string>> = {
  integer: 'integer',
  size: 'integer[KB|MB|GB|TB|PB]',
  number: 'number',
  boolean: 'true|false',
  time: 'date',
};

const parsers: Readonly<Record<string, (value: unknown) => Stored | undefined>> = {
  string: (value) =>
    typeof value === 'string'
      ? value
      : typeof value === 'number' || typeof value === 'boolean'
        ? String(value)
        : undefined,
  integer: (value) => (isInteger(value) ? value : typeof value === 'string' ? parseInteger(value) : undefined),
  size: (value) => (isInteger(value) ? value : typeof value === 'string' ? parseSize(value) : undefined),
  number: (value) => {
    const parsed = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    return typeof parsed === 'number' && Number.isFinite(parsed) ? parsed : undefined;
  },
  boolean: (value) =>
    typeof value === 'boolean' ? value : typeof value === 'string' ? parseBoolean(value) : undefined,
  time: (value) => (typeof value === 'string' && parseTime(value) !== undefined ? value : undefined),
};

/** Takes one value of a body as ONTAP does: leniently in form, strictly in meaning. */
export const coerceScalar = (field: Field, value: unknown, path: string): Stored => {
  const shown = typeof value === 'object' ? toJson(value) : String(value);
  if (typeof value === 'object') {
    throw Array.isArray(value)
      ? new Refusal(400, 262255, `Field "${path}" does not take an array.`, path)
      : invalidValue(shown, path, wanted[field.kind] ?? field.kind);
  }
  if (field.kind === 'enum') {
    const known = typeof value === 'string' ? parseEnum(value, field.values ?? []) : undefined;
    if (known === undefined) throw field.refusal?.(shown) ?? invalidValue(shown, path, (field.values ?? []).join('|'));
    return known;
  }
  const parsed = parsers[field.kind]?.(value);
  if (parsed === undefined) throw invalidValue(shown, path, wanted[field.kind] ?? field.kind);
  if (breaksLimits(field, parsed)) throw field.refusal?.(shown) ?? invalidValue(shown, path, limitsOf(field));
  return parsed;
};

const breaksLimits = (field: Field, value: Stored): boolean => {
  if (typeof value === 'string') {
    return (
      (field.maxLength !== undefined && value.length > field.maxLength) ||
      (field.values !== undefined && !field.values.includes(value))
    );
  }
  if (typeof value !== 'number' && typeof value !== 'bigint') return false;
  return (
    (field.minimum !== undefined && value < field.minimum) || (field.maximum !== undefined && value > field.maximum)
  );
};

const limitsOf = (field: Field): string => {
  if (field.maxLength !== undefined) return `text(size 0..${field.maxLength})`;
  if (field.values !== undefined) return field.values.join('|');
  return `integer(${field.minimum ?? ''}..${field.maximum ?? ''})`;
};
