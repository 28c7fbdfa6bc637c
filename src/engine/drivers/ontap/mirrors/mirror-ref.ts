import * as v from 'valibot';
import type { JsonObject } from '../../../json.ts';
import { Problem } from '../../../problem.ts';

const refSchema = v.object({ mirror: v.object({ uuid: v.string(), remote: v.string() }) });
/** What a volume's handle says of its mirror: the relationship on the array, empty after a promotion, and the other side. */
export type MirrorRef = v.InferOutput<typeof refSchema>['mirror'];

export const mirrorRef = (ref: JsonObject): MirrorRef | undefined => {
  const result = v.safeParse(refSchema, ref);
  return result.success ? result.output.mirror : undefined;
};

export const withMirrorRef = (ref: JsonObject, { uuid, remote }: MirrorRef): JsonObject => ({
  ...ref,
  mirror: { uuid, remote },
});

const handlePattern = /^([^\s:/]+):([A-Za-z_]\w*)$/;

/**
 * SVM and volume of a handle `svm:volume`.
 * @throws Problem `mirror.handle` (kind `invalid`)
 */
export const parseHandle = (handle: string): { readonly svm: string; readonly volume: string } => {
  const [, svm, volume] = handlePattern.exec(handle) ?? [];
  if (svm !== undefined && volume !== undefined) return { svm, volume };
  throw new Problem('mirror.handle', 'invalid', `${JSON.stringify(handle)} is not of the form svm:volume`, {
    hint: 'it names the SVM of the other side and the volume on it',
    nothingDone: true,
  });
};
