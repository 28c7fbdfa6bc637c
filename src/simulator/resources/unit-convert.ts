import { findText, integer, text, type Entry } from '../core/entry.ts';
import { applyOperation } from '../core/operation.ts';
import { notSimulated, Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { isDisaggregatedSan } from './unit-volume.ts';

/** A LUN becomes a namespace, or the other way round: its data stay where they are, all else is of the other kind. */

type Kind = 'lun' | 'namespace';

export const CONVERT = { lun: 'convert.namespace', namespace: 'convert.lun' } as const;

/** Member of a record that is being made: the key of what becomes it. */
const SOURCE = '$converted';
/** LUNs have blocks of this size (bytes), and so have the namespaces that can become one. */
const LUN_BLOCK = 512;
const NAMESPACE_SYSTEMS = ['aix', 'linux', 'vmware', 'windows'];

/** What the one has from the other under the same name. */
const SHARED = [
  'name',
  'svm',
  'os_type',
  'comment',
  'create_time',
  'auto_delete',
  'space.size',
  'qos_policy',
  'location.volume',
  'location.qtree',
  '$written',
];

/** No other property goes with a conversion; the defaults of a new record are not given by the client. */
const refuseOthers = (draft: Entry, kind: Kind, code: number, world: World) => {
  const { fields } = world.resource(kind);
  const own = ['$id', 'uuid', 'svm', CONVERT[kind]];
  const other = Object.keys(draft).find((path) => !own.includes(path) && draft[path] !== fields[path]?.default);
  if (other !== undefined)
    throw new Refusal(400, code, `The property "${other}" cannot be given together with "${CONVERT[kind]}".`, other);
};

/** The record that is to become the new one of this kind; undefined: the request does not convert. */
const sourceOf = (draft: Entry, kind: Kind, code: number, world: World): Entry | undefined => {
  const id = findText(draft, CONVERT[kind]);
  if (id === undefined) return undefined;
  if (isDisaggregatedSan(world)) throw notSimulated('Converting a storage unit');
  refuseOthers(draft, kind, code, world);
  return world.store.get(kind === 'lun' ? 'namespace' : 'lun', id);
};

const taken = (draft: Entry, source: Entry): Entry => ({
  ...Object.fromEntries(SHARED.flatMap((path) => (source[path] === undefined ? [] : [[path, source[path]]]))),
  uuid: draft.$id,
  $id: draft.$id,
  [SOURCE]: source.$id,
});

/** What a LUN is that a namespace becomes; undefined: the body does not name one. */
export const lunFromNamespace = (draft: Entry, world: World): Entry | undefined => {
  const source = sourceOf(draft, 'lun', 5374944, world);
  if (!source) return undefined;
  const name = text(source, 'name');
  if (world.store.by('nvme_map', 'namespace', source.$id).length > 0)
    throw new Refusal(409, 72089756, `The NVMe namespace "${name}" is mapped to a subsystem.`, CONVERT.lun);
  if (integer(source, 'space.block_size') !== LUN_BLOCK)
    throw new Refusal(400, 72089755, `The blocks of "${name}" are not of ${LUN_BLOCK} bytes.`, CONVERT.lun);
  return {
    ...taken(draft, source),
    class: 'regular',
    enabled: true,
    'location.logical_unit': source['location.namespace'],
    'space.guarantee.requested': false,
    'space.scsi_thin_provisioning_support_enabled': false,
  };
};

/** What a namespace is that a LUN becomes; undefined: the body does not name one. */
export const namespaceFromLun = (draft: Entry, world: World): Entry | undefined => {
  const source = sourceOf(draft, 'namespace', 72090040, world);
  if (!source) return undefined;
  const name = text(source, 'name');
  if (world.store.by('lun_map', 'lun', source.$id).length > 0)
    throw new Refusal(409, 1254197, `The LUN "${name}" is mapped.`, CONVERT.namespace);
  if (!NAMESPACE_SYSTEMS.includes(text(source, 'os_type')))
    throw new Refusal(400, 5374158, `A namespace cannot be of the system of "${name}".`, CONVERT.namespace);
  return {
    comment: '',
    ...taken(draft, source),
    'location.namespace': source['location.logical_unit'],
    'space.block_size': LUN_BLOCK,
    'clone.created_as_clone': false,
  };
};

/** When the new record is made: what became it goes, and takes its data out of the volume's account. */
export const removeConverted = (kind: Kind, made: Entry, world: World): boolean => {
  const id = findText(made, SOURCE);
  if (id === undefined) return false;
  world.store.change(kind === 'lun' ? 'namespace' : 'lun', made.$id, { [SOURCE]: undefined });
  applyOperation({ verb: 'remove', kind, id, values: {}, unset: [], parameters: {} }, world);
  return true;
};
