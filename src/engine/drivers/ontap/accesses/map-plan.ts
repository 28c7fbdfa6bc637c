import type { NodeRecord } from '../../../orchestrator/model.ts';
import { Problem } from '../../../problem.ts';
import type { AccessChange, AccessExpectation, VolumeHandle } from '../../objects.ts';
import type { OntapBackend } from '../backend.ts';
import type { LunRef } from '../containers/lun-ref.ts';
import { igroupNameFor, ourIgroups, sharesIgroup } from './igroup-names.ts';
import type { Igroups, MappedIgroup } from './igroups.ts';
import type { LunMaps } from './lun-maps.ts';
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
 * that nobody needs are left to unpublishing. One call, and one per volume of another Trident.
 */
export const planMaps = async (
  planning: MapPlanning,
  expected: readonly AccessExpectation[],
  nodes: readonly NodeRecord[],
  signal: AbortSignal,
): Promise<readonly AccessChange[]> => {
  const { backend, igroups } = planning;
  // Without nodes there are no igroups of nodes.
  if (sharesIgroup(backend)) return [];
  const there = await igroups.listWithMaps(ourIgroups(backend), signal);
  const grants: AccessChange[] = [];
  const revocations: AccessChange[] = [];
  for (const { volume, nodes: needing } of expected) {
    const lun = needing.length === 0 ? undefined : await planning.lunOf(volume, signal);
    if (lun === undefined) continue;
    const own = there.filter((igroup) => igroup.lun_maps.some((map) => map.lun.uuid === lun.uuid));
    grants.push(...additions(planning, lun, own, needing));
    revocations.push(...removals(planning, lun, own, needing));
  }
  const needed = [...nodes, ...expected.flatMap((each) => each.nodes)];
  return [...grants, ...revocations, ...unusedIgroups(planning, there, needed)];
};

/** @param own the igroups that the LUN is mapped to */
const additions = (
  { backend, transport, admit }: MapPlanning,
  lun: LunRef,
  own: readonly MappedIgroup[],
  needing: readonly NodeRecord[],
): readonly AccessChange[] =>
  needing.flatMap((node): readonly AccessChange[] => {
    const name = igroupNameFor(backend, transport, node);
    const igroup = own.find((each) => each.name === name);
    const there = new Set(igroup?.initiators.map((initiator) => initiator.name));
    const missing = initiatorsOr(transport, node).filter((initiator) => !there.has(initiator));
    if (igroup !== undefined && missing.length === 0) return [];
    const text =
      igroup === undefined ? `map LUN ${lun.name} to igroup ${name}` : `add ${missing.join(', ')} to igroup ${name}`;
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
  own: readonly MappedIgroup[],
  needing: readonly NodeRecord[],
): readonly AccessChange[] => {
  const wanted = new Set(needing.map((node) => igroupNameFor(backend, transport, node)));
  return own
    .filter(({ name, protocol }) => !wanted.has(name) && protocol === transport.protocol)
    .map((igroup) => {
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
const unusedIgroups = (
  { backend, transport, igroups }: MapPlanning,
  there: readonly MappedIgroup[],
  needed: readonly NodeRecord[],
): readonly AccessChange[] => {
  const wanted = new Set(needed.map((node) => igroupNameFor(backend, transport, node)));
  return there
    .filter(
      ({ name, protocol, lun_maps: maps }) => maps.length === 0 && !wanted.has(name) && protocol === transport.protocol,
    )
    .map((igroup) => ({
      kind: 'revoke',
      text: `remove igroup ${igroup.name}, which no LUN is mapped to`,
      apply: async (inner) => void (await igroups.removeUnused(igroup, inner)),
    }));
};
