import * as v from 'valibot';
import { Problem } from '../../../problem.ts';
import type { VolumeHandle } from '../../driver.ts';
import type { MoveStatus, MoveWish } from '../../moves.ts';
import type { OntapBackend } from '../backend.ts';
import { growingDelays, pause } from '../client/waiting.ts';

const named = v.optional(v.object({ name: v.optional(v.string(), '') }));
const volumeSchema = v.object({
  uuid: v.string(),
  name: v.string(),
  aggregates: v.optional(v.array(v.object({ name: v.string() })), []),
  movement: v.optional(
    v.object({
      state: v.optional(v.string(), ''),
      percent_complete: v.optional(v.number(), 0),
      destination_aggregate: named,
    }),
  ),
});
type Found = v.InferOutput<typeof volumeSchema>;
const fields = 'name,aggregates.name,movement.state,movement.percent_complete,movement.destination_aggregate.name';
const aggregateSchema = v.object({ name: v.string(), node: named });

const running = new Set(['queued', 'replicating', 'paused', 'cutover', 'cutover_wait', 'cutover_pending']);

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
    const nodes = await this.#nodesOf([placeOf(found), wish.targetPool], signal);
    const seen = this.#statusTo(found, wish.targetPool, nodes);
    this.#check(found, wish, nodes);
    if (seen.state === 'moved' || seen.state === 'moving') return seen;
    await prepare(seen.targetNode, signal);
    await this.#start(found, wish.targetPool, signal);
    return this.#begun(volume, wish.targetPool, nodes, signal);
  }

  async status(volume: VolumeHandle, signal: AbortSignal): Promise<MoveStatus> {
    const found = await this.#look(volume, signal);
    const target = targetOf(found);
    return { ...this.#statusTo(found, target, new Map()), ...(isRunning(found) ? {} : { state: endOf(found) }) };
  }

  async #look(volume: VolumeHandle, signal: AbortSignal): Promise<Found> {
    const path = `/storage/volumes/${await this.#uuidOf(volume, signal)}`;
    const answer = await this.#backend.client.read(path, { fields }, volumeSchema, signal);
    return this.#backend.must(answer, `looking where volume ${volume.config.internalName} is`);
  }

  async #nodesOf(names: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
    const query = { name: [...new Set(names)].join('|'), fields: 'node.name' };
    const answer = await this.#backend.client.list('/storage/aggregates', query, aggregateSchema, signal);
    const found = this.#backend.must(answer, 'looking which nodes own the aggregates');
    return new Map(found.map(({ name, node }) => [name, node?.name ?? '']));
  }

  /** Every check before anything is changed. */
  #check(found: Found, wish: MoveWish, nodes: ReadonlyMap<string, string>): void {
    const { aggregates, svm } = this.#backend.facts;
    const { targetPool, sourcePool } = wish;
    if (!aggregates.some(({ name }) => name === targetPool))
      throw refusal(
        'move.target',
        'targetPool',
        `${targetPool} is no aggregate of backend ${this.#backend.backendName} on SVM ${svm.name}`,
        {
          hint: `its aggregates are: ${aggregates.map(({ name }) => name).join(', ')}`,
        },
      );
    const place = placeOf(found);
    if (found.aggregates.length !== 1)
      throw refusal(
        'move.source',
        'sourcePool',
        `volume ${found.name} lies in ${found.aggregates.length} aggregates and cannot be moved from one to another`,
      );
    const isOnItsWay = place === targetPool || targetOf(found) === targetPool;
    if (sourcePool !== '' && sourcePool !== place && !isOnItsWay)
      throw refusal(
        'move.source',
        'sourcePool',
        `volume ${found.name} is in aggregate ${place}, and not in ${sourcePool}`,
      );
    if (isRunning(found) && targetOf(found) !== targetPool)
      throw new Problem(
        'move.elsewhere',
        'conflict',
        `volume ${found.name} is being moved to aggregate ${targetOf(found)}`,
        {
          hint: 'wait until it is there, or abort that on the array: volume move abort',
          nothingDone: true,
        },
      );
    for (const [key, aggregate, wanted] of [
      ['targetNode', targetPool, wish.targetNode],
      ['sourceNode', sourcePool, wish.sourceNode],
    ] as const) {
      const owner = nodes.get(aggregate);
      if (wanted !== '' && owner !== undefined && owner !== wanted)
        throw refusal(
          key === 'targetNode' ? 'move.target' : 'move.source',
          key,
          `aggregate ${aggregate} is owned by node ${owner}, and not by ${wanted}`,
        );
    }
  }

  /** The job lasts as long as the array copies, which may be hours: it is not waited for. */
  async #start({ uuid, name }: Found, target: string, signal: AbortSignal): Promise<void> {
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

  /** The volume shows that it is being moved a moment after the array has agreed. */
  async #begun(
    volume: VolumeHandle,
    target: string,
    nodes: ReadonlyMap<string, string>,
    signal: AbortSignal,
  ): Promise<MoveStatus> {
    const { settings, now } = this.#backend.client.options;
    const delay = growingDelays(settings.firstJobDelayMs, settings.longestJobDelayMs, settings.random);
    const until = now().getTime() + settings.settleTimeoutMs;
    for (;;) {
      const status = this.#statusTo(await this.#look(volume, signal), target, nodes);
      if (status.state !== 'none') return status;
      if (now().getTime() >= until)
        throw new Problem(
          'move.not-begun',
          'unavailable',
          `the array does not show that it moves volume ${volume.config.internalName} to aggregate ${target}`,
          { hint: 'see volume move show on the array, then repeat the command' },
        );
      await pause(delay(), signal);
    }
  }

  /** How the volume stands on its way to a place. */
  #statusTo(found: Found, target: string, nodes: ReadonlyMap<string, string>): MoveStatus {
    const pool = placeOf(found);
    const isMeant = targetOf(found) === target && target !== '';
    const state = isRunning(found) && isMeant ? 'moving' : pool === target ? 'moved' : isMeant ? endOf(found) : 'none';
    return {
      state,
      pool,
      node: nodes.get(pool) ?? '',
      targetPool: target,
      targetNode: nodes.get(target) ?? '',
      percent: state === 'moved' ? 100 : state === 'moving' ? (found.movement?.percent_complete ?? 0) : 0,
    };
  }
}

const placeOf = ({ aggregates }: Found): string => aggregates[0]?.name ?? '';
const targetOf = ({ movement }: Found): string => movement?.destination_aggregate?.name ?? '';
const isRunning = ({ movement }: Found): boolean => running.has(movement?.state ?? '');
/** Of a move that does not run. */
const endOf = (found: Found): MoveStatus['state'] => {
  const state = found.movement?.state;
  if (state === 'failed' || state === 'aborted') return 'failed';
  return state === 'success' && placeOf(found) === targetOf(found) ? 'moved' : 'none';
};

const refusal = (code: string, key: string, message: string, more: { readonly hint?: string } = {}): Problem =>
  new Problem(code, 'invalid', message, { ...more, path: [key], nothingDone: true });
