import type { OntapBackend } from '../backend.ts';
import { ontapCode } from '../client/codes.ts';
import { DeviceRemover } from './device-removal.ts';
import type { DeviceRelease } from './device-removal.ts';
import type { Luns } from './luns.ts';

/** See `DeviceRelease`. @throws Problem `lun.mapped` when somebody else uses the LUN */
export type LunRelease = DeviceRelease;

/** Deletes LUNs that are no part of a volume of their own. */
export class LunRemover extends DeviceRemover {
  constructor(backend: OntapBackend, luns: Luns, release: LunRelease) {
    const isThere = async (uuid: string, signal: AbortSignal) =>
      (await luns.findByUuid(uuid, 'name', signal)) !== undefined;
    super(backend, { noun: 'LUN', path: '/storage/luns', mappedCode: ontapCode.lunMapped, isThere }, release);
  }
}
