import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSimulator } from '../src/simulator/simulator.ts';
import type { Simulator } from '../src/simulator/contract.ts';
import { installationIn } from './support/installation.ts';
import { nasBackendFile } from './support/nas-backend.ts';

/** NVMe volumes on several nodes, from the command line to the array. */

const folder = await mkdtemp(join(tmpdir(), 'nvme-'));
let simulator: Simulator;

beforeAll(async () => {
  simulator = await startSimulator({});
});
afterAll(async () => {
  await simulator.stop();
  await rm(folder, { recursive: true, force: true });
});

const { run, must } = installationIn(folder, 'state');

const schema = v.object({
  records: v.array(
    v.object({
      name: v.string(),
      hosts: v.optional(v.array(v.object({ nqn: v.string() })), []),
      subsystem_maps: v.optional(v.array(v.object({ namespace: v.object({ name: v.string() }) })), []),
    }),
  ),
});
/** Each subsystem without the installation's UUID, with the nodes it lets in and the volumes in it. */
const subsystems = async () => {
  const fields = 'name,hosts.nqn,subsystem_maps.namespace.name';
  const { body } = await simulator.call('GET', `/protocols/nvme/subsystems?fields=${fields}`);
  return v
    .parse(schema, body)
    .records.map(({ name, hosts, subsystem_maps: maps }) => {
      const who = hosts.map(({ nqn }) => nqn.replace(/^.*:/, '')).toSorted();
      const what = maps.map(({ namespace }) => namespace.name.split('/')[2]).toSorted();
      return `${name.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/, '*')}: ${who.join(' ')} > ${what.join(' ')}`;
    })
    .toSorted();
};

describe('NVMe volumes', () => {
  it('of several nodes are in one subsystem, which a node leaves with the last of its volumes', async () => {
    const more = { storageDriverName: 'ontap-san', sanType: 'nvme', backendName: 'nvme1', autoExportPolicy: false };
    await must(`create backend -f ${nasBackendFile(folder, simulator, more)}`);
    await must('create storageclass any');
    for (const name of ['n1', 'n2'])
      await must(`create node ${name} --ip 10.0.0.1 --nqn nqn.2014-08.org.nvmexpress:uuid:${name}`);
    for (const name of ['r1', 'r2'])
      await must(
        `create volume ${name} --size 1Gi --storage-class any --volume-mode Block --access-mode ReadWriteMany`,
      );
    for (const line of ['r1 n1', 'r1 n2', 'r2 n1']) await must(`publish volume ${line}`);
    expect(await subsystems()).toEqual(['trident_subsystem_*_1: n1 n2 > trident_r1 trident_r2']);
    await must('unpublish volume r1 n1');
    expect(await subsystems()).toEqual(['trident_subsystem_*_1: n1 n2 > trident_r1 trident_r2']);
    await must('unpublish volume r2 n1');
    expect(await subsystems()).toEqual(['trident_subsystem_*_1: n2 > trident_r1']);
    await must('publish volume r2 n2');
    await must('unpublish volume r1 n2');
    await must('unpublish volume r2 n2');
    expect(await subsystems()).toEqual([]);
  });

  it('of one node go from node to node, and a second node does not see them', async () => {
    await must('create volume v1 --size 1Gi --storage-class any');
    await must('publish volume v1 n1');
    expect(await subsystems()).toEqual(['n1_*: n1 > trident_v1']);
    const refused = await run('publish volume v1 n2');
    expect(refused.exit).toBe(1);
    expect(refused.stderr).toContain('of another node');
    expect(await must('get publication')).not.toContain('n2');
    expect(await subsystems()).toEqual(['n1_*: n1 > trident_v1']);
    await must('unpublish volume v1 n1');
    await must('publish volume v1 n2');
    expect(await subsystems()).toEqual(['n2_*: n2 > trident_v1']);
    expect(await run('repair access --backend nvme1 -v')).toMatchObject({
      exit: 0,
      stderr: expect.stringContaining('note: access of backend nvme1 is in order\n'),
    });
    await must('unpublish volume v1 n2');
    await must('delete volume v1');
    expect(await subsystems()).toEqual([]);
  });
});
