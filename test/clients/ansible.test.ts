import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSimulator } from '../../src/simulator/simulator.ts';
import type { Simulator } from '../../src/simulator/contract.ts';
import { at } from '../support/ontap-session.ts';
import { clientTitle, openPythonClient } from '../support/python-client.ts';

/** NetApp's Ansible collection, at work on the simulator. The playbooks are in ansible/. */

// netapp.ontap 23.2.0 is part of it; its modules need requests beside them.
const found = await openPythonClient('ansible', ['ansible==12.3.0', 'requests==2.32.5'], '3.11');

const task = v.looseObject({
  changed: v.optional(v.boolean()),
  failed: v.optional(v.boolean()),
  msg: v.optional(v.unknown()),
});
const report = v.object({
  plays: v.array(
    v.object({
      tasks: v.array(v.object({ task: v.object({ name: v.string() }), hosts: v.record(v.string(), task) })),
    }),
  ),
});
type Task = v.InferOutput<typeof task>;
type Play = ReadonlyMap<string, Task>;

const playbooks = fileURLToPath(new URL('ansible/', import.meta.url));

describe.skipIf(found.client === undefined)(clientTitle('the netapp.ontap collection of Ansible', found), () => {
  let array: Simulator;
  let folder = '';

  beforeAll(async () => {
    array = await startSimulator({ seed: 4 });
    folder = await mkdtemp(join(tmpdir(), 'ansible-'));
    const { name, password } = array.user('admin');
    const login = {
      ansible_python_interpreter: found.client?.python,
      array_host: '127.0.0.1',
      array_port: array.port,
      array_user: name,
      array_password: password,
    };
    await writeFile(join(folder, 'login.json'), JSON.stringify(login), { mode: 0o600 });
  });
  afterAll(async () => {
    await array.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** Runs playbooks one after the other; the tasks of each by name. */
  const play = async (
    names: readonly string[],
    variables: Record<string, unknown> = {},
    more: readonly string[] = [],
  ): Promise<readonly Play[]> => {
    const python = found.client?.python ?? '';
    const login = `@${join(folder, 'login.json')}`;
    const words = [
      '-m',
      'ansible',
      'playbook',
      '-i',
      'localhost,',
      '-e',
      login,
      '-e',
      JSON.stringify(variables),
      ...more,
    ];
    const call = promisify(execFile)(python, words.concat(names.map((name) => join(playbooks, name))), {
      timeout: 280_000,
      maxBuffer: 2 ** 26,
      env: {
        PATH: `${dirname(python)}:${process.env['PATH'] ?? ''}`,
        HOME: folder,
        LANG: 'C.UTF-8',
        ANSIBLE_HOME: join(folder, 'home'),
        ANSIBLE_STDOUT_CALLBACK: 'ansible.posix.json',
        ANSIBLE_LOCALHOST_WARNING: 'False',
      },
    }).catch((error: unknown) => {
      // A failed task gives exit status 2 and a report all the same.
      if (error instanceof Error && 'stdout' in error) return { stdout: String(error.stdout), stderr: error.message };
      throw error;
    });
    const { stdout, stderr } = await call;
    // One report after each playbook; the last one holds all plays.
    const text = stdout.slice(stdout.lastIndexOf('\n{\n') + 1);
    if (!text.startsWith('{')) throw new Error(`Ansible gave no report: ${stdout}${stderr}`);
    return v
      .parse(report, JSON.parse(text))
      .plays.map(
        ({ tasks }) => new Map(tasks.map((each) => [each.task.name, each.hosts['localhost'] ?? { msg: undefined }])),
      );
  };
  const failures = (plays: readonly Play[]) =>
    plays.flatMap((each) => [...each].filter(([, { failed }]) => failed).map(([name, { msg }]) => [name, msg]));
  const changed = (one: Play | undefined) => [...(one ?? [])].filter((each) => each[1].changed).map(([name]) => name);

  it('makes everything once, and finds it as it wants it the second time', { timeout: 300_000 }, async () => {
    const plays = await play(['present.yml', 'present.yml']);
    expect(failures(plays)).toEqual([]);
    expect(changed(plays[0])).toEqual([...(plays[0]?.keys() ?? [])]);
    expect(changed(plays[1])).toEqual([]);
    expect(array.world.findVolume('ansible_volume')).toMatchObject({
      sizeBytes: 5 * 1024 ** 3,
      junctionPath: '/ansible_volume',
      exportPolicy: 'ansible_policy',
      comment: 'kept by a playbook',
    });
    array.world.verify();
  });

  it('changes what differs, and nothing else', { timeout: 300_000 }, async () => {
    const wanted = {
      rule_access: 'krb5',
      volume_gib: 6,
      volume_aggregate: 'aggr1_n2',
      quota_kib: 2_097_152,
      lun_mib: 512,
      second_initiator: 'iqn.1994-05.com.redhat:three',
    };
    const plays = await play(['present.yml'], wanted);
    expect(failures(plays)).toEqual([]);
    expect(changed(plays[0])).toEqual(['export rule by index', 'volume', 'quota rule', 'LUN', 'igroup']);
    const volumes = await array.call('GET', '/storage/volumes?name=ansible_volume&fields=movement.state,aggregates');
    expect(at(volumes.body, 'records', 0)).toMatchObject({
      movement: { state: 'success' },
      aggregates: [{ name: 'aggr1_n2' }],
    });
    const luns = await array.call('GET', '/storage/luns?name=/vol/ansible_san/ansible_lun&fields=space.size');
    expect(at(luns.body, 'records', 0, 'space', 'size')).toBe(512 * 1024 ** 2);
  });

  it('reads all it asks for', { timeout: 300_000 }, async () => {
    const [info] = await play(['info.yml']);
    expect(failures(info ? [info] : [])).toEqual([]);
    expect(changed(info)).toEqual([]);
    const aggregates = at(info?.get('aggregates'), 'ontap_info', 'storage/aggregates', 'records');
    expect(aggregates).toMatchObject([{ name: 'aggr1_n1' }, { name: 'aggr1_n2' }]);
    expect(at(info?.get('by name'), 'ontap_info', 'storage/volumes', 'num_records')).toBe(1);
  });

  it('furnishes a cluster once, and finds it as it wants it the second time', { timeout: 300_000 }, async () => {
    const plays = await play(['furnish.yml', 'furnish.yml']);
    expect(failures(plays)).toEqual([]);
    expect(changed(plays[0])).toEqual([...(plays[0]?.keys() ?? [])]);
    expect(changed(plays[1])).toEqual([]);
    array.world.verify();
  });

  it('says what it would take away, and then does', { timeout: 300_000 }, async () => {
    const before = array.world.volumes();
    const [wish] = await play(['unfurnish.yml'], {}, ['--check']);
    expect(changed(wish)).toEqual(
      expect.arrayContaining(['account', 'role', 'DNS', 'interface', 'aggregate', 'schedule']),
    );
    expect(array.requests.list({ method: 'DELETE', path: '/security/accounts/**' })).toEqual([]);
    expect(array.world.volumes()).toEqual(before);
    const plays = await play(['unfurnish.yml', 'unfurnish.yml']);
    expect(failures(plays)).toEqual([]);
    expect(changed(plays[0])).toEqual([...(plays[0]?.keys() ?? [])]);
    expect(changed(plays[1])).toEqual([]);
    const left = await array.call('GET', '/security/accounts?name=ansible_account&return_records=false');
    expect(at(left.body, 'num_records')).toBe(0);
    array.world.verify();
  });

  it('takes snapshots of a consistency group once, and takes them away once', { timeout: 300_000 }, async () => {
    const svm = { name: 'svm0' };
    const volumes = ['ansible_g1', 'ansible_g2'].map((name) => ({ name, space: { size: 20 * 1024 ** 2 } }));
    const body = { name: 'ansible_group', svm, volumes };
    const made = await array.call(
      'POST',
      '/application/consistency-groups?return_timeout=10&return_records=true',
      body,
    );
    const group = `/application/consistency-groups/${String(at(made.body, 'records', 0, 'uuid'))}`;
    const plays = await play(['group-snapshots.yml', 'group-snapshots.yml']);
    expect(failures(plays)).toEqual([]);
    expect(changed(plays[0])).toHaveLength(2);
    expect(changed(plays[1])).toEqual([]);
    const { body: kept } = await array.call('GET', `${group}/snapshots?fields=consistency_type&order_by=name`);
    expect(at(kept, 'records')).toMatchObject([
      { name: 'ansible_by_name', consistency_type: 'application' },
      { name: 'ansible_by_volumes', consistency_type: 'crash' },
    ]);
    const away = await play(['group-snapshots.yml', 'group-snapshots.yml'], { state: 'absent' });
    expect(failures(away)).toEqual([]);
    expect(changed(away[0])).toHaveLength(2);
    expect(changed(away[1])).toEqual([]);
    const gone = await array.call('DELETE', '/storage/volumes?name=ansible_g1|ansible_g2&force=true&return_timeout=10');
    expect(gone.status).toBe(200);
    expect((await array.call('GET', group)).status).toBe(404);
    array.world.verify();
  });

  it('keeps networks and services once, and takes them away once', { timeout: 300_000 }, async () => {
    const kept = await play(['services.yml', 'settings.yml', 'services.yml', 'settings.yml']);
    expect(failures(kept)).toEqual([]);
    for (const first of [0, 1]) {
      expect(changed(kept[first])).toEqual([...(kept[first]?.keys() ?? [])]);
      expect(changed(kept[first + 2])).toEqual([]);
    }
    const gone = await play(['services.yml', 'services.yml'], { state: 'absent' });
    expect(failures(gone)).toEqual([]);
    expect(changed(gone[0])).toEqual([...(gone[0]?.keys() ?? [])]);
    expect(changed(gone[1])).toEqual([]);
    array.world.verify();
  });

  it('takes everything away once', { timeout: 300_000 }, async () => {
    const plays = await play(['absent.yml', 'absent.yml', 'absent-volumes.yml', 'absent-volumes.yml']);
    expect(failures(plays)).toEqual([]);
    for (const first of [0, 2]) {
      expect(changed(plays[first])).toEqual([...(plays[first]?.keys() ?? [])]);
      expect(changed(plays[first + 1])).toEqual([]);
    }
    expect(
      array.world
        .volumes()
        .map(({ name }) => name)
        .toSorted(),
    ).toEqual(['ansible_mirror', 'ansible_source']);
    array.world.verify();
  });

  it('never met what is not simulated', () => {
    expect(array.requests.list().filter(({ status }) => status >= 500)).toEqual([]);
    expect(array.requests.list({ path: '/cluster' })[0]?.headers['x-dot-client-app']).toMatch(/^netapp\.ontap\./);
  });
});
