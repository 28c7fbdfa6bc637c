import { list, map, nullable, object, optional, request, text, type ObjectOf } from './codec.ts';

const pools = optional(map(list(text)));
const configFields = {
  version: text,
  name: text,
  /** Sent as `{}` when given empty, absent when not given. */
  attributes: optional(nullable(map(text))),
  storagePools: pools,
  additionalStoragePools: pools,
  excludeStoragePools: pools,
  autogrowPolicy: optional(text),
} as const;
export const storageClassConfig = object('storageclass.Config', configFields);
/** `requiredStorage` is the old name of `additionalStoragePools`. */
export const storageClassRequest = request('storageclass.Config', {
  ...configFields,
  requiredStorage: map(list(text)),
});

const externalFields = { Config: storageClassConfig, storage: nullable(map(nullable(list(text)))) } as const;
export const storageClassExternal = object('storageclass.External', externalFields);
export type StorageClassExternal = ObjectOf<typeof externalFields>;
export type StorageClassRequest = ReturnType<typeof storageClassRequest.parse>;
