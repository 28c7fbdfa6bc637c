import * as v from 'valibot';
import { parseJson } from '../../client/wire/json-text.ts';
import { messageOf, Problem } from '../problem.ts';
import { validate } from '../validation.ts';

/** What an import takes from a PersistentVolumeClaim. */
interface VolumeClaim {
  readonly name: string;
  readonly namespace: string;
  readonly storageClass: string;
  /** Empty when the claim asks for no size. */
  readonly size: string;
  readonly accessMode: string;
  readonly volumeMode: string;
}

const claimSchema = v.object({
  metadata: v.optional(v.object({ name: v.optional(v.string(), ''), namespace: v.optional(v.string(), '') }), {}),
  spec: v.optional(
    v.object({
      storageClassName: v.optional(v.string(), ''),
      accessModes: v.optional(v.array(v.string()), []),
      volumeMode: v.optional(v.string(), 'Filesystem'),
      resources: v.optional(
        v.object({
          requests: v.optional(v.object({ storage: v.optional(v.union([v.string(), v.number()]), '') }), {}),
        }),
        {},
      ),
    }),
    {},
  ),
});

const decodeBase64 = (data: string): string => {
  const bad = data.replace(/[\r\n]/g, '').search(/[^A-Za-z0-9+/=]/);
  const length = data.replace(/[\r\n]/g, '').length;
  if (bad >= 0 || length % 4 !== 0)
    throw new Problem(
      'import.claim',
      'invalid',
      `the pvcData field does not contain valid base64-encoded data: illegal base64 data at input byte ${bad >= 0 ? bad : length - (length % 4)}`,
      { path: ['pvcData'], nothingDone: true },
    );
  return Buffer.from(data, 'base64').toString('utf8');
};

/**
 * Reads the claim an import carries: base64 of JSON.
 * @throws Problem of kind `invalid` whose text says what is wrong with it
 */
export const readClaim = (pvcData: string): VolumeClaim => {
  const text = decodeBase64(pvcData);
  let document: unknown;
  try {
    document = parseJson(text);
  } catch (error) {
    throw new Problem('import.claim', 'invalid', `could not parse JSON PVC: ${messageOf(error)}`, {
      cause: error,
      path: ['pvcData'],
      nothingDone: true,
    });
  }
  const { metadata, spec } = validate(claimSchema, document, { code: 'import.claim', what: 'persistent volume claim' });
  return {
    name: metadata.name,
    namespace: metadata.namespace,
    storageClass: spec.storageClassName,
    size: String(spec.resources.requests.storage),
    accessMode: spec.accessModes[0] ?? '',
    volumeMode: spec.volumeMode,
  };
};
