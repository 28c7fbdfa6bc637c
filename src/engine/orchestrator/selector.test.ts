import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Problem } from '../problem.ts';
import { parseSelector } from './selector.ts';

describe('parseSelector', () => {
  it.each([
    ['tier=gold', { tier: 'gold' }, true],
    ['tier==gold', { tier: 'silver' }, false],
    ['tier = gold', { tier: 'gold' }, true],
    ['tier!=gold', { tier: 'silver' }, true],
    ['tier!=gold', {}, false],
    ['tier in (gold,silver)', { tier: 'silver' }, true],
    ['tier in (gold, silver)', {}, false],
    ['tier notin (gold)', {}, true],
    ['tier notin (gold)', { tier: 'gold' }, false],
    ['tier', { tier: '' }, true],
    ['tier', {}, false],
    ['!tier', {}, true],
    ['!tier', { tier: 'x' }, false],
    ['constructor', {}, false],
    ['!toString', {}, true],
    ['tier in (gold,silver);!old', { tier: 'gold' }, true],
    ['tier in (gold,silver);!old', { tier: 'gold', old: 'yes' }, false],
  ])('%s on %j is %s', (selector, labels, expected) => {
    expect(parseSelector(selector)(labels)).toBe(expected);
  });

  it.each(['a=b=c', 'tier=gold;', ';tier', 'tier in ()', 'tier in (a,)', 'a b', '=x', 'tier=ü', '!'])(
    'refuses %j',
    (selector) => {
      expect(() => parseSelector(selector)).toThrow(/^invalid label selector: /);
    },
  );

  it('refuses an empty selector', () => {
    expect(() => parseSelector('')).toThrow('label selector may not be empty');
  });

  const word = fc.stringMatching(/^[\w-]{1,8}$/);
  const labels = fc.dictionary(word, word, { noNullPrototype: true });

  it('makes a form and its opposite disagree on every set of labels', () => {
    fc.assert(
      fc.property(labels, word, fc.array(word, { minLength: 1, maxLength: 3 }), (given, name, values) => {
        const list = values.join(',');
        const holds = (selector: string) => parseSelector(selector)(given);
        expect(holds(name)).toBe(!holds(`!${name}`));
        expect(holds(`${name} in (${list})`)).toBe(!holds(`${name} notin (${list})`));
        expect(holds(`${name}!=${list.split(',')[0]}`)).toBe(holds(name) && !holds(`${name}=${list.split(',')[0]}`));
      }),
    );
  });

  it('answers every text with a predicate or a refusal', () => {
    const answer = (text: string, given: Readonly<Record<string, string>>): unknown => {
      try {
        return parseSelector(text)(given);
      } catch (error) {
        return Problem.is(error) ? error.code : error;
      }
    };
    fc.assert(
      fc.property(fc.string(), labels, (text, given) => {
        expect([true, false, 'selector.invalid']).toContain(answer(text, given));
      }),
    );
  });
});
