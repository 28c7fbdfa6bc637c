/**
 * Prints figures, each as a ratio to a baseline measured in the same run. They inform; they are not timed tests.
 *
 *   npm run bench                 all
 *   npm run bench -- startup      one: startup, reads, calls, creates, simulator
 */
const benches = {
  startup: () => import('./startup.ts'),
  reads: () => import('./reads.ts'),
  calls: () => import('./calls.ts'),
  creates: () => import('./creates.ts'),
  simulator: () => import('./simulator.ts'),
} as const;

const isName = (name: string): name is keyof typeof benches => name in benches;
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !isName(name));
if (unknown.length > 0) {
  process.stderr.write(`no benchmark is called ${unknown.join(', ')}; there are ${Object.keys(benches).join(', ')}\n`);
  process.exitCode = 2;
} else {
  for (const name of wanted.length === 0 ? Object.keys(benches) : wanted) {
    if (!isName(name)) continue;
    process.stdout.write(`\n== ${name}\n`);
    await (await benches[name]()).run();
  }
}
