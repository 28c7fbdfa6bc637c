import { hash } from 'node:crypto';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-';

const sha256 = (text: string): Buffer => hash('sha256', text, 'buffer');

const toUuid = (bytes: Buffer): string => {
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex', 0, 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
};

/** Always the same UUID for one text: for what derives from a record that has a UUID of its own. */
export const uuidOf = (text: string): string => toUuid(sha256(text));

/**
 * Named streams of random values from one seed. The n-th value of a stream depends on seed, name and n alone, so that
 * more objects of one kind do not shift the identities of another, and a dump need only keep how far each stream is.
 */
export class Random {
  readonly #seed: string;
  #positions: Map<string, number>;

  constructor(seed: number, positions: Readonly<Record<string, number>>) {
    this.#seed = String(seed);
    this.#positions = new Map(Object.entries(positions));
  }

  positions(): Record<string, number> {
    return Object.fromEntries([...this.#positions].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** 32 bytes. */
  bytes(stream: string): Buffer {
    const position = (this.#positions.get(stream) ?? 0) + 1;
    this.#positions.set(stream, position);
    return sha256(`${this.#seed}\n${stream}\n${position}`);
  }

  uuid(stream: string): string {
    return toUuid(this.bytes(`uuid/${stream}`));
  }

  /** A number from 0 up to, not including, 1. */
  fraction(stream: string): number {
    return this.bytes(stream).readUIntBE(0, 6) / 2 ** 48;
  }

  /** A whole number from `from` to `to`, both included. */
  between(stream: string, from: number, to: number): number {
    return from + Math.floor(this.fraction(stream) * (to - from + 1));
  }

  hex(stream: string, digits: number): string {
    return this.bytes(stream).toString('hex').slice(0, digits);
  }

  /** Letters, digits and `+ / -`: what serial numbers of LUNs and subsystems are made of. */
  letters(stream: string, length: number): string {
    const bytes = this.bytes(stream);
    return Array.from({ length }, (_, index) => LETTERS.charAt(bytes.readUInt8(index % 32) % LETTERS.length)).join('');
  }
}
