import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type BuildOptions, type Plugin } from 'esbuild';

/**
 * Writes `dist/` in a few CommonJS files, which start much faster than ES modules: a command of thirty small modules spent
 * half of its start on finding them. `main` starts; a file begins the others, and each module of them, when it is asked
 * for by `import()`. What is in two files, because both import it otherwise, holds no state.
 */

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const source = join(root, 'src');
const dist = join(root, 'dist');
/** Built aside and moved into place at the end: a build that fails leaves the one before it. */
const aside = join(root, 'node_modules', '.cache', `tridentctl-build-${process.pid}`);
const out = join(aside, 'dist');

/** Modules that are reached by `import()` and yet go into every file that asks for them: they cost less than opening one. */
const light = new Set([
  'cli/help.ts',
  'cli/parser.ts',
  'cli/table.ts',
  'cli/version-text.ts',
  'commands/completion/bash.ts',
  'commands/completion/fish.ts',
  'commands/completion/powershell.ts',
  'commands/completion/zsh.ts',
  'commands/version.ts',
]);

/** The files of `dist/` after `main`, each begun by those before it only. */
const bundles = ['commands', 'remote', 'engine', 'simulator'] as const;
type Bundle = 'main' | (typeof bundles)[number];

/** Where a module goes that is reached by `import()`. */
const bundleOf = (name: string): Bundle => {
  if (light.has(name)) return 'main';
  if (name.startsWith('simulator/')) return 'simulator';
  if (name === 'client/http.ts') return 'remote';
  return /^(client|engine)\/|^cli\/engine-host/.test(name) ? 'engine' : 'commands';
};

const common = {
  bundle: true,
  platform: 'node',
  format: 'cjs',
  // `import()` of Node's own modules, too: what is compiled ahead cannot have any.
  supported: { 'dynamic-import': false },
  target: 'node24',
  minify: true,
  keepNames: false,
  legalComments: 'none',
  logLevel: 'warning',
  absWorkingDir: root,
} as const satisfies BuildOptions;

const nameOf = (file: string) => relative(source, file).replaceAll('\\', '/');

/** What has to be in each file of `dist/`, found in those before it. */
const wanted: Readonly<Record<Bundle, Set<string>>> = {
  main: new Set(),
  commands: new Set(),
  remote: new Set(),
  engine: new Set(),
  simulator: new Set(),
};

/** Modules by name, each begun when it is asked for. */
const tableOf = (files: Iterable<string>): string =>
  `module.exports = { ${[...files].map((file) => `${JSON.stringify(nameOf(file))}: () => require(${JSON.stringify(file)})`).join(',\n')} };`;

/** Takes `import()` of what is in another file of `dist/` there. Its answer stays what it was: the names it exports. */
const takeElsewhere = (here: Bundle): Plugin => ({
  name: 'take-elsewhere',
  setup: (esbuild) => {
    esbuild.onResolve({ filter: /^\.{1,2}\// }, ({ kind, path, resolveDir }) => {
      if (kind !== 'dynamic-import') return undefined;
      const file = resolve(resolveDir, path);
      const bundle = bundleOf(nameOf(file));
      if (bundle === here || bundle === 'main') return undefined;
      wanted[bundle].add(file);
      return { path: nameOf(file), namespace: 'elsewhere' };
    });
    esbuild.onLoad({ filter: /.*/, namespace: 'elsewhere' }, ({ path }) => ({
      contents: `module.exports = require('./${bundleOf(path)}.cjs')[${JSON.stringify(path)}]();`,
      loader: 'js',
    }));
    esbuild.onResolve({ filter: /^\.\/[a-z]+\.cjs$/, namespace: 'elsewhere' }, ({ path }) => ({
      path,
      external: true,
    }));
  },
});

/** What speaks to cores and arrays needs nothing of undici but its pool. */
const poolUsers = new Set(['client/http.ts', 'engine/drivers/ontap/client/connection.ts']);

/**
 * For those, the pool alone: the rest of undici (fetch, WebSocket, caches, mocks) takes 60 ms to begin. A name that is
 * not here is an error of the build. Others get the whole package, from a file of its own.
 */
const undiciByParts: Plugin = {
  name: 'undici-by-parts',
  setup: (esbuild) => {
    esbuild.onResolve({ filter: /^undici$/ }, ({ importer }) =>
      poolUsers.has(nameOf(importer))
        ? { path: 'pool', namespace: 'undici-pool' }
        : { path: './undici.cjs', external: true },
    );
    esbuild.onLoad({ filter: /.*/, namespace: 'undici-pool' }, () => ({
      contents: "export { default as Pool } from 'undici/lib/dispatcher/pool.js';",
      resolveDir: root,
      loader: 'js',
    }));
  },
};

