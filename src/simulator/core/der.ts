/** The little of DER that a certificate needs. Each function gives one encoded value. */

const length = (size: number): Buffer => {
  if (size < 0x80) return Buffer.from([size]);
  const bytes: number[] = [];
  for (let rest = size; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return Buffer.from([0x80 | bytes.length, ...bytes]);
};

export const tagged = (tag: number, content: Buffer): Buffer =>
  Buffer.concat([Buffer.from([tag]), length(content.length), content]);

export const sequence = (...items: readonly Buffer[]): Buffer => tagged(0x30, Buffer.concat(items));
export const setOf = (item: Buffer): Buffer => tagged(0x31, item);
export const octets = (content: Buffer): Buffer => tagged(0x04, content);
export const utf8 = (text: string): Buffer => tagged(0x0c, Buffer.from(text, 'utf8'));
export const truth = (): Buffer => tagged(0x01, Buffer.from([0xff]));

/** A positive integer from its big-endian bytes. */
export const positive = (bytes: Buffer): Buffer =>
  tagged(0x02, bytes.length > 0 && bytes.readUInt8(0) >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes);

/** Bits from the left; `unused` are those of the last byte that do not count. */
export const bits = (content: Buffer, unused: number): Buffer =>
  tagged(0x03, Buffer.concat([Buffer.from([unused]), content]));

export const objectIdentifier = (dotted: string): Buffer => {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const arc of rest) {
    const groups = [arc % 128];
    for (let value = Math.floor(arc / 128); value > 0; value = Math.floor(value / 128))
      groups.unshift((value % 128) | 0x80);
    bytes.push(...groups);
  }
  return tagged(0x06, Buffer.from(bytes));
};

/** UTCTime, good from 1950 to 2049. */
export const time = (instant: Date): Buffer =>
  tagged(0x17, Buffer.from(`${instant.toISOString().slice(2, 19).replaceAll(/[-:T]/g, '')}Z`, 'ascii'));
