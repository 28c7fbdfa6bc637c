import type { NodeRecord } from '../../../orchestrator/model.ts';
import { Problem } from '../../../problem.ts';
import type { AccessChange, AccessExpectation, VolumeHandle } from '../../driver.ts';
import type { OntapBackend } from '../backend.ts';
import type { LunRef } from '../containers/lun-ref.ts';
import { igroupNameFor, ourIgroups, sharesIgroup } from './igroup-names.ts';
import type { Igroups } from './igroups.ts';
import type { LunMap, LunMaps } from './lun-maps.ts';
import type { ScsiTransport } from './scsi-transport.ts';

export interface MapPlanning {
  readonly backend: OntapBackend;
  readonly transport: ScsiTransport;
  readonly igroups: Igroups;
  readonly maps: LunMaps;
  /** Sees to it that the node sees the LUN. */
  readonly admit: (lun: LunRef, node: NodeRecord, signal: AbortSignal) => Promise<void>;
  /** The LUN of a volume; undefined when it is gone. */
  readonly lunOf: (volume: VolumeHandle, signal: AbortSignal) => Promise<LunRef | undefined>;
}

/**
 * What brings maps and igroups in line with the publications: maps and initiators that are missing, then maps of
 * published volumes for nodes that no longer need them, then igroups of this installation that no LUN is mapped to. Volumes
 * that nobody needs are left to unpublishing. Two calls, and one per volume of another Trident.
 */
export const planMaps = async (
  planning: MapPlanning,
  expected: readonly AccessExpectation[],
  nodes: readonly NodeRecord[],
  signal: AbortSignal,
): Promise<readonly AccessChange[]> => {
  const { backend, maps } = planning;
  // Without nodes there are no igroups of nodes.
  if (sharesIgroup(backend)) return [];
  const there = await maps.list({ 'igroup.name': ourIgroups(backend) }, signal);
  const grants: AccessChange[] = [];
  const revocations: AccessChange[] = [];
  for (const { volume, nodes: needing } of expected) {
    const lun = needing.length === 0 ? undefined : await planning.lunOf(volume, signal);
    if (lun === undefined) continue;
    const own = there.filter((map) => map.lun.uuid === lun.uuid);
    grants.push(...additions(planning, lun, own, needing));
    revocations.push(...removals(planning, lun, own, needing));
  }
  const needed = [...nodes, ...expected.flatMap((each) => each.nodes)];
  return [...grants, ...revocations, ...(await unusedIgroups(planning, there, needed, signal))];
};

const additions = (
  { backend, transport, admit }: MapPlanning,
  lun: LunRef,
  own: readonly LunMap[],
  needing: readonly NodeRecord[],
): readonly AccessChange[] =>
  needing.flatMap((node): readonly AccessChange[] => {
    const igroup = igroupNameFor(backend, transport, node);
    const map = own.find((each) => each.igroup.name === igroup);
    const initiators = initiatorsOr(transport, node);
    const missing = initiators.filter((initiator) => map?.igroup.initiators.includes(initiator) !== true);
    if (map !== undefined && missing.length === 0) return [];
    const text =
      map === undefined ? `map LUN ${lun.name} to igroup ${igroup}` : `add ${missing.join(', ')} to igroup ${igroup}`;
    return [{ kind: 'grant', text, apply: (signal) => admit(lun, node, signal) }];
  });

/** A node that has none is told so when it is to be let in, and keeps nobody else out. */
const initiatorsOr = (transport: ScsiTransport, node: NodeRecord): readonly string[] => {
  try {
    return transport.initiatorsOf(node);
  } catch (error) {
    if (Problem.is(error)) return ['its initiators'];
    throw error;
  }
};

const removals = (
  { backend, transport, maps, igroups }: MapPlanning,
  lun: LunRef,
  own: readonly LunMap[],
  needing: readonly NodeRecord[],
): readonly AccessChange[] => {
  const wanted = new Set(needing.map((node) => igroupNameFor(backend, transport, node)));
  return own
    .filter(({ igroup }) => !wanted.has(igroup.name) && igroup.protocol === transport.protocol)
    .map(({ igroup }) => {
      const text = `unmap LUN ${lun.name} from igroup ${igroup.name}`;
      return {
        kind: 'revoke',
        text,
        async apply(signal) {
          await maps.remove({ lun: lun.uuid, igroup: igroup.uuid }, text, signal);
          await igroups.removeUnused(igroup, signal);
        },
      };
    });
};

/** Igroups of this installation and protocol without maps, for nodes that need nothing here. */
const unusedIgroups = async (
  { backend, transport, igroups }: MapPlanning,
  there: readonly LunMap[],
  needed: readonly NodeRecord[],
  signal: AbortSignal,
): Promise<readonly AccessChange[]> => {
  const used = new Set(there.map(({ igroup }) => igroup.uuid));
  const wanted = new Set(needed.map((node) => igroupNameFor(backend, transport, node)));
  const found = await igroups.list(ourIgroups(backend), signal);
  return found
    .filter(({ uuid, name, protocol }) => !used.has(uuid) && !wanted.has(name) && protocol === transport.protocol)
    .map((igroup) => ({
      kind: 'revoke',
      text: `remove igroup ${igroup.name}, which no LUN is mapped to`,
      apply: async (inner) => void (await igroups.removeUnused(igroup, inner)),
    }));
};
