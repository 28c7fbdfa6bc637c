import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { SortedList } from './sorted-list.ts';

interface Item {
  readonly key: number;
  readonly value: number;
}

const change = fc.record({ key: fc.nat(1500), value: fc.nat(), goes: fc.boolean(), isRead: fc.nat(20) });

it('is what a sorted array would be, whatever was put in, taken out and replaced', () => {
  fc.assert(
    fc.property(fc.array(change, { minLength: 600, maxLength: 3000, size: 'max' }), (changes) => {
      const list = new SortedList<Item>((a, b) => a.key - b.key);
      const model = new Map<number, Item>();
      const inOrder = () => [...model.values()].sort((a, b) => a.key - b.key);
      for (const { key, value, goes, isRead } of changes) {
        if (isRead === 0) expect(list.values()).toEqual(inOrder());
        const before = model.get(key);
        const after = goes && before ? undefined : { key, value };
        list.replace(before, after);
        if (after) model.set(key, after);
        else model.delete(key);
      }
      expect(list.values()).toEqual(inOrder());
      expect(list.isEmpty).toBe(model.size === 0);
    }),
    { numRuns: 30 },
  );
});

it('does not change what it gave away', () => {
  const list = new SortedList<number>((a, b) => a - b);
  for (const value of [3, 1, 2]) list.replace(undefined, value);
  const given = list.values();
  list.replace(2, undefined);
  expect([given, list.values()]).toEqual([
    [1, 2, 3],
    [1, 3],
  ]);
});

it('takes back what it was told', () => {
  const list = new SortedList<Item>((a, b) => a.key - b.key);
  const items = [5, 3, 4].map((key): Item => ({ key, value: 0 }));
  for (const item of items) list.replace(undefined, item);
  const given = list.values();
  const [first] = given;
  const changed = { key: 3, value: 1 };
  list.replace(first, changed);
  list.replace(changed, first);
  expect(list.values()).toEqual(given);
});
