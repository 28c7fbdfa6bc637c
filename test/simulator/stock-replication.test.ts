import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startSimulatorPair, type SimulatorPair } from '../../src/simulator/simulator-pair.ts';
import { at, connectOntapSession, textAt, type OntapSession } from '../support/ontap-session.ts';
import { stockReplication, type StockReplication } from '../support/stock-replication.ts';

const MIB = 1024 ** 2;
const SOURCE = 'svm0:pvc_1';
const TRANSFER_MS = 5000;

interface Site {
  readonly array: OntapSession;
  readonly svm: string;
  readonly stock: StockReplication;
}

let pair: SimulatorPair;
let here: Site;
let there: Site;

const siteOf = async (array: OntapSession, svmName: string): Promise<Site> => {
  const [found] = await array.list(`/svm/svms?name=${svmName}`);
  const svm = textAt(found, 'uuid');
  return { array, svm, stock: stockReplication(array, svm, svmName) };
};

const volume = async ({ array }: Site, name: string, fields: string) =>
  (await array.list(`/storage/volumes?name=${name}&fields=${fields}`))[0];

const snapshots = async (site: Site, name: string): Promise<readonly unknown[]> => {
  const uuid = textAt(await volume(site, name, ''), 'uuid');
  return (await site.array.list(`/storage/volumes/${uuid}/snapshots?fields=name`)).map((each) => at(each, 'name'));
};

const takeSnapshot = async (site: Site, name: string, snapshot: string) => {
  const uuid = textAt(await volume(site, name, ''), 'uuid');
  await site.array.expect(202, 'POST', `/storage/volumes/${uuid}/snapshots`, { name: snapshot });
};

beforeAll(async () => {
  const clock = { frozenAt: new Date('2026-01-01T00:00:00Z') };
  const pace = { transferMs: TRANSFER_MS };
  pair = await startSimulatorPair({ first: { clock, pace }, second: { clock, pace } });
  here = await siteOf(connectOntapSession(pair.first), 'svm0');
  there = await siteOf(connectOntapSession(pair.second), 'svm1');
  await here.array.expect(202, 'POST', '/storage/volumes', {
    name: 'pvc_1',
    size: 100 * MIB,
    svm: { name: 'svm0' },
    aggregates: [{ name: 'aggr1_n1' }],
    'nas.path': '/pvc_1',
  });
  here.array.simulator.world.setUsedBytes('pvc_1', 40 * MIB);
});
afterEach(() => {
  pair.first.world.verify();
  pair.second.world.verify();
});
afterAll(async () => {
  await here.array.close();
  await there.array.close();
});

