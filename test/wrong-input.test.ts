import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSimulator } from '../src/simulator/simulator.ts';
import type { Simulator } from '../src/simulator/contract.ts';
import { nasBackend, nasBackendFile } from './support/nas-backend.ts';
import { runCli, type CliResult } from './support/run-cli.ts';

/** People mistype. Each mistake has its message and exit status, and changes nothing: no record, nothing on the array. */

let folder: string;
let simulator: Simulator;
let stranger: Simulator;

const cli = (line: readonly string[]): Promise<CliResult> =>
  runCli([...line, '--state-dir', join(folder, 'state'), '--embedded', '--exit-status', 'detailed'], {
    directory: folder,
  });

/** Everything that a mistake must not change. */
const state = async (): Promise<string> => {
  const records = await Promise.all(
    ['backend', 'volume', 'snapshot', 'storageclass', 'node', 'publication'].map((noun) =>
      cli(['get', noun, '-o', 'json']),
    ),
  );
  return JSON.stringify([records.map((result) => result.stdout), simulator.world.volumes()]);
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tridentctl-wrong-'));
  simulator = await startSimulator({});
  stranger = await startSimulator({ seed: 2 });
  for (const line of [
    ['create', 'backend', '-f', nasBackendFile(folder, simulator, { limitVolumeSize: '100Gi' })],
    ['create', 'storageclass', 'gold'],
    ['create', 'storageclass', 'nowhere', '--attribute', 'media=hdd'],
    ['create', 'volume', 'v1', '--size', '10Gi', '--storage-class', 'gold'],
    ['create', 'snapshot', 'v1/s1'],
    ['create', 'node', 'n1', '--ip', '10.0.0.1'],
  ]) {
    const result = await cli(line);
    expect(result.exit, result.stderr).toBe(0);
  }
});
afterAll(async () => {
  await simulator.stop();
  await stranger.stop();
  rmSync(folder, { recursive: true, force: true });
});

const expectRefusal = async (line: readonly string[], status: number, ...parts: readonly string[]) => {
  const before = await state();
  const result = await cli(line);
  for (const part of parts) expect(result.stderr).toContain(part);
  expect(result.exit).toBe(status);
  expect(result.stdout).toBe('');
  expect(result.stderr).toMatch(/^Error: /);
  expect(result.stderr).not.toMatch(/\n\s+at |file:\/\/|node:internal/);
  expect(result.stderr).not.toContain(simulator.user('admin').password);
  expect(await state()).toBe(before);
};

