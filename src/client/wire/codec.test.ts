import {
  assert,
  constant,
  dictionary,
  integer as anyInteger,
  oneof,
  property,
  record,
  string,
  array,
} from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Problem } from '../../engine/problem.ts';
import { operations } from '../operations.ts';
import { flag, integer, list, map, nullable, object, optional, request, text } from './codec.ts';

const thing = object('pkg.Thing', {
  name: text,
  note: optional(text),
  size: integer,
  tags: optional(map(text)),
  ready: nullable(flag),
  parts: list(object('pkg.Part', { id: text, count: optional(integer) })),
});

const thrown = (work: () => unknown): unknown => {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
};

describe('object codec', () => {
  it('fills what is missing or null with zero values, in the order of the table', () => {
    expect(JSON.stringify(thing.parse({ size: null, parts: [null, { id: 'a' }], note: '' }))).toBe(
      '{"name":"","size":0,"ready":null,"parts":[{"id":""},{"id":"a"}]}',
    );
  });

  it('matches keys in any case, ignores unknown ones, and keeps the last of two', () => {
    expect(thing.parse({ NAME: 'a', Name: 'b', other: 1, Tags: { k: 'v' } })).toEqual({
      name: 'b',
      size: 0,
      tags: { k: 'v' },
      ready: null,
      parts: [],
    });
  });

  it.each([
    [{ name: 1 }, 'json: cannot unmarshal number into Go struct field Thing.name of type string', ['name']],
    [{ size: '1' }, 'json: cannot unmarshal string into Go struct field Thing.size of type int', ['size']],
    [{ size: 1.5 }, 'json: cannot unmarshal number 1.5 into Go struct field Thing.size of type int', ['size']],
    [
      { parts: [{ count: true }] },
      'json: cannot unmarshal bool into Go struct field Part.parts.count of type int',
      ['parts', 'count'],
    ],
    [[], 'json: cannot unmarshal array into Go value of type pkg.Thing', []],
  ])('refuses %j as Go does', (input, message, path) => {
    const error = thrown(() => thing.parse(input));
    expect(error).toBeInstanceOf(Problem);
    expect(error).toMatchObject({ kind: 'invalid', message, path });
  });

  it('takes hostile keys for what they are', () => {
    const read = thing.parse(JSON.parse('{"__proto__":{"name":"x"},"tags":{"__proto__":"v","constructor":"w"}}'));
    expect(read.name).toBe('');
    expect(Object.entries(read.tags ?? {})).toEqual([
      ['__proto__', 'v'],
      ['constructor', 'w'],
    ]);
  });

  it('lets a request leave everything out', () => {
    const codec = request('pkg.Request', { name: text, ready: nullable(flag) });
    expect(codec.parse(null)).toEqual({});
    expect(codec.parse({ name: '', ready: false })).toEqual({ ready: false });
  });
});

describe('reading back what was written', () => {
  const words = oneof(constant(''), string());
  it('changes nothing, whatever the values', () => {
    const things = record({
      name: words,
      note: words,
      size: anyInteger(),
      tags: dictionary(string(), string()),
      ready: oneof(constant(null), constant(true), constant(false)),
      parts: array(record({ id: words, count: anyInteger() }), { maxLength: 3 }),
    });
    assert(
      property(things, (value) => {
        const written = thing.write(value);
        const read = thing.parse(JSON.parse(JSON.stringify(written)));
        expect(JSON.stringify(read)).toBe(JSON.stringify(thing.parse(written)));
        expect(thing.write(read)).toEqual(read);
      }),
      { numRuns: 200 },
    );
  });
});

describe('every operation', () => {
  it.each(Object.entries(operations))('%s reads an empty answer without failing', (_name, operation) => {
    expect(() => operation.response.parse({})).not.toThrow();
    expect(() => operation.request.parse(null)).not.toThrow();
  });
});
