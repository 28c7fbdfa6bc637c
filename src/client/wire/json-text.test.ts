import { assert, json, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJson, refusalOf } from './json-text.ts';

describe('parseJson', () => {
  it.each([
    ['', 'unexpected end of JSON input'],
    ['{', 'unexpected end of JSON input'],
    ['"abc', 'unexpected end of JSON input'],
    ['hello', "invalid character 'h' looking for beginning of value"],
    ['{"a":1} x', "invalid character 'x' after top-level value"],
    ['{a:1}', "invalid character 'a' looking for beginning of object key string"],
    ['{"a" 1}', "invalid character '1' after object key"],
    ['{"a":1 "b"}', `invalid character '"' after object key:value pair`],
    ['[1 2]', "invalid character '2' after array element"],
    ['[1,]', "invalid character ']' looking for beginning of value"],
    ['nul!', "invalid character '!' in literal null (expecting 'l')"],
    ['01', "invalid character '1' after top-level value"],
    ['1.x', "invalid character 'x' after decimal point in numeric literal"],
    ['"a\nb"', String.raw`invalid character '\n' in string literal`],
    [String.raw`"\q"`, "invalid character 'q' in string escape code"],
    ['<html>', "invalid character '<' looking for beginning of value"],
  ])('refuses %j as Go does', (text, message) => {
    expect(() => parseJson(text)).toThrow(message);
  });

  it('takes what JSON.parse takes and nothing else', () => {
    const accepts = (text: string): boolean => {
      try {
        JSON.parse(text);
        return true;
      } catch {
        return false;
      }
    };
    assert(
      property(json(), string(), (good, noise) => {
        expect(refusalOf(good)).toBeUndefined();
        expect(refusalOf(noise) === undefined).toBe(accepts(noise));
        expect(refusalOf(good + noise) === undefined).toBe(accepts(good + noise));
      }),
      { numRuns: 300 },
    );
  });
});
