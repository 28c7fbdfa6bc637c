import { describe, expect, it } from 'vitest';
import {
  cloneRequest,
  endOf,
  expectAgreement,
  furnish,
  importRequest,
  openLabEngine,
  patient,
  volumeRequest,
} from '../../../test/support/lab.ts';
import type { Fault, LabArray } from '../../../test/support/lab-driver.ts';
import { labPool, openLabArray } from '../../../test/support/lab-driver.ts';
import { newMemoryState, openMemoryStore } from '../store/memory.ts';
import type { Orchestrator } from './orchestrator.ts';

/**
 * Every operation that changes something, cut off at every point where a process could die, and with every fault of the
 * array at every call. Afterwards another process recovers, and records and array must say the same.
 */
interface Case {
  readonly name: string;
  readonly before?: (orchestrator: Orchestrator, array: LabArray) => Promise<unknown>;
  readonly act: (orchestrator: Orchestrator) => Promise<unknown>;
  /** Objects on the array that are nobody's. */
  readonly foreign?: readonly string[];
  /** What holds once the act has been carried through. */
  readonly after: (orchestrator: Orchestrator, array: LabArray) => Promise<void>;
}

const make = (orchestrator: Orchestrator, name: string) => orchestrator.volumes.create(volumeRequest(name), patient);
const snap = ({ snapshots }: Orchestrator, volume: string, name: string) =>
  snapshots.create({ volume, name, version: '1' }, patient);
const groupName = 'groupsnapshot-13f0c2aa-1d2e-4b3c-9a8f-77b6a5c4d3e2';
const memberName = 'snapshot-13f0c2aa-1d2e-4b3c-9a8f-77b6a5c4d3e2';
const group = ({ groupSnapshots }: Orchestrator, ...volumes: readonly string[]) =>
  groupSnapshots.create({ name: groupName, volumes, version: '1' }, patient);
const publish = ({ publications }: Orchestrator, volume: string, node: string) =>
  publications.publish({ volume, node, readOnly: false, accessMode: 0 }, patient);
const cloneOf = (source: string, name: string, snapshot = '') => cloneRequest(name, source, { snapshot });
const importOf = (originalName: string, name: string, noManage = false) =>
  importRequest('lab', originalName, name, { noManage });

