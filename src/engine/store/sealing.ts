import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';
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

/** @param key 32 bytes */
export const newSealer = (key: Buffer): Sealer => ({
  seal(place, text) {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv('aes-256-gcm', key, nonce);
    cipher.setAAD(Buffer.from(JSON.stringify(place)));
    const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return prefix + Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64');
  },
  unseal(place, sealed) {
    const bytes = Buffer.from(sealed.slice(prefix.length), 'base64');
    if (!isSealed(sealed) || bytes.length < nonceBytes + tagBytes) throw new Error('not a sealed value');
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes });
    decipher.setAAD(Buffer.from(JSON.stringify(place)));
    decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
    return decipher.update(bytes.subarray(nonceBytes + tagBytes), undefined, 'utf8') + decipher.final('utf8');
  },
});

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
