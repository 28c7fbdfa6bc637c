import { compact, integer, labelOf, text, texts } from './core/entry.ts';
import type { World } from './core/world.ts';
import { childrenOf, GROUP, MEMBERS, PARENT, parentOf } from './resources/consistency-group-members.ts';
import { BrokenInvariant, checkRecords } from './record-invariants.ts';
import { BASE, LAG, PORT } from './resources/ports.ts';
import { heldIn, writtenIn } from './resources/volume-contents.ts';

/** Members of a group's record that no request sees, and that stay. */
const LASTING = new Set(['$id', MEMBERS, '$cloned', '$cloned_from']);

const checkSpace = (world: World) => {
  const charged = new Map<string, number>();
  for (const { kind, charges } of world.resources()) {
    if (!charges) continue;
    for (const entry of world.store.all(kind)) {
      for (const { aggregate, bytes } of charges(entry)) {
        if (!world.store.find('aggregate', aggregate))
          throw new BrokenInvariant(
            `${labelOf(kind, entry)}: it takes space in aggregate ${aggregate}, which is not there`,
          );
        charged.set(aggregate, (charged.get(aggregate) ?? 0) + bytes);
      }
    }
  }
  for (const aggregate of world.store.all('aggregate')) {
    const sum = charged.get(aggregate.$id) ?? 0;
    if (world.usage(aggregate.$id).charged !== sum)
      throw new BrokenInvariant(
        `aggregate ${text(aggregate, 'name')}: charged ${world.usage(aggregate.$id).charged}, volumes add up to ${sum}`,
      );
    if (sum + integer(aggregate, '$foreign') > integer(aggregate, 'space.block_storage.size'))
      throw new BrokenInvariant(`aggregate ${text(aggregate, 'name')} holds more than its size`);
  }
};

const checkVolumes = (world: World) => {
  for (const volume of world.store.all('volume')) {
    const held = heldIn(volume.$id, world);
    if (held !== integer(volume, '$held'))
      throw new BrokenInvariant(
        `${labelOf('volume', volume)}: $held is ${integer(volume, '$held')}, and its units hold ${held} bytes`,
      );
    const written = writtenIn(volume.$id, world);
    if (written > integer(volume, '$used'))
      throw new BrokenInvariant(
        `${labelOf('volume', volume)}: $used is ${integer(volume, '$used')}, and ${written} bytes are written in its units`,
      );
  }
  for (const svm of world.store.all('svm')) {
    const roots = world.store.by('volume', 'svm', svm.$id).filter((volume) => volume['is_svm_root'] === true);
    // The root volume is the last that can go; then there is none.
    if (roots.length > 1) throw new BrokenInvariant(`SVM ${text(svm, 'name')} has ${roots.length} root volumes`);
    const policies = world.store.by('export_policy', 'svm', svm.$id).filter((policy) => policy['name'] === 'default');
    if (policies.length !== 1)
      throw new BrokenInvariant(`SVM ${text(svm, 'name')} has ${policies.length} default export policies`);
  }
  for (const policy of world.store.all('export_policy')) {
    const rules = world.store.by('export_rule', 'policy', policy.$id);
    if (rules.some((rule) => world.store.by('export_client', 'rule', rule.$id).length === 0))
      throw new BrokenInvariant(`export policy ${text(policy, 'name')} has a rule for nobody`);
    if (new Set(rules.map((rule) => rule['index'])).size !== rules.length)
      throw new BrokenInvariant(`export policy ${text(policy, 'name')} has two rules with one index`);
  }
};

/** Each side of a mirror has its volume, each volume is itself a qtree, and nothing is held for a mirror that is gone. */
const checkNas = (world: World) => {
  const mirrors = world.store.all('snapmirror_relationship');
  const uuids = new Set(mirrors.map((mirror) => text(mirror, 'uuid')));
  for (const mirror of mirrors) {
    const volume = world.store.find('volume', text(mirror, '$volume'));
    if (!volume) throw new BrokenInvariant(`mirror ${mirror.$id}: its volume is not there`);
    const writable = text(mirror, 'state') === 'broken_off' || text(mirror, '$side') === 'source';
    if (!writable && text(volume, 'type') !== 'dp')
      throw new BrokenInvariant(`mirror ${mirror.$id}: its destination ${text(volume, 'name')} can be written to`);
  }
  for (const snapshot of world.store.all('snapshot')) {
    const gone = texts(snapshot, '$mirrors').find((holder) => !uuids.has(holder));
    if (gone !== undefined)
      throw new BrokenInvariant(`snapshot ${text(snapshot, 'name')} is held by mirror ${gone}, which is not there`);
  }
  for (const report of world.store.all('quota_report')) {
    if (!world.store.find('quota_rule', text(report, '$rule')))
      throw new BrokenInvariant(`quota report ${report.$id}: its rule is not there`);
  }
  if (!world.offers('qtree')) return;
  for (const volume of world.store.all('volume')) {
    if (volume['$unit'] !== true && !world.store.find('qtree', `${volume.$id}/0`))
      throw new BrokenInvariant(`volume ${text(volume, 'name')} is not a qtree`);
  }
};

/** VLANs are on ports and ports in groups that are there. */
const checkPorts = (world: World) => {
  for (const port of world.store.all(PORT))
    for (const [path, id] of [BASE, LAG].map((member) => [member, text(port, member)] as const))
      if (id !== '' && !world.store.find(PORT, id))
        throw new BrokenInvariant(`${labelOf(PORT, port)}: ${path} refers to ${PORT} ${id}, which is not there`);
};

/** Consistency groups have volumes, or groups that have some; a volume is in one group, and no work is left undone. */
const checkGroups = (world: World) => {
  const holders = new Map<string, string>();
  for (const group of world.store.all(GROUP)) {
    const name = text(group, 'name');
    const broken = (what: string) => new BrokenInvariant(`consistency group ${name}: ${what}`);
    const members = texts(group, MEMBERS);
    const children = childrenOf(group, world);
    const parent = parentOf(group, world);
    if (members.length === 0 && children.length === 0) throw broken('it is empty');
    if (members.length > 0 && children.length > 0) throw broken('it has volumes and groups');
    if (parent && (children.length > 0 || text(parent, PARENT) !== '')) throw broken('it is nested too deep');
    if (parent && parent['svm'] !== group['svm']) throw broken('its parent is in another SVM');
    const left = Object.keys(compact(group)).find((path) => path.startsWith('$') && !LASTING.has(path));
    if (left !== undefined) throw broken(`${left} is left of a request`);
    for (const id of members) {
      if (world.store.find('volume', id)?.['svm'] !== group['svm']) throw broken(`its volume ${id} is not in its SVM`);
      if (holders.has(id)) throw broken(`its volume ${id} is in ${holders.get(id) ?? ''} too`);
      holders.set(id, name);
    }
  }
};

/** Throws an Error that names the first invariant that does not hold: references lead somewhere, space adds up. */
export const verifyWorld = (world: World): void => {
  checkRecords(world);
  checkSpace(world);
  checkVolumes(world);
  checkNas(world);
  checkPorts(world);
  checkGroups(world);
};
