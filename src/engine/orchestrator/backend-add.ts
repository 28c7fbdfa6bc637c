import { randomUUID } from 'node:crypto';
import type { ConfigChange, Discovery, DriverEnvironment, DriverKind } from '../drivers/driver.ts';
import { commonKeys, readCommonConfig, withKnownSpelling } from '../drivers/common-config.ts';
import type { CommonConfig } from '../drivers/common-config.ts';
import type { JsonObject } from '../json.ts';
import { requireAddressable } from '../object-names.ts';
import { Problem } from '../problem.ts';
import type { Change, Stored } from '../store/store.ts';
import { reconcileAccess } from './access.ts';
import { markOrphans } from './backend-orphans.ts';
import { stepsOfAdd, stepsOfUpdate } from './backend-plan.ts';
import type { Core } from './core.ts';
import { locks } from './core.ts';
import { DryRun } from './dry-run.ts';
import type { BackendRecord, PoolRecord, UserState, VolumeRecord } from './model.ts';
import type { CallOptions } from './orchestrator.ts';
import { wrapProblem } from './problems.ts';
import { commitFresh, getBackend, getBackendByName, inPool } from './records.ts';

/** A configuration that was checked without asking the array. */
interface Checked {
  readonly config: JsonObject;
  readonly common: CommonConfig;
  readonly kind: DriverKind;
}

const initializing = (driver: string, cause: unknown): Problem =>
  wrapProblem('backend.initialize', (text) => `problem initializing storage driver '${driver}': ${text}`, cause);

const checkConfig = async (core: Core, given: JsonObject): Promise<Checked> => {
  const config = withKnownSpelling(given, commonKeys);
  const common = readCommonConfig(config);
  requireAddressable('backend', common.backendName, 'backendName');
  const kind = await core.drivers.kind(common.storageDriverName);
  return { config, common, kind };
};

/** Connects to the array and reads what a backend needs to know; a failure leaves nothing behind (BE-22). */
const discover = async (
  core: Core,
  { config, kind }: Checked,
  uuid: string,
  { signal, dryRun, warn }: Pick<CallOptions, 'signal' | 'dryRun' | 'warn'>,
): Promise<Discovery> => {
  const known = core.drivers.environment(uuid);
  const environment: DriverEnvironment = dryRun === true ? { ...known, looksOnly: true } : known;
  try {
    kind.check(config, environment.context);
    const discovery = await kind.discover(config, environment, signal);
    for (const warning of discovery.warnings ?? []) warn?.(warning);
    return discovery;
  } catch (error) {
    signal.throwIfAborted();
    throw initializing(kind.name, error);
  }
};

const recordOf = (
  { config, common, kind }: Checked,
  discovery: Discovery,
  fixed: Pick<BackendRecord, 'uuid' | 'state' | 'userState' | 'configRef'>,
): BackendRecord => ({
  ...fixed,
  name: common.backendName === '' ? discovery.defaultName : common.backendName,
  driver: kind.name,
  protocol: discovery.protocol,
  config,
  shownConfig: discovery.shownConfig,
  pools: discovery.pools,
  facts: discovery.facts,
  stateReason: '',
});

/** Adds a backend, or updates the one that has its name (BE-30 to BE-33). */
export const addBackend = async (core: Core, given: JsonObject, options: CallOptions): Promise<BackendRecord> => {
  const checked = await checkConfig(core, given);
  const { backendName, userState } = checked.common;
  const updateExisting = async (name: string): Promise<BackendRecord> => updateBackend(core, name, given, options);
  if (backendName !== '' && (await core.store.find('backend', 'name', backendName)) !== undefined)
    return updateExisting(backendName);
  const uuid = randomUUID();
  const discovery = await discover(core, checked, uuid, options);
  const record = recordOf(checked, discovery, {
    uuid,
    state: 'online',
    userState: userState ?? 'normal',
    configRef: '',
  });
  if (options.dryRun === true) {
    if ((await core.store.find('backend', 'name', record.name)) !== undefined) return updateExisting(record.name);
    throw new DryRun(stepsOfAdd(record, discovery.pending ?? []));
  }
  const isNew = await core.runner.locked(
    { exclusive: [locks.backendName(record.name), locks.backend(uuid)], shared: [] },
    async (signal) => {
      if ((await core.store.find('backend', 'name', record.name)) !== undefined) return false;
      await core.journal.note('backend.create', `backend ${record.name}`, [
        { kind: 'backend', put: record, revision: 'new' },
      ]);
      const stored = await getBackend(core.store, uuid);
      // Nothing is published on a new backend; only one that admits every node has something to be told.
      const admitsAll = await core.drivers.use(stored, ({ manifest }) => !manifest.enforcesAccess);
      if (admitsAll) await reconcileAccess(core, stored, { signal });
      return true;
    },
    options,
  );
  return isNew ? record : updateExisting(record.name);
};

/** BE-46, in its order. */
const denials: readonly { readonly change: ConfigChange; readonly text: string; readonly hint?: string }[] = [
  { change: 'invalid', text: 'invalid backend update' },
  { change: 'accessInformation', text: "updating the data plane IP address isn't currently supported" },
  {
    change: 'prefix',
    text: "updating the storage prefix isn't currently supported",
    hint: 'the names of existing volumes on the array begin with the prefix they were made with',
  },
];

