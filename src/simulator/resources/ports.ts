import { flag, text, type Entry } from '../core/entry.ts';
import type { World } from '../core/world.ts';

/** Ports of nodes: those that they come with, VLANs on them, and groups of them (LAGs). */

export const PORT = 'ethernet_port';

/** Member of a VLAN's record: the port that it is on. */
export const BASE = 'vlan.base_port.uuid';

/** Member of a port's record: the group that it is in. */
export const LAG = '$lag';

/** The port of a node, by its name. */
export const portAt = (node: string, name: string, world: World): Entry | undefined =>
  world.store.by(PORT, 'node', node).find((port) => port['name'] === name);

export const baseOf = (vlan: Entry, world: World): Entry | undefined => world.store.find(PORT, text(vlan, BASE));

export const vlansOn = (port: Entry, world: World): readonly Entry[] => world.store.by(PORT, BASE, port.$id);

export const portsIn = (lag: Entry, world: World): readonly Entry[] => world.store.by(PORT, LAG, lag.$id);

/** Interfaces that have the port as their home, or are there now. */
export const interfacesAt = (port: Entry, world: World): readonly Entry[] =>
  world.store
    .all('ip_interface')
    .filter((lif) =>
      (['', 'home_'] as const).some(
        (home) => lif[`location.${home}node`] === port['node'] && lif[`location.${home}port.name`] === port['name'],
      ),
    );

/** A VLAN is up with the port that it is on, a group with any port in it. */
export const isUp = (port: Entry, world: World): boolean => {
  if (!flag(port, 'enabled')) return false;
  if (text(port, 'type') === 'lag') return portsIn(port, world).some((each) => isUp(each, world));
  const base = baseOf(port, world);
  return base === undefined || isUp(base, world);
};
