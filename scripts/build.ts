import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type BuildOptions, type Plugin } from 'esbuild';

/**
 * Writes `dist/` in two parts, because a CommonJS file starts faster than an ES module:
 * `main.cjs` holds argv, help and the light commands; everything that is reached by `import()` of a module that is not
 * light becomes an ES module under `dist/parts/`, split into shared chunks and loaded only when it is asked for.
 */

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const source = join(root, 'src');
const dist = join(root, 'dist');
/** Built aside and moved into place at the end: a build that fails leaves the one before it. */
const out = join(root, 'node_modules', '.cache', `tridentctl-build-${process.pid}`);
const parts = join(out, 'parts');

/** Modules that are reached by `import()` and yet belong into the launcher: they cost less than opening a file. */
const light = new Set(['commands/version.ts', 'cli/version-text.ts', 'cli/parser.ts', 'cli/help.ts', 'cli/table.ts']);

const common = {
  bundle: true,
  platform: 'node',
  target: 'node24',
  minify: true,
  keepNames: false,
  legalComments: 'none',
  logLevel: 'warning',
  absWorkingDir: root,
} as const satisfies BuildOptions;

const outputOf = (file: string) => `${relative(source, file).replace(/\.ts$/, '').replaceAll('\\', '/')}.js`;

/** Leaves `import()` of heavy modules standing, pointed at their ES module, and collects which ones there are. */
const leaveHeavy = (found: Set<string>): Plugin => ({
  name: 'leave-heavy',
  setup: (esbuild) => {
    esbuild.onResolve({ filter: /^\.{1,2}\// }, ({ kind, path, resolveDir }) => {
      if (kind !== 'dynamic-import') return undefined;
      const file = resolve(resolveDir, path);
      if (light.has(relative(source, file).replaceAll('\\', '/'))) return undefined;
      found.add(file);
      return { path: `./parts/${outputOf(file)}`, external: true };
    });
  },
});

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

/**
 * `const { Pool } = await import('undici')` works on Node, which looks into CommonJS packages for names; a bundled one
 * would come with `default` alone. The names are written out here.
 */
const namedWhenImported: Plugin = {
  name: 'named-when-imported',
  setup: (esbuild) => {
    esbuild.onResolve({ filter: /^[a-z@][^:]*$/ }, ({ kind, path }) =>
      kind === 'dynamic-import' ? { path, namespace: 'named' } : undefined,
    );
    esbuild.onLoad({ filter: /.*/, namespace: 'named' }, async ({ path }) => {
      const names = Object.keys(await import(path)).filter(
        (name) => name !== 'default' && /^[A-Za-z_$][\w$]*$/.test(name),
      );
      return {
        contents: `import * as all from ${JSON.stringify(path)};\nexport const { ${names.join(', ')} } = all;`,
        resolveDir: root,
        loader: 'js',
      };
    });
  },
};

/**
 * Importing anything of `node:http` into an ES module makes Node look at all its exports, and one of them loads Node's
 * own fetch: 60 ms. Taken as an object, only what is used is looked at.
 */
const httpAsObject: Plugin = {
  name: 'http-as-object',
  setup: (esbuild) => {
    esbuild.onResolve({ filter: /^node:http$/ }, ({ kind }) =>
      kind === 'import-statement' ? { path: 'node:http', namespace: 'builtin' } : undefined,
    );
    esbuild.onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
      loader: 'js',
    }));
  },
};

await mkdir(out, { recursive: true });
const heavy = new Set<string>();
await build({
  ...common,
  entryPoints: [join(source, 'main.ts')],
  outfile: join(out, 'main.cjs'),
  format: 'cjs',
  plugins: [leaveHeavy(heavy), childProcessWhenUsed, oneWidth],
});
await build({
  ...common,
  entryPoints: Object.fromEntries([...heavy].map((file) => [outputOf(file).replace(/\.js$/, ''), file])),
  outdir: parts,
  format: 'esm',
  plugins: [childProcessWhenUsed, oneWidth, namedWhenImported, httpAsObject],
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  // Packages that are CommonJS call `require` for Node's own modules.
  banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
});
await rm(dist, { recursive: true, force: true });
await rename(out, dist);
