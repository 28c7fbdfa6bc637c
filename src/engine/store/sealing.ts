import { createCipheriv, createDecipheriv, createSecretKey, randomFillSync, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { Problem } from '../problem.ts';

/**
 * Encryption of single fields: AES-256-GCM with a random nonce, bound to the place of the field, so that a sealed
 * value copied to another record or field does not open.
 */
export interface Sealer {
  /** @param place what the value belongs to, for example kind, id and field */
  seal(place: readonly string[], text: string): string;
  /** @throws Error when the value was changed, moved, or sealed with another key */
  unseal(place: readonly string[], sealed: string): string;
}

const prefix = 'sealed:1:';
const nonceBytes = 12;
const tagBytes = 16;

export const isSealed = (value: unknown): value is string => typeof value === 'string' && value.startsWith(prefix);

/** Nonces from a supply of random bytes: asking the system for each one takes longer than to seal with it. */
const newNonces = (): (() => Buffer) => {
  let supply = Buffer.alloc(0);
  let used = 0;
  return () => {
    if (used + nonceBytes > supply.length) {
      supply = randomFillSync(Buffer.alloc(128 * nonceBytes));
      used = 0;
    }
    used += nonceBytes;
    return supply.subarray(used - nonceBytes, used);
  };
};

/** @param bytes 32 bytes */
export const newSealer = (bytes: Buffer): Sealer => {
  // Node looks at raw bytes anew for each cipher, which takes four times as long as the ciphering.
  const key = createSecretKey(bytes);
  const nextNonce = newNonces();
  return {
    seal(place, text) {
      const nonce = nextNonce();
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      cipher.setAAD(Buffer.from(JSON.stringify(place)));
      const body = cipher.update(text, 'utf8');
      const rest = cipher.final();
      return prefix + Buffer.concat([nonce, cipher.getAuthTag(), body, rest]).toString('base64');
    },
    unseal(place, sealed) {
      const packed = Buffer.from(sealed.slice(prefix.length), 'base64');
      if (!isSealed(sealed) || packed.length < nonceBytes + tagBytes) throw new Error('not a sealed value');
      const nonce = packed.subarray(0, nonceBytes);
      const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes });
      decipher.setAAD(Buffer.from(JSON.stringify(place)));
      decipher.setAuthTag(packed.subarray(nonceBytes, nonceBytes + tagBytes));
      return decipher.update(packed.subarray(nonceBytes + tagBytes), undefined, 'utf8') + decipher.final('utf8');
    },
  };
};

const keyBytes = 32;
const hexKey = /^[0-9a-f]{64}$/i;
const base64Key = /^[A-Za-z0-9+/_-]{43}=?$/;

/** The 32 bytes that a text stands for, when it is their hex or base64 form. */
export const parseKey = (text: string): Buffer | undefined => {
  const trimmed = text.trim();
  if (hexKey.test(trimmed)) return Buffer.from(trimmed, 'hex');
  if (!base64Key.test(trimmed)) return undefined;
  const key = Buffer.from(trimmed, 'base64');
  return key.length === keyBytes ? key : undefined;
};

const derive = promisify<string, Buffer, number, { N: number; r: number; p: number; maxmem: number }, Buffer>(scrypt);

/** The key that a user's text gives: 32 bytes in hex or base64, anything else as a passphrase (scrypt). */
export const keyFrom = async (text: string, salt: Buffer): Promise<Buffer> => {
  if (text.trim() === '')
    throw new Problem('store.key-empty', 'invalid', 'the state key is empty', {
      hint: 'give 32 bytes in hex or base64, or a passphrase, or leave it unset to use the key file',
    });
  return parseKey(text) ?? derive(text, salt, keyBytes, { N: 32_768, r: 8, p: 1, maxmem: 64 * 1024 * 1024 });
};
