import { afterWork, Problem } from '../../../problem.ts';
import type { VolumeHandle } from '../../objects.ts';
import type { Mirrors, MirrorState, MirrorStatus, MirrorWish } from '../../mirrors.ts';
import type { OntapBackend } from '../backend.ts';
import type { Volumes } from '../containers/volumes.ts';
import type { Snapshots } from '../parts.ts';
import { mirrorRef, parseHandle, withMirrorRef } from './mirror-ref.ts';
import { MirrorSettings } from './mirror-settings.ts';
import { isSynchronous, isTransferring, reasonOf } from './relationship-record.ts';
import type { Relationship } from './relationship-record.ts';
import { Relationships } from './relationships.ts';

const conflict = (code: string, message: string, hint: string): Problem =>
  new Problem(code, 'conflict', message, { hint, nothingDone: true });

/** States in which the copy is complete. */
const mirrored: readonly string[] = ['snapmirrored', 'in_sync', 'out_of_sync'];

/** Makes a volume, and what is in it, as large as its record says where the array does not refuse it; usable bytes then. */
export type Fit = (volume: VolumeHandle, signal: AbortSignal) => Promise<number>;

/** Mirrors of FlexVols by SnapMirror, whatever is in them. */
export class FlexVolMirrors implements Mirrors {
  readonly #backend: OntapBackend;
  readonly #volumes: Volumes;
  readonly #snapshots: Snapshots;
  readonly #relationships: Relationships;
  readonly #settings: MirrorSettings;
  readonly #fit: Fit;

  constructor(backend: OntapBackend, volumes: Volumes, snapshots: Snapshots, fit: Fit) {
    this.#backend = backend;
    this.#volumes = volumes;
    this.#snapshots = snapshots;
    this.#relationships = new Relationships(backend);
    this.#settings = new MirrorSettings(backend);
    this.#fit = fit;
  }

  /** @throws Problem `mirror.not-peered` */
  requirePeer(remote: string, signal: AbortSignal): Promise<void> {
    return this.#settings.requirePeer(remote, signal);
  }