/** HTTP/2 is spoken to nobody, and Node's own module for it takes 20 ms to begin. */
const http2WhenUsed: Plugin = {
  name: 'http2-when-used',
  setup: (esbuild) => {
    esbuild.onResolve({ filter: /\/client-h2\.js$/ }, ({ path, resolveDir }) => ({
      path: resolve(resolveDir, path),
      namespace: 'http2-when-used',
    }));
    esbuild.onLoad({ filter: /.*/, namespace: 'http2-when-used' }, ({ path }) => ({
      contents: `module.exports = (...given) => require(${JSON.stringify(path.replace(/\.js$/, ''))})(...given);`,
      resolveDir: dirname(path),
      loader: 'js',
    }));
  },
};

/** Commander starts programs only for commands that are files of their own, which we have none of: 2 ms saved. */
const childProcessWhenUsed: Plugin = {
  name: 'child-process-when-used',
  setup: (esbuild) => {
    esbuild.onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
      importer.includes('/commander/') ? { path: 'child_process', namespace: 'when-used' } : undefined,
    );
    esbuild.onLoad({ filter: /.*/, namespace: 'when-used' }, () => ({
      contents: 'module.exports = { get spawn() { return require("node:" + "child_process").spawn; } };',
      loader: 'js',
    }));
  },
};

/** One measure of width for our rows and cli-table3's frame; its own compiles a regular expression of 12 kB a call. */
const oneWidth: Plugin = {
  name: 'one-width',
  setup: (esbuild) => {
    esbuild.onResolve({ filter: /^string-width$/ }, ({ importer }) =>
      importer.includes('/cli-table3/') ? { path: 'width', namespace: 'one-width' } : undefined,
    );
    esbuild.onLoad({ filter: /.*/, namespace: 'one-width' }, () => ({
      contents: "module.exports = require('./display-width.ts').displayWidth;",
      resolveDir: join(source, 'cli'),
      loader: 'js',
    }));
  },
};

const write = (name: string, input: Pick<BuildOptions, 'entryPoints' | 'stdin'>, plugins: Plugin[]) =>
  build({
    ...common,
    ...input,
    outfile: join(out, `${name}.cjs`),
    plugins: [...plugins, childProcessWhenUsed, oneWidth],
  });
const from = (contents: string) => ({ stdin: { contents, resolveDir: root, sourcefile: 'entry.js' } });

/**
 * Runs what is typed most, so that the launcher leaves the compiled code of it in `dist/`: a start that compiles nothing
 * takes half the time. Node of another version, or another machine, does without.
 */
const compileAhead = async (): Promise<void> => {
  await cp(join(root, 'bin'), join(aside, 'bin'), { recursive: true });
  const bin = join(aside, 'bin', 'tridentctl.js');
  const directory = ['--state-dir', join(aside, 'state')];
  const env = { PATH: process.env['PATH'], HOME: aside, TRIDENTCTL_BUILD: 'compile' };
  const run = async (...words: readonly string[]): Promise<void> => {
    const child = spawn(process.execPath, [bin, ...words], { env, stdio: ['pipe', 'ignore', 'inherit'] });
    child.stdin.end(fakeBackend);
    const [status]: unknown[] = await once(child, 'close');
    if (status !== 0) throw new Error(`tridentctl ${words.join(' ')} ended with ${String(status)}`);
  };
  for (const line of usualLines) await run(...line.split(' '), ...directory);
  const core = spawn(process.execPath, [bin, 'serve', '--port', '0', ...directory], {
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    const [said]: unknown[] = await once(core.stdout, 'data');
    const server = /http:\/\/[\d.:]+/.exec(String(said))?.[0] ?? '';
    for (const line of remoteLines) await run(...line.split(' '), '--server', server);
  } finally {
    core.kill('SIGTERM');
    await once(core, 'close');
  }
};

/** A backend without an array, and lines that go through most of what is common to all commands. */
const fakeBackend = JSON.stringify({
  version: 1,
  storageDriverName: 'fake',
  backendName: 'fake',
  instanceName: 'fake',
  protocol: 'file',
  pools: { pool: { attributes: { media: { offer: ['ssd'] } }, sizeBytes: 2 ** 40 } },
});
const usualLines = [
  'create backend -f -',
  'create storageclass any',
  'create volume v1 --size 1Gi --storage-class any',
  'get backend',
  'get storageclass',
  'get volume',
  'get volume -o wide',
  'get volume -o json',
  'get snapshot',
  'get volume --help',
  'completion bash',
  'version --client -o json',
  'version --client',
  '--help',
];

const remoteLines = [
  'get backend',
  'get volume',
  'get volume -o json',
  'create volume v2 --size 1Gi --storage-class any',
];

try {
  await mkdir(out, { recursive: true });
  await write('main', { entryPoints: [join(source, 'main.ts')] }, [takeElsewhere('main')]);
  for (const bundle of bundles)
    await write(bundle, from(tableOf(wanted[bundle])), [takeElsewhere(bundle), undiciByParts, http2WhenUsed]);
  await write('undici', from("module.exports = require('undici');"), []);
  await compileAhead();
  await rm(dist, { recursive: true, force: true });
  await rename(out, dist);
} finally {
  await rm(aside, { recursive: true, force: true });
}
