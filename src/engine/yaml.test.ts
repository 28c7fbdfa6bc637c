import { assert, json, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Problem } from './problem.ts';
import { readYaml, yamlToJson } from './yaml.ts';

/** Inputs and what the stock program sent for them (recorded from v26.06.0). */
const recorded: Readonly<Record<string, readonly [string, string]>> = {
  'anchors and aliases': ['a: &x [1,2]\nb: *x\n', '{"a":[1,2],"b":[1,2]}'],
  'tags that say a type': ['a: !!binary aGVsbG8=\nb: !!str 5\nc: !!int "7"\n', '{"a":"hello","b":"5","c":7}'],
  'a byte order mark': ['\uFEFFa: 1\n', '{"a":1}'],
  'a key given twice, JSON': ['{"a":1,"a":2}', '{"a":2}'],
  'a key given twice, YAML': ['a: 1\na: 2\n', '{"a":2}'],
  'nested JSON, sorted and escaped': [
    '{"b":{"d":[1,{"z":1,"a":"<>&"}],"c":null},"a":1.50}',
    '{"a":1.5,"b":{"c":null,"d":[1,{"a":"\\u003c\\u003e\\u0026","z":1}]}}',
  ],
  'keys that are no text': [
    '1: a\ntrue: b\n1.5: d\n"x y": e\nz: {b: 1, a: 2}\n',
    '{"1":"a","1.5":"d","true":"b","x y":"e","z":{"a":2,"b":1}}',
  ],
  'merge keys': ['base: &b {x: 1, y: 2}\nd:\n  <<: *b\n  y: 3\n', '{"base":{"true":2,"x":1},"d":{"true":3,"x":1}}'],
  'only the first document': ['a: 1\n---\na: 2\n', '{"a":1}'],
  'dates stay text': [
    'a: 2026-01-02T03:04:05Z\nb: 2026-01-02 03:04:05\n',
    '{"a":"2026-01-02T03:04:05Z","b":"2026-01-02 03:04:05"}',
  ],
  'every kind of scalar': [
    'a: yes\nb: 0755\nc: 0o17\nd: 0x1f\ne: 1_000\nf: 1e3\ng: ~\nh: 2026-01-01\ni: 12:30:45\nj: 1.0\nk: .5\nm: "quoted"\nn: no\no: on\np: 0b11\nq: 1.5e3\nr: -0\ns: +1\nt: 9007199254740993\nu: 18446744073709551615\nv: 1.0e+20\n',
    '{"a":true,"b":493,"c":15,"d":31,"e":1000,"f":1000,"false":false,"g":null,"h":"2026-01-01","i":"12:30:45","j":1,"k":0.5,"m":"quoted","o":true,"p":3,"q":1500,"r":0,"s":1,"t":9007199254740993,"u":18446744073709551615,"v":100000000000000000000}',
  ],
  'unknown tags': ['a: !foo 1\n', '{"a":"1"}'],
  'an empty text': ['', 'null'],
  'comments only': ['# nothing\n', 'null'],
};

describe('yamlToJson', () => {
  it.each(Object.entries(recorded))('reads %s as stock does', (_name, [input, output]) => {
    expect(yamlToJson(input)).toBe(output);
  });

  it('drops unknown tags from collections', () => {
    expect(yamlToJson('a: !x {b: !y [1]}\n')).toBe('{"a":{"b":[1]}}');
  });

  it('reads what begins with _ as a word, though digits may be set apart by it', () => {
    expect(yamlToJson('_0: _1_0\nb: 1_0\n')).toBe('{"_0":"_1_0","b":10}');
  });

  it.each([
    ['a: .inf\n', 'json: unsupported value: +Inf'],
    ['a: .nan\n', 'json: unsupported value: NaN'],
    ['~: 1\n', 'yaml: a key must be text, a number or a boolean, not null'],
  ])('refuses %j', (input, message) => {
    expect(() => yamlToJson(input)).toThrow(message);
  });

  it('names the line of a syntax error', () => {
    let caught: unknown;
    try {
      yamlToJson('ok: 1\nbad: [1\nb: 2\n');
    } catch (error) {
      caught = error;
    }
    expect(Problem.is(caught) && caught.kind).toBe('invalid');
    expect(String(caught)).toMatch(/yaml: line [234]: /);
  });

  it('refuses aliases that multiply', () => {
    const levels = Array.from({ length: 9 }, (_, i) => `l${i + 1}: &l${i + 1} [${Array(9).fill(`*l${i}`).join(',')}]`);
    expect(() => yamlToJson(`l0: &l0 x\n${levels.join('\n')}\n`)).toThrow('too large');
  });

  it('reads any JSON as JSON', () => {
    assert(
      property(json({ noUnicodeString: false, maxDepth: 4 }), (source) => {
        const plain: unknown = JSON.parse(source, (_key, value: unknown) => (Object.is(value, -0) ? 0 : value));
        expect(readYaml(source)).toEqual(plain);
      }),
      { numRuns: 100 },
    );
  });
});
