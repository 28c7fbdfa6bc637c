import { startSimulator } from '../../src/simulator/simulator.ts';

/** Makes so many volumes in a simulator of its own, lists them all once and writes its peak memory in MiB. */
const count = Number(process.argv[2]);
const simulator = await startSimulator({});
for (let index = 0; index < count; index++) {
  await simulator.call('POST', '/storage/volumes', {
    name: `v${index}`,
    size: '20MB',
    svm: { name: 'svm0' },
    aggregates: [{ name: 'aggr1_n1' }],
    guarantee: { type: 'none' },
  });
}
await simulator.call('GET', '/storage/volumes?fields=*');
await simulator.stop();
process.stdout.write(String(Math.round(process.resourceUsage().maxRSS / 1024)));
