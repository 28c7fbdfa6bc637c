import * as v from 'valibot';
import type { VolumeConfig } from '../../../orchestrator/model.ts';
import { Problem } from '../../../problem.ts';
import type { DriverContext } from '../../driver.ts';
import { longestUnitComment } from '../labels.ts';

/** What every Trident keeps in the comment of a namespace, which has no attributes (ontap-drivers.md 13.1, 14). */
const key = {
  fileSystem: 'com.netapp.ndvp.fstype',
  luks: 'LUKS',
  context: 'driverContext',
  formatOptions: 'formatOptions',
  labels: 'nsLabels',
} as const;

const commentSchema = v.object({ nsAttribute: v.record(v.string(), v.string()) });

/**
 * The comment of a new namespace: `{"nsAttribute":{…}}`.
 * @param labels the pool's labels as JSON where there is no volume whose comment could carry them; else empty
 * @throws Problem `namespace.comment-too-long`
 */
export const namespaceComment = (config: VolumeConfig, context: DriverContext, labels: string): string => {
  const attributes = {
    [key.luks]: config.LUKSEncryption,
    [key.fileSystem]: config.fileSystem,
    [key.context]: context,
    ...(config.formatOptions === '' ? {} : { [key.formatOptions]: config.formatOptions }),
    ...(labels === '' ? {} : { [key.labels]: labels }),
  };
  const comment = JSON.stringify({ nsAttribute: attributes });
  if (comment.length <= longestUnitComment) return comment;
  throw new Problem(
    'namespace.comment-too-long',
    'limit',
    `file system, format options${labels === '' ? '' : ' and labels'} of volume ${config.name} make a namespace comment of ${comment.length} characters, ${longestUnitComment} are allowed`,
    { hint: 'shorten formatOptions or the labels of the pool', nothingDone: true },
  );
};

/** What a namespace's comment tells of its volume. */
export interface NamespaceFacts {
  readonly fileSystem: string;
  readonly LUKSEncryption: string;
  readonly formatOptions: string;
}

/** Undefined for comments that no Trident wrote. */
export const readNamespaceComment = (comment: string): NamespaceFacts | undefined => {
  const result = v.safeParse(commentSchema, parsed(comment));
  if (!result.success) return undefined;
  const { nsAttribute: found } = result.output;
  return {
    fileSystem: found[key.fileSystem] ?? '',
    LUKSEncryption: found[key.luks] ?? '',
    formatOptions: found[key.formatOptions] ?? '',
  };
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
