import type { SimulatedVolume, SimulatedWorld } from './contract.ts';
import { findText, flag, integer, text, type Entry } from './core/entry.ts';
import type { World } from './core/world.ts';
import { aggregateSpace } from './resources/aggregate.ts';
import { qtreesOf } from './resources/qtree.ts';
import { hardLimit } from './resources/quota-report.ts';
import { QUOTA_STATES } from './resources/quota-state.ts';
import { finishTransfer, TRANSFER } from './resources/snapmirror-run.ts';
import { heldBytes } from './resources/lun-space.ts';
import { shiftHeld, writtenIn } from './resources/volume-contents.ts';
import { dataValues } from './resources/volume-data.ts';
import { volumeCharges, volumeSpace } from './resources/volume-space.ts';
import { setAggregateOffline, setNodeDown, setNodeTakenOver } from './outages.ts';
import { verifyWorld } from './verify.ts';

const findEntry = (world: World, name: string, svm: string | undefined): Entry | undefined =>
  world.store
    .by('volume', 'name', name)
    .find((volume) => svm === undefined || text(world.store.get('svm', text(volume, 'svm')), 'name') === svm);

const getVolume = (world: World, name: string, svm: string | undefined): Entry => {
  const volume = findEntry(world, name, svm);
  if (!volume) throw new Error(`There is no volume ${name}.`);
  return volume;
};

const show = (world: World, volume: Entry): SimulatedVolume => {
  const policy = findText(volume, 'nas.export_policy');
  return {
    uuid: volume.$id,
    name: text(volume, 'name'),
    svm: text(world.store.get('svm', text(volume, 'svm')), 'name'),
    sizeBytes: integer(volume, 'size'),
    usedBytes: volumeSpace(volume).used,
    state: text(volume, 'state'),
    style: text(volume, 'style'),
    junctionPath: findText(volume, 'nas.path'),
    comment: text(volume, 'comment'),
    exportPolicy: policy === undefined ? '' : text(world.store.get('export_policy', policy), 'name'),
  };
};

const setUsed = (world: World, volume: Entry, bytes: number) => {
  const after: Entry = { ...volume, ...dataValues(volume, bytes, world) };
  const { used, afs } = volumeSpace(after);
  if (used > afs)
    throw new Error(`${bytes} bytes do not fit in volume ${text(volume, 'name')}, which can hold ${afs}.`);
  world.store.transaction(() => {
    world.store.put('volume', after);
    for (const { aggregate } of volumeCharges(after)) {
      const entry = world.store.get('aggregate', aggregate);
      const { size } = aggregateSpace(entry, world);
      if (world.usage(aggregate).charged + integer(entry, '$foreign') > size) {
        throw new Error(
          `Aggregate ${text(entry, 'name')} has no space for ${bytes} bytes in volume ${text(volume, 'name')}.`,
        );
      }
    }
  });
};

/** A LUN or namespace by its name or path. */
const getUnit = (world: World, name: string, svm: string | undefined) => {
  for (const kind of ['lun', 'namespace'] as const) {
    const unit = world.store
      .by(kind, 'name', name)
      .find((each) => svm === undefined || text(world.store.get('svm', text(each, 'svm')), 'name') === svm);
    if (unit) return { kind, unit };
  }
  throw new Error(`There is no LUN or namespace ${name}.`);
};

/** What is written in a LUN or namespace is data of its volume; what was reserved for it is not needed any more. */
const setUnitUsed = (world: World, name: string, bytes: number, svm: string | undefined) => {
  const { kind, unit } = getUnit(world, name, svm);
  if (bytes > integer(unit, 'space.size'))
    throw new Error(`${bytes} bytes do not fit in ${name}, which has ${integer(unit, 'space.size')}.`);
  const written: Entry = { ...unit, $written: bytes };
  const held = kind === 'lun' ? heldBytes(written) : 0;
  world.store.transaction(() => {
    world.store.put(kind, { ...written, ...(kind === 'lun' ? { $held: held } : {}) });
    shiftHeld(text(unit, 'location.volume'), held - integer(unit, '$held'), world);
    const volume = world.store.get('volume', text(unit, 'location.volume'));
    setUsed(world, volume, integer(volume, '$used') + bytes - integer(unit, '$written'));
  });
};

