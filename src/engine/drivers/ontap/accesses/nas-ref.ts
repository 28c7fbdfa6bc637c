import * as v from 'valibot';
import type { JsonObject } from '../../../json.ts';
import type { VolumeHandle } from '../../objects.ts';

const refSchema = v.object({
  nas: v.object({
    /** Junction path at which nodes mount. */
    path: v.string(),
    /** Export policy we last assigned. */
    exportPolicy: v.string(),
    /** Addresses we let in, by node. */
    grants: v.record(v.string(), v.array(v.string())),
  }),
});
/** What file access keeps in a volume's handle. */
export type NasRef = v.InferOutput<typeof refSchema>['nas'];

/** False for volumes of another Trident, of which we do not know whom we let in. */
export const hasNasRef = (volume: VolumeHandle): boolean => v.is(refSchema, volume.ref);

/** The access's part of a handle; for volumes of another Trident, what their configuration says. */
export const nasRef = (volume: VolumeHandle): NasRef => {
  const result = v.safeParse(refSchema, volume.ref);
  if (result.success) return result.output.nas;
  const path = volume.config.accessInformation.nfsPath ?? `/${volume.config.internalName}`;
  return { path, exportPolicy: volume.config.exportPolicy, grants: {} };
};

export const withNasRef = (ref: JsonObject, { path, exportPolicy, grants }: NasRef): JsonObject => ({
  ...ref,
  nas: { path, exportPolicy, grants },
});

const withGrants = (ref: JsonObject, edit: (grants: NasRef['grants']) => NasRef['grants']): JsonObject => {
  const result = v.safeParse(refSchema, ref);
  // Of volumes of another Trident nothing is known, and a part of it would be worse.
  return result.success ? withNasRef(ref, { ...result.output.nas, grants: edit(result.output.nas.grants) }) : ref;
};

/** A handle that knows that a node was let in by these addresses, too. */
export const withGranted = (ref: JsonObject, node: string, addresses: readonly string[]): JsonObject =>
  withGrants(ref, (grants) => ({ ...grants, [node]: [...new Set([...(grants[node] ?? []), ...addresses])] }));

/** A handle that knows that nobody is let in by these addresses any more. */
export const withRevoked = (ref: JsonObject, addresses: readonly string[]): JsonObject =>
  withGrants(ref, (grants) =>
    Object.fromEntries(
      Object.entries(grants).map(([node, granted]) => [
        node,
        granted.filter((address) => !addresses.includes(address)),
      ]),
    ),
  );