describe('the requests of the stock replication code, between two clusters', () => {
  test('validate policy, schedule and peers', async () => {
    await there.stock.validate('MirrorAllSnapshots', 'hourly');
    await expect(there.stock.validate('Asynchronous', 'hourly')).rejects.toThrow('does not fit');
    expect(await there.stock.peers()).toEqual(['svm0']);
    expect(await here.stock.peers()).toEqual(['svm1']);
  });

  test('establish: the destination is read-only and cannot be mounted before the first transfer', async () => {
    await takeSnapshot(here, 'pvc_1', 'before');
    await there.stock.createDestination('pvc_1_dr', 50 * MIB);
    const mounted = await there.stock.mount('pvc_1_dr');
    expect(mounted.body).toMatchObject({ state: 'failure', code: 917536 });
    expect(await there.stock.establish('pvc_1_dr', SOURCE, 'MirrorAllSnapshots', '')).toBe(false);
    expect(await there.stock.status('pvc_1_dr', SOURCE)).toBe('establishing');
    // Asked again while the first transfer lasts: stock sends nothing, and a second transfer would be refused.
    expect(await there.stock.establish('pvc_1_dr', SOURCE, 'MirrorAllSnapshots', '')).toBe(false);
    pair.advance(TRANSFER_MS);
    expect(await there.stock.establish('pvc_1_dr', SOURCE, 'MirrorAllSnapshots', '')).toBe(true);
    expect(await there.stock.status('pvc_1_dr', SOURCE)).toBe('established');
    expect(await volume(there, 'pvc_1_dr', 'size,space.used,type')).toMatchObject({
      size: 100 * MIB,
      type: 'dp',
      space: { used: 40 * MIB },
    });
    const [base] = await snapshots(here, 'pvc_1').then((all) => all.slice(1));
    expect(base).toMatch(/^snapmirror\.[0-9a-f-]{36}_\d+\.2026-01-01_000000$/);
    expect(await snapshots(there, 'pvc_1_dr')).toEqual(['before', base]);
    const again = await there.stock.mount('pvc_1_dr');
    expect(again.body).toMatchObject({ state: 'success' });
  });

  test('update to a snapshot, and see the transfer end', async () => {
    here.array.simulator.world.setUsedBytes('pvc_1', 60 * MIB);
    await takeSnapshot(here, 'pvc_1', 'wanted');
    await there.stock.update('pvc_1_dr', SOURCE, 'wanted');
    expect(await there.stock.checkUpdate('pvc_1_dr', SOURCE)).toBe(false);
    pair.advance(TRANSFER_MS);
    expect(await there.stock.checkUpdate('pvc_1_dr', SOURCE)).toBe(true);
    expect(await snapshots(there, 'pvc_1_dr')).toContain('wanted');
    expect(await volume(there, 'pvc_1_dr', 'space.used')).toMatchObject({ space: { used: 60 * MIB } });
  });

  test('promote after a snapshot has come: wait for it, then break and forget', async () => {
    await takeSnapshot(here, 'pvc_1', 'last');
    expect(await there.stock.promote('pvc_1_dr', SOURCE, 'last')).toBe(true);
    await there.stock.update('pvc_1_dr', SOURCE, undefined);
    pair.advance(TRANSFER_MS);
    expect(await there.stock.promote('pvc_1_dr', SOURCE, 'last')).toBe(false);
    expect(await volume(there, 'pvc_1_dr', 'type')).toMatchObject({ type: 'rw' });
    expect(await there.stock.status('pvc_1_dr', SOURCE)).toBe('');
    expect((await snapshots(there, 'pvc_1_dr')).at(-1)).toBe('last');
    // The source knows of it until it is released.
    expect(await here.array.list('/snapmirror/relationships?list_destinations_only=true')).toHaveLength(1);
    expect(await here.array.list('/snapmirror/relationships')).toEqual([]);
  });

  test('re-establish the other way: the old source becomes the destination, and what it had since is gone', async () => {
    await here.stock.cleanUp('pvc_1');
    expect(await here.array.list('/snapmirror/relationships?list_destinations_only=true')).toEqual([]);
    await takeSnapshot(here, 'pvc_1', 'lost');
    there.array.simulator.world.setUsedBytes('pvc_1_dr', 70 * MIB);
    await here.stock.reestablish('pvc_1', 'svm1:pvc_1_dr', 'MirrorAllSnapshots');
    expect(await here.stock.status('pvc_1', 'svm1:pvc_1_dr')).toBe('establishing');
    pair.advance(TRANSFER_MS);
    expect(await here.stock.status('pvc_1', 'svm1:pvc_1_dr')).toBe('established');
    expect(await volume(here, 'pvc_1', 'type,space.used')).toMatchObject({ type: 'dp', space: { used: 70 * MIB } });
    expect(await snapshots(here, 'pvc_1')).not.toContain('lost');
  });

  test('promote while a transfer runs: not before it has ended', async () => {
    await here.stock.update('pvc_1', 'svm1:pvc_1_dr', undefined);
    await expect(here.stock.promote('pvc_1', 'svm1:pvc_1_dr', '')).rejects.toThrow('Another transfer is in progress');
    pair.advance(TRANSFER_MS);
    expect(await here.stock.promote('pvc_1', 'svm1:pvc_1_dr', '')).toBe(false);
    expect(await volume(here, 'pvc_1', 'type')).toMatchObject({ type: 'rw' });
  });

  test('delete both sides', async () => {
    const uuid = textAt(await volume(there, 'pvc_1_dr', ''), 'uuid');
    expect(await there.array.refusal('DELETE', `/storage/volumes/${uuid}`)).toBe('409 8');
    await there.stock.cleanUp('pvc_1_dr');
    await there.stock.remove('pvc_1_dr');
    await here.stock.cleanUp('pvc_1');
    await here.stock.remove('pvc_1');
    expect(await snapshots(here, 'svm0_root')).toEqual([]);
  });
});
