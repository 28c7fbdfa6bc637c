import type { Fields } from '../core/declaration.ts';
import { findText, integer, text, type Entry } from '../core/entry.ts';
import { notSimulated, Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { readOnly, unmodelled } from './common.ts';
import { attributesOf, type Attribute } from './lun-attribute.ts';
import { inheritedValues } from './lun-clone.ts';

/** Copies of LUNs: with data of their own, in any volume of the SVM. Copying takes no time. */

const COPY = 'copy.source';
/** Members of a copy: the key of its source, and when (milliseconds) it was made. */
const FROM = '$copiedFrom';
const AT = '$copiedAt';
/** How long a copy tells about its source. */
const TOLD_MS = 120_000;

/** Where the copy is to be; nothing else may be given. */
const DESTINATION = ['name', 'location.volume', 'location.qtree', 'location.logical_unit'];

const isTold = (lun: Entry, world: World): boolean =>
  lun[FROM] !== undefined && world.clock.now() < integer(lun, AT) + TOLD_MS;

const told =
  <T>(value: T) =>
  (lun: Entry, world: World): T | undefined =>
    isTold(lun, world) ? value : undefined;

export const copyFields: Fields = {
  [COPY]: {
    kind: 'ref',
    to: 'lun',
    children: ['uuid', 'name'],
    scoped: true,
    write: 'create',
    expensive: true,
    unknown: (given) =>
      given.includes('/.snapshot/')
        ? notSimulated('Copying a LUN out of a snapshot')
        : new Refusal(400, 5374875, `The LUN "${given}" does not exist.`, COPY),
    compute: (lun, world) => (isTold(lun, world) ? world.store.find('lun', text(lun, FROM))?.$id : undefined),
  },
  'copy.source.progress.state': readOnly('enum', {
    expensive: true,
    values: ['preparing', 'replicating', 'paused', 'paused_error', 'complete', 'reverting', 'failed'],
    compute: told('complete'),
  }),
  'copy.source.progress.percent_complete': readOnly('integer', { expensive: true, compute: told(100) }),
  'copy.source.progress.elapsed': readOnly('integer', { expensive: true, compute: told(0) }),
  'copy.source.progress.volume_snapshot_blocked': readOnly('boolean', { expensive: true, compute: told(false) }),
  ...unmodelled('copy.source.peer', 'copy.source.max_throughput', 'copy.source.progress.failure', 'copy.destinations'),
};

export interface LunCopy {
  /** What the new LUN has from its source. */
  readonly values: Entry;
  readonly attributes: readonly Attribute[];
}

/** The copy that a body asks for; undefined: it asks for none. */
export const readCopy = (draft: Entry, world: World): LunCopy | undefined => {
  const id = findText(draft, COPY);
  if (id === undefined) return undefined;
  const { fields } = world.resource('lun');
  const own = ['$id', 'uuid', 'svm', COPY, ...DESTINATION];
  const other = Object.keys(draft).find((path) => !own.includes(path) && draft[path] !== fields[path]?.default);
  if (other !== undefined)
    throw new Refusal(400, 5374943, `The property "${other}" cannot be given for a copy of a LUN.`, other);
  const source = world.store.get('lun', id);
  const { enabled, auto_delete, qos_policy, $written } = source;
  return {
    values: {
      ...inheritedValues(source),
      enabled,
      auto_delete,
      qos_policy,
      $written,
      [FROM]: source.$id,
      [AT]: world.clock.now(),
      $id: draft.$id,
    },
    attributes: attributesOf(source.$id, world).map((each) => ({
      name: text(each, 'name'),
      value: text(each, 'value'),
    })),
  };
};
