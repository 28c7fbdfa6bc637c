import { flag, text, type Entry } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { namedIn } from './lookups.ts';
import { qtreeInCopy } from './qtree.ts';

/** The parts of `/vol/<volume>[/<qtree>]/<name>`. */
export interface UnitPath {
  readonly volume: string;
  readonly qtree: string | undefined;
  readonly base: string;
}

/** Where a LUN or namespace lies. */
export interface UnitPlace {
  readonly name: string;
  readonly base: string;
  readonly volume: Entry;
  /** Key of the qtree; undefined: in the volume itself. */
  readonly qtree: string | undefined;
}

/** The codes with which a LUN or a namespace refuses a place. */
export interface PlaceCodes {
  readonly badName: number;
  readonly badPath: number;
  readonly noName: number;
  readonly noVolume: number;
  readonly inSnapshot: number;
  readonly rootVolume: number;
  readonly volumeOffline: number;
  /** For a FlexGroup volume; absent: the general code for what cannot be done. */
  readonly flexgroup?: number;
}

export const LUN_CODES: PlaceCodes = {
  badName: 5374121,
  badPath: 5374352,
  noName: 5374862,
  noVolume: 5374859,
  inSnapshot: 5374238,
  rootVolume: 5374237,
  volumeOffline: 5374866,
};

/** The simple names of ASA r2: one name space for the LUNs and namespaces of an SVM. */
export const checkSimpleName = (name: string): void => {
  if (!/^[A-Za-z_]\w*$/.test(name)) {
    throw new Refusal(
      400,
      5376461,
      `The name "${name}" must start with a letter or "_" and have only letters, digits and "_".`,
      'name',
    );
  }
  if (name.length > 203) throw new Refusal(400, 5376462, `The name "${name}" is longer than 203 characters.`, 'name');
};

/** Takes a path apart; what is no path, or lies in a snapshot, is refused. */
const parseUnitPath = (path: string, codes: PlaceCodes): UnitPath => {
  const [empty, vol, volume, ...rest] = path.split('/');
  if (empty !== '' || vol !== 'vol' || !volume) {
    throw new Refusal(
      400,
      codes.badPath,
      `The name "${path}" is not of the form "/vol/<volume>[/<qtree>]/<name>".`,
      'name',
    );
  }
  if (rest[0] === '.snapshot') throw new Refusal(400, codes.inSnapshot, `"${path}" lies in a snapshot.`, 'name');
  const base = rest.at(-1) ?? '';
  if (base === '') throw new Refusal(400, codes.noName, `The path "${path}" has no base name.`, 'name');
  const [qtree] = rest.length === 2 ? rest : [];
  if (rest.length > 2 || qtree === '')
    throw new Refusal(400, codes.badPath, `The name "${path}" has too many parts.`, 'name');
  return { volume, qtree, base };
};

/** The places that a body names in its several ways. */
export interface GivenPlace {
  readonly name: string | undefined;
  readonly base: string | undefined;
  /** Key of a volume. */
  readonly volume: string | undefined;
  /** Key of a qtree. */
  readonly qtree: string | undefined;
}

/** Finds the place of a LUN or namespace from its path, its location, or both. */
export const findPlace = (given: GivenPlace, svm: string, codes: PlaceCodes, world: World): UnitPlace => {
  const path = given.name === undefined ? undefined : parseUnitPath(given.name, codes);
  const volume = findVolume(path, given, svm, codes, world);
  const base = findBase(path, given, codes);
  if (!/^[\w.{}-]+$/.test(base)) {
    throw new Refusal(
      400,
      codes.badName,
      `The name "${base}" may only have letters, digits, "-", ".", "_", "{" and "}".`,
      'name',
    );
  }
  const qtree = findQtree(path, given, volume, world);
  checkVolume(volume, codes);
  const tree = qtree === undefined ? '' : `/${text(qtree, 'name')}`;
  return { name: `/vol/${text(volume, 'name')}${tree}/${base}`, base, volume, qtree: qtree?.$id };
};

