import { integer, objects, text, type Stored, type StoredObject } from './entry.ts';

/** Bytes of a LUN or a file, kept in its record as pieces in Base64, by where they begin. What was not written is 0. */

export const BYTES = '$bytes';

interface Extent {
  readonly at: number;
  readonly bytes: Buffer;
}

const extentsOf = (record: StoredObject): readonly Extent[] =>
  objects(record, BYTES).map((piece) => ({
    at: integer(piece, 'at'),
    bytes: Buffer.from(text(piece, 'base64'), 'base64'),
  }));

/** How many bytes a record keeps. */
export const keptBytes = (record: StoredObject): number =>
  objects(record, BYTES).reduce((sum, piece) => sum + Buffer.byteLength(text(piece, 'base64'), 'base64'), 0);

export const readExtents = (record: StoredObject, at: number, size: number): Buffer => {
  const read = Buffer.alloc(size);
  for (const piece of extentsOf(record)) {
    const from = Math.max(at, piece.at);
    const to = Math.min(at + size, piece.at + piece.bytes.length);
    if (from < to) piece.bytes.copy(read, from - at, from - piece.at, to - piece.at);
  }
  return read;
};

/** What a record keeps after bytes were written at a place; pieces that touch become one. */
export const withBytes = (record: StoredObject, at: number, bytes: Buffer): Record<string, Stored> => {
  const end = at + bytes.length;
  const pieces = extentsOf(record);
  const touching = pieces.filter((piece) => piece.at <= end && piece.at + piece.bytes.length >= at);
  const from = Math.min(at, ...touching.map((piece) => piece.at));
  const to = Math.max(end, ...touching.map((piece) => piece.at + piece.bytes.length));
  const joined = readExtents({ [BYTES]: touching.map(toStored) }, from, to - from);
  bytes.copy(joined, at - from);
  const others = pieces.filter((piece) => !touching.includes(piece));
  return { [BYTES]: [...others, { at: from, bytes: joined }].toSorted((a, b) => a.at - b.at).map(toStored) };
};

const toStored = ({ at, bytes }: Extent): StoredObject => ({ at, base64: bytes.toString('base64') });
