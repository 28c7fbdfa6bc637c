import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, posix } from 'node:path';
import { describe, expect, it } from 'vitest';

/** House rules that a reader can check, checked: each fails with the names of the files that break it. */

const files = execFileSync(
  'git',
  ['ls-files', '--cached', '--others', '--exclude-standard', 'src', 'bin', 'scripts', 'bench', 'test'],
  {
    encoding: 'utf8',
  },
)
  .split('\n')
  .filter((file) => file.endsWith('.ts') && existsSync(file));
const isTest = (file: string) =>
  file.endsWith('.test.ts') || file.startsWith('test/') || /\/(test-)?support\//.test(file);
const product = files.filter((file) => file.startsWith('src/') && !isTest(file));
const text = (file: string) => readFileSync(file, 'utf8');

/** Repository paths that a file imports, types included. */
const importsOf = (file: string): readonly string[] =>
  [...text(file).matchAll(/(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)'/g)].map((match) =>
    posix.normalize(posix.join(dirname(file), match[1] ?? '')),
  );

const offenders = (where: (file: string) => boolean, breaks: (file: string) => readonly string[]): readonly string[] =>
  product.filter(where).flatMap((file) => breaks(file).map((what) => `${file} -> ${what}`));

const importing = (from: string, ...to: readonly string[]) =>
  offenders(
    (file) => file.startsWith(from),
    (file) => importsOf(file).filter((target) => to.some((folder) => target.startsWith(folder))),
  );

describe('arrows point one way', () => {
  it('the engine knows neither the command line nor the simulator', () =>
    expect(importing('src/engine/', 'src/cli/', 'src/commands/', 'src/simulator/', 'src/main')).toEqual([]));

  it('of the engine only the server knows the contract', () =>
    expect(
      offenders(
        (file) => file.startsWith('src/engine/') && !file.startsWith('src/engine/server/'),
        (file) => importsOf(file).filter((target) => target.startsWith('src/client/')),
      ),
    ).toEqual([]));

  it('drivers know their contract and not the orchestrator, the store or the server', () =>
    expect(
      offenders(
        (file) => file.startsWith('src/engine/drivers/'),
        (file) =>
          importsOf(file).filter(
            (target) =>
              /^src\/engine\/(orchestrator|store|server)\//.test(target) &&
              target !== 'src/engine/orchestrator/model.ts',
          ),
      ),
    ).toEqual([]));

  it('the client knows neither the command line nor the simulator', () =>
    expect(importing('src/client/', 'src/cli/', 'src/commands/', 'src/simulator/')).toEqual([]));

  it('the simulator stands alone', () =>
    expect(importing('src/simulator/', 'src/cli/', 'src/commands/', 'src/client/', 'src/engine/')).toEqual([]));

  it('nothing but its command imports the simulator', () =>
    expect(
      offenders(
        (file) => !file.startsWith('src/simulator/'),
        (file) => importsOf(file).filter((target) => target.startsWith('src/simulator/')),
      ).filter((line) => !line.startsWith('src/commands/simulator')),
    ).toEqual([]));

  it('commands do not know how a line is read, completed, run and reported', () => {
    const ofLines = ['argv', 'completion', 'dry-run', 'errors', 'global-flags', 'global-options', 'help', 'host'];
    const ofRuns = ['parser', 'progress', 'real-terminal', 'run', 'tree'];
    const proper = [...ofLines, ...ofRuns].map((name) => `src/cli/${name}.ts`);
    expect(proper.filter((file) => !files.includes(file))).toEqual([]);
    expect(importing('src/commands/', ...proper, 'src/main.ts')).toEqual([]);
  });
});

describe('one place for the process', () => {
  const uses = (pattern: RegExp, allowed: RegExp) =>
    product.filter((file) => pattern.test(text(file)) && !allowed.test(file));

  it('only the command line touches stdout, stderr, argv and exit', () =>
    expect(uses(/\bprocess\.(stdout|stderr|stdin|argv|exit|exitCode)\b|\bconsole\./, /^src\/(cli\/|main)/)).toEqual(
      [],
    ));

  it('the engine is told its environment', () =>
    expect(uses(/\bprocess\.env\b/, /^src\/(cli\/|main|commands\/)/)).toEqual([]));
});

describe('the repository speaks of the product alone', () => {
  it('has no machine paths', () => {
    const tracked = execFileSync('git', ['ls-files'], { encoding: 'utf8' }).split('\n').filter(Boolean);
    const pattern = /\/(?:wor[k]|far[m]|tmp\/brie[f])\//;
    expect(
      tracked.filter(
        (file) => existsSync(file) && !/package-lock\.json$|\.(gz|png)$/.test(file) && pattern.test(text(file)),
      ),
    ).toEqual([]);
  });

  it('casts no outside data and silences no check', () => {
    const code = (file: string) => text(file).replaceAll(/\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:[^'\\\n]|\\.)*'/g, '');
    const silenced = (file: string) => /@ts-(?:ignore|expect-error)/.test(text(file));
    expect(
      product.filter((file) => silenced(file) || /\bas any\b|: any\b|<any>|as unknown as/.test(code(file))),
    ).toEqual([]);
  });
});