  async establish(volume: VolumeHandle, wish: MirrorWish, signal: AbortSignal): Promise<MirrorStatus> {
    parseHandle(wish.remote);
    let found = await this.#find(volume, signal);
    this.#requireSource(volume, found, wish.remote);
    if (found === undefined) {
      if (await this.#isWritable(volume, signal))
        throw conflict(
          'mirror.not-destination',
          `volume ${volume.config.internalName} has data of its own and cannot become a mirror of ${wish.remote}`,
          're-establish it if it was promoted from such a mirror, or create a volume as mirror destination',
        );
      found = await this.#create(volume, wish, signal);
    }
    if (found.state === 'broken_off')
      throw conflict(
        'mirror.broken-off',
        `the mirror relationship of ${this.#local(volume)} is broken off`,
        're-establish it, which discards what was written since, or promote the volume',
      );
    if (found.state === 'paused') await this.#relationships.setState(found, goal(found), {}, signal);
    if (found.state === 'uninitialized' && !isTransferring(found))
      await this.#relationships.transfer(found, '', signal);
    return this.#look(volume, found, signal);
  }

  async reestablish(volume: VolumeHandle, wish: MirrorWish, signal: AbortSignal): Promise<MirrorStatus> {
    parseHandle(wish.remote);
    const before = await this.#find(volume, signal);
    this.#requireSource(volume, before, wish.remote);
    const found = before ?? (await this.#create(volume, wish, signal));
    if (isTransferring(found) || ['snapmirrored', 'in_sync', 'synchronizing'].includes(found.state))
      return this.#look(volume, found, signal);
    try {
      await this.#relationships.setState(found, goal(found), {}, signal);
    } catch (error) {
      // A relationship of ours that came to nothing must not stand in the way of the next try.
      if (before === undefined && !signal.aborted)
        await this.#relationships.tryRemove(found, 'destination_only', signal);
      throw error;
    }
    return this.#look(volume, found, signal);
  }

  async promote(volume: VolumeHandle, remote: string, snapshot: string, signal: AbortSignal) {
    const found = await this.#find(volume, signal);
    if (remote !== '') this.#requireSource(volume, found, remote);
    if (found === undefined) {
      if (await this.#isWritable(volume, signal))
        return { waiting: false, status: this.#promoted(volume), size: await this.#fit(volume, signal) };
      throw conflict(
        'mirror.no-relationship',
        `volume ${volume.config.internalName} mirrors nothing, so that there is nothing to promote`,
        'establish a mirror first',
      );
    }
    const wanted = isSynchronous(found) ? '' : snapshot;
    if (wanted !== '' && (await this.#snapshots.find(volume, wanted, signal)) === undefined)
      return { waiting: true, status: this.#statusOf(volume, found), size: volume.config.size };
    if (found.state === 'uninitialized')
      throw conflict(
        'mirror.uninitialized',
        `no transfer to ${this.#local(volume)} has ever been completed, so that it holds nothing to promote${reasonAfter(found)}`,
        'wait until the mirror is established',
      );
    if (found.state !== 'broken_off') {
      const quiet = await this.#relationships.quiet(found, signal);
      if (quiet.state !== 'paused') await this.#relationships.setState(quiet, 'paused', {}, signal);
      const more = wanted === '' ? {} : { restore_to_snapshot: wanted };
      await this.#relationships.setState({ ...quiet, state: 'paused' }, 'broken_off', more, signal);
    }
    await this.#relationships.remove(found, 'destination_only', signal);
    const status = this.#promoted(volume, found.source?.path);
    const size = await this.#fit(volume, signal).catch((error: unknown) => {
      throw afterWork(error);
    });
    return { waiting: false, status, size };
  }

  async status(volume: VolumeHandle, remote: string, signal: AbortSignal): Promise<MirrorStatus> {
    const found = await this.#find(volume, signal);
    if (found !== undefined && (remote === '' || found.source?.path === remote)) return this.#statusOf(volume, found);
    // Without a relationship only the volume itself tells whether it was promoted.
    if (await this.#isWritable(volume, signal)) return this.#promoted(volume);
    return { ...this.#promoted(volume), state: 'none' };
  }

  async update(volume: VolumeHandle, snapshot: string, signal: AbortSignal): Promise<MirrorStatus> {
    const found = await this.#find(volume, signal);
    if (found === undefined || !mirrored.includes(found.state))
      throw conflict(
        'mirror.not-established',
        `the mirror of ${this.#local(volume)} is not established${found === undefined ? '' : ` (its state is ${found.state})`}`,
        'establish it first',
      );
    if (isSynchronous(found))
      throw new Problem('mirror.synchronous', 'unsupported', `the mirror of ${this.#local(volume)} is synchronous`, {
        hint: 'it is up to date by itself',
        nothingDone: true,
      });
    await this.#relationships.transfer(found, snapshot, signal);
    return this.#look(volume, found, signal);
  }

  async release(volume: VolumeHandle, remote: string, signal: AbortSignal): Promise<readonly string[]> {
    const known = await this.#relationships.listOfSource(this.#local(volume), signal);
    // After a promotion and a new beginning the source knows of two relationships with one volume.
    const released = new Set<string>();
    for (const relationship of known) {
      const destination = relationship.destination?.path ?? '';
      if (remote !== '' && destination !== remote) continue;
      await this.#relationships.remove(relationship, 'source_only', signal);
      released.add(destination);
    }
    return [...released];
  }

  /** Ends what keeps a volume from being deleted: its own mirror, and the copies that others keep of it. */
  async detach(volume: VolumeHandle, signal: AbortSignal): Promise<void> {
    const own = await this.#find(volume, signal);
    if (own !== undefined) {
      const quiet = await this.#relationships.quiet(own, signal);
      const both = await this.#relationships.tryRemove(quiet, 'both', signal);
      // The other side may be gone; what it knows is then its own affair.
      if (both.kind !== 'ok') await this.#relationships.remove(quiet, 'destination_only', signal);
    }
    await this.release(volume, '', signal);
  }

  #local(volume: VolumeHandle): string {
    return `${this.#backend.facts.svm.name}:${volume.config.internalName}`;
  }

  /** By the UUID we keep; by path when that is gone or not known. */
  async #find(volume: VolumeHandle, signal: AbortSignal): Promise<Relationship | undefined> {
    const uuid = mirrorRef(volume.ref)?.uuid ?? '';
    const known = uuid === '' ? undefined : await this.#relationships.findByUuid(uuid, signal);
    return known ?? this.#relationships.findByDestination(this.#local(volume), signal);
  }

  async #create(volume: VolumeHandle, wish: MirrorWish, signal: AbortSignal): Promise<Relationship> {
    const { policy, schedule } = await this.#settings.resolve(wish, signal);
    await this.#settings.requirePeer(wish.remote, signal);
    const draft = { source: wish.remote, destination: this.#local(volume), policy, schedule };
    return this.#relationships.create(draft, signal);
  }

  #requireSource(volume: VolumeHandle, found: Relationship | undefined, remote: string): void {
    const source = found?.source?.path;
    if (source === undefined || source === remote) return;
    throw conflict(
      'mirror.other-source',
      `volume ${volume.config.internalName} is a mirror of ${source}, not of ${remote}`,
      'promote it first, or name that one',
    );
  }

  async #isWritable(volume: VolumeHandle, signal: AbortSignal): Promise<boolean> {
    return (await this.#volumes.getOf(volume, 'type', signal)).type === 'rw';
  }

  async #look(volume: VolumeHandle, { uuid }: Relationship, signal: AbortSignal): Promise<MirrorStatus> {
    const found = await this.#relationships.findByUuid(uuid, signal);
    if (found !== undefined) return this.#statusOf(volume, found);
    throw new Problem(
      'mirror.not-on-array',
      'unavailable',
      `the mirror relationship of ${this.#local(volume)} is gone`,
    );
  }

  #statusOf(volume: VolumeHandle, found: Relationship): MirrorStatus {
    const remote = found.source?.path ?? '';
    return {
      state: stateOf(found),
      healthy: found.healthy,
      reason: reasonOf(found),
      local: this.#local(volume),
      remote,
      policy: found.policy?.name ?? '',
      schedule: found.transfer_schedule?.name ?? '',
      transfer: transferOf(found),
      ref: withMirrorRef(volume.ref, { uuid: found.uuid, remote }),
    };
  }

  #promoted(volume: VolumeHandle, remote = mirrorRef(volume.ref)?.remote ?? ''): MirrorStatus {
    return {
      state: 'promoted',
      healthy: true,
      reason: '',
      local: this.#local(volume),
      remote: '',
      policy: '',
      schedule: '',
      transfer: { state: 'none', ended: '' },
      ref: remote === '' ? volume.ref : withMirrorRef(volume.ref, { uuid: '', remote }),
    };
  }
}

/** The state in which a relationship is complete. */
const goal = (relationship: Relationship): 'snapmirrored' | 'in_sync' =>
  isSynchronous(relationship) ? 'in_sync' : 'snapmirrored';

/** ontap-drivers.md 15.5. A resynchronisation shows as a transfer of a relationship that is complete otherwise. */
const stateOf = (found: Relationship): MirrorState => {
  if (found.state === 'broken_off' && isTransferring(found)) return 'establishing';
  if (found.state === 'broken_off' || found.state === 'paused') return 'promoting';
  return mirrored.includes(found.state) ? 'established' : 'establishing';
};

const transferOf = (found: Relationship): MirrorStatus['transfer'] => {
  const { state = '', end_time: ended = '' } = found.transfer ?? {};
  const instant = Date.parse(ended);
  const time = Number.isNaN(instant) ? '' : new Date(instant).toISOString().replace(/\.\d+Z$/, 'Z');
  if (state === '') return { state: 'none', ended: '' };
  if (isTransferring(found)) return { state: 'running', ended: time };
  return { state: state === 'success' ? 'done' : 'failed', ended: time };
};

const reasonAfter = (found: Relationship): string => {
  const reason = reasonOf(found);
  return reason === '' ? '' : `: ${reason}`;
};