describe('a backend file', () => {
  const written = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return name;
  };
  const backend = (name: string, more: Readonly<Record<string, unknown>>): string =>
    written(name, JSON.stringify({ ...nasBackend(simulator), backendName: 'other', ...more }, undefined, 1));
  const create = (file: string): readonly string[] => ['create', 'backend', '-f', file];

  it('that says something in vain is taken, and it is told what', async () => {
    const templates = {
      labels: { who: '{{.volume.Owner}}', where: '{{.config.Zone}}' },
      defaults: { nameTemplate: '{{.volume.Nam}}_{{.volume.Name}}' },
    };
    const file = backend('idle.json', {
      backendName: 'idle',
      lunsPerFlexvol: '100',
      storage: [{ smbShare: 'x' }],
      ...templates,
    });
    const result = await cli([...create(file), '-o', 'name']);
    expect(result).toMatchObject({ exit: 0, stdout: 'idle\n' });
    expect(result.stderr).toBe(
      'warning: lunsPerFlexvol has no effect with ontap-nas\n' +
        'warning: storage[0].smbShare has no effect: all pools use smbShare of the backend\n' +
        'warning: defaults.nameTemplate: template: there is no field .volume.Nam, so that volumes get their usual names\n' +
        'warning: labels.who: template: there is no field .volume.Owner, so that labels are written as they stand\n',
    );
    expect((await cli(['update', 'backend', 'idle', '-f', file])).stderr).toBe(result.stderr);
    expect((await cli(['delete', 'backend', 'idle'])).exit).toBe(0);
  });

  /** What is wrong, the file, the exit status, and what the message must contain. */
  const mistakes: readonly (readonly [string, () => string, number, readonly string[]])[] = [
    ['not YAML', () => written('a.yaml', 'version: 1\nlist: [1, 2\n'), 2, ['a.yaml:3']],
    ['a tab', () => written('b.yaml', 'version: 1\n\tsvm: x\n'), 2, ['b.yaml:2:1', 'tab']],
    ['an empty file', () => written('c.yaml', ''), 2, ['c.yaml', 'empty']],
    [
      'a huge file',
      () => {
        const path = written('huge.yaml', '');
        truncateSync(join(folder, 'huge.yaml'), 17 * 2 ** 20);
        return path;
      },
      2,
      ['huge.yaml: it has more than 16 MiB'],
    ],
    ['a missing file', () => 'nothing.yaml', 2, ['open nothing.yaml: no such file or directory']],
    [
      'an unknown driver',
      () => backend('d.json', { storageDriverName: 'ontap-nass' }),
      2,
      ['d.json:3', 'unknown storage driver: ontap-nass', 'did you mean ontap-nas?'],
    ],
    [
      'a misspelt key',
      () => backend('e.json', { autoExportPolcy: true }),
      2,
      ['e.json', 'autoExportPolcy', 'did you mean autoExportPolicy?'],
    ],
    [
      'a misspelt nested key',
      () => backend('f.json', { defaults: { snapshotdir: 'true' } }),
      2,
      ['f.json', 'defaults.snapshotdir', 'snapshotDir'],
    ],
    ['a wrong type', () => backend('g.json', { limitVolumeSize: 5 }), 2, ['g.json', 'limitVolumeSize']],
    [
      'a wrong password',
      () => backend('h.json', { password: 'not-it' }),
      7,
      ['does not accept user admin', 'check username and password'],
    ],
    [
      'an unreachable array',
      () => backend('i.json', { managementLIF: '127.0.0.1:1' }),
      8,
      ['127.0.0.1:1', 'cannot be reached', 'check managementLIF'],
    ],
    [
      'a name that does not resolve',
      () => backend('j.json', { managementLIF: 'no-such-array.invalid' }),
      8,
      ['no-such-array.invalid'],
    ],
    [
      'a name that no path can carry',
      () => written('n.json', '{"version": 1,\n"storageDriverName": "fake",\n"backendName": "a/b"}'),
      2,
      ['n.json:3: ', '"a/b" cannot be the name of a backend'],
    ],
    ['a wrong SVM', () => backend('k.json', { svm: 'nosvm' }), 2, ['k.json', 'there is no SVM nosvm']],
    ['an aggregate that is not there', () => backend('l.json', { aggregate: 'aggr9' }), 2, ['aggr9']],
    [
      'an aggregate for FlexGroups that is not there',
      () => backend('n.json', { storageDriverName: 'ontap-nas-flexgroup', flexgroupAggregateList: ['aggr9'] }),
      2,
      ['do not include the configured aggregate aggr9', 'assigned are: aggr1_n1, aggr1_n2'],
    ],
    [
      'too many qtrees for a FlexVol',
      () => backend('o.json', { storageDriverName: 'ontap-nas-economy', qtreesPerFlexvol: '1000' }),
      2,
      ['o.json', 'qtreesPerFlexvol', 'from 50 to 300'],
    ],
    [
      'SMB where the SVM has no CIFS service',
      () => backend('p.json', { nasType: 'smb', autoExportPolicy: false }),
      2,
      ['does not serve SMB', 'CIFS service'],
    ],
    [
      'a security style that SMB does not know',
      () => backend('q.json', { nasType: 'smb', defaults: { securityStyle: 'unix' } }),
      2,
      ['q.json', 'defaults.securityStyle', 'ntfs, mixed'],
    ],
    [
      'credentials in a Kubernetes secret',
      () => backend('r.json', { credentials: { name: 'lab-secret' }, username: '', password: '' }),
      2,
      ['r.json', 'backend credentials not found', 'no Kubernetes secret lab-secret', 'username and password'],
    ],
    [
      'a file system of Amazon FSx by its number',
      () => backend('s.json', { aws: { fsxFilesystemID: 'fs-0123456789' } }),
      2,
      ['s.json', 'the interface of AWS is not spoken', 'write managementLIF'],
    ],
    [
      'ONTAP mode of Google',
      () => backend('t.json', { gcnv: { poolID: 'p1' } }),
      2,
      ['t.json', 'through a proxy of Google', 'NetApp’s own Trident'],
    ],
    [
      'a SnapMirror policy that is not there',
      () => backend('u.json', { replicationPolicy: 'nope' }),
      2,
      ['u.json', 'replicationPolicy: there is no SnapMirror policy nope', 'snapmirror policy show'],
    ],
    [
      'a certificate that does not vouch for the array',
      () => backend('m.json', { trustedCACertificate: Buffer.from(stranger.certificate).toString('base64') }),
      8,
      ['TLS', 'trustedCACertificate'],
    ],
  ];
  it.each(mistakes)('with %s', async (_what, file, status, parts) => {
    await expectRefusal(create(file()), status, ...parts);
  });
});

