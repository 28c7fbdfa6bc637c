import { defaultClientSettings } from '../src/engine/drivers/ontap/client/settings.ts';
import { startArrayProcess } from './array-process.ts';
import { anyClass, openLab, patient } from './lab.ts';
import { inParallel, round, say, table } from './report.ts';

const latencyMs = 20;
const count = 1000;

/** NFS volumes made and deleted through the whole engine, state on disk, against the floor that latency alone sets. */
export const run = async (): Promise<void> => {
  say(
    `${count} ontap-nas volumes, ${latencyMs} ms per array call, array in a process of its own, state on disk\n` +
      '(stock: 3.3 creates/s by default, 62/s at best at 32 at once)',
  );
  const rows: (string | number)[][] = [];
  for (const width of [1, 8, 32]) {
    const volumes = Array.from({ length: width === 1 ? 100 : count }, (_, index) => `v${index}`);
    await using array = await startArrayProcess(latencyMs);
    await using lab = await openLab();
    const { orchestrator } = lab;
    await orchestrator.backends.add(array.config, patient());
    await orchestrator.storageClasses.add(anyClass);
    const measure = async (name: string, work: (volume: string) => Promise<unknown>) => {
      await array.reset();
      const arrayBefore = array.cpuMs();
      const cpuBefore = process.cpuUsage();
      const begun = performance.now();
      await inParallel(volumes, width, async (volume) => void (await work(volume)));
      const seconds = (performance.now() - begun) / 1000;
      const { user, system } = process.cpuUsage(cpuBefore);
      const arrayAfter = array.cpuMs();
      const { calls: total, handshakes } = await array.counters();
      const calls = total / volumes.length;
      const floor = width / ((calls * latencyMs) / 1000);
      const rate = volumes.length / seconds;
      rows.push([
        `${name}, ${width} at once`,
        round(rate, 1),
        round(floor, 1),
        round(rate / floor, 2),
        round(calls, 2),
        `${handshakes} of ${defaultClientSettings.connections}`,
        round((user + system) / 1000 / volumes.length, 2),
        arrayBefore === undefined || arrayAfter === undefined
          ? '?'
          : round((arrayAfter - arrayBefore) / volumes.length, 2),
      ]);
    };
    await measure('create', (name) =>
      orchestrator.volumes.create({ name, size: '1Gi', storageClass: 'any', volumeMode: 'Filesystem' }, patient()),
    );
    await measure('delete', (name) => orchestrator.volumes.remove(name, patient()));
  }
  table(
    ['operation', 'per second', 'latency floor', 'of the floor', 'calls', 'handshakes', 'our CPU ms', "array's CPU ms"],
    rows,
  );
};
