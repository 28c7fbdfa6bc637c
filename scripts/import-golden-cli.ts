import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Makes the compact copies in `test/fixtures/golden-cli/` of recorded runs of the stock command line.
 * `node scripts/import-golden-cli.ts FOLDER`, where FOLDER holds `cases/*.json` and `help.json`.
 */

const scenarios = ['empty', 'life', 'stub', 'parse'];
/** Commands that are not in this release: their cases are left out. */
const others = new Set(['send', 'system', 'obliviate', 'check', 'images', 'logs', 'install', 'uninstall']);
const kept = ['argv', 'env', 'files', 'stdin', 'exit', 'stdout', 'stdoutSha256', 'stderr', 'crash', 'rest'];
const keptOfRest = ['method', 'path', 'requestBody', 'status', 'responseBody'];

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const pick = (from: Json, keys: readonly string[]): Json =>
  Object.fromEntries(
    keys
      .filter((key) => from[key] !== undefined && from[key] !== '' && (from[key] !== null || key === 'status'))
      .map((key) => [key, from[key]]),
  );
const readJson = async (file: string): Promise<unknown> => JSON.parse(await readFile(file, 'utf8'));

const [, , folder] = process.argv;
if (folder === undefined) throw new Error('usage: node scripts/import-golden-cli.ts FOLDER');
const target = join(import.meta.dirname, '..', 'test', 'fixtures', 'golden-cli');
await mkdir(target, { recursive: true });

for (const scenario of scenarios) {
  const lines: string[] = [];
  for (const file of (await readdir(join(folder, 'cases'))).sort()) {
    if (!file.startsWith(`${scenario}-`)) continue;
    const recorded = await readJson(join(folder, 'cases', file));
    if (!isObject(recorded) || !Array.isArray(recorded['argv'])) throw new Error(`${file} is no recording`);
    if (recorded['argv'].some((word) => others.has(String(word)))) continue;
    // Moves are Kubernetes objects there and requests here, and there are no plug-ins.
    if (recorded['argv'].includes('volume-move') || file.includes('plugin')) continue;
    const rest = Array.isArray(recorded['rest'])
      ? recorded['rest'].filter(isObject).map((one) => pick(one, keptOfRest))
      : [];
    const compact = { ...pick(recorded, kept), ...(rest.length === 0 ? {} : { rest }) };
    lines.push(`${JSON.stringify(file.replace(/\.json$/, ''))}: ${JSON.stringify(compact)}`);
  }
  await writeFile(join(target, `${scenario}.json`), `{\n${lines.join(',\n')}\n}\n`);
}

const help = await readJson(join(folder, 'help.json'));
if (!Array.isArray(help)) throw new Error('help.json is no list');
const ours = help.filter(isObject).filter(
  (one) =>
    !String(one['command'])
      .split(' ')
      .some((word) => others.has(word)),
);
await writeFile(join(target, 'help.json'), `[\n${ours.map((one) => JSON.stringify(one)).join(',\n')}\n]\n`);
