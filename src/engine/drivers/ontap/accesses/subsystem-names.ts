import { createHash } from 'node:crypto';
import type { DriverContext } from '../../driver.ts';

/** Longest name of a subsystem. */
const longest = 64;
/** Longest comment of a subsystem. */
const longestComment = 255;

/** A subsystem's name, and the whole of it that its comment holds where the name had to be shortened. */
export interface SubsystemName {
  readonly name: string;
  readonly comment: string;
}

/** What names depend on; an open backend has it. */
export interface NamingSite {
  readonly environment: { readonly installationUUID: string; readonly context: DriverContext };
  readonly settings: { readonly prefix: string };
  readonly facts: { readonly disaggregated: boolean; readonly sanOptimized: boolean };
}

/** What a subsystem is to us. */
export type SubsystemKind =
  /** Of one node, with everything that is published to it alone. */
  | 'node'
  /** Of volumes that several nodes may have at once. */
  | 'shared'
  /** Of one volume, as older versions of stock made them; and whatever else is not ours. */
  | 'other';

/** Base64 of the 16 bytes of a UUID; undefined for what is none. */
const encodedUuid = (uuid: string): string | undefined => {
  const hex = uuid.replaceAll('-', '');
  return /^[0-9a-f]{32}$/i.test(hex) ? Buffer.from(hex, 'hex').toString('base64') : undefined;
};

/** Names of the subsystems that Trident makes (ontap-drivers.md 6.2). */
export class SubsystemNames {
  /** Begins the names of shared subsystems, a number ends them. */
  readonly sharedPrefix: string;
  /** Patterns of the names that this installation may have given, but for the shortest. */
  readonly ownPattern: string;
  /** Pattern of comments that hold the whole name of a node's subsystem. */
  readonly ownComments: string;
  readonly #site: NamingSite;
  readonly #suffix: string;
  readonly #encoded: string | undefined;

  constructor(site: NamingSite) {
    const { installationUUID } = site.environment;
    this.#site = site;
    this.#suffix = `_${installationUUID}`;
    this.#encoded = encodedUuid(installationUUID);
    this.sharedPrefix = `trident_subsystem_${installationUUID}_`;
    this.ownPattern = [`${this.sharedPrefix}*`, `*${this.#suffix}`, 's_*'].join('|');
    this.ownComments = `*${this.#suffix}`;
  }

  /** One subsystem for all: Docker's plugin knows no nodes. */
  get forAll(): string | undefined {
    const { environment, settings } = this.#site;
    if (environment.context !== 'docker' || this.#isAsa) return undefined;
    const end = '_subsystem';
    const whole = `${settings.prefix}${end}`;
    return whole.length <= longest ? whole : `${settings.prefix.slice(0, longest - end.length - 1)}${end}`;
  }

  /** The subsystem of a node. Too long, it gets the UUID in fewer characters, or becomes a digest. */
  ofNode(node: string): SubsystemName {
    const { forAll } = this;
    if (forAll !== undefined) return { name: forAll, comment: forAll };
    const host = `${this.#isAsa ? 'an_' : ''}${node}`;
    const whole = `${host}${this.#suffix}`.replace(/^_+/, '');
    const comment = whole.slice(0, longestComment);
    if (whole.length <= longest) return { name: whole, comment };
    const shorter = `${host}_${this.#encoded ?? ''}`.replace(/^_+/, '');
    // A slash is not sure to be allowed in a name.
    if (this.#encoded !== undefined && shorter.length <= longest && !shorter.includes('/'))
      return { name: shorter, comment };
    return { name: createHash('sha256').update(whole).digest('hex'), comment };
  }

  shared(number: number): SubsystemName {
    const name = `${this.sharedPrefix}${number}`;
    return { name, comment: name };
  }

  /** The number of a shared subsystem; undefined for any other. */
  numberOf(name: string): number | undefined {
    const number = name.startsWith(this.sharedPrefix) ? name.slice(this.sharedPrefix.length) : '';
    return /^\d{1,9}$/.test(number) ? Number(number) : undefined;
  }

  /** The subsystem that older versions of stock made for a raw volume. */
  legacy(volume: { readonly name: string; readonly internalName: string }): string {
    const plain = `s_${volume.internalName}`;
    if (plain.length <= longest) return plain;
    const room = Math.max(0, longest - 's__'.length - volume.name.length);
    return `s_${volume.internalName.slice(0, room)}_${volume.name}`;
  }

  kindOf({ name, comment }: SubsystemName): SubsystemKind {
    if (this.numberOf(name) !== undefined) return 'shared';
    if (name === this.forAll) return 'shared';
    return name.endsWith(this.#suffix) || comment.endsWith(this.#suffix) ? 'node' : 'other';
  }

  get #isAsa(): boolean {
    return this.#site.facts.disaggregated && this.#site.facts.sanOptimized;
  }
}

/** True for the subsystem that is wanted, however its name was shortened: the comment then holds the whole name, unless even that was cut. */
export const isNamed = (found: SubsystemName, wanted: SubsystemName): boolean =>
  found.name === wanted.name || (wanted.comment.length < longestComment && found.comment === wanted.comment);

/** True when the name does not say which node it is for, so that the comment has to. */
export const isShortened = ({ name, comment }: SubsystemName): boolean => name !== comment;
