import { driverKind } from '../../src/engine/drivers/registry.ts';
import { openEngine } from '../../src/engine/engine.ts';
import { volumeRequest } from './lab.ts';
import { openTestStore } from './sqlite-store.ts';

/**
 * A process of its own that creates many volumes at once: `node creating-process.ts STATE_DIRECTORY PREFIX COUNT`. Ends with
 * status 0 when all are there.
 */
const [directory = '', prefix = '', count = '0'] = process.argv.slice(2);

await using store = await openTestStore(directory);
await using engine = await openEngine({ store, driverKind, context: 'csi', version: '26.06.0', hostName: 'creating' });
const options = { signal: AbortSignal.timeout(60_000) };
await Promise.all(
  Array.from({ length: Number(count) }, (_, number) =>
    engine.orchestrator.volumes.create(volumeRequest(`${prefix}${number}`), options),
  ),
);
