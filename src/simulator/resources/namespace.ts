import type { Context, Resource } from '../core/declaration.ts';
import { flag, integer, text, type Entry } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import { parseBoolean } from '../core/scalars.ts';
import { checkOnline, nameTaken, prepareChange, prepareNamespace } from './namespace-create.ts';
import { mapOf, namespaceFields } from './namespace-fields.ts';
import { forgetQosPolicy } from './qos-policy.ts';
import { removeConverted } from './unit-convert.ts';
import { insideVolume, unitJobs } from './unit-record.ts';
import {
  addUnitVolume,
  changeUnitVolume,
  checkUnitRemovable,
  isDisaggregatedSan,
  removeUnitVolume,
} from './unit-volume.ts';
import { shiftData } from './volume-data.ts';

const NAMESPACE = 'namespace';

const checkRemovable = (namespace: Entry, { world, parameters }: Context) => {
  checkOnline(namespace, world);
  if (mapOf(namespace.$id, world) && parseBoolean(parameters['allow_delete_while_mapped'] ?? 'false') !== true) {
    throw new Refusal(
      409,
      72089796,
      `The NVMe namespace "${text(namespace, 'name')}" is mapped to an NVMe subsystem. Specify "allow_delete_while_mapped" to delete it.`,
    );
  }
  if (isDisaggregatedSan(world)) checkUnitRemovable(namespace, world);
};

const unknown = (given: string, field: string) =>
  /^[0-9a-f]{8}-/.test(given)
    ? new Refusal(400, 72090006, `The NVMe namespace specified by "${field}.uuid" was not found.`, field)
    : new Refusal(400, 72090007, `The NVMe namespace "${given}" specified by "${field}.name" was not found.`, field);

/** `/storage/namespaces`: in FlexVol volumes; on ASA r2 storage units with simple names, made and removed by jobs. */
export const namespace: Resource = {
  kind: NAMESPACE,
  path: '/storage/namespaces',
  keys: ['uuid'],
  fields: namespaceFields,
  indexes: ['svm', 'location.volume', 'qos_policy'],
  unique: [{ fields: ['svm', 'name'], refusal: nameTaken }],
  unknown,
  parameters: { remove: ['allow_delete_while_mapped', 'bypass_recovery_queue'] },
  inside: [insideVolume(() => ({}))],
  reactions: [forgetQosPolicy(NAMESPACE, 'qos_policy')],
  create: {
    asynchronous: unitJobs.create,
    prepare: prepareNamespace,
    effects: (entry, { world }) => {
      if (flag(entry, '$simple')) addUnitVolume(entry, world);
      if (removeConverted('lun', entry, world))
        shiftData(text(entry, 'location.volume'), integer(entry, '$written'), world);
    },
  },
  modify: {
    asynchronous: unitJobs.modify,
    prepare: prepareChange,
    effects: (after, _before, { world }) => {
      if (flag(after, '$simple')) changeUnitVolume(after, world);
    },
  },
  remove: {
    asynchronous: unitJobs.remove,
    check: checkRemovable,
    effects: (entry, { world }) => {
      shiftData(text(entry, 'location.volume'), -integer(entry, '$written'), world);
      if (flag(entry, '$simple')) removeUnitVolume(entry, world);
    },
  },
};
