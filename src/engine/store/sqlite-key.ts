import { randomBytes } from 'node:crypto';
import { chmodSync, linkSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { errorCode } from '../node-errors.ts';
import { Problem, messageOf } from '../problem.ts';
import { keyFrom, newSealer, parseKey } from './sealing.ts';
import type { Sealer } from './sealing.ts';

const keyFileName = 'state.key';

const checkPlace = ['meta', 'key-check'];
const checkText = 'tridentctl state';

const readKeyFile = (path: string): Buffer | undefined => {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
    const { mode } = statSync(path);
    if ((mode & 0o077) !== 0) chmodSync(path, mode & 0o700);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw new Problem('store.key-file', 'denied', `the key file ${path} cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
  const key = parseKey(text);
  if (key === undefined)
    throw new Problem('store.key-file', 'invalid', `${path} does not hold a key of 32 bytes in base64`, {
      hint: 'restore it from a backup',
    });
  return key;
};

/** Writes a new key whole or not at all; when another process was faster, its key counts. */
const createKeyFile = (path: string): void => {
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    writeFileSync(draft, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flag: 'wx', flush: true });
    chmodSync(draft, 0o600);
    linkSync(draft, path);
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return;
    throw new Problem('store.key-file', 'denied', `the key file ${path} cannot be written: ${messageOf(error)}`, {
      cause: error,
      hint: 'give the key in TRIDENT_STATE_KEY, or make the state directory writable',
    });
  } finally {
    rmSync(draft, { force: true });
  }
};

const wrongKey = (source: string, given: boolean): Problem =>
  new Problem('store.wrong-key', 'denied', 'the secrets in the state database were sealed with another key', {
    hint:
      source === 'file'
        ? given
          ? `they were sealed with the key file ${keyFileName} of the state directory: unset TRIDENT_STATE_KEY`
          : `restore the key file ${keyFileName} that belongs to this database`
        : given
          ? 'set TRIDENT_STATE_KEY to the key that was used before'
          : 'set TRIDENT_STATE_KEY: this state was sealed with a key given that way',
  });

const missingKeyFile = (path: string): Problem =>
  new Problem(
    'store.key-missing',
    'denied',
    `the key file ${path} is missing, and the state holds secrets sealed with it`,
    {
      hint: 'restore it from a backup; without it the backends have to be created again in another state directory',
    },
  );

/**
 * Opens the key of a state directory when it is first needed: commands that touch no secret pay nothing for it.
 * @param given the key of `TRIDENT_STATE_KEY`; without it the key file is read, and made for a new database
 */
export const newKeyring = (options: {
  readonly database: DatabaseSync;
  /** Does database work, again while other processes are in the way. */
  readonly access: <T>(work: () => T) => Promise<T>;
  readonly directory: string;
  readonly given: string | undefined;
}): (() => Promise<Sealer>) => {
  const { database, access, directory, given } = options;
  const path = join(directory, keyFileName);

  const meta = (name: string): Promise<string | undefined> =>
    access(() => {
      const value = database.prepare('SELECT value FROM meta WHERE name = ?').get(name)?.['value'];
      return typeof value === 'string' ? value : undefined;
    });

  const findKey = async (sealedBefore: boolean, source: string): Promise<Buffer> => {
    if (given !== undefined) return keyFrom(given, Buffer.from((await meta('salt')) ?? '', 'base64'));
    if (sealedBefore && source !== 'file') throw wrongKey(source, false);
    const found = readKeyFile(path);
    if (found !== undefined) return found;
    if (sealedBefore) throw missingKeyFile(path);
    createKeyFile(path);
    return readKeyFile(path) ?? Promise.reject(missingKeyFile(path));
  };

  const open = async (): Promise<Sealer> => {
    const before = await meta('key-check');
    const source = (await meta('key-source')) ?? 'file';
    const sealer = newSealer(await findKey(before !== undefined, source));
    if (before === undefined)
      await access(() =>
        database
          .prepare(`INSERT OR IGNORE INTO meta (name, value) VALUES ('key-check', ?), ('key-source', ?)`)
          .run(sealer.seal(checkPlace, checkText), given === undefined ? 'file' : 'given'),
      );
    const check = (await meta('key-check')) ?? '';
    const madeBy = (await meta('key-source')) ?? 'file';
    try {
      if (sealer.unseal(checkPlace, check) === checkText) return sealer;
    } catch {
      // Told below: a key that does not open the check value opens nothing else.
    }
    throw wrongKey(madeBy, given !== undefined);
  };

  let opened: Promise<Sealer> | undefined;
  return () => {
    opened ??= open().catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
};
