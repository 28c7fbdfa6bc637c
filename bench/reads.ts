import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { emptyVolumeConfig, type VolumeRecord } from '../src/engine/orchestrator/model.ts';
import { openLab } from './lab.ts';
import { median, round, say, table } from './report.ts';

const bin = join(import.meta.dirname, '..', 'bin', 'tridentctl.js');

const record = (index: number): VolumeRecord => {
  const name = `pvc-${String(index).padStart(8, '0')}-6f0e-4f57-9b7b-0d5c0b1c2a11`;
  const internalName = `trident_${name.replaceAll('-', '_')}`;
  return {
    config: {
      ...emptyVolumeConfig,
      name,
      internalName,
      size: 10 * 1024 ** 3,
      protocol: 'file',
      storageClass: 'gold',
      accessMode: 'ReadWriteMany',
      accessInformation: { nfsServerIp: '10.0.0.10', nfsPath: `/${internalName}`, mountOptions: 'nfsvers=4.1' },
      fileSystem: 'nfs',
      spaceReserve: 'none',
      snapshotPolicy: 'none',
      exportPolicy: 'trident_empty',
      unixPermissions: '---rwxrwxrwx',
    },
    backendUUID: '8f0d6d4e-2c4b-4a0e-8d5b-5f6f1f0a9c33',
    pool: 'aggr1',
    poolKey: 'aggr1',
    orphaned: false,
    state: 'online',
    ref: { uuid: '3f1c7a52-6f0e-4f57-9b7b-0d5c0b1c2a11' },
  };
};

/** Seconds and greatest memory (MB) of whole processes that list all volumes. */
const listing = (argv: readonly string[], environment: NodeJS.ProcessEnv): { ms: number; megabytes: number } => {
  const times: number[] = [];
  let megabytes = 0;
  for (let pass = 0; pass < 5; pass++) {
    const begun = performance.now();
    const result = spawnSync(process.execPath, ['--import', memoryProbe, bin, ...argv], {
      env: environment,
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
    });
    times.push(performance.now() - begun);
    if (result.status !== 0) throw new Error(result.stderr);
    megabytes = Math.max(megabytes, Number(/peak (\d+)/.exec(result.stderr)?.[1] ?? 0) / 1024);
  }
  return { ms: median(times), megabytes };
};
const memoryProbe =
  'data:text/javascript,process.on("exit",()=>process.stderr.write("peak "+process.resourceUsage().maxRSS+"\\n"))';

/** `get volume` over a state directory of 1,000 and 10,000 volumes, embedded and through `serve`. */
export const run = async (): Promise<void> => {
  const base = listing(['version', '--client'], process.env);
  const rows: (string | number)[][] = [['version --client', round(base.ms, 0), '1.0', round(base.megabytes, 0)]];
  for (const count of [1000, 10_000]) {
    await using lab = await openLab();
    await lab.store.commit(
      Array.from({ length: count }, (_, index) => ({ kind: 'volume', put: record(index), revision: 'new' }) as const),
    );
    const environment = { ...process.env, TRIDENT_STATE_DIR: lab.directory, TRIDENT_SERVER: '' };
    for (const format of ['', 'json']) {
      const argv = ['get', 'volume', ...(format === '' ? [] : ['-o', format])];
      const { ms, megabytes } = listing(argv, environment);
      rows.push([
        `${argv.join(' ')}, ${count} volumes, embedded`,
        round(ms, 0),
        round(ms / base.ms, 1),
        round(megabytes, 0),
      ]);
    }
    const server = spawn(process.execPath, [bin, 'serve', '--port', '0'], {
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    try {
      let text = '';
      server.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      server.stderr.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      while (!/http:\/\/[\d.:]+/.test(text)) await once(server.stderr, 'data', { signal: AbortSignal.timeout(10_000) });
      const url = /http:\/\/[\d.]+:\d+/.exec(text)?.[0] ?? '';
      const { ms, megabytes } = listing(['get', 'volume', '--server', url], environment);
      rows.push([
        `get volume, ${count} volumes, through serve`,
        round(ms, 0),
        round(ms / base.ms, 1),
        round(megabytes, 0),
      ]);
    } finally {
      server.kill('SIGTERM');
      await once(server, 'exit');
    }
  }
  say('whole processes, median of 5');
  table(['command', 'ms', 'ratio', 'peak MB'], rows);
};