const refuseChanges = (changes: ReadonlySet<ConfigChange>): void => {
  const denied = denials.find(({ change }) => changes.has(change));
  if (denied === undefined) return;
  throw new Problem('backend.update-denied', 'unsupported', denied.text, {
    nothingDone: true,
    ...(denied.hint === undefined ? {} : { hint: denied.hint }),
  });
};

const refuseOwned = ({ name, configRef }: BackendRecord): void => {
  if (configRef === '') return;
  throw new Problem(
    'backend.owned',
    'unsupported',
    `cannot update backend '${name}' created using TridentBackendConfig CR; please update the TridentBackendConfig CR`,
    { nothingDone: true },
  );
};

const nameInUse = (name: string, uuid: string): Problem =>
  new Problem('backend.name-in-use', 'exists', `backend name ${name} is already in use by ${uuid}`, {
    nothingDone: true,
  });

/** Volumes whose pool has another name now, under the new name: a pool is the same by its key, not by its place. */
const relabelled = async (
  { store }: Core,
  volumes: readonly Stored<VolumeRecord>[],
  pools: readonly PoolRecord[],
): Promise<readonly Change[]> => {
  const byKey = new Map(pools.map((pool) => [pool.key, pool]));
  const changes = volumes.map(async (volume) => {
    const pool = byKey.get(volume.value.poolKey);
    return pool === undefined ? [] : inPool(store, volume, pool);
  });
  return (await Promise.all(changes)).flat();
};

/** Says which pools are gone although volumes are in them. */
const reportDropped = (
  before: readonly PoolRecord[],
  after: readonly PoolRecord[],
  volumes: readonly Stored<VolumeRecord>[],
  note: (text: string) => void,
): void => {
  const kept = new Set(after.map(({ key }) => key));
  for (const pool of before) {
    if (kept.has(pool.key)) continue;
    const inside = volumes.filter(({ value }) => value.poolKey === pool.key).map(({ value }) => value.config.name);
    if (inside.length === 0) continue;
    const shown = inside.slice(0, 5).join(', ');
    const more = inside.length > 5 ? ` and ${inside.length - 5} more` : '';
    note(`pool ${pool.name} is gone from the backend but holds ${inside.length} volumes: ${shown}${more}`);
  }
};

/**
 * Writes the new record, volumes that have to follow it, and the journal, in one commit.
 * @param userState what the configuration says of it; undefined leaves it as it is by then (BE-45)
 */
const writeUpdate = (
  core: Core,
  record: BackendRecord,
  userState: UserState | undefined,
  note: (text: string) => void,
): Promise<void> =>
  commitFresh(
    (changes) => core.journal.note('backend.update', `backend ${record.name}`, changes),
    async () => {
      const current = await getBackend(core.store, record.uuid);
      const volumes = await core.store.list('volume', { index: 'backend', value: record.uuid });
      reportDropped(current.value.pools, record.pools, volumes, note);
      return [
        // A backend that waits for its last volume stays so; anything else is online, since the array has answered.
        {
          kind: 'backend',
          put: {
            ...record,
            state: current.value.state === 'deleting' ? 'deleting' : 'online',
            userState: userState ?? current.value.userState,
          },
          revision: current.revision,
        },
        ...(await relabelled(core, volumes, record.pools)),
      ];
    },
  );

/** Replaces a backend's configuration (BE-40 to BE-53). A failure before the record is written changes nothing. */
export const updateBackend = async (
  core: Core,
  name: string,
  given: JsonObject,
  options: CallOptions,
): Promise<BackendRecord> => {
  const { uuid } = (await getBackendByName(core.store, name)).value;
  const note = options.warn ?? (() => undefined);
  return core.runner.locked(
    { exclusive: [locks.backend(uuid)], shared: [] },
    async (signal) => {
      const before = (await getBackend(core.store, uuid)).value;
      refuseOwned(before);
      const checked = await checkConfig(core, given);
      if (checked.kind.name !== before.driver)
        throw new Problem(
          'backend.driver-change',
          'unsupported',
          `cannot update the backend as the old backend is of type ${before.driver} and the new backend is of type ${checked.kind.name}`,
          { nothingDone: true },
        );
      refuseChanges(checked.kind.changes(before.config, checked.config));
      const discovery = await discover(core, checked, uuid, { ...options, signal });
      const record = recordOf(checked, discovery, {
        uuid,
        state: before.state,
        userState: checked.common.userState ?? before.userState,
        configRef: before.configRef,
      });
      const holder = await core.store.find('backend', 'name', record.name);
      if (holder !== undefined && holder.value.uuid !== uuid) throw nameInUse(record.name, holder.value.uuid);
      if (options.dryRun === true)
        throw new DryRun(await stepsOfUpdate(core, before, record, discovery.pending ?? [], signal));
      await writeUpdate(core, record, checked.common.userState, note);
      const after = await getBackend(core.store, uuid);
      await markOrphans(core, after, note, signal);
      await reconcileAccess(core, after, { signal });
      return after.value;
    },
    options,
  );
};
