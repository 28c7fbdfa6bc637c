import { describe, expect, it } from 'vitest';
import { locate, passedOver } from './yaml-places.ts';

describe('locate', () => {
  const text = 'version: 1\nstorage:\n  - labels: {a: b}\n  - defaults:\n      size: 1x\n';
  it.each([
    [['version'], 1, 1],
    [['storage', 1, 'defaults', 'size'], 5, 7],
    [['storage', 1, 'defaults', 'missing'], 4, 5],
    [['storage', 0, 'labels', 'a'], 3, 14],
    [['nothing'], 1, 1],
  ] as const)('finds %j', (path, line, column) => {
    expect(locate(text, path)).toEqual({ line, column });
  });
});

describe('what is said in vain', () => {
  it.each([
    ['a: 1\nb: 2\n', []],
    ['a: 1\nb: 2\na: 3\n', ['3: "a" is given again; the last one counts']],
    ['{"a": 1,\n "b": {"c": 1,\n "c": 2}}', ['3: "c" is given again; the last one counts']],
    // Equal keys of different objects.
    ['- {a: 1}\n- {a: 2}\n', []],
    ['x: {a: 1}\ny: {a: 2}\na: 3\n', []],
    [
      'a: {b: 1}\na: {b: 2}\nb: 1\nb: 2\n',
      ['2: "a" is given again; the last one counts', '4: "b" is given again; the last one counts'],
    ],
    ['a: 1\n---\n', []],
    ['a: 1\n---\n# nothing\n', []],
    ['a: 1\n---\nb: 2\n---\nc: 3\n', ['3: this document is not read; only the first one of a file is']],
    ['a: [', []],
  ])('in %j', (text, expected) => {
    expect(passedOver(text).map(({ line, why }) => `${line}: ${why}`)).toEqual(expected);
  });

  it('takes no longer for a text that repeats itself a lot', () => {
    const found = passedOver('a: 1\n'.repeat(20_000));
    expect([found.length, found.at(-1)?.line]).toEqual([19_999, 20_000]);
  });
});