const cases: readonly Case[] = [
  {
    name: 'create a volume',
    act: (o) => make(o, 'v1'),
    after: async (o) => expect((await o.volumes.get('v1')).state).toBe('online'),
  },
  {
    name: 'clone a volume from a snapshot',
    before: async (o) => {
      await make(o, 'v1');
      await snap(o, 'v1', 's1');
    },
    act: (o) => o.volumes.clone(cloneOf('v1', 'c1', 's1'), patient),
    after: async (o) => expect((await o.volumes.get('c1')).config.cloneSourceSnapshot).toBe('s1'),
  },
  {
    name: 'import a volume',
    before: async (_o, array) => array.plant('legacy', 5_000_000_000),
    act: (o) => o.volumes.import(importOf('legacy', 'v1'), patient),
    foreign: ['legacy'],
    after: async (o, array) => {
      expect((await o.volumes.get('v1')).config).toMatchObject({ internalName: 'lab_v1', size: 5_000_000_000 });
      expect(array.volumes.has('legacy')).toBe(false);
    },
  },
  {
    name: 'resize a volume',
    before: (o) => make(o, 'v1'),
    act: (o) => o.volumes.resize('v1', '2Gi', patient),
    after: async (o) => expect((await o.volumes.get('v1')).config.size).toBe(2 * 1024 ** 3),
  },
  {
    name: 'delete a volume',
    before: (o) => make(o, 'v1'),
    act: (o) => o.volumes.remove('v1', patient),
    after: async (o) => expect(await o.volumes.names()).toEqual([]),
  },
  {
    name: 'publish a volume',
    before: async (o) => {
      await make(o, 'v1');
      await publish(o, 'v1', 'n2');
    },
    act: (o) => publish(o, 'v1', 'n1'),
    after: async (_o, array) => expect([...(array.volumes.get('lab_v1')?.grants ?? [])].sort()).toEqual(['n1', 'n2']),
  },
  {
    name: 'unpublish a volume',
    before: async (o) => {
      await make(o, 'v1');
      await publish(o, 'v1', 'n1');
      await publish(o, 'v1', 'n2');
    },
    act: (o) => o.publications.unpublish('v1', 'n1', patient),
    after: async (_o, array) => expect([...(array.volumes.get('lab_v1')?.grants ?? [])]).toEqual(['n2']),
  },
  {
    name: 'unpublish the last volume of a deleted node',
    before: async (o) => {
      await make(o, 'v1');
      await publish(o, 'v1', 'n1');
      await o.nodes.remove('n1', patient);
    },
    act: (o) => o.publications.unpublish('v1', 'n1', patient),
    after: async (o) => expect((await o.nodes.list()).map(({ name }) => name)).toEqual(['n2']),
  },
  {
    name: 'take a snapshot',
    before: (o) => make(o, 'v1'),
    act: (o) => snap(o, 'v1', 's1'),
    after: async (o) => expect((await o.snapshots.get('v1', 's1')).state).toBe('online'),
  },
  {
    name: 'delete a snapshot',
    before: async (o) => {
      await make(o, 'v1');
      await snap(o, 'v1', 's1');
    },
    act: (o) => o.snapshots.remove('v1', 's1', patient),
    after: async (o) => expect(await o.snapshots.list()).toEqual([]),
  },
  {
    name: 'take a group snapshot',
    before: async (o) => {
      await make(o, 'v1');
      await make(o, 'v2');
    },
    act: (o) => group(o, 'v1', 'v2'),
    after: async (o) =>
      expect((await o.groupSnapshots.get(groupName)).snapshots).toEqual([`v1/${memberName}`, `v2/${memberName}`]),
  },
  {
    name: 'delete a group snapshot',
    before: async (o) => {
      await make(o, 'v1');
      await make(o, 'v2');
      await group(o, 'v1', 'v2');
    },
    act: (o) => o.groupSnapshots.remove(groupName, patient),
    after: async (o) => {
      expect(await o.groupSnapshots.names()).toEqual([]);
      expect(await o.snapshots.list()).toEqual([]);
    },
  },
  {
    name: 'restore a snapshot',
    before: async (o) => {
      await make(o, 'v1');
      await snap(o, 'v1', 's1');
    },
    act: (o) => o.snapshots.restore('v1', 's1', patient),
    after: async (o) => expect((await o.volumes.get('v1')).state).toBe('online'),
  },
  {
    name: 'delete the last snapshot of a deleting volume on a deleting backend',
    before: async (o) => {
      await make(o, 'v1');
      await snap(o, 'v1', 's1');
      await o.volumes.remove('v1', patient);
      await o.backends.remove('lab', patient);
    },
    act: (o) => o.snapshots.remove('v1', 's1', patient),
    after: async (o) => {
      expect(await o.volumes.names()).toEqual([]);
      expect(await o.backends.names()).toEqual([]);
    },
  },
  {
    name: 'delete a backend',
    act: (o) => o.backends.remove('lab', patient),
    after: async (o) => expect(await o.backends.names()).toEqual([]),
  },
];

/** A clock that every reading moves, so that what is made later is later. */
const newClock = (): (() => Date) => {
  let time = Date.parse('2026-01-01T00:00:00Z');
  return () => new Date((time += 1000));
};

const openSite = async (one: Case) => {
  const now = newClock();
  const state = newMemoryState();
  const array = openLabArray({ pools: [labPool('p1')], enforcesAccess: true, now });
  const store = openMemoryStore({ state });
  const engine = await openLabEngine(store, array, { now });
  await furnish(engine.orchestrator);
  await one.before?.(engine.orchestrator, array);
  await engine[Symbol.asyncDispose]();
  await store[Symbol.asyncDispose]();
  return { array, state, now };
};
type Site = Awaited<ReturnType<typeof openSite>>;