describe('a volume', () => {
  const create = (name: string, size: string, storageClass = 'gold') =>
    ['create', 'volume', name, '--size', size, '--storage-class', storageClass] as const;

  it.each([
    ['a negative size', create('x', '-1'), 2, ['"-1" is not a valid size', 'for example 10Gi']],
    ['an exponent', create('x', '1e30'), 2, ['"1e30" is not a valid size']],
    ['a size that is none, of an unknown class', create('x', 'lots', 'nope'), 2, ['"lots" is not a valid size']],
    ['a fraction', create('x', '1.5Gi'), 2, ['"1.5Gi" is not a valid size']],
    ['more than a computer counts', create('x', '99999999Yi'), 2, ['99999999Yi']],
    ['a size above the limit', create('x', '200Gi'), 6, ['limitVolumeSize']],
    ['a name that is taken', create('v1', '1Gi'), 4, ['volume v1 already exists']],
    ['an unknown class', create('x', '1Gi', 'nosc'), 3, ['unknown storage class: nosc', 'there are gold, nowhere']],
    ['a misspelt class', create('x', '1Gi', 'glod'), 3, ['unknown storage class: glod', 'did you mean gold?']],
    ['no class', ['create', 'volume', 'x', '--size', '1Gi'], 3, ['unknown storage class: ', 'there are gold, nowhere']],
    [
      'no size',
      ['create', 'volume', 'x', '--storage-class', 'gold'],
      2,
      ['volume size not specified', 'give --size, for example 5Gi'],
    ],
    ['a class without pools', create('x', '1Gi', 'nowhere'), 5, ['no available backends for storage class nowhere']],
    ['a name that ONTAP refuses', create('näme', '1Gi'), 2, ['cannot be the name of a volume on the array']],
    ['a name that no path can carry', create('..', '1Gi'), 2, ['".." cannot be the name of a volume', '".."']],
    [
      'a clone of such a name',
      ['create', 'clone', 'a/b', '--volume', 'v1'],
      2,
      ['"a/b" cannot be the name of a volume'],
    ],
    ['a snapshot of such a name', ['create', 'snapshot', 'v1/a/b'], 2, ['"a/b" cannot be the name of a snapshot']],
    ['shrinking', ['update', 'volume', 'v1', '--size', '1Gi'], 6, ['less than existing volume size']],
    ['a clone of nothing', ['create', 'clone', 'c1', '--volume', 'nope'], 3, ['source volume not found: nope']],
    ['a clone of a missing snapshot', ['create', 'clone', 'c1', '--volume', 'v1', '--snapshot', 'nope'], 3, ['nope']],
    [
      'an import of nothing',
      ['import', 'volume', 'nas1', 'nope', '--name', 'x', '--storage-class', 'gold'],
      3,
      ['volume nope was not found'],
    ],
    ['reading what is not there', ['get', 'volume', 'nope'], 3, ['volume nope was not found']],
    ['deleting what is not there', ['delete', 'volume', 'nope'], 3, ['volume nope not found']],
    ['deleting without a name', ['delete', 'volume'], 2, ['volume name not specified']],
    ['publishing to nobody', ['publish', 'volume', 'v1', 'nobody'], 3, ['node nobody was not found']],
  ] as const)('%s', async (_what, line, status, parts) => {
    await expectRefusal(line, status, ...parts);
  });

  it('is made with `10gb`, which is a decimal size', async () => {
    expect((await cli(create('decimal', '10gb'))).exit).toBe(0);
    expect(simulator.world.findVolume('trident_decimal')?.sizeBytes).toBe(10_000_000_000);
    expect((await cli(['delete', 'volume', 'decimal'])).exit).toBe(0);
  });

  it('that is on the array already under the wanted name is left alone', async () => {
    const reply = await simulator.call('POST', '/storage/volumes?return_timeout=15', {
      name: 'trident_taken',
      size: 1024 ** 3,
      svm: { name: 'svm0' },
      aggregates: [{ name: 'aggr1_n1' }],
    });
    expect(reply.status).toBeLessThan(300);
    await expectRefusal(create('taken', '2Gi'), 4, 'trident_taken', 'already');
    expect(simulator.world.findVolume('trident_taken')?.sizeBytes).toBe(1024 ** 3);
  });
});

