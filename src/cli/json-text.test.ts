import { describe, expect, it } from 'vitest';
import { jsonOfItems, jsonText } from './json-text.ts';

describe('JSON in pieces', () => {
  it.each([0, 1, 39, 40, 41, 80, 81, 1000])('is the same text as in one piece, for %i things', (count) => {
    const items = Array.from({ length: count }, (_, index) => ({
      name: `<${index}>`,
      none: [],
      inner: { a: [1, {}] },
    }));
    expect([...jsonOfItems(items)].join('')).toBe(jsonText({ items }));
  });
});