const findVolume = (
  path: UnitPath | undefined,
  given: GivenPlace,
  svm: string,
  codes: PlaceCodes,
  world: World,
): Entry => {
  const named = given.volume === undefined ? undefined : world.store.get('volume', given.volume);
  if (!path) {
    if (!named) throw new Refusal(400, codes.noVolume, 'No volume was specified.', 'location.volume');
    return named;
  }
  const found = namedIn('volume', path.volume, svm, world);
  if (!found) throw new Refusal(400, 917927, `The volume "${path.volume}" does not exist.`, 'name');
  if (named && named.$id !== found.$id) {
    throw new Refusal(400, 5374858, 'The volume in "name" is not the one in "location.volume".', 'location.volume');
  }
  return found;
};

const findBase = (path: UnitPath | undefined, given: GivenPlace, codes: PlaceCodes): string => {
  const base = path?.base ?? given.base ?? '';
  if (base === '') throw new Refusal(400, codes.noName, 'No name was specified.', 'name');
  if (given.base !== undefined && given.base !== base) {
    throw new Refusal(400, 5374861, 'The base name in "name" is not the one in "location".', 'location');
  }
  return base;
};

const findQtree = (path: UnitPath | undefined, given: GivenPlace, volume: Entry, world: World): Entry | undefined => {
  const known = world.store.kinds().includes('qtree');
  const named = given.qtree === undefined || !known ? undefined : world.store.get('qtree', given.qtree);
  if (named && named['volume'] !== volume.$id)
    throw new Refusal(400, 5242927, 'The qtree does not exist in the volume.', 'location.qtree');
  if (!path) return named && text(named, 'name') !== '' ? named : undefined;
  if (path.qtree === undefined) {
    if (named && text(named, 'name') !== '') throw notSameQtree();
    return undefined;
  }
  const found = known
    ? world.store.by('qtree', 'name', path.qtree).find((qtree) => qtree['volume'] === volume.$id)
    : undefined;
  if (!found)
    throw new Refusal(
      400,
      5242927,
      `The qtree "${path.qtree}" does not exist in volume "${text(volume, 'name')}".`,
      'name',
    );
  if (named && named.$id !== found.$id) throw notSameQtree();
  return found;
};

const notSameQtree = () =>
  new Refusal(400, 5374860, 'The qtree in "name" is not the one in "location.qtree".', 'location.qtree');

const checkVolume = (volume: Entry, codes: PlaceCodes) => {
  const name = text(volume, 'name');
  if (flag(volume, 'is_svm_root'))
    throw new Refusal(400, codes.rootVolume, `"${name}" is the root volume of its SVM.`, 'location.volume');
  if (text(volume, 'state') !== 'online')
    throw new Refusal(400, codes.volumeOffline, `The volume "${name}" is not online.`, 'location.volume');
  if (text(volume, 'style') === 'flexgroup' && codes.flexgroup !== undefined)
    throw new Refusal(400, codes.flexgroup, `"${name}" is a FlexGroup volume.`, 'location.volume');
  if (text(volume, 'style') !== 'flexvol' || text(volume, 'type') !== 'rw') {
    throw new Refusal(400, 2, `The volume "${name}" is not a read-write FlexVol volume.`, 'location.volume');
  }
};

/** A LUN or namespace of the SVM that has the name; the two share their names. */
export const unitNamed = (name: string, svm: string, world: World): Entry | undefined => {
  const kinds = world.store.kinds();
  return ['lun', 'namespace']
    .filter((kind) => kinds.includes(kind))
    .flatMap((kind) => world.store.by(kind, 'name', name))
    .find((entry) => entry['svm'] === svm);
};

/** The path of a LUN or namespace after its volume was renamed; its name on ASA r2. */
export const nameInVolume = (entry: Entry, volume: Entry, world: World): string => {
  if (world.personality === 'asa-r2') return text(volume, 'name');
  const [, , , ...rest] = text(entry, 'name').split('/');
  return ['', 'vol', text(volume, 'name'), ...rest].join('/');
};

/** A LUN or namespace in a copy of its volume lies in the copy of its qtree. */
export const qtreeOfCopy = (copy: Entry, volume: Entry) => {
  const qtree = text(copy, 'location.qtree');
  return qtree === '' ? {} : { 'location.qtree': qtreeInCopy(qtree, volume.$id) };
};
