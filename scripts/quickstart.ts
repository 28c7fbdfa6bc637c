/**
 * The main job in a dozen commands, told step by step: starts the bundled simulator, runs the real command against it
 * as a person would type it, and shows at the end what the array itself holds.
 *
 *   npm run quickstart             ends by itself and cleans up
 *   npm run quickstart -- --keep   leaves simulator and state for play
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';

const keep = process.argv.includes('--keep');
const folder = mkdtempSync(join(tmpdir(), 'tridentctl-quickstart-'));
const bin = join(import.meta.dirname, '..', 'bin', 'tridentctl.js');
const environment = { ...process.env, TRIDENT_STATE_DIR: join(folder, 'state'), TRIDENT_SERVER: '' };

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** What `tridentctl simulator -o json` prints first. */
interface SimulatorFacts {
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly certificate: string;
}

const isFacts = (value: unknown): value is SimulatorFacts =>
  typeof value === 'object' &&
  value !== null &&
  'url' in value &&
  'username' in value &&
  'password' in value &&
  'certificate' in value;

/** Starts the simulator as a process of its own and waits until it says where it listens. */
const startSimulator = async (): Promise<{ facts: SimulatorFacts; child: ChildProcess }> => {
  const log = join(folder, 'simulator.json');
  const errors = join(folder, 'simulator.log');
  const child = spawn(process.execPath, [bin, 'simulator', '--port', '0', '-o', 'json'], {
    cwd: folder,
    detached: keep,
    stdio: ['ignore', openSync(log, 'w', 0o600), openSync(errors, 'w', 0o600)],
  });
  if (keep) child.unref();
  for (let waited = 0; waited < 10_000 && child.exitCode === null; waited += 50) {
    try {
      const facts: unknown = JSON.parse(readFileSync(log, 'utf8'));
      if (isFacts(facts)) return { facts, child };
    } catch {
      // not written yet
    }
    await sleep(50);
  }
  throw new Error(`the simulator did not start: ${readFileSync(errors, 'utf8')}`);
};

const quote = (word: string): string => (/^[\w./:=@+-]+$/.test(word) ? word : `'${word}'`);

/** Runs one command line the way a person would, and shows it. */
const run = (...words: readonly string[]): string => {
  say(`\n$ tridentctl ${words.map(quote).join(' ')}`);
  const result = spawnSync(process.execPath, [bin, ...words], { cwd: folder, env: environment, encoding: 'utf8' });
  process.stdout.write(result.stdout);
  process.stderr.write(result.stderr);
  if (result.status !== 0) throw new Error(`the command ended with status ${result.status}`);
  return result.stdout;
};

const arrayApi = async (
  facts: SimulatorFacts,
  method: 'GET' | 'POST',
  path: string,
  body?: object,
): Promise<unknown> => {
  const agent = new Agent({ connect: { ca: facts.certificate } });
  try {
    const answer = await request(`${facts.url}/api${path}`, {
      dispatcher: agent,
      method,
      headers: {
        authorization: `Basic ${Buffer.from(`${facts.username}:${facts.password}`).toString('base64')}`,
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.body.text();
    if (answer.statusCode >= 300) throw new Error(`the array answered ${answer.statusCode}: ${text}`);
    return JSON.parse(text);
  } finally {
    await agent.close();
  }
};

/** A backend file for the array, as a person would write it. */
const writeBackend = (facts: SimulatorFacts): void =>
  writeFileSync(
    join(folder, 'backend.yaml'),
    [
      'version: 1',
      'storageDriverName: ontap-nas',
      'backendName: nas1',
      `managementLIF: ${new URL(facts.url).host}`,
      'svm: svm0',
      `username: ${facts.username}`,
      `password: ${facts.password}`,
      `trustedCACertificate: ${Buffer.from(facts.certificate).toString('base64')}`,
      'storagePrefix: trident_',
      'autoExportPolicy: true',
      'labels: { tier: gold }',
      'defaults:',
      '  size: 1Gi',
      '  snapshotPolicy: none',
      '',
    ].join('\n'),
    { mode: 0o600 },
  );

/** From a backend to volumes that a node can use. */
const provision = (): void => {
  run('create', 'backend', '-f', 'backend.yaml');
  run('create', 'storageclass', 'gold', '--attribute', 'backendType=ontap-nas');
  for (const name of ['db', 'web', 'scratch'])
    run('create', 'volume', name, '--size', '5Gi', '--storage-class', 'gold');
  run('create', 'snapshot', 'db/monday');
  run('create', 'clone', 'db-test', '--volume', 'db', '--snapshot', 'monday');
  run('update', 'volume', 'web', '--size', '8Gi');
  run('create', 'node', 'worker-1', '--ip', '10.0.0.11');
  run('publish', 'volume', 'db', 'worker-1');
  run('get', 'backend');
  run('get', 'volume', '-o', 'wide');
  run('get', 'volume', 'db', '-o', 'json');
  run('get', 'snapshot');
};

const importForeign = async (facts: SimulatorFacts): Promise<void> => {
  say('\nA volume that is on the array already, made by somebody else, is imported:');
  await arrayApi(facts, 'POST', '/storage/volumes?return_timeout=15', {
    name: 'legacy_data',
    size: 2 * 1024 ** 3,
    svm: { name: 'svm0' },
    aggregates: [{ name: 'aggr1_n1' }],
    nas: { path: '/legacy_data' },
  });
  run('import', 'volume', 'nas1', 'legacy_data', '--name', 'legacy', '--storage-class', 'gold');
};

const showArray = async (facts: SimulatorFacts): Promise<void> => {
  say('\nWhat the array itself holds now (asked of its REST API, not of our records):');
  const fields = 'name,size,nas.path,nas.export_policy.name';
  const answer = await arrayApi(facts, 'GET', `/storage/volumes?fields=${fields}&order_by=name`);
  say(JSON.stringify(answer, undefined, 1));
};

const howToGoOn = (pid: number | undefined): string =>
  [
    'The simulator and the state are kept. To go on:',
    `  cd ${folder}`,
    `  export TRIDENT_STATE_DIR=${join(folder, 'state')}`,
    `  node ${bin} get volume`,
    'To stop and remove them:',
    `  kill ${pid}; rm -rf ${folder}`,
  ].join('\n');

const main = async (): Promise<void> => {
  const begun = performance.now();
  say('Starting an ONTAP array in a process of its own (the bundled simulator) …');
  const { facts, child } = await startSimulator();
  try {
    say(`It listens on ${facts.url}; user ${facts.username}, a password and a certificate of its own.`);
    writeBackend(facts);
    say('backend.yaml describes it as an ontap-nas backend. From here on, every line is what you would type.');
    provision();
    await importForeign(facts);
    run('delete', 'volume', 'scratch');
    await showArray(facts);
    say(`\nDone in ${((performance.now() - begun) / 1000).toFixed(1)} s.`);
    if (keep) say(howToGoOn(child.pid));
  } finally {
    if (!keep) {
      child.kill('SIGTERM');
      rmSync(folder, { recursive: true, force: true });
    }
  }
};

try {
  await main();
} catch (error) {
  process.stderr.write(`quickstart: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
