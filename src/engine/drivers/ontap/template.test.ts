import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Problem } from '../../problem.ts';
import { checkTemplate, renderTemplate } from './template.ts';

const data = { volume: { Name: 'pvc-1234', Size: 5 }, labels: { tier: 'gold' }, config: { BackendName: 'a & b' } };

test.each([
  ['plain', 'plain'],
  ['{{.volume.Name}}', 'pvc-1234'],
  ['{{ slice .volume.Name 4 }}', '1234'],
  ['{{slice .volume.Name 0 3}}x', 'pvcx'],
  ['a {{- .volume.Name -}} b', 'apvc-1234b'],
  ['{{.labels.missing}}|', '|'],
  ['{{index .labels "tier"}}', 'gold'],
  ['{{.config.BackendName}}', 'a &amp; b'],
  ['{{printf "%s-%d" .volume.Name .volume.Size}}', 'pvc-1234-5'],
  ['{{.volume.Name | printf "%s!" }}', 'pvc-1234!'],
  ['{{len .volume.Name}}', '8'],
  ['{{if eq .labels.tier "gold"}}g{{else}}s{{end}}', 'g'],
  ['{{if .labels.missing}}g{{else}}s{{end}}', 's'],
  ['{{if (ne .labels.tier "gold")}}g{{end}}', ''],
  ['{{/* a comment */}}x', 'x'],
  ['{{print "a" `b` 3 true}}', 'ab3true'],
])('%s gives %s', (template, expected) => {
  expect(renderTemplate(template, data)).toBe(expected);
});

test.each([
  '{{',
  '{{.volume.Nope}}',
  '{{.volume}}',
  '{{range .labels}}x{{end}}',
  '{{if .labels.tier}}',
  '{{end}}',
  '{{}}',
  '{{"a" "b"}}',
  '{{slice .volume.Name 4 99}}',
  '{{$x := 1}}',
  '{{constructor}}',
  '{{.volume.__proto__}}',
])('%s is refused', (template) => {
  expect(() => renderTemplate(template, data)).toThrow(Problem);
});

test('any text either renders or is a Problem', () => {
  const piece = fc.constantFrom(
    '{{',
    '}}',
    ' ',
    '|',
    '(',
    ')',
    '.volume.Name',
    'slice',
    'if',
    'else',
    'end',
    '"x"',
    '1',
    'a',
    '-',
  );
  const rendersOrIsProblem = (template: string): boolean => {
    try {
      renderTemplate(template, data);
      return true;
    } catch (error) {
      return Problem.is(error);
    }
  };
  fc.assert(fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => rendersOrIsProblem(pieces.join(''))));
});

test('the form is checked without values', () => {
  checkTemplate('{{.volume.Whatever}}');
  expect(() => checkTemplate('{{if .a}}')).toThrow('{{if}} without {{end}}');
});
