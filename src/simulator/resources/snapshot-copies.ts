import type { Field, Fields } from '../core/declaration.ts';
import {
  integer,
  isStoredList,
  isStoredObject,
  objects,
  text,
  type Entry,
  type Stored,
  type StoredObject,
} from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';

export const COPY = 'snapshot_copy';
const GREATEST_COUNT = 1023;

export const scheduleField: Field = {
  kind: 'ref',
  to: 'schedule',
  unknown: (given) => new Refusal(400, 1638413, `Schedule "${given}" does not exist.`, 'copies.schedule'),
};

/** The fields of one of a policy's copies, as an element of the policy or by itself. */
export const copyFields = (prefix: string): Fields => ({
  count: {
    kind: 'integer',
    required: true,
    minimum: 1,
    missing: () => new Refusal(400, 1638408, 'Each of the copies needs a count.', `${prefix}count`),
  },
  prefix: { kind: 'string' },
  retention_period: { kind: 'string' },
  snapmirror_label: { kind: 'string', maxLength: 31 },
  schedule: scheduleField,
});

export const copyKey = (policy: string, schedule: string): string => `${policy}/${schedule}`;

/** The copies of a policy in their order. */
export const copiesOf = (policy: string, world: World): readonly Entry[] =>
  world.store.by(COPY, 'snapshot_policy', policy);

export const lastOrder = (copies: readonly Entry[]): number =>
  copies.reduce((greatest, copy) => Math.max(greatest, integer(copy, '$order')), 0);

/** Stands where a copy gives its snapshots no label. */
const NO_LABEL = '-';

/** The prefix of a copy's snapshots is the schedule's name unless another is given. */
export const completeCopy = (copy: StoredObject, world: World): StoredObject => ({
  ...copy,
  snapmirror_label: text(copy, 'snapmirror_label') || NO_LABEL,
  prefix: text(copy, 'prefix') || text(world.store.get('schedule', text(copy, 'schedule')), 'name'),
});

/** What a snapshot by a copy is called when it is made now: `hourly.2025-05-01_0905`. */
export const stampedName = (copy: Entry, world: World): string =>
  `${text(copy, 'prefix')}.${world.clock.text().slice(0, 16).replace('T', '_').replaceAll(':', '')}`;

/** What the record of such a snapshot has of the copy. */
export const scheduledMarks = (copy: Entry): StoredObject => ({
  $scheduled: text(copy, 'prefix'),
  ...(text(copy, 'snapmirror_label') === NO_LABEL ? {} : { snapmirror_label: copy['snapmirror_label'] }),
});

/** Of the snapshots by a copy, oldest first, those that it does not keep. */
export const pastCount = (made: readonly Entry[], copy: Entry): readonly Entry[] =>
  made.slice(0, Math.max(0, made.length - integer(copy, 'count')));

export const checkCopies = (copies: readonly StoredObject[]): void => {
  if (copies.some((copy) => copy['schedule'] === undefined))
    throw new Refusal(400, 1638407, 'Each of the copies needs a schedule.', 'copies.schedule');
  const total = copies.reduce((sum, copy) => sum + integer(copy, 'count'), 0);
  if (total > GREATEST_COUNT)
    throw new Refusal(
      400,
      1638451,
      `The policy keeps ${total} snapshots; at most ${GREATEST_COUNT} are possible.`,
      'copies.count',
    );
  const prefixes = copies.map((copy) => text(copy, 'prefix'));
  if (new Set(prefixes).size !== prefixes.length)
    throw new Refusal(400, 1638508, 'Two of the copies have the same prefix.', 'copies.prefix');
};

/** The copies of a body wait in the policy's record until it is made. */
export const $copies = (given: Stored | undefined, world: World): { readonly $copies?: readonly StoredObject[] } => {
  if (given === undefined || !isStoredList(given)) return {};
  const copies = given.filter(isStoredObject);
  if (copies.some((copy) => copy['schedule'] === undefined)) checkCopies(copies);
  const complete = copies.map((copy) => completeCopy(copy, world));
  checkCopies(complete);
  return { $copies: complete };
};

export const replaceCopies = (policy: Entry, world: World): void => {
  if (policy['$copies'] === undefined) return;
  for (const copy of copiesOf(policy.$id, world)) world.store.remove(COPY, copy.$id);
  for (const [index, copy] of objects(policy, '$copies').entries()) {
    const $id = copyKey(policy.$id, text(copy, 'schedule'));
    world.store.put(COPY, { ...copy, $id, snapshot_policy: policy.$id, $order: index + 1 });
  }
  world.store.change('snapshot_policy', policy.$id, { $copies: undefined });
};