const getAggregate = (world: World, name: string): Entry => {
  const aggregate = world.store.by('aggregate', 'name', name)[0];
  if (!aggregate) throw new Error(`There is no aggregate ${name}.`);
  return aggregate;
};

/** The volume's data grows or shrinks with that of the qtree. */
const setQtreeUsed = (world: World, volume: Entry, name: string, bytes: number) => {
  const qtree = qtreesOf(volume.$id, world).find((each) => each['name'] === name);
  if (!qtree) throw new Error(`There is no qtree ${name} in volume ${text(volume, 'name')}.`);
  const limit = hardLimit(qtree, volume, world);
  if (limit !== undefined && bytes > limit)
    throw new Error(`${bytes} bytes are more than the ${limit} that the quota of qtree ${name} allows.`);
  const used = Math.max(0, integer(volume, '$used') + bytes - integer(qtree, '$used'));
  setUsed(world, volume, used);
  world.store.change('qtree', qtree.$id, { $used: bytes });
};

/** What tests read and change beside the REST API. */
export const viewWorld = (current: () => World): SimulatedWorld => ({
  findVolume: (name, svm) => {
    const volume = findEntry(current(), name, svm);
    return volume && show(current(), volume);
  },
  volumes: () =>
    current()
      .store.all('volume')
      .filter((volume) => !flag(volume, 'is_svm_root'))
      .map((volume) => show(current(), volume)),
  setUsedBytes: (name, bytes, svm) => {
    const volume = getVolume(current(), name, svm);
    const written = writtenIn(volume.$id, current());
    if (bytes < written) throw new Error(`LUNs and namespaces in volume ${name} hold ${written} bytes.`);
    setUsed(current(), volume, bytes);
  },
  setUnitUsedBytes: (name, bytes, svm) => setUnitUsed(current(), name, bytes, svm),
  setQtreeUsedBytes: (name, qtree, bytes, svm) => {
    setQtreeUsed(current(), getVolume(current(), name, svm), qtree, bytes);
  },
  setQuotaState: (name, state, svm) => {
    if (state !== undefined && !QUOTA_STATES.includes(state))
      throw new Error(`Quotas have no state "${state}", only ${QUOTA_STATES.join(', ')}.`);
    const volume = getVolume(current(), name, svm);
    current().store.change('volume', volume.$id, { $quota_state: state });
  },
  setAggregateAvailable: (name, bytes) => {
    const world = current();
    const aggregate = getAggregate(world, name);
    const foreign = aggregateSpace(aggregate, world).size - world.usage(aggregate.$id).charged - bytes;
    if (foreign < 0) throw new Error(`Volumes leave less than ${bytes} bytes in aggregate ${name}.`);
    world.store.change('aggregate', aggregate.$id, { $foreign: foreign });
  },
  setAggregateSize: (name, bytes) => {
    const world = current();
    const aggregate = getAggregate(world, name);
    const { used } = aggregateSpace(aggregate, world);
    if (bytes < used) throw new Error(`Aggregate ${name} holds ${used} bytes.`);
    world.store.change('aggregate', aggregate.$id, { 'space.block_storage.size': bytes });
  },
  setInterfaceDown: (name, down) => {
    const lif = current().store.by('ip_interface', 'name', name)[0];
    if (!lif) throw new Error(`There is no interface ${name}.`);
    current().store.change('ip_interface', lif.$id, { $down: down });
  },
  setAggregateOffline: (name, offline) => setAggregateOffline(current(), name, offline),
  setNodeDown: (name, down) => setNodeDown(current(), name, down),
  setNodeTakenOver: (name, taken) => setNodeTakenOver(current(), name, taken),
  finishJob: (uuid) => {
    const { jobs, store } = current();
    if (!store.find('job', uuid)) throw new Error(`There is no job ${uuid}.`);
    jobs.finish(uuid);
  },
  finishTransfer: (uuid) => {
    const world = current();
    const transfer = world.store.find(TRANSFER, uuid);
    if (!transfer) throw new Error(`There is no transfer ${uuid}.`);
    if (text(transfer, 'state') === 'transferring') world.store.transaction(() => finishTransfer(transfer, world));
  },
  verify: () => verifyWorld(current()),
});
