import { openArray, openLab, anyClass, patient } from './lab.ts';
import { inParallel, round, say, table } from './report.ts';

const latencyMs = 20;
const count = 1000;

/** NFS volumes made and deleted through the whole engine, state on disk, against the floor that latency alone sets. */
export const run = async (): Promise<void> => {
  say(
    `${count} ontap-nas volumes, ${latencyMs} ms per array call (stock: 3.3 creates/s by default, 62/s at best at 32 at once)`,
  );
  const rows: (string | number)[][] = [];
  for (const width of [1, 8, 32]) {
    const volumes = Array.from({ length: width === 1 ? 100 : count }, (_, index) => `v${index}`);
    const { simulator, config } = await openArray(latencyMs);
    try {
      await using lab = await openLab();
      const { orchestrator } = lab;
      await orchestrator.backends.add(config, patient());
      await orchestrator.storageClasses.add(anyClass);
      const measure = async (name: string, work: (volume: string) => Promise<unknown>) => {
        simulator.requests.reset();
        simulator.connections.reset();
        const begun = performance.now();
        await inParallel(volumes, width, async (volume) => void (await work(volume)));
        const seconds = (performance.now() - begun) / 1000;
        const calls = simulator.requests.count() / volumes.length;
        const floor = width / ((calls * latencyMs) / 1000);
        const rate = volumes.length / seconds;
        rows.push([
          `${name}, ${width} at once`,
          round(rate, 1),
          round(floor, 1),
          round(rate / floor, 2),
          round(calls, 2),
          simulator.connections.handshakes,
        ]);
      };
      await measure('create', (name) =>
        orchestrator.volumes.create({ name, size: '1Gi', storageClass: 'any', volumeMode: 'Filesystem' }, patient()),
      );
      await measure('delete', (name) => orchestrator.volumes.remove(name, patient()));
    } finally {
      await simulator.stop();
    }
  }
  table(['operation', 'per second', 'latency floor', 'of the floor', 'calls each', 'new TLS connections'], rows);
};
