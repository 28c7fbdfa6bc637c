import * as v from 'valibot';
import type { JsonObject } from '../../../json.ts';

const refSchema = v.object({
  namespace: v.object({
    uuid: v.string(),
    /** Path `/vol/<volume>/<namespace>`, or the simple name of a unit. */
    name: v.string(),
  }),
});
/** What a handle knows about its namespace. */
export type NamespaceRef = v.InferOutput<typeof refSchema>['namespace'];

/** The namespace in a handle's ref; undefined for volumes that another Trident made. */
export const namespaceRef = (ref: unknown): NamespaceRef | undefined => {
  const result = v.safeParse(refSchema, ref);
  return result.success ? result.output.namespace : undefined;
};

export const refOfNamespace = ({ uuid, name }: NamespaceRef): JsonObject => ({ namespace: { uuid, name } });

/** Path of the namespace in a FlexVol of its own. */
export const namespacePath = (volume: string): string => `/vol/${volume}/namespace0`;
