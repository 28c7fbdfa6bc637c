import { Problem } from '../../../problem.ts';
import type { VolumeHandle } from '../../objects.ts';
import type { MoveStatus, MoveWish } from '../../moves.ts';
import type { OntapBackend } from '../backend.ts';
import { growingDelays, pause } from '../client/waiting.ts';
import { checkMove } from './move-checks.ts';
import { ownerSchema, placedFields, placedSchema, placeOf, statusOf, targetOf } from './move-record.ts';
import type { Owners, Placed } from './move-record.ts';

/** Something to be done before the array begins to copy: nodes must be able to follow to that node of the array. */
export type Preparation = (targetNode: string, signal: AbortSignal) => Promise<void>;

/** Moves FlexVols between aggregates, whatever is in them (ontap-drivers.md 11.7). */
export class VolumeMoves {
  readonly #backend: OntapBackend;
  readonly #uuidOf: (volume: VolumeHandle, signal: AbortSignal) => Promise<string>;

  constructor(backend: OntapBackend, uuidOf: (volume: VolumeHandle, signal: AbortSignal) => Promise<string>) {
    this.#backend = backend;
    this.#uuidOf = uuidOf;
  }

  async move(volume: VolumeHandle, wish: MoveWish, prepare: Preparation, signal: AbortSignal): Promise<MoveStatus> {
    if (this.#backend.facts.disaggregated)
      throw new Problem(
        'move.placed',
        'unsupported',
        `volume ${volume.config.internalName} cannot be moved: this system has no aggregates and places volumes itself`,
        { nothingDone: true },
      );
    const found = await this.#look(volume, signal);
    const owners = await this.#ownersOf([placeOf(found), wish.targetPool], signal);
    checkMove(found, wish, owners, this.#backend);
    const seen = statusOf(found, wish.targetPool, owners);
    if (seen.state === 'moved' || seen.state === 'moving') return seen;
    await prepare(seen.targetNode, signal);
    await this.#start(found, wish.targetPool, signal);
    return this.#begun(volume, wish.targetPool, owners, signal);
  }

  async status(volume: VolumeHandle, signal: AbortSignal): Promise<MoveStatus> {
    const found = await this.#look(volume, signal);
    return statusOf(found, targetOf(found), new Map());
  }

  async #look(volume: VolumeHandle, signal: AbortSignal): Promise<Placed> {
    const path = `/storage/volumes/${await this.#uuidOf(volume, signal)}`;
    const answer = await this.#backend.client.read(path, { fields: placedFields }, placedSchema, signal);
    return this.#backend.must(answer, `looking where volume ${volume.config.internalName} is`);
  }

  async #ownersOf(names: readonly string[], signal: AbortSignal): Promise<Owners> {
    const query = { name: [...new Set(names)].join('|'), fields: 'node.name' };
    const answer = await this.#backend.client.list('/storage/aggregates', query, ownerSchema, signal);
    const found = this.#backend.must(answer, 'looking which nodes own the aggregates');
    return new Map(found.map(({ name, node }) => [name, node?.name ?? '']));
  }

  /** The job lasts as long as the array copies, which may be hours: it is not waited for. */
  async #start({ uuid, name }: Placed, target: string, signal: AbortSignal): Promise<void> {
    const change = {
      method: 'PATCH',
      path: `/storage/volumes/${uuid}`,
      body: { movement: { destination_aggregate: { name: target } } },
      unfollowed: true,
    } as const;
    const outcome = await this.#backend.client.change(change, signal);
    // Whether a request whose answer was lost came through is seen on the volume.
    if (outcome.kind !== 'lost') this.#backend.must(outcome, `moving volume ${name} to aggregate ${target}`);
  }

  /** The volume shows that it is being moved a moment after the array has agreed; until then, how the last move ended. */
  async #begun(volume: VolumeHandle, target: string, owners: Owners, signal: AbortSignal): Promise<MoveStatus> {
    const { settings, now } = this.#backend.client.options;
    const delay = growingDelays(settings.firstJobDelayMs, settings.longestJobDelayMs, settings.random);
    const until = now().getTime() + settings.settleTimeoutMs;
    for (;;) {
      const status = statusOf(await this.#look(volume, signal), target, owners);
      const isOver = now().getTime() >= until;
      if (status.state === 'moving' || status.state === 'moved' || (isOver && status.state === 'failed')) return status;
      if (isOver)
        throw new Problem(
          'move.not-begun',
          'unavailable',
          `the array does not show that it moves volume ${volume.config.internalName} to aggregate ${target}`,
          { hint: 'see volume move show on the array, then repeat the command' },
        );
      await pause(delay(), signal);
    }
  }
}
