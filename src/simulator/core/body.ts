import { isObject } from './entry.ts';
import { Refusal } from './refusal.ts';

/**
 * A body with dotted keys (`{"svm.name": "vs1"}`) as the nested object it means. A property given both ways is refused.
 */
export const expandDottedKeys = (body: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => {
  const expanded: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(body)) {
    const inner = isObject(value) ? expandDottedKeys(value) : value;
    if (!key.includes('.') && expanded[key] === undefined) expanded[key] = inner;
    else mergeAt(expanded, key.split('.'), inner, key);
  }
  return expanded;
};

const mergeAt = (into: Record<string, unknown>, path: readonly string[], value: unknown, shown: string) => {
  const [first = '', ...rest] = path;
  if (rest.length === 0) {
    const there = into[first];
    if (there === undefined) into[first] = value;
    else if (isObject(there) && isObject(value)) into[first] = mergeObjects(there, value, shown);
    else throw new Refusal(400, 262282, `Property "${shown}" was given twice in the body.`, shown);
    return;
  }
  const nested: Record<string, unknown> = {};
  mergeAt(nested, rest, value, shown);
  mergeAt(into, [first], nested, shown);
};

const mergeObjects = (a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>, shown: string) => {
  const merged: Record<string, unknown> = { ...a };
  for (const [key, value] of Object.entries(b)) mergeAt(merged, [key], value, shown);
  return merged;
};