describe('a file', () => {
  it.each([
    ['volume', 'name: x\nsize: 1073741824\n', ['f.yaml:2: ', 'of type string', 'put the value in quotes']],
    ['node', 'ips: [192.0.2.11]\nname: n\n', ['f.yaml:2: ', 'Node.name of type string', 'put the value in quotes']],
    ['storageclass', 'name: x\nattributes:\n  media: ssd\n  IOPS: lots\n', ['f.yaml:4: ', '(lots)', '(int)']],
    ['storageclass', 'name: x\nattributes:\n  medium: ssd\n', ['f.yaml:3: ', 'unrecognized storage attribute: medium']],
  ])('of a %s with a wrong value: %j', async (noun, text, parts) => {
    writeFileSync(join(folder, 'f.yaml'), text);
    await expectRefusal(['create', noun, '-f', 'f.yaml'], 2, ...parts);
  });
});

describe('a file that says something twice', () => {
  it.each([
    ['name: twice\nattributes: {media: ssd}\nname: twice\n', 'f.yaml:3: "name" is given again; the last one counts'],
    ['name: twice\nattributes: {media: ssd}\n---\nname: other\n', 'f.yaml:4: this document is not read'],
  ])('is read as stock reads it, and it is told: %j', async (text, note) => {
    writeFileSync(join(folder, 'f.yaml'), text);
    const { exit, stdout, stderr } = await cli(['create', 'storageclass', '-f', 'f.yaml', '-o', 'name']);
    expect([exit, stdout.trim()]).toEqual([0, 'twice']);
    expect(stderr).toContain(`note: ${note}`);
    await cli(['delete', 'storageclass', 'twice']);
  });
});

describe('a command line', () => {
  it.each([
    [['get', 'volumez'], 2, ['unknown command "volumez" for "tridentctl get"']],
    [['creat', 'volume'], 2, ['unknown command "creat"', 'Did you mean this?', 'create']],
    [['get', 'volume', '--nmae', 'x'], 2, ['unknown flag: --nmae']],
    [['import', 'volume', 'nas1'], 2, ['accepts 2 arg(s), received 1', 'the arguments are <backendName> <volumeName>']],
    [['update', 'volume', 'v1', '--snapshot-dir', 'maybe'], 2, ['"maybe"', 'write true or false']],
    [['get', 'volume', '--debug=maybe'], 2, ['"maybe"', 'write true or false']],
    [['create', 'volume', 'a', 'b'], 2, ['the arguments are [<name>]']],
    [['create', 'node', 'n2', '--ip', '1.2.3'], 2, ['--ip takes addresses such as 192.0.2.11, not "1.2.3"']],
    [['create', 'snapshot', 'v1'], 2, ['v1']],
    [['delete', 'snapshot'], 2, ['snapshot not specified']],
    [['create', 'storageclass', 'a/b', '--attribute', 'media=ssd'], 2, ['"a/b" cannot be the name of a storage class']],
    [
      ['create', 'storageclass', 'sc2', '--attribute', 'media=ssd', '--attribute', 'media=hdd'],
      2,
      ['--attribute names "media" twice'],
    ],
    [['create', 'storageclass', 'sc2', '--storage-pools', 'nas:a;nas:b'], 2, ['--storage-pools names "nas" twice']],
    [
      ['create', 'node', 'n2', '--ip', '10.0.0.2', '--topology', 'zone=a', '--topology', 'zone=b'],
      2,
      ['--topology names "zone" twice'],
    ],
    [['create', 'node', '..', '--ip', '192.0.2.11'], 2, ['the name of the node ".." cannot be addressed']],
  ] as const)('%j', async (line, status, parts) => {
    await expectRefusal(line, status, ...parts);
  });
});
