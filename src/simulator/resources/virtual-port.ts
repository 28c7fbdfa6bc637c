import type { Context, Fields, Values } from '../core/declaration.ts';
import { findText, objects, text, texts, type Entry, type StoredObject } from '../core/entry.ts';
import { missingValue, Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { BROADCAST_DOMAIN } from './broadcast-domain.ts';
import { readOnly } from './common.ts';
import { isMeant } from './lookups.ts';
import { BASE, baseOf, interfacesAt, isUp, LAG, PORT, portsIn, vlansOn } from './ports.ts';

/** VLANs and groups of ports (LAGs), which clients make out of the ports that nodes come with. */

const MEMBER_PORTS = 'lag.member_ports';
/** The ports that are to be in a group, until the request is done. */
const WANTED = '$wanted';
/** The port that management has for itself. */
const MANAGEMENT_PORT = 'e0M';

const unfit = (message: string, target: string) => new Refusal(400, 262197, message, target);
const busy = (port: Entry, why: string) =>
  new Refusal(409, 8, `The port "${text(port, 'name')}" ${why}.`, MEMBER_PORTS);

const nodeName = (port: Entry, world: World) => world.store.find('node', text(port, 'node'))?.['name'];

const shown = (ports: readonly Entry[], world: World) =>
  ports.map((port) => ({ $ref: port.$id, name: port['name'], uuid: port.$id, 'node.name': nodeName(port, world) }));

const inLag = (show: (lag: Entry, world: World) => readonly Entry[] | undefined): Fields[string] => ({
  kind: 'objects',
  to: PORT,
  of: { name: { kind: 'string' }, uuid: { kind: 'string' }, 'node.name': { kind: 'string' } },
  compute: (lag, world) => {
    const ports = text(lag, 'type') === 'lag' ? show(lag, world) : undefined;
    return ports && shown(ports, world);
  },
});

/** Those that carry data: one alone where the others stand by. */
const activePorts = (lag: Entry, world: World): readonly Entry[] | undefined => {
  const up = portsIn(lag, world).filter((port) => isUp(port, world));
  if (!isUp(lag, world)) return undefined;
  return text(lag, 'lag.mode') === 'singlemode' ? up.slice(0, 1) : up;
};

export const virtualPortFields: Fields = {
  'vlan.tag': { kind: 'integer', write: 'create', minimum: 1, maximum: 4094 },
  'vlan.base_port.name': { kind: 'string', write: 'create', compute: (vlan, world) => baseOf(vlan, world)?.['name'] },
  [BASE]: { kind: 'string', write: 'create' },
  'vlan.base_port.node.name': {
    kind: 'string',
    write: 'create',
    compute: (vlan, world) => {
      const base = baseOf(vlan, world);
      return base && nodeName(base, world);
    },
  },
  'lag.mode': { kind: 'enum', write: 'create', values: ['multimode_lacp', 'multimode', 'singlemode'] },
  'lag.distribution_policy': { kind: 'enum', write: 'create', values: ['port', 'ip', 'mac', 'sequential'] },
  [MEMBER_PORTS]: inLag(portsIn),
  'lag.active_ports': { ...inLag(activePorts), ...readOnly('objects', {}) },
};

/** The port of the node that a request names, by its name, its UUID, or both. */
const portGiven = (given: StoredObject, prefix: string, node: Entry, target: string, world: World): Entry => {
  const [uuid, name, at] = ['uuid', 'name', 'node.name'].map((member) => findText(given, `${prefix}${member}`));
  if (uuid === undefined && name === undefined) throw missingValue(target);
  const found = world.store.by(PORT, 'node', node.$id).find((port) => isMeant(port, uuid, name));
  if (!found || (at ?? node['name']) !== node['name'])
    throw unfit(`The node "${text(node, 'name')}" has no port "${name ?? uuid ?? ''}".`, target);
  return found;
};

const newVlan = (draft: Entry, node: Entry, world: World): Entry => {
  const { 'vlan.base_port.name': _name, 'vlan.base_port.node.name': _node, ...own } = draft;
  const tag = draft['vlan.tag'];
  if (tag === undefined) throw missingValue('vlan.tag');
  const base = portGiven(draft, 'vlan.base_port.', node, 'vlan.base_port', world);
  if (text(base, 'type') === 'vlan' || base[LAG] !== undefined)
    throw unfit(`A VLAN cannot be on "${text(base, 'name')}", which is a VLAN or in a group.`, 'vlan.base_port');
  return { ...own, $id: draft.$id, name: `${text(base, 'name')}-${String(tag)}`, [BASE]: base.$id };
};

/** What the reference of `network port ifgrp add-port` excludes from groups. */
const checkMember = (port: Entry, lag: string, world: World) => {
  if (text(port, 'type') !== 'physical' || port['name'] === MANAGEMENT_PORT)
    throw unfit(`The port "${text(port, 'name')}" cannot be in a group.`, MEMBER_PORTS);
  if (port[LAG] !== undefined && port[LAG] !== lag) throw busy(port, 'is in another group');
  if (interfacesAt(port, world).length > 0) throw busy(port, 'has interfaces');
  if (vlansOn(port, world).length > 0) throw busy(port, 'has VLANs');
  if (port[BROADCAST_DOMAIN] !== undefined) throw busy(port, 'is in a broadcast domain');
};

const membersGiven = (values: StoredObject, lag: string, node: Entry, world: World): readonly string[] => {
  const ports = objects(values, MEMBER_PORTS).map((each) => portGiven(each, '', node, MEMBER_PORTS, world));
  if (ports.length === 0) throw missingValue(MEMBER_PORTS);
  for (const port of ports) checkMember(port, lag, world);
  return ports.map((port) => port.$id);
};

/** ONTAP gives groups their names: `a0a` and so on. */
const freeLagName = (node: Entry, world: World): string => {
  const taken = new Set(world.store.by(PORT, 'node', node.$id).map((port) => port['name']));
  const names = Array.from('abcdefghijklmnopqrstuvwxyz', (letter) => `a0${letter}`);
  const free = names.find((name) => !taken.has(name));
  if (free === undefined) throw unfit(`The node "${text(node, 'name')}" has ${names.length} groups already.`, 'node');
  return free;
};

const newLag = (draft: Entry, node: Entry, world: World): Entry => {
  const { [MEMBER_PORTS]: _members, ...own } = draft;
  for (const path of ['lag.mode', 'lag.distribution_policy']) if (own[path] === undefined) throw missingValue(path);
  const members = membersGiven(draft, draft.$id, node, world);
  return { ...own, $id: draft.$id, name: freeLagName(node, world), [WANTED]: members };
};

/** The record of a new VLAN or group. */
export const newVirtualPort = (draft: Entry, world: World): Entry => {
  const has = (prefix: string) => Object.keys(draft).some((path) => path.startsWith(prefix));
  const given = (['vlan', 'lag'] as const).filter((type) => has(`${type}.`));
  const type = findText(draft, 'type') ?? given[0];
  if (type === undefined) throw missingValue('type');
  if (type !== 'vlan' && type !== 'lag') throw unfit('Ports are made as VLANs or as LAGs.', 'type');
  if (given.some((each) => each !== type))
    throw unfit(`A port of the type "${type}" has no "${type === 'vlan' ? 'lag' : 'vlan'}".`, 'type');
  const node = world.store.get('node', text(draft, 'node'));
  return { ...(type === 'vlan' ? newVlan : newLag)(draft, node, world), $id: draft.$id, type };
};

/** What a request changes of the ports in a group. */
export const withMembers = ({ [MEMBER_PORTS]: given, ...changes }: Values, port: Entry, world: World): Values => {
  if (given === undefined) return changes;
  if (text(port, 'type') !== 'lag') throw unfit(`The port "${text(port, 'name')}" is no group.`, MEMBER_PORTS);
  const node = world.store.get('node', text(port, 'node'));
  return { ...changes, [WANTED]: membersGiven({ [MEMBER_PORTS]: given }, port.$id, node, world) };
};

/** When the work is done: those that are wanted are in the group, and no others. */
export const settleMembers = (lag: Entry, { world }: Context): void => {
  if (lag[WANTED] === undefined) return;
  const wanted = texts(lag, WANTED);
  for (const port of portsIn(lag, world))
    if (!wanted.includes(port.$id)) world.store.change(PORT, port.$id, { [LAG]: undefined });
  for (const id of wanted) world.store.change(PORT, id, { [LAG]: lag.$id });
  world.store.change(PORT, lag.$id, { [WANTED]: undefined });
};

export const checkRemoval = (port: Entry, { world }: Context): void => {
  if (text(port, 'type') === 'physical') throw new Refusal(400, 1967105, 'Physical ports cannot be deleted.', 'uuid');
  const [lif] = interfacesAt(port, world);
  if (lif) throw new Refusal(409, 1966189, `The interface "${text(lif, 'name')}" is at the port.`, 'uuid');
  const [vlan] = vlansOn(port, world);
  if (vlan) throw new Refusal(409, 1966302, `The VLAN "${text(vlan, 'name')}" is on the group.`, 'uuid');
};

/** The ports of a group that goes are in none any more. */
export const freeMembers = (lag: Entry, { world }: Context): void => {
  for (const port of portsIn(lag, world)) world.store.change(PORT, port.$id, { [LAG]: undefined });
};
