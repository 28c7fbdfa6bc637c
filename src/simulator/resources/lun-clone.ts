import { readFrozen } from '../core/contents.ts';
import { BYTES } from '../core/extents.ts';
import { isStoredObject, list, text, type Entry, type Stored } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { namedIn } from './lookups.ts';

/** A LUN as the source of a clone: one that is there, or one in a snapshot. */
export interface CloneSource {
  readonly lun: Entry;
  readonly attributes: readonly { readonly name: string; readonly value: string }[];
}

const NAME = 'clone.source.name';
const UUID = 'clone.source.uuid';

export const namesSource = (values: { readonly [path: string]: Stored | undefined }): boolean =>
  values[NAME] !== undefined || values[UUID] !== undefined;

/** Finds what `clone.source` names. */
export const findCloneSource = (
  values: { readonly [path: string]: Stored | undefined },
  svm: string,
  world: World,
): CloneSource => {
  const name = text({ name: values[NAME] }, 'name');
  const uuid = text({ uuid: values[UUID] }, 'uuid');
  const inSnapshot = /^\/vol\/([^/]+)\/\.snapshot\/([^/]+)\/(.+)$/.exec(name);
  if (inSnapshot) {
    if (uuid !== '') throw new Refusal(400, 5374899, 'A LUN in a snapshot has no UUID.', UUID);
    return findInSnapshot(inSnapshot[1] ?? '', inSnapshot[2] ?? '', inSnapshot[3] ?? '', svm, world);
  }
  const byUuid = uuid === '' ? undefined : world.store.find('lun', uuid);
  const byName = name === '' ? undefined : namedIn('lun', name, svm, world);
  if (uuid !== '' && byUuid?.['svm'] !== svm)
    throw new Refusal(400, 5374875, `The LUN "${uuid}" does not exist.`, UUID);
  if (name !== '' && !byName) throw new Refusal(400, 5374876, `The LUN "${name}" does not exist.`, NAME);
  if (byUuid && byName && byUuid.$id !== byName.$id) {
    throw new Refusal(
      400,
      5374874,
      'The name and the UUID of the source do not refer to the same LUN.',
      'clone.source',
    );
  }
  const lun = byUuid ?? byName;
  if (!lun) throw new Refusal(400, 5374876, 'The source of the clone was not specified.', 'clone.source');
  const attributes = world.store.by('lun_attribute', 'lun', lun.$id);
  return { lun, attributes: attributes.map((each) => ({ name: text(each, 'name'), value: text(each, 'value') })) };
};

const findInSnapshot = (
  volumeName: string,
  snapshotName: string,
  path: string,
  svm: string,
  world: World,
): CloneSource => {
  const volume = namedIn('volume', volumeName, svm, world);
  const snapshot =
    volume && world.store.by('snapshot', 'volume', volume.$id).find((each) => each['name'] === snapshotName);
  const found = readFrozen(snapshot?.['$contents']).find(
    ({ kind, entry }) => kind === 'lun' && text(entry, 'name').split('/').slice(3).join('/') === path,
  );
  if (!volume || !found) {
    throw new Refusal(
      400,
      5374876,
      `The LUN "/vol/${volumeName}/.snapshot/${snapshotName}/${path}" does not exist.`,
      NAME,
    );
  }
  const attributes = list({ contents: found.contents }, 'contents')
    .filter(isStoredObject)
    .map((record) => record['entry'])
    .filter((entry) => entry !== undefined && isStoredObject(entry))
    .map((entry) => ({ name: text(entry, 'name'), value: text(entry, 'value') }));
  return { lun: { ...found.entry, 'location.volume': volume.$id }, attributes };
};

/** What a clone has from its source. A QoS policy is not inherited. */
export const inheritedValues = (source: Entry) =>
  Object.fromEntries(
    [
      'os_type',
      'space.size',
      'class',
      'comment',
      'space.guarantee.requested',
      'space.scsi_thin_provisioning_support_enabled',
      BYTES,
    ]
      .filter((path) => source[path] !== undefined)
      .map((path) => [path, source[path]]),
  );
