import { describe, expect, it } from 'vitest';
import { Problem } from '../engine/problem.ts';
import { parseDocument } from './document.ts';

const refusal = (path: readonly (string | number)[]) =>
  new Problem('test.key', 'invalid', 'defaults: unknown key snapshotdir', { path, hint: 'did you mean snapshotDir?' });

describe('parseDocument', () => {
  it.each([
    ['a tab', 'version: 1\ndefaults:\n\tsize: 1Gi\n', /^backend\.yaml:3:1: yaml: line 3: /],
    ['an open bracket', 'a: [1\nb: 2\n', /^backend\.yaml:2:\d+: yaml: line 2: /],
  ])('says where %s is', (_what, text, message) => expect(() => parseDocument('backend.yaml', text)).toThrow(message));

  it('explains tabs', () =>
    expect(() => parseDocument('backend.yaml', 'a:\n\tb: 1\n')).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('tab') }),
    ));

  it('finds the line of the key that a problem names', async () => {
    const document = parseDocument(
      'backend.yaml',
      'version: 1\n\n# a comment\ndefaults:\n  size: 1Gi\n  snapshotdir: true\n',
    );
    await expect(document.explain(() => Promise.reject(refusal(['defaults', 'snapshotdir'])))).rejects.toMatchObject({
      message: 'backend.yaml:6: defaults: unknown key snapshotdir',
      hint: 'did you mean snapshotDir?',
    });
  });

  it('finds keys in lists and in JSON', async () => {
    const document = parseDocument('b.json', '{"storage": [\n {"labels": {}},\n {"labels": 7}\n]}');
    await expect(document.explain(() => Promise.reject(refusal(['storage', 1, 'labels'])))).rejects.toThrow(
      /^b\.json:3: /,
    );
  });

  it('leaves problems alone that are not about the document', async () => {
    const problem = new Problem('x', 'unavailable', 'no array there');
    await expect(parseDocument('b', 'a: 1').explain(() => Promise.reject(problem))).rejects.toBe(problem);
  });
});
