import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { locate, parseLine } from './argv.ts';
import type { Flags } from './command.ts';
import { globalFlags } from './global-flags.ts';
import { commandTree } from './tree.ts';

const flags: Flags = {
  ...globalFlags,
  all: { kind: 'boolean', short: 'a', summary: '' },
  filename: { kind: 'string', short: 'f', summary: '' },
};
const wordsOf = (line: readonly string[]) =>
  locate(commandTree, line, globalFlags)
    .path.slice(1)
    .map((node) => node.name);

describe('locate', () => {
  it.each([
    [
      ['get', 'backend'],
      ['get', 'backend'],
    ],
    [
      ['get', 'b'],
      ['get', 'backend'],
    ],
    [
      ['get', 'sc', 'gold'],
      ['get', 'storageclass'],
    ],
    [
      ['-o', 'json', 'get', 'vpub'],
      ['get', 'publication'],
    ],
    [
      ['--server=127.0.0.1:8000', 'get', '-d', 'volumes'],
      ['get', 'volume'],
    ],
    [
      ['update', 'b', 's', 'nas1'],
      ['update', 'backend', 'state'],
    ],
    [
      ['update', 'backend', 'nas1'],
      ['update', 'backend'],
    ],
    [
      ['-f', 'get', 'create', 'backend'],
      ['create', 'backend'],
    ],
    [
      ['-do', 'json', 'get', 'backend'],
      ['get', 'backend'],
    ],
    [
      ['-dojson', 'get', 'backend'],
      ['get', 'backend'],
    ],
    [['get', '--', 'backend'], ['get']],
    [['nonsense', 'get'], []],
  ])('%j is %j', (line, expected) => expect(wordsOf(line)).toEqual(expected));
});

describe('parseLine', () => {
  const given = (...line: string[]) => parseLine(line, flags);

  it.each([
    [['--output', 'json'], 'json'],
    [['--output=json'], 'json'],
    [['-o', 'json'], 'json'],
    [['-o=json'], 'json'],
    [['-ojson'], 'json'],
    [['-o='], '='],
    [['-o', '-1'], '-1'],
    [['--output='], ''],
  ])('%j sets the output', (line, value) => expect(given(...line).flags).toEqual([{ name: 'output', value }]));

  it('reads groups of short flags, the last of which takes a value', () =>
    expect(given('-dafx').flags).toEqual([
      { name: 'debug', value: 'true' },
      { name: 'all', value: 'true' },
      { name: 'filename', value: 'x' },
    ]));

  it('gives booleans a value after = only', () => {
    expect(given('--all=false', 'x').flags).toEqual([{ name: 'all', value: 'false' }]);
    expect(given('--all', 'false').words).toEqual(['false']);
    expect(given('-a=f').flags).toEqual([{ name: 'all', value: 'f' }]);
  });

  it('takes everything after -- and a lone - for words', () =>
    expect(given('a', '-', '--', '--all', '-x')).toEqual({ flags: [], words: ['a', '-', '--all', '-x'] }));

  it.each([
    [['--nope'], 'unknown flag: --nope', undefined],
    [['--ouput'], 'unknown flag: --ouput', 'did you mean --output?'],
    [['-dx'], "unknown shorthand flag: 'x' in -dx", undefined],
    [['--server'], 'flag needs an argument: --server', undefined],
    [['-do'], "flag needs an argument: 'o' in -do", undefined],
    [['--=x'], 'bad flag syntax: --=x', undefined],
    [['---all'], 'bad flag syntax: ---all', undefined],
  ])('refuses %j', (line, message, hint) =>
    expect(() => given(...line)).toThrow(expect.objectContaining({ message, hint, kind: 'usage' })),
  );

  it('keeps every value and word whatever its form', () =>
    fc.assert(
      fc.property(fc.array(fc.string()), fc.string(), (words, value) => {
        const parsed = given(`--filename=${value}`, '-f', value, '--', ...words);
        expect(parsed).toEqual({
          flags: [
            { name: 'filename', value },
            { name: 'filename', value },
          ],
          words,
        });
      }),
    ));
});
