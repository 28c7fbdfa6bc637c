import { spawn, spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** The program as it is installed: `bin/tridentctl.js` and `dist/`, as processes of their own. */

const root = join(import.meta.dirname, '..');
const bin = join(root, 'bin', 'tridentctl.js');
let folder = '';
beforeAll(async () => {
  if (!existsSync(join(root, 'dist', 'main.cjs'))) throw new Error('run `npm run build` first');
  folder = await mkdtemp(join(tmpdir(), 'launcher-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const environment = () => ({ HOME: folder, PATH: process.env['PATH'], NODE_COMPILE_CACHE: join(folder, 'cache') });
const run = (program: string, ...words: readonly string[]): SpawnSyncReturns<string> =>
  spawnSync(process.execPath, [program, ...words], { encoding: 'utf8', cwd: folder, env: environment() });

describe('the launcher', () => {
  it('runs the program', () =>
    expect(run(bin, 'version', '--client', '-o', 'name')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('│ CLIENT VERSION │'),
    }));

  it('hands the exit status on', () => expect(run(bin, 'nonsense')).toMatchObject({ status: 1, stdout: '' }));

  it('is readable by any Node: CommonJS, and none of the words that came later', async () => {
    const text = await readFile(bin, 'utf8');
    expect(text).not.toMatch(/^\s*(?:import|export|const|let|class)\b|=>|`[^`]*\$\{|\?\.|\?\?|\basync\b/m);
  });

  it('says so when the program is not built', async () => {
    const copy = join(folder, 'unbuilt');
    await cp(join(root, 'bin'), join(copy, 'bin'), { recursive: true });
    const result = run(join(copy, 'bin', 'tridentctl.js'), 'version');
    expect(result).toMatchObject({ status: 1, stdout: '' });
    expect(result.stderr).toMatch(/^Error: tridentctl is not built; run `npm run build` in .*\n$/);
  });

  it('does without what was compiled ahead when it is missing or of no use', async () => {
    const copy = join(folder, 'elsewhere');
    await cp(join(root, 'bin'), join(copy, 'bin'), { recursive: true });
    await cp(join(root, 'dist'), join(copy, 'dist'), { recursive: true });
    const program = join(copy, 'bin', 'tridentctl.js');
    const works = () =>
      expect(run(program, 'get', 'volume')).toMatchObject({
        status: 0,
        stdout: expect.stringContaining('│ NAME │ SIZE │'),
        stderr: '',
      });
    const name = `compiled-${process.version}-${process.platform}-${process.arch}`;
    const before = await readFile(join(copy, 'dist', name, 'commands.cjs'));
    works();
    await writeFile(join(copy, 'dist', name, 'commands.cjs'), before.subarray(0, 1000));
    works();
    await rm(join(copy, 'dist', name), { recursive: true });
    works();
  });

  it('runs on the pinned Node when this one is too old, and says what is needed when there is none', async () => {
    const copy = join(folder, 'old');
    await cp(join(root, 'bin'), join(copy, 'bin'), { recursive: true });
    const program = join(copy, 'bin', 'tridentctl.js');
    // To this copy every Node is too old, but the pinned one it would find.
    await writeFile(program, (await readFile(program, 'utf8')).replace('var oldest = 24', 'var oldest = 999'));
    const alone = run(program, 'version');
    expect(alone).toMatchObject({ status: 1, stdout: '' });
    expect(alone.stderr).toMatch(/^Error: tridentctl needs Node\.js 999 or later, this is v\d+\.\d+\.\d+; .*\n$/);

    await writeFile(join(folder, 'pinned.sh'), `#!/bin/sh\necho "pinned: $*" | sed 's#${copy}##'\nexit 7\n`, {
      mode: 0o755,
    });
    await cp(join(folder, 'pinned.sh'), join(copy, 'node_modules', 'node', 'bin', 'node'), { recursive: true });
    expect(run(program, 'get', 'volume', '--all=x')).toMatchObject({
      status: 7,
      stdout: 'pinned: /bin/tridentctl.js get volume --all=x\n',
      stderr: '',
    });
  });
});

describe('the process', () => {
  it('ends quietly when nobody reads what it says', async () => {
    const child = spawn(process.execPath, [bin, 'completion', 'bash'], {
      env: environment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.destroy();
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const status = await new Promise((done) => child.on('close', done));
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it('does what it was told when nobody hears its talk', async () => {
    const state = ['--state-dir', 'unheard'];
    const words = ['create', 'storageclass', 'gold', '--attribute', 'media=ssd', '-v', ...state];
    const child = spawn(process.execPath, [bin, ...words], {
      cwd: folder,
      env: environment(),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    child.stderr.destroy();
    expect(await new Promise((done) => child.on('close', done))).toBe(0);
    expect(run(bin, 'get', 'storageclass', '-o', 'name', ...state).stdout).toBe('gold\n');
  });

  it.skipIf(!existsSync('/dev/full'))('says that there is no room for what it prints', () => {
    const command = `"${process.execPath}" "${bin}" version --client > /dev/full`;
    const { status, stderr } = spawnSync('sh', ['-c', command], { encoding: 'utf8', env: environment() });
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: 'Error: standard output cannot be written: ENOSPC: no space left on device, write\n',
    });
  });

  it('writes a lot into a slow pipe without loss', async () => {
    const child = spawn('sh', ['-c', `"$0" "$1" completion zsh | (sleep 0.2; cat) | wc -c`, process.execPath, bin], {
      env: environment(),
    });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    await new Promise((done) => child.on('close', done));
    expect(Number(text)).toBe(Buffer.byteLength(run(bin, 'completion', 'zsh').stdout));
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('lets serve come to a clean end on %s', async (signal) => {
    const child = spawn(process.execPath, [bin, 'serve', '--port', '0'], { cwd: folder, env: environment() });
    const ended = new Promise<unknown>((done) => child.on('close', (status) => done(status)));
    const said = await new Promise<string>((done) => {
      child.stdout.once('data', (chunk: Buffer) => done(chunk.toString()));
    });
    const server = /http:\/\/[\d.]+:\d+/.exec(said)?.[0] ?? '';
    expect(run(bin, 'version', '-s', server, '-o', 'json')).toMatchObject({ status: 0 });
    child.kill(signal);
    expect(await ended).toBe(0);
  });

  it.skipIf(process.platform === 'win32')(
    'lets a simulator of npx end with the shell that npx puts between',
    async () => {
      // As npm does: it gives a SIGTERM to the shell, and the shell to nobody.
      const command = `"$0" "$1" simulator --state npx.json -o json & echo $!; wait`;
      const child = spawn('sh', ['-c', command, process.execPath, bin], {
        cwd: folder,
        env: {
          ...environment(),
          npm_command: 'exec',
          npm_lifecycle_event: 'npx',
          npm_lifecycle_script: "'tridentctl'",
        },
      });
      const ended = new Promise<true>((done) => child.on('close', () => done(true)));
      let said = '';
      const runs = new Promise<void>((done) =>
        child.stdout.on('data', (chunk: Buffer) => {
          said += chunk.toString();
          if (said.includes('controlToken')) done();
        }),
      );
      await runs;
      child.kill('SIGTERM');
      const late = new Promise<false>((done) => setTimeout(() => done(false), 10_000).unref());
      const endedItself = await Promise.race([ended, late]);
      if (!endedItself) process.kill(Number.parseInt(said, 10), 'SIGKILL');
      expect({ endedItself, leftItsState: existsSync(join(folder, 'npx.json')) }).toEqual({
        endedItself: true,
        leftItsState: true,
      });
    },
  );

  it('reads no more of its input than a document may have', async () => {
    const child = spawn(process.execPath, [bin, 'create', 'backend', '-f', '-'], { cwd: folder, env: environment() });
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const ended = new Promise<unknown>((done) => child.on('close', (status) => done(status)));
    // It is never said that this is the end of it.
    child.stdin.on('error', () => undefined);
    child.stdin.write(Buffer.alloc(20 * 1024 ** 2, '#'));
    expect(await ended).toBe(1);
    expect(stderr).toBe('Error: stdin: it has more than 16 MiB, as no document of this program does\n');
  });

  it.skipIf(process.platform === 'win32')('does not need the directory it was started in', () => {
    const inRemoved = (line: string) => {
      const command = `mkdir removed && cd removed && rmdir ../removed && "${process.execPath}" "${bin}" ${line}`;
      return spawnSync('sh', ['-c', command], { encoding: 'utf8', cwd: folder, env: environment() });
    };
    expect(inRemoved('get node -o name')).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(inRemoved('create backend -f b.yaml')).toMatchObject({
      status: 1,
      stderr: 'Error: open b.yaml: no such file or directory\n',
    });
  });

  it('waits for its input, and Ctrl-C gets through', async () => {
    const child = spawn(process.execPath, [bin, 'create', 'backend', '-f', '-'], { cwd: folder, env: environment() });
    const ended = new Promise<unknown>((done) => child.on('close', (status) => done(status)));
    // More than a pipe holds: it has gone when the program reads.
    await new Promise((done) => child.stdin.write('#'.repeat(1_000_000), done));
    child.kill('SIGINT');
    expect(await ended).toBe(130);
  });
});

// A terminal of its own is made by a program that not every machine has.
describe.skipIf(!existsSync('/usr/bin/script'))('on a terminal', () => {
  const shown = (columns: number, line: string, more: Readonly<Record<string, string>> = {}): string => {
    const command = `stty cols ${columns} rows 24; "${process.execPath}" "${bin}" ${line}`;
    const options = { encoding: 'utf8', cwd: folder, env: { ...environment(), NO_COLOR: '1', ...more } } as const;
    return spawnSync('/usr/bin/script', ['-qec', command, '/dev/null'], { ...options, input: '' }).stdout;
  };

  it('a table is as wide as that is, and as itself where it is not known', () => {
    expect(shown(200, 'version --client')).toContain('│ CLIENT VERSION │');
    expect(shown(0, 'get operation')).toContain('│ ID │ KIND │ SUBJECT │ OUTCOME │ BEGUN │ REASON │');
    expect(shown(80, 'get volume')).toMatch(/^note: using embedded engine[^]*│ BACKEND UUID │ STATE │ MANAGED │/);
  });

  it('talk and data may go to different ones', async () => {
    const backend = { version: 1, storageDriverName: 'fake', backendName: 'f', pools: { p: { sizeBytes: 1e12 } } };
    await writeFile(join(folder, 'fake.json'), JSON.stringify(backend));
    for (const line of ['create backend -f fake.json', 'create storageclass any'])
      expect(run(bin, ...line.split(' '), '--state-dir', 'talk').stderr).toBe('');
    const create = (name: string) =>
      `create volume ${name} --size 1Gi --storage-class any --state-dir talk > /dev/null`;
    const erase = '\r\u001b[K';
    expect(shown(30, create('v1'))).toContain(`${erase}… create v1 (1073741824 byt…${erase}`);
    expect(shown(30, create('v2'), { TERM: 'dumb' })).not.toContain('\u001b');
  });

  it('NO_COLOR is heeded', () => expect(shown(80, 'get volume nope')).not.toContain('\u001b[3'));
});

/** What start-up costs, counted: it is measured by `npm run bench -- startup`, as a busy machine would fail a timed test. */
describe('start-up', () => {
  interface Loaded {
    /** Node's own modules. */
    readonly modules: readonly string[];
    /** Files of `dist/` that were read, with their bytes; what was compiled ahead is below `compiled`. */
    readonly files: Readonly<Record<string, number>>;
    /** Files that Node itself loaded, and compiled. */
    readonly required: readonly string[];
  }
  let hook = '';
  beforeAll(async () => {
    hook = join(folder, 'loaded.cjs');
    await writeFile(
      hook,
      `
      const fs = require('fs');
      const read = fs.readFileSync;
      const files = {};
      fs.readFileSync = (path, ...more) => {
        const text = read(path, ...more);
        const [, name] = /dist.(.*)$/.exec(String(path)) ?? [];
        if (name !== undefined) files[name.replace(/compiled-[^/\\\\]*./, 'compiled/')] = text.length;
        return text;
      };
      process.on('exit', () => {
        const required = Object.keys(require.cache).filter((file) => file !== __filename);
        fs.writeSync(2, '\\n' + JSON.stringify({ modules: process.moduleLoadList, files, required }));
      });
      `,
    );
  });
  const loaded = (...words: readonly string[]): Loaded => {
    const options = { encoding: 'utf8', cwd: folder, env: environment() } as const;
    const { stderr } = spawnSync(process.execPath, ['--require', hook, ...words], options);
    return JSON.parse(stderr.slice(stderr.lastIndexOf('\n')));
  };
  const filesOf = ({ files }: Loaded): readonly string[] =>
    Object.keys(files).filter((file) => !file.startsWith('compiled/'));

  const http = /NativeModule (?:http|https|tls|http2|internal\/deps\/undici)(?:,|$)/;
  const database = /NativeModule (?:node:)?sqlite(?:,|$)/;

  it.each([['version --client'], ['--help'], ['completion bash'], ['__complete get v']])(
    'of %s loads next to nothing beside Node itself',
    (line) => {
      const node = new Set(loaded('-e', '0').modules);
      const { modules, files, required } = loaded(bin, ...line.split(' '));
      const ours = modules.filter((name) => !node.has(name) && !/ (?:process|fs_dir|internal\/fs\/dir)$/.test(name));
      expect(ours).toEqual(['NativeModule vm']);
      // The one file, as it was compiled ahead: what Node has to compile costs more than all else.
      const isWhole = line.startsWith('__');
      expect(Object.keys(files).toSorted()).toEqual(
        isWhole
          ? ['commands.cjs', 'compiled/commands.cjs', 'compiled/main.cjs', 'main.cjs']
          : ['compiled/main.cjs', 'main.cjs'],
      );
      expect(required).toEqual([bin]);
    },
  );

  it('reads no more than it should', () => {
    const { files } = loaded(bin, '--help');
    expect(files['main.cjs']).toBeLessThan(130_000);
    expect(files['compiled/main.cjs']).toBeLessThan(270_000);
  });

  it('of help on a command loads no HTTP, no database and no schemas', () => {
    const found = loaded(bin, 'get', 'volume', '--help');
    expect(found.modules.join()).not.toMatch(new RegExp(`${http.source}|${database.source}`));
    expect(filesOf(found)).toEqual(['main.cjs', 'commands.cjs']);
  });

  it('loads what the chosen way to a core needs, and nothing of the other', async () => {
    const embedded = loaded(bin, 'get', 'volume');
    expect(embedded.modules.join()).toMatch(database);
    expect(filesOf(embedded)).toEqual(['main.cjs', 'commands.cjs', 'engine.cjs']);
    const remote = loaded(bin, 'get', 'volume', '--server', '127.0.0.1:1');
    expect(filesOf(remote)).toEqual(['main.cjs', 'commands.cjs', 'remote.cjs']);
    expect(remote.modules.join()).not.toMatch(database);
    expect(remote.modules.join()).not.toMatch(/NativeModule (?:tls|http2|internal\/deps\/undici)(?:,|$)/);
  });
});
