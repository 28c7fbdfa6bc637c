import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { displayWidth } from './display-width.ts';
import { headerText, renderTable } from './table.ts';

describe('headerText', () => {
  it.each([
    ['Name', 'NAME'],
    ['Storage Driver', 'STORAGE DRIVER'],
    ['User-State', 'USER - STATE'],
    ['IPs', 'I PS'],
    ['ReadOnly', 'READ ONLY'],
    ['GroupSnapshot', 'GROUP SNAPSHOT'],
    ['UUID', 'UUID'],
    ['Client API Version', 'CLIENT API VERSION'],
  ])('%s is %s', (title, text) => expect(headerText(title)).toBe(text));
});

const wide = { width: undefined };

describe('renderTable', () => {
  it('draws a frame, centred heads, and cells to the left', () =>
    expect(
      renderTable(
        ['Name', 'IPs'],
        [
          ['node1', '10.0.0.1\n10.0.0.2'],
          ['höhe-日本', ''],
        ],
        wide,
      ),
    ).toBe(
      [
        '┌───────────┬──────────┐',
        '│   NAME    │   I PS   │',
        '├───────────┼──────────┤',
        '│ node1     │ 10.0.0.1 │',
        '│           │ 10.0.0.2 │',
        '│ höhe-日本 │          │',
        '└───────────┴──────────┘',
        '',
      ].join('\n'),
    ));

  it('draws heads alone for an empty list', () =>
    expect(renderTable(['Name'], [], wide)).toBe('┌──────┐\n│ NAME │\n└──────┘\n'));

  it('sends no control characters to the terminal', () =>
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (cells) => {
        const table = renderTable(
          ['Name'],
          cells.map((cell) => [cell]),
          wide,
        );
        expect(table.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
      }),
    ));

  it('keeps all lines equally wide, and within the terminal where that is possible', () =>
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.string({ maxLength: 60 })), {
          maxLength: 5,
        }),
        fc.integer({ min: 30, max: 120 }),
        (rows, width) => {
          const lines = renderTable(['Name', 'Storage Class'], rows, { width }).trimEnd().split('\n');
          const widths = new Set(lines.map(displayWidth));
          expect(widths.size).toBe(1);
          expect(Math.max(...widths)).toBeLessThanOrEqual(width);
        },
      ),
    ));

  it('folds heads that are wider than what is below them before it folds that', () => {
    const titles = ['Name', 'Storage Driver', 'UUID', 'State', 'User-State', 'Volumes'];
    const row = ['nas', 'ontap-nas', '883ca57e-7357-40b9-939a-4ce0a2a47417', 'online', 'normal', '2'];
    expect(renderTable(titles, [row], { width: 92 })).toBe(
      [
        '┌──────┬────────────────┬──────────────────────────────────────┬────────┬────────┬─────────┐',
        '│ NAME │ STORAGE DRIVER │                 UUID                 │ STATE  │ USER - │ VOLUMES │',
        '│      │                │                                      │        │ STATE  │         │',
        '├──────┼────────────────┼──────────────────────────────────────┼────────┼────────┼─────────┤',
        '│ nas  │ ontap-nas      │ 883ca57e-7357-40b9-939a-4ce0a2a47417 │ online │ normal │ 2       │',
        '└──────┴────────────────┴──────────────────────────────────────┴────────┴────────┴─────────┘',
        '',
      ].join('\n'),
    );
    const narrower = renderTable(titles, [row], { width: 80 }).split('\n');
    expect(narrower.find((line) => line.includes('ontap-nas'))).toMatch(/│ 883ca57e-7357-40b9-939a- +│/);
  });

  it('folds nothing where that would not make it fit', () => {
    const titles = Array.from({ length: 10 }, (_, index) => `Column ${index}`);
    const row = titles.map((title) => `${title} with a long text`);
    expect(renderTable(titles, [row], { width: 40 })).toBe(renderTable(titles, [row], wide));
  });

  it('loses nothing when it wraps', () => {
    const name = 'pvc-3f1c7a52-6f0e-4f57-9b7b-0d5c0b1c2a11';
    const table = renderTable(['Name', 'UUID'], [[name, name]], { width: 40 });
    const column = (index: number) =>
      table
        .split('\n')
        .filter((line) => line.startsWith('│'))
        .slice(1)
        .map((line) => line.split('│')[index]?.trim())
        .join('');
    expect([column(1), column(2)]).toEqual([name, name]);
  });
});
