import type { ChapCredentials } from '../drivers/driver.ts';
import { Problem } from '../problem.ts';
import type { Core } from './core.ts';
import { getBackend, getVolume } from './records.ts';

/**
 * What a node logs in with that a volume is published to, with its secrets (AUX-2). They come from the configuration of the
 * backend, so that nothing is asked of the array. Undefined: it needs no credentials.
 * @throws Problem `volume.unsupported` when no volume of the backend could need any
 */
export const readChap = async (core: Core, name: string): Promise<ChapCredentials | undefined> => {
  const { backendUUID } = (await getVolume(core.store, name, (volume) => `volume ${volume} was not found`)).value;
  const backend = await getBackend(core.store, backendUUID);
  return core.drivers.use(backend, (driver) => {
    if (driver.manifest.chap) return driver.chap?.();
    const text = `retrieving chap credentials is not supported on backends of type ${backend.value.driver}`;
    throw new Problem('volume.unsupported', 'unsupported', text, { nothingDone: true });
  });
};