/** Runs the act in a process that dies at its n-th chance. Answers where it died, or undefined when it came through. */
const runUntil = async ({ array, state, now }: Site, one: Case, n: number): Promise<string | undefined> => {
  const store = openMemoryStore({ state });
  let count = 0;
  let die: (where: string) => void = () => undefined;
  const died = new Promise<string>((resolve) => (die = resolve));
  const engine = await openLabEngine(store, array, {
    now,
    crashPoint: (name) => {
      if (++count !== n) return undefined;
      die(name);
      return new Promise<never>(() => undefined);
    },
  });
  const where = await Promise.race([died, one.act(engine.orchestrator).then(() => undefined)]);
  await store[Symbol.asyncDispose]();
  return where;
};

/** What another process finds: after recovery all agrees, and the act can be carried through. */
const expectRecovery = async ({ array, state, now }: Site, one: Case): Promise<void> => {
  await using store = openMemoryStore({ state });
  await using engine = await openLabEngine(store, array, { now });
  const { orchestrator } = engine;
  await orchestrator.operations.recover(patient);
  const foreign = (one.foreign ?? []).filter((name) => array.volumes.has(name));
  await expectAgreement(orchestrator, array, foreign);
  // What was undone can be done again; what was finished is refused as done.
  expect(['done', 'exists', 'notFound']).toContain(await endOf(one.act(orchestrator)));
  // A deletion that waited for this one and was refused is tried again by the next pass.
  await orchestrator.poll(patient);
  await expectAgreement(orchestrator, array);
  expect((await orchestrator.volumes.list()).map((volume) => volume.state)).not.toContain('deleting');
  await one.after(orchestrator, array);
};

describe.each(cases)('$name', (one) => {
  it('survives the death of its process at every point', async () => {
    const places: string[] = [];
    for (let n = 1; ; n++) {
      const site = await openSite(one);
      const where = await runUntil(site, one, n);
      await expectRecovery(site, one);
      if (where === undefined) break;
      places.push(where);
    }
    expect(places.length).toBeGreaterThanOrEqual(4);
  });

  it('survives a second death during recovery', async () => {
    let deaths = 0;
    for (let n = 1; ; n++) {
      const site = await openSite(one);
      if ((await runUntil(site, one, n)) === undefined) break;
      for (let m = 1; ; m++, deaths++) {
        const recovering: Case = { ...one, act: (o) => o.operations.recover(patient) };
        if ((await runUntil(site, recovering, m)) === undefined) break;
      }
      await expectRecovery(site, one);
    }
    expect(deaths).toBeGreaterThan(0);
  });

  it.each<Fault>(['unreachable', 'lost', 'refused'])(
    'survives an array that is %s at any of its calls',
    async (fault) => {
      let struck = 0;
      for (let n = 1; n === struck + 1; n++) {
        const site = await openSite(one);
        const { array, state, now } = site;
        let count = 0;
        array.fault = () => {
          if (++count !== n) return undefined;
          struck++;
          return fault;
        };
        {
          await using store = openMemoryStore({ state });
          await using engine = await openLabEngine(store, array, { now });
          await endOf(one.act(engine.orchestrator));
        }
        array.fault = undefined;
        await expectRecovery(site, one);
      }
      expect(struck).toBeGreaterThan(0);
    },
  );

  it('survives an array that stays away', async () => {
    const site = await openSite(one);
    const { array, state, now } = site;
    array.fault = () => 'unreachable';
    {
      await using store = openMemoryStore({ state });
      await using engine = await openLabEngine(store, array, { now });
      await endOf(one.act(engine.orchestrator));
      await engine.orchestrator.operations.recover(patient);
    }
    array.fault = undefined;
    await expect(expectRecovery(site, one)).resolves.toBeUndefined();
  });
});
