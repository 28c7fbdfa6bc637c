import * as v from 'valibot';
import { expect } from 'vitest';
import type { VolumeHandle } from '../../src/engine/drivers/objects.ts';
import { Bench, node } from './driver-bench.ts';

/** What tests of LUNs look at on the array, and put there. */

export const installation = '99999999-2222-3333-4444-555555555555';

export const [n1, n2] = [node('n1', '10.0.0.1'), node('n2', '10.0.0.2')];

export const requestFor = (volume: VolumeHandle, to = n1, nodes = [to]) => ({
  volume,
  node: to,
  nodes,
  readOnly: false,
  accessMode: 1,
});

export const igroups = async (bench: Bench): Promise<readonly string[]> =>
  (await bench.list('/protocols/san/igroups?fields=name')).map(({ name }) => String(name)).toSorted();

export const mapped = async (bench: Bench): Promise<readonly string[]> => {
  const schema = v.object({ lun: v.object({ name: v.string() }), igroup: v.object({ name: v.string() }) });
  const found = await bench.list('/protocols/san/lun-maps?fields=lun.name,igroup.name');
  return found
    .map((map) => v.parse(schema, map))
    .map(({ lun, igroup }) => `${lun.name} ${igroup.name}`)
    .toSorted();
};

export const makeIgroup = async (bench: Bench, name: string, initiators: readonly string[], protocol = 'iscsi') => {
  const body = { name, svm: { name: 'svm0' }, os_type: 'linux', protocol };
  const reply = await bench.array.call('POST', '/protocols/san/igroups', {
    ...body,
    ...(initiators.length === 0 ? {} : { initiators: initiators.map((initiator) => ({ name: initiator })) }),
  });
  expect(reply.status).toBe(201);
};

export const mapLun = async (bench: Bench, lun: string, igroup: string) => {
  const body = { svm: { name: 'svm0' }, lun: { name: lun }, igroup: { name: igroup } };
  expect((await bench.array.call('POST', '/protocols/san/lun-maps', body)).status).toBe(201);
};
