import * as v from 'valibot';
import { expect } from 'vitest';
import type { AccessExpectation, Published, VolumeHandle } from '../../src/engine/drivers/objects.ts';
import type { NodeRecord, VolumeConfig } from '../../src/engine/orchestrator/model.ts';
import type { Bench } from './driver-bench.ts';
import { applyAll, journalled, signal } from './driver-bench.ts';
import { madeByStock } from './stock-device.ts';

/** What cases about NVMe look at and prepare, past the driver. */

export const installation = '99999999-2222-3333-4444-555555555555';
export const sharedName = (number: number): string => `trident_subsystem_${installation}_${number}`;

const subsystemSchema = v.object({
  uuid: v.string(),
  name: v.string(),
  comment: v.optional(v.string(), ''),
  hosts: v.optional(v.array(v.object({ nqn: v.string() })), []),
  subsystem_maps: v.optional(v.array(v.object({ namespace: v.object({ name: v.string() }) })), []),
});

/** Every subsystem: its name, who is let in (the last part of the NQN), and what is in it. */
export const subsystems = async (bench: Bench): Promise<readonly string[]> => {
  const fields = 'name,comment,hosts.nqn,subsystem_maps.namespace.name';
  const found = (await bench.list(`/protocols/nvme/subsystems?fields=${fields}&max_records=100`)).map((record) =>
    v.parse(subsystemSchema, record),
  );
  return found
    .map(({ name, hosts, subsystem_maps: maps }) => {
      const who = hosts.map(({ nqn }) => nqn.replace(/^.*:/, '')).toSorted();
      const what = maps.map(({ namespace }) => namespace.name.replace(/^\/vol\/([^/]+)\/namespace0$/, '$1')).toSorted();
      return `${name.replace(installation, '*')}: ${who.join(' ')} > ${what.join(' ')}`;
    })
    .toSorted();
};

export const makeSubsystem = async (
  bench: Bench,
  name: string,
  more: { readonly comment?: string; readonly hosts?: readonly string[] } = {},
): Promise<string> => {
  const reply = await bench.array.call('POST', '/protocols/nvme/subsystems?return_records=true', {
    name,
    svm: { name: 'svm0' },
    os_type: 'linux',
    comment: more.comment ?? '',
    hosts: (more.hosts ?? []).map((host) => ({ nqn: `nqn.2014-08.org.nvmexpress:uuid:${host}` })),
  });
  expect(reply.status).toBe(201);
  return v.parse(v.object({ records: v.tuple([v.object({ uuid: v.string() })]) }), reply.body).records[0].uuid;
};

export const mapNamespace = async (bench: Bench, namespace: string, subsystem: string): Promise<void> => {
  const body = { svm: { name: 'svm0' }, namespace: { name: namespace }, subsystem: { name: subsystem } };
  expect((await bench.array.call('POST', '/protocols/nvme/subsystem-maps', body)).status).toBe(201);
};

export const namespaceOf = ({ config }: VolumeHandle): string => `/vol/${config.internalName}/namespace0`;

export const publishTo = async (
  bench: Bench,
  volume: VolumeHandle,
  to: NodeRecord,
  accessMode: number,
): Promise<VolumeHandle> =>
  withPublished(
    volume,
    await bench.driver.publish({ volume, node: to, nodes: [to], readOnly: false, accessMode }, signal()),
  );

export const unpublishFrom = async (
  bench: Bench,
  volume: VolumeHandle,
  from: NodeRecord,
  remaining: readonly NodeRecord[],
): Promise<VolumeHandle> =>
  withPublished(volume, await bench.driver.unpublish({ volume, node: from, remaining }, signal()));

const withPublished = (volume: VolumeHandle, done: Published): VolumeHandle =>
  journalled({
    config: { ...volume.config, ...done.config, accessInformation: done.accessInformation },
    ref: done.ref,
  });

export const byStock = (bench: Bench, more: Partial<VolumeConfig> = {}): Promise<VolumeHandle> =>
  madeByStock(
    bench,
    '/storage/namespaces',
    {
      name: 'namespace0',
      space: { size: 2 ** 30, block_size: 4096 },
      comment: '{"nsAttribute":{"LUKS":"false","com.netapp.ndvp.fstype":"xfs","driverContext":"csi"}}',
    },
    more,
  );

/** Repairs access, and says what was done, each with its kind. */
export const repair = async (
  bench: Bench,
  expected: readonly (readonly [VolumeHandle, readonly NodeRecord[]])[],
): Promise<readonly string[]> => {
  const expectations: AccessExpectation[] = expected.map(([volume, nodes]) => ({ volume, nodes }));
  const nodes = expected.flatMap(([, each]) => each);
  const changes = await bench.driver.planAccess(expectations, nodes, signal());
  await applyAll(changes);
  return changes.map(({ kind, text }) => `${kind}: ${text}`);
};
