import { defaultClientSettings } from '../src/engine/drivers/ontap/client/settings.ts';
import type { CallOptions, Orchestrator } from '../src/engine/orchestrator/orchestrator.ts';
import { messageOf } from '../src/engine/problem.ts';
import { startArrayProcess, type ArrayProcess } from './array-process.ts';
import { backendOf, type BenchDriver } from './drivers.ts';
import { anyClass, openLab, patient } from './lab.ts';
import type { BenchOptions } from './options.ts';
import { inParallel, round, say, table } from './report.ts';

/** Volumes of a row, and of those before it, unless that is cut to what takes about so long at two calls and a job for each. */
const fullCount = 1000;
const longestRowMs = 20_000;
const fullWarmUp = 4000;
const longestWarmUpMs = 5000;

const headings = [
  'operation',
  'per second',
  'latency floor',
  'of the floor',
  'calls',
  'jobs',
  'handshakes',
  'our CPU ms',
  "array's CPU ms",
];

/** What an operation asks of the array. */
interface Cost {
  readonly calls: number;
  readonly jobs: number;
}

/** A way to work on an array: which it is, and how many operations are under way at once. */
interface Setting {
  readonly array: ArrayProcess;
  readonly latencyMs: number;
  readonly jobTimeMs: number;
  readonly width: number;
}

/** One kind of operation, and what one of it costs when nothing else is going on. */
interface Work {
  readonly name: string;
  readonly alone: Cost;
  readonly run: (volume: string, options: CallOptions) => Promise<unknown>;
}

const costOf = async (array: ArrayProcess, count: number): Promise<Cost & { readonly handshakes: number }> => {
  const { calls, jobs, handshakes } = await array.counters();
  return { calls: calls / count, jobs: jobs / count, handshakes };
};

/** Works on all volumes, and says how fast that went against what latency and jobs alone allow. */
const measure = async (work: Work, setting: Setting, volumes: readonly string[]): Promise<readonly string[]> => {
  const { array, latencyMs, jobTimeMs, width } = setting;
  await array.reset();
  const arrayBefore = array.cpuMs();
  const cpuBefore = process.cpuUsage();
  const begun = performance.now();
  const options = patient();
  await inParallel(volumes, width, async (volume) => void (await work.run(volume, options)));
  const seconds = (performance.now() - begun) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  const arrayAfter = array.cpuMs();
  const { calls, jobs, handshakes } = await costOf(array, volumes.length);
  const each = (total: number) => total / volumes.length;
  const floor = width / ((work.alone.calls * latencyMs + work.alone.jobs * jobTimeMs) / 1000);
  const rate = volumes.length / seconds;
  return [
    `${work.name} ${volumes.length}, ${width} at once`,
    round(rate, 1),
    round(floor, 1),
    round(rate / floor, 2),
    `${round(calls, 2)} (${round(work.alone.calls, 1)})`,
    `${round(jobs, 2)} (${round(work.alone.jobs, 1)})`,
    `${handshakes} of ${defaultClientSettings.connections}`,
    round(each((user + system) / 1000), 2),
    arrayBefore === undefined || arrayAfter === undefined ? '?' : round(each(arrayAfter - arrayBefore), 2),
  ];
};

const namesOf = (prefix: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}-${index}`);

const createWith =
  ({ volumes }: Orchestrator) =>
  (name: string, options: CallOptions) =>
    volumes.create({ name, size: '1Gi', storageClass: 'any', volumeMode: 'Filesystem' }, options);

/** How many operations that takes, when so many are under way at once. */
const fitting = (milliseconds: number, width: number, latencyMs: number, jobTimeMs: number): number =>
  Math.ceil((width * milliseconds) / (2 * latencyMs + jobTimeMs));

/** Both processes have compiled what they run, and connections are open, before anything is measured. */
const warmUp = async (orchestrator: Orchestrator, jobTimeMs: number, options: BenchOptions): Promise<void> => {
  const width = Math.max(...options.widths);
  const inTime = fitting(longestWarmUpMs, width, options.latencyMs, jobTimeMs);
  const volumes = namesOf('warm', options.warm ?? Math.min(fullWarmUp, inTime));
  const patience = patient();
  await inParallel(volumes, width, async (name) => void (await createWith(orchestrator)(name, patience)));
  await inParallel(volumes, width, async (name) => void (await orchestrator.volumes.remove(name, patience)));
};

const aloneCount = 10;

/** Creates and deletes, each with what it costs by itself: many at once share some of that. */
const worksOn = async (array: ArrayProcess, orchestrator: Orchestrator): Promise<readonly Work[]> => {
  // Some that stay on each aggregate, since what they share with others stays then too.
  for (const name of namesOf('first', 8)) await createWith(orchestrator)(name, patient());
  const volumes = namesOf('alone', aloneCount);
  const alone = async (name: string, run: Work['run']): Promise<Work> => {
    await array.reset();
    for (const volume of volumes) await run(volume, patient());
    return { name, run, alone: await costOf(array, aloneCount) };
  };
  return [
    await alone('create', createWith(orchestrator)),
    await alone('delete', (name, options) => orchestrator.volumes.remove(name, options)),
  ];
};

const rowsOf = async (
  driver: BenchDriver,
  jobTimeMs: number,
  options: BenchOptions,
): Promise<readonly (readonly string[])[]> => {
  const { latencyMs, widths } = options;
  await using array = await startArrayProcess({ latencyMs, jobTimeMs, topology: driver.topology });
  await using lab = await openLab();
  const { orchestrator } = lab;
  await orchestrator.backends.add(backendOf(driver, array.facts), patient());
  await orchestrator.storageClasses.add(anyClass);
  await warmUp(orchestrator, jobTimeMs, options);
  const works = await worksOn(array, orchestrator);
  const rows: (readonly string[])[] = [];
  for (const width of widths) {
    const setting = { array, latencyMs, jobTimeMs, width };
    const inTime = fitting(longestRowMs, width, latencyMs, jobTimeMs);
    const volumes = namesOf(`w${width}`, options.count ?? Math.min(fullCount, inTime));
    for (const work of works) rows.push(await measure(work, setting, volumes));
  }
  return rows;
};

/** Volumes made and deleted through the whole engine, state on disk, against the floor that latency and jobs alone set. */
export const run = async (options: BenchOptions): Promise<void> => {
  say(
    `${options.latencyMs} ms per array call, array in a process of its own, state on disk; calls, jobs and CPU per operation.\n` +
      'In parentheses: of an operation that nothing else is beside. The floor is operations at once / (calls x latency + jobs x\n' +
      'their time) of such a one.\n' +
      'Stock, NFS: 3.3 creates/s by default; concurrent 25 at 8 and 62 at 32 at once; with jobs of 200 ms 0.29 and 8.4.',
  );
  for (const driver of options.drivers)
    for (const jobTimeMs of options.jobTimesMs) {
      say(`\n${driver.name}, ${jobTimeMs === 0 ? 'jobs that take no time' : `jobs of ${jobTimeMs} ms`}`);
      try {
        table(headings, await rowsOf(driver, jobTimeMs, options));
      } catch (error) {
        // The other drivers are worth measuring all the same.
        say(`failed: ${messageOf(error)}`);
        process.exitCode = 1;
      }
    }
};
