import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { median, round, say, table } from './report.ts';

const bin = join(import.meta.dirname, '..', 'bin', 'tridentctl.js');

const candidates: readonly { readonly name: string; readonly argv: readonly string[] }[] = [
  { name: 'node -e 0', argv: ['-e', '0'] },
  { name: 'version --client', argv: [bin, 'version', '--client'] },
  { name: '--help', argv: [bin, '--help'] },
  { name: 'get volume --help', argv: [bin, 'get', 'volume', '--help'] },
  { name: 'completion bash', argv: [bin, 'completion', 'bash'] },
];

/** Whole processes, interleaved so that a busy moment of the machine strikes all alike. */
export const run = async (): Promise<void> => {
  const times = candidates.map((): number[] => []);
  for (let pass = 0; pass < 31; pass++)
    for (const [index, candidate] of candidates.entries()) {
      const begun = performance.now();
      const result = spawnSync(process.execPath, candidate.argv, { stdio: 'ignore' });
      if (result.status !== 0) throw new Error(`${candidate.name} ended with status ${result.status}`);
      times[index]?.push(performance.now() - begun);
    }
  const base = times[0] ?? [];
  say('milliseconds for a whole process, 31 rounds; ratios to node -e 0');
  table(
    ['command', 'minimum', 'median', 'ratio of minima', 'ratio of medians'],
    candidates.map(({ name }, index) => {
      const mine = times[index] ?? [];
      return [
        name,
        round(Math.min(...mine), 1),
        round(median(mine), 1),
        round(Math.min(...mine) / Math.min(...base), 2),
        round(median(mine) / median(base), 2),
      ];
    }),
  );
};
