import { readOptions, usage, type BenchOptions } from './options.ts';

/**
 * Prints figures, each as a ratio to a baseline measured in the same run. They inform; they are not timed tests.
 *
 *   npm run bench                 all
 *   npm run bench -- startup      one: startup, reads, calls, creates, simulator
 *   npm run bench -- creates --driver ontap-san-iscsi --count 200 --width 32 --job-time 0
 */
const benches: Readonly<Record<string, () => Promise<{ readonly run: (options: BenchOptions) => Promise<void> }>>> = {
  startup: () => import('./startup.ts'),
  reads: () => import('./reads.ts'),
  calls: () => import('./calls.ts'),
  creates: () => import('./creates.ts'),
  simulator: () => import('./simulator.ts'),
};

/** The benchmarks that were named, or all. @throws Error for one that there is not */
const chosen = ({ names }: BenchOptions) =>
  (names.length === 0 ? Object.keys(benches) : names).map((name) => {
    const load = benches[name];
    if (load === undefined)
      throw new Error(`no benchmark is called ${name}; there are ${Object.keys(benches).join(', ')}`);
    return { name, load };
  });

const readWords = () => {
  try {
    const options = readOptions(process.argv.slice(2));
    return { options, wanted: chosen(options) };
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
    process.exitCode = 2;
    return undefined;
  }
};

const words = readWords();
if (words !== undefined)
  for (const { name, load } of words.wanted) {
    process.stdout.write(`\n== ${name}\n`);
    await (await load()).run(words.options);
  }
