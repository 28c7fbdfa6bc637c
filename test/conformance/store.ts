import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Change, Lease, LeaseRequest, Store } from '../../src/engine/store/store.ts';
import { backendRecord, operationRecord, publicationRecord, volumeRecord } from '../support/records.ts';

/** A place where records are kept, which several stores may have open at a time. */
export interface StoreSite {
  open(): Promise<Store>;
  remove(): Promise<void>;
}

const putVolume = (name: string, over: Parameters<typeof volumeRecord>[1] = {}): Change => ({
  kind: 'volume',
  put: volumeRecord(name, over),
  revision: 'new',
});

const lease = (store: Store, request: Partial<LeaseRequest>, signal?: AbortSignal): Promise<Lease> =>
  store.lease({ waitMs: 10_000, ...request }, signal ?? AbortSignal.timeout(20_000));

/** Resolves to what a promise did so far, without waiting for it. */
const stateOf = async (promise: Promise<unknown>): Promise<'pending' | 'settled'> => {
  const pending = Symbol('pending');
  const first = await Promise.race([promise.catch(() => undefined), Promise.resolve(pending)]);
  return first === pending ? 'pending' : 'settled';
};

/** What every store has to do; run for each kind of store. */
export const describeStore = (what: string, newSite: () => Promise<StoreSite>): void => {
  describe(`${what} store`, () => {
    let site: StoreSite;
    let store: Store;
    const opened: Store[] = [];
    const openAnother = async (): Promise<Store> => {
      const another = await site.open();
      opened.push(another);
      return another;
    };

    beforeEach(async () => {
      site = await newSite();
      store = await openAnother();
    });
    afterEach(async () => {
      for (const one of opened.splice(0)) await one[Symbol.asyncDispose]();
      await site.remove();
    });

    describe('records', () => {
      it('come back as they were written, whatever their kind', async () => {
        const backend = backendRecord('b1');
        const volume = volumeRecord('v1');
        const publication = publicationRecord('v1', 'n1');
        const operation = operationRecord('o1');
        await store.commit([
          { kind: 'backend', put: backend, revision: 'new' },
          { kind: 'volume', put: volume, revision: 'new' },
          { kind: 'publication', put: publication, revision: 'new' },
          { kind: 'operation', put: operation, revision: 'new' },
        ]);
        const other = await openAnother();
        expect(await other.get('backend', 'b1')).toEqual({ value: backend, revision: 1 });
        expect(await other.get('volume', 'v1')).toEqual({ value: volume, revision: 1 });
        expect(await other.get('publication', 'v1/n1')).toEqual({ value: publication, revision: 1 });
        expect(await other.list('operation')).toEqual([{ value: operation, revision: 1 }]);
      });

      it('are undefined when they are not there', async () => {
        expect(await store.get('volume', 'nope')).toBeUndefined();
        expect(await store.find('backend', 'name', 'nope')).toBeUndefined();
        expect(await store.list('backend')).toEqual([]);
        expect(await store.count('backend')).toBe(0);
      });

      it('do not change with the object they were made from', async () => {
        const facts = { svm: 'a' };
        await store.commit([{ kind: 'backend', put: backendRecord('b1', { facts }), revision: 'new' }]);
        facts.svm = 'b';
        expect((await store.get('backend', 'b1'))?.value.facts).toEqual({ svm: 'a' });
      });

      it('are listed in the order of their ids, all or by an index', async () => {
        await store.commit([
          putVolume('v3'),
          putVolume('v1'),
          putVolume('v2', { backendUUID: 'b2' }),
          putVolume('V9'),
          putVolume('v10'),
        ]);
        const names = async (where?: { index: string; value: string }) =>
          (await store.list('volume', where)).map((row) => row.value.config.name);
        expect(await names()).toEqual(['V9', 'v1', 'v10', 'v2', 'v3']);
        expect(await names({ index: 'backend', value: 'b1' })).toEqual(['V9', 'v1', 'v10', 'v3']);
        expect(await names({ index: 'cloneSource', value: '' })).toEqual([]);
        expect(await store.ids('volume')).toEqual(['V9', 'v1', 'v10', 'v2', 'v3']);
        expect(await store.count('volume')).toBe(5);
        expect(await store.count('volume', { index: 'backend', value: 'b2' })).toBe(1);
        expect(await store.ids('volume', { index: 'backend', value: 'b2' })).toHaveLength(1);
        await expect(store.ids('volume', { index: 'nope', value: '' })).rejects.toMatchObject({ kind: 'bug' });
      });

      it('are those that were written last, whichever process wrote them', async () => {
        const other = await openAnother();
        const namesSeen = async () => {
          const seen = [store, other].map(async (one) => ({
            one: (await one.get('backend', 'b1'))?.value.name,
            all: (await one.list('backend')).map(({ value }) => value.name),
          }));
          const [mine, theirs] = await Promise.all(seen);
          expect(mine).toEqual(theirs);
          return mine;
        };
        const put = (name: string, revision: number | 'new'): Change[] => [
          { kind: 'backend', put: backendRecord('b1', { name }), revision },
        ];
        expect(await namesSeen()).toEqual({ one: undefined, all: [] });
        await store.commit(put('first', 'new'));
        expect(await namesSeen()).toEqual({ one: 'first', all: ['first'] });
        await other.commit(put('second', 1));
        expect(await namesSeen()).toEqual({ one: 'second', all: ['second'] });
        await other.commit([{ kind: 'backend', remove: 'b1' }]);
        expect(await namesSeen()).toEqual({ one: undefined, all: [] });
        // With a revision that there was before.
        await other.commit(put('third', 'new'));
        expect(await namesSeen()).toEqual({ one: 'third', all: ['third'] });
        await store.commit(put('fourth', 1));
        expect(await namesSeen()).toEqual({ one: 'fourth', all: ['fourth'] });
      });

      it('are found by a unique index, and follow when its value changes', async () => {
        await store.commit([{ kind: 'backend', put: backendRecord('b1', { name: 'old' }), revision: 'new' }]);
        await store.commit([{ kind: 'backend', put: backendRecord('b1', { name: 'new' }), revision: 1 }]);
        expect(await store.find('backend', 'name', 'old')).toBeUndefined();
        expect(await store.find('backend', 'name', 'new')).toMatchObject({ revision: 2, value: { uuid: 'b1' } });
      });

      it('of unset unique values do not meet', async () => {
        const unnamed = (name: string): Change => {
          const record = volumeRecord(name);
          return putVolume(name, { config: { ...record.config, internalName: '' } });
        };
        await store.commit([unnamed('s1'), unnamed('s2')]);
        expect(await store.list('volume')).toHaveLength(2);
        expect(await store.find('volume', 'object', '')).toBeUndefined();
      });

      it('refuse an index that is not declared', async () => {
        await expect(store.list('volume', { index: 'nope', value: '' })).rejects.toMatchObject({ kind: 'bug' });
        await expect(store.find('volume', 'nope', '')).rejects.toMatchObject({ kind: 'bug' });
      });
    });

    describe('commit', () => {
      it('refuses a record that exists, when it must be new', async () => {
        await store.commit([putVolume('v1')]);
        await expect(store.commit([putVolume('v1')])).rejects.toMatchObject({ code: 'store.exists', kind: 'exists' });
      });

      it('refuses a revision that is no longer current', async () => {
        await store.commit([putVolume('v1')]);
        const put = volumeRecord('v1', { orphaned: true });
        await store.commit([{ kind: 'volume', put, revision: 1 }]);
        const changed = { code: 'store.changed', kind: 'conflict' };
        await expect(store.commit([{ kind: 'volume', put, revision: 1 }])).rejects.toMatchObject(changed);
        await expect(store.commit([{ kind: 'volume', remove: 'v1', revision: 1 }])).rejects.toMatchObject(changed);
        const gone: Change = { kind: 'volume', put: volumeRecord('v2'), revision: 4 };
        await expect(store.commit([gone])).rejects.toMatchObject(changed);
        expect(await store.get('volume', 'v1')).toMatchObject({ revision: 2, value: { orphaned: true } });
      });

      it('overwrites when told that any revision will do', async () => {
        await store.commit([{ kind: 'volume', put: volumeRecord('v1'), revision: 'any' }]);
        await store.commit([{ kind: 'volume', put: volumeRecord('v1'), revision: 'any' }]);
        expect((await store.get('volume', 'v1'))?.revision).toBe(2);
      });

      it('makes all changes or none', async () => {
        await store.commit([putVolume('v1'), { kind: 'backend', put: backendRecord('b1'), revision: 'new' }]);
        const attempt = store.commit([
          { kind: 'backend', put: backendRecord('b1', { name: 'other' }), revision: 1 },
          { kind: 'backend', put: backendRecord('b2'), revision: 'new' },
          { kind: 'volume', remove: 'v1' },
          { kind: 'volume', put: volumeRecord('v2'), revision: 9 },
        ]);
        await expect(attempt).rejects.toMatchObject({ code: 'store.changed' });
        expect(await store.get('volume', 'v1')).toBeDefined();
        expect(await store.get('backend', 'b2')).toBeUndefined();
        expect(await store.find('backend', 'name', 'other')).toBeUndefined();
        expect(await store.find('backend', 'name', 'backend-b1')).toMatchObject({ revision: 1 });
        expect(await store.find('volume', 'object', 'b1/trident_v1')).toBeDefined();
      });

      it('refuses a second record with a unique value, and allows it once the first is gone', async () => {
        const named = (uuid: string): Change => ({
          kind: 'backend',
          put: backendRecord(uuid, { name: 'same' }),
          revision: 'new',
        });
        await store.commit([named('b1')]);
        await expect(store.commit([named('b2')])).rejects.toMatchObject({ code: 'store.exists', kind: 'exists' });
        expect(await store.get('backend', 'b2')).toBeUndefined();
        await store.commit([named('b2'), { kind: 'backend', remove: 'b1' }]);
        expect((await store.find('backend', 'name', 'same'))?.value.uuid).toBe('b2');
      });

      it('lets records swap unique values', async () => {
        await store.commit([
          { kind: 'backend', put: backendRecord('b1', { name: 'x' }), revision: 'new' },
          { kind: 'backend', put: backendRecord('b2', { name: 'y' }), revision: 'new' },
        ]);
        await store.commit([
          { kind: 'backend', put: backendRecord('b1', { name: 'y' }), revision: 1 },
          { kind: 'backend', put: backendRecord('b2', { name: 'x' }), revision: 1 },
        ]);
        expect((await store.find('backend', 'name', 'x'))?.value.uuid).toBe('b2');
      });

      it('removes what is there, and succeeds when nothing is', async () => {
        await store.commit([putVolume('v1')]);
        await store.commit([
          { kind: 'volume', remove: 'v1', revision: 1 },
          { kind: 'volume', remove: 'nope' },
        ]);
        expect(await store.count('volume')).toBe(0);
        expect(await store.list('volume', { index: 'backend', value: 'b1' })).toEqual([]);
        await store.commit([]);
      });

      it('keeps each of many concurrent commits whole, and their refusals apart', async () => {
        const outcomes = await Promise.allSettled(
          Array.from({ length: 60 }, (_, i) => store.commit([putVolume(`v${i % 40}`), putVolume(`w${i}`)])),
        );
        expect(outcomes.filter((outcome) => outcome.status === 'rejected')).toHaveLength(20);
        expect(await store.count('volume')).toBe(80);
      });

      it('lets exactly one of several writers of one revision win', async () => {
        await store.commit([putVolume('v1')]);
        const stores = [store, await openAnother(), await openAnother()];
        const outcomes = await Promise.allSettled(
          stores.map((one, i) =>
            one.commit([{ kind: 'volume', put: volumeRecord('v1', { pool: `aggr${i}` }), revision: 1 }]),
          ),
        );
        expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
        expect((await store.get('volume', 'v1'))?.revision).toBe(2);
      });

      it('does what a simple map would do', async () => {
        const names = ['b1', 'b2', 'b3'];
        const step = fc.oneof(
          fc.record({ uuid: fc.constantFrom(...names), name: fc.constantFrom('x', 'y', 'z') }),
          fc.record({ remove: fc.constantFrom(...names) }),
        );
        await fc.assert(
          fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
            await store.commit(names.map((remove) => ({ kind: 'backend', remove })));
            const model = new Map<string, string>();
            for (const one of steps) {
              if ('remove' in one) {
                model.delete(one.remove);
                await store.commit([{ kind: 'backend', remove: one.remove }]);
                continue;
              }
              const taken = [...model].some(([uuid, other]) => other === one.name && uuid !== one.uuid);
              const done = await store
                .commit([{ kind: 'backend', put: backendRecord(one.uuid, { name: one.name }), revision: 'any' }])
                .then(
                  () => true,
                  () => false,
                );
              expect(done).toBe(!taken);
              if (done) model.set(one.uuid, one.name);
            }
            const stored = (await store.list('backend')).map(({ value }) => [value.uuid, value.name]);
            expect(stored).toEqual([...model].sort());
            for (const [uuid, found] of model)
              expect((await store.find('backend', 'name', found))?.value.uuid).toBe(uuid);
          }),
          { numRuns: 15 },
        );
      });
    });

    describe('leases', () => {
      it('exclude each other, in one store and between two', async () => {
        const other = await openAnother();
        for (const second of [store, other]) {
          const first = await lease(store, { exclusive: ['volume/v1'] });
          const waiting = lease(second, { exclusive: ['volume/v1'], shared: ['backend/b1'] });
          expect(await stateOf(waiting)).toBe('pending');
          await first[Symbol.asyncDispose]();
          await (await waiting)[Symbol.asyncDispose]();
        }
      });

      it('tell whether somebody waits for them', async () => {
        const other = await openAnother();
        for (const second of [store, other]) {
          const first = await lease(store, { exclusive: ['volume/v1', 'volume/v2'] });
          expect(await first.isWanted()).toBe(false);
          const waiting = lease(second, { shared: ['volume/v2'] });
          await expect.poll(() => first.isWanted()).toBe(true);
          await first[Symbol.asyncDispose]();
          const next = await waiting;
          expect(await next.isWanted()).toBe(false);
          await next[Symbol.asyncDispose]();
        }
      });

      it('can be shared, but not with an exclusive one', async () => {
        const other = await openAnother();
        const first = await lease(store, { shared: ['backend/b1'] });
        const second = await lease(other, { shared: ['backend/b1'] });
        await expect(lease(other, { exclusive: ['backend/b1'], waitMs: 30 })).rejects.toMatchObject({
          code: 'lock.busy',
          kind: 'conflict',
          message: expect.stringContaining('backend b1'),
        });
        await first[Symbol.asyncDispose]();
        await second[Symbol.asyncDispose]();
        await (await lease(other, { exclusive: ['backend/b1'], waitMs: 0 }))[Symbol.asyncDispose]();
      });

      it('are served in order: a shared one does not overtake an exclusive one that waits', async () => {
        const order: string[] = [];
        const run = async (who: string, request: Partial<LeaseRequest>) => {
          const taken = await lease(store, request);
          order.push(who);
          await taken[Symbol.asyncDispose]();
        };
        const first = await lease(store, { shared: ['x'] });
        const queue = [
          run('writer', { exclusive: ['x'] }),
          run('reader 1', { shared: ['x'] }),
          run('reader 2', { shared: ['x'] }),
        ];
        await first[Symbol.asyncDispose]();
        await Promise.all(queue);
        expect(order[0]).toBe('writer');
        expect(order).toHaveLength(3);
      });

      it('are taken all or none', async () => {
        const other = await openAnother();
        const first = await lease(store, { exclusive: ['b'] });
        await expect(lease(other, { exclusive: ['a', 'b', 'c'], waitMs: 20 })).rejects.toMatchObject({
          code: 'lock.busy',
        });
        await (await lease(store, { exclusive: ['a', 'c'], waitMs: 0 }))[Symbol.asyncDispose]();
        await first[Symbol.asyncDispose]();
      });

      it('do not deadlock, whatever order they name locks in', async () => {
        const other = await openAnother();
        let inside = 0;
        await Promise.all(
          Array.from({ length: 40 }, async (_, i) => {
            const names = i % 2 === 0 ? ['a', 'b', 'c'] : ['c', 'b', 'a'];
            const taken = await lease(i % 3 === 0 ? other : store, { exclusive: names });
            inside += 1;
            expect(inside).toBe(1);
            await Promise.resolve();
            inside -= 1;
            await taken[Symbol.asyncDispose]();
          }),
        );
      });

      it('name the same lock twice without harm', async () => {
        await using _ = await lease(store, { exclusive: ['a', 'a'], shared: ['a'], waitMs: 0 });
        await expect(lease(store, { shared: ['a'], waitMs: 0 })).rejects.toMatchObject({ code: 'lock.busy' });
      });

      it('stop waiting when told to, with the reason given', async () => {
        const other = await openAnother();
        await using _ = await lease(store, { exclusive: ['a'] });
        for (const second of [store, other]) {
          const stop = new AbortController();
          const waiting = lease(second, { exclusive: ['a'] }, stop.signal);
          stop.abort(new Error('enough'));
          await expect(waiting).rejects.toThrow('enough');
        }
        await expect(lease(other, { exclusive: ['b'] }, AbortSignal.abort(new Error('never')))).rejects.toThrow(
          'never',
        );
      });

      it('end with their store', async () => {
        const other = await site.open();
        const left = await lease(other, { exclusive: ['a'] });
        await other[Symbol.asyncDispose]();
        await using next = await lease(store, { exclusive: ['a'], waitMs: 0 });
        await left[Symbol.asyncDispose]();
        expect(next.lost.aborted).toBe(false);
      });

      it('may be given back twice', async () => {
        const first = await lease(store, { exclusive: ['a'] });
        await first[Symbol.asyncDispose]();
        await using _ = await lease(store, { exclusive: ['a'], waitMs: 0 });
        await first[Symbol.asyncDispose]();
        await expect(lease(store, { exclusive: ['a'], waitMs: 0 })).rejects.toMatchObject({ code: 'lock.busy' });
      });
    });

    it('knows which owners are alive', async () => {
      const other = await site.open();
      expect(other.owner).not.toBe(store.owner);
      expect(await store.isAlive(store.owner)).toBe(true);
      expect(await store.isAlive(other.owner)).toBe(true);
      await other[Symbol.asyncDispose]();
      expect(await store.isAlive(other.owner)).toBe(false);
      expect(await store.isAlive('nobody')).toBe(false);
      expect(await store.isAlive('')).toBe(false);
    });

    it('keeps the identity of the installation', async () => {
      expect(store.installationUuid).toMatch(/^[0-9a-f-]{36}$/);
      expect((await openAnother()).installationUuid).toBe(store.installationUuid);
    });

    it('refuses everything once it is closed', async () => {
      const other = await site.open();
      await other[Symbol.asyncDispose]();
      await other[Symbol.asyncDispose]();
      const closed = { code: 'store.closed', kind: 'unavailable' };
      await expect(other.get('volume', 'v1')).rejects.toMatchObject(closed);
      await expect(other.list('backend')).rejects.toMatchObject(closed);
      await expect(other.commit([])).rejects.toMatchObject(closed);
      await expect(lease(other, { exclusive: ['a'] })).rejects.toMatchObject(closed);
    });
  });
};
