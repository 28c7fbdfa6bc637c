import { startSimulator } from '../../src/simulator/simulator.ts';

/** Makes so many volumes in a simulator of its own, says how to reach it, and at the end its peak memory in MiB. */
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
const { url, certificate, controlToken } = simulator;
const { name, password } = simulator.user('admin');
process.stdout.write(`${JSON.stringify({ url, certificate, controlToken, name, password })}\n`);
process.stdin.resume().once('end', () => {
  process.stdout.write(`${Math.round(process.resourceUsage().maxRSS / 1024)}\n`);
  void simulator.stop();
});
