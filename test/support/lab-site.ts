import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe } from 'vitest';
import type { CloneRequest, ImportRequest, Orchestrator } from '../../src/engine/orchestrator/orchestrator.ts';
import { openMemoryStore } from '../../src/engine/store/memory.ts';
import type { Store } from '../../src/engine/store/store.ts';
import { cloneRequest, furnish, importRequest, openLabEngine, patient, volumeRequest } from './lab.ts';
import type { LabArray } from './lab-driver.ts';
import { labPool, openLabArray } from './lab-driver.ts';
import { openTestStore } from './sqlite-store.ts';

export const labConfig = { version: 1, storageDriverName: 'lab', backendName: 'lab' };
export const gib = 1024 ** 3;

const stores = {
  memory: async () => ({ store: openMemoryStore(), remove: async () => undefined }),
  sqlite: async () => {
    const directory = await mkdtemp(join(tmpdir(), 'use-cases-'));
    return { store: await openTestStore(directory), remove: () => rm(directory, { recursive: true }) };
  },
} satisfies Record<string, () => Promise<{ store: Store; remove: () => Promise<void> }>>;

/** An engine over a lab array with pools p1 and p2, backend `lab`, class `any`, nodes n1 and n2; new for each test. */
export interface LabSite {
  readonly store: Store;
  readonly array: LabArray;
  readonly core: Orchestrator;
}

interface OpenSite extends LabSite {
  close(): Promise<void>;
}

const openSite = async (kind: keyof typeof stores): Promise<OpenSite> => {
  const { store, remove } = await stores[kind]();
  const array = openLabArray({ pools: [labPool('p1'), labPool('p2')], enforcesAccess: true, now: () => new Date() });
  const engine = await openLabEngine(store, array);
  await furnish(engine.orchestrator);
  return {
    store,
    array,
    core: engine.orchestrator,
    async close() {
      await engine[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
      await remove();
    },
  };
};

/** Describes use cases once per kind of store. What `body` is given may be used within tests only. */
export const describeOnStores = (what: string, body: (lab: LabSite) => void): void =>
  describe.each(['memory', 'sqlite'] as const)(`${what} on a %s store`, (kind) => {
    let site: OpenSite | undefined;
    const opened = (): OpenSite => {
      if (site === undefined) throw new Error('there is no site outside a test');
      return site;
    };
    beforeEach(async () => {
      site = await openSite(kind);
    });
    afterEach(() => opened().close());
    body({
      get store() {
        return opened().store;
      },
      get array() {
        return opened().array;
      },
      get core() {
        return opened().core;
      },
    });
  });

export const actionsOf = (lab: LabSite) => ({
  create: (name: string, size?: string) => lab.core.volumes.create(volumeRequest(name, size), patient),
  snap: (volume: string, name: string) => lab.core.snapshots.create({ volume, name, version: '' }, patient),
  publish: (volume: string, node: string, readOnly = false) =>
    lab.core.publications.publish({ volume, node, readOnly, accessMode: 0 }, patient),
  clone: (source: string, name: string, more: Partial<CloneRequest> = {}) =>
    lab.core.volumes.clone(cloneRequest(name, source, more), patient),
  take: (originalName: string, name: string, more: Partial<ImportRequest> = {}) =>
    lab.core.volumes.import(importRequest('lab', originalName, name, more), patient),
});
