import type { Driver } from '../../src/engine/drivers/driver.ts';
import type { VolumeHandle } from '../../src/engine/drivers/objects.ts';
import { emptyVolumeConfig } from '../../src/engine/orchestrator/model.ts';
import type { NodeRecord, VolumeConfig } from '../../src/engine/orchestrator/model.ts';
import type { DriverUnderTest } from '../conformance/driver-bench.ts';
import { Bench, journalled, node, signal } from '../conformance/driver-bench.ts';
import { at, connectOntapSession, type OntapSession } from './ontap-session.ts';

/**
 * For cases in which what a stock driver made is found, used and cleaned up by ours, and what ours made by stock's: the one
 * begins, by the requests that it sends, and the other goes on. A volume of stock's is known by its record alone.
 */

export const GIB = 2 ** 30;
/** The policy that stock kept for a whole backend; the UUID is the bench's. */
export const backendPolicy = 'trident-11111111-2222-3333-4444-555555555555';
export const [n1, n2] = [node('n1', '10.0.0.1'), node('n2', '10.0.0.2')];

/** A driver of ours and a client of stock's on one array. */
export const side = async <Stock>(
  under: DriverUnderTest,
  stockOn: (session: OntapSession, svm: string, prefix: string) => Stock,
  act: (bench: Bench, stock: Stock, session: OntapSession) => Promise<void>,
): Promise<void> => {
  await using bench = await Bench.open(under);
  const session = connectOntapSession(bench.array);
  try {
    const [svm] = await session.list('/svm/svms?name=svm0');
    await act(bench, stockOn(session, String(at(svm, 'uuid')), 'trident_'), session);
  } finally {
    await session.disconnect();
  }
};

/** A volume as stock's record tells of it. */
export const recorded = (internalName: string, more: Partial<VolumeConfig> = {}): VolumeHandle => ({
  config: {
    ...emptyVolumeConfig,
    name: internalName.replace('trident_', '').replaceAll('_', '-'),
    internalName,
    size: GIB,
    accessInformation: { nfsServerIp: '10.0.0.5', nfsPath: `/${internalName}` },
    ...more,
  },
  ref: {},
});

export const shutOut = async (
  driver: Driver,
  volume: VolumeHandle,
  from: NodeRecord,
  remaining: readonly NodeRecord[],
) => {
  const done = await driver.unpublish({ volume, node: from, remaining }, signal());
  return journalled({ config: { ...volume.config, ...done.config }, ref: done.ref });
};

export const policyOf = async (bench: Bench, volume: string): Promise<unknown> =>
  at(
    (await bench.list(`/storage/volumes?name=${volume}&fields=nas.export_policy.name`))[0],
    'nas',
    'export_policy',
    'name',
  );
