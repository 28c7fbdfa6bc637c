import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startSimulator } from '../src/simulator/simulator.ts';
import type { Simulator } from '../src/simulator/contract.ts';
import { installationIn } from './support/installation.ts';
import { nasBackendFile } from './support/nas-backend.ts';
import { at, textAt } from './support/ontap-session.ts';

/** Two processes make qtrees in the same shared FlexVols at once, and one of them is killed (SIGKILL) in the middle of it. */

const program = join(import.meta.dirname, 'support', 'creating-process.ts');
const each = 40;
const perFlexVol = 50;

let folder: string;
let simulator: Simulator;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tridentctl-killed-'));
  simulator = await startSimulator({ latencyMs: 5 });
});
afterEach(async () => {
  await simulator.stop();
  rmSync(folder, { recursive: true, force: true });
});

const creating = (prefix: string) => {
  const child = spawn(process.execPath, [program, join(folder, 'state'), prefix, String(each)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return { child, ended: once(child, 'exit') };
};

const records = async (path: string): Promise<readonly unknown[]> => {
  const found = at((await simulator.call('GET', path)).body, 'records');
  return Array.isArray(found) ? found : [];
};
const qtrees = async (): Promise<readonly { readonly name: string; readonly flexVol: string }[]> =>
  (await records('/storage/qtrees?fields=name,volume.name'))
    .map((found) => ({ name: textAt(found, 'name'), flexVol: textAt(found, 'volume', 'name') }))
    .filter(({ name }) => name !== '');
const fullest = async (): Promise<number> => {
  const counts = new Map<string, number>();
  for (const { flexVol } of await qtrees()) counts.set(flexVol, (counts.get(flexVol) ?? 0) + 1);
  return Math.max(0, ...counts.values());
};

describe('of two processes that create at once', () => {
  it.each([1, 15, 60])(
    'one is killed after %d qtrees: the other goes on, and nothing is left over',
    async (after) => {
      const { must } = installationIn(folder, 'state');
      const file = nasBackendFile(folder, simulator, {
        storageDriverName: 'ontap-nas-economy',
        backendName: 'eco',
        aggregate: 'aggr1_n1',
        qtreesPerFlexvol: String(perFlexVol),
      });
      await must(`create backend -f ${file}`);
      await must('create storageclass any');
      const [victim, other] = [creating('victim'), creating('other')];
      const made = () => simulator.requests.count({ method: 'POST', path: '/storage/qtrees' });
      await expect.poll(made, { timeout: 30_000, interval: 2 }).toBeGreaterThanOrEqual(after);
      victim.child.kill('SIGKILL');
      let most = 0;
      const isOver = async () => {
        most = Math.max(most, await fullest());
        return other.child.exitCode;
      };
      await expect.poll(isOver, { timeout: 60_000, interval: 10 }).toBe(0);
      await Promise.all([victim.ended, other.ended]);
      await must('recover');
      most = Math.max(most, await fullest());
      expect(most).toBeLessThanOrEqual(perFlexVol);
      const recorded = (await must('get volume -o name')).trim().split('\n').toSorted();
      expect(recorded.filter((name) => name.startsWith('other'))).toHaveLength(each);
      expect((await qtrees()).map(({ name }) => name.replace('trident_', '')).toSorted()).toEqual(recorded);
      const rules = await records('/storage/quota/rules?type=tree&fields=volume.name,qtree.name,space.hard_limit');
      const limits = rules.filter((rule) => textAt(rule, 'qtree', 'name') !== '');
      expect(limits.map((rule) => textAt(rule, 'qtree', 'name').replace('trident_', '')).toSorted()).toEqual(recorded);
      for (const volume of await records('/storage/volumes?name=trident_qtree_pool*&fields=size')) {
        const inside = limits.filter((rule) => textAt(rule, 'volume', 'name') === textAt(volume, 'name'));
        const sum = inside.reduce<number>((bytes, rule) => bytes + Number(at(rule, 'space', 'hard_limit')), 0);
        expect(at(volume, 'size')).toBeGreaterThanOrEqual(sum);
      }
      const operations = at(JSON.parse(await must('get operation -o json')), 'items');
      const outcomes = new Set(Array.isArray(operations) ? operations.map((one) => textAt(one, 'outcome')) : []);
      expect([...outcomes].filter((outcome) => outcome !== 'done' && outcome !== 'undone')).toEqual([]);
      expect(outcomes.size).toBeGreaterThan(0);
      simulator.world.verify();
    },
    120_000,
  );
});
