import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { emptyVolumeConfig } from '../../../orchestrator/model.ts';
import { longestUnitComment } from '../labels.ts';
import { namespaceComment, readNamespaceComment } from './namespace-comment.ts';

test('tells what it was told, or is refused', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('ext4', 'xfs', 'raw'),
      fc.constantFrom('true', 'false'),
      fc.string({ maxLength: 200 }),
      fc.string({ maxLength: 200 }),
      (fileSystem, LUKSEncryption, formatOptions, labels) => {
        const config = { ...emptyVolumeConfig, name: 'v1', fileSystem, LUKSEncryption, formatOptions };
        const make = () => namespaceComment(config, 'csi', labels);
        if (JSON.stringify(formatOptions).length + JSON.stringify(labels).length > longestUnitComment) {
          expect(make).toThrow(expect.objectContaining({ code: 'namespace.comment-too-long', kind: 'limit' }));
          return;
        }
        try {
          const comment = make();
          expect(comment.length).toBeLessThanOrEqual(longestUnitComment);
          expect(readNamespaceComment(comment)).toEqual({ fileSystem, LUKSEncryption, formatOptions });
        } catch (error) {
          expect(error).toMatchObject({ code: 'namespace.comment-too-long' });
        }
      },
    ),
  );
});

test.each(['', 'ours', '[]', 'null', '{"nsAttribute":3}', '{"nsAttribute":{"LUKS":1}}'])(
  'a comment that no Trident wrote tells nothing: %s',
  (comment) => expect(readNamespaceComment(comment)).toBeUndefined(),
);

test('what is missing in a comment is not known', () => {
  expect(readNamespaceComment('{"nsAttribute":{"com.netapp.ndvp.fstype":"ext3"}}')).toEqual({
    fileSystem: 'ext3',
    LUKSEncryption: '',
    formatOptions: '',
  });
});
