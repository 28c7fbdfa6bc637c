import { Problem } from '../../engine/problem.ts';

/** Of a key that is there twice one value would be lost without a word. @throws Problem */
const fromDistinct = <T>(
  entries: readonly (readonly [key: string, value: T])[],
  flag: string,
): Readonly<Record<string, T>> => {
  const keys = entries.map(([key]) => key);
  const again = keys.find((key, index) => keys.indexOf(key) !== index);
  if (again === undefined) return Object.fromEntries(entries);
  throw new Problem('cli.keyTwice', 'usage', `--${flag} names ${JSON.stringify(again)} twice`);
};

/** `['media=ssd', 'IOPS=500']` as an object. @param flag for messages, without dashes */
export const readKeyValues = (texts: readonly string[], flag: string): Readonly<Record<string, string>> =>
  fromDistinct(
    texts.map((text) => {
      const equals = text.indexOf('=');
      if (equals <= 0)
        throw new Problem('cli.keyValue', 'usage', `--${flag} takes key=value, not ${JSON.stringify(text)}`);
      return [text.slice(0, equals), text.slice(equals + 1)] as const;
    }),
    flag,
  );

/**
 * Pools as Kubernetes storage classes name them: `backend1:pool1,pool2;backend2:.*`.
 * @param flag for messages, without dashes
 */
export const readPools = (text: string, flag: string): Readonly<Record<string, readonly string[]>> =>
  fromDistinct(
    text
      .split(';')
      .filter((part) => part.trim() !== '')
      .map((part) => {
        const colon = part.indexOf(':');
        const backend = part.slice(0, Math.max(colon, 0)).trim();
        const pools = part
          .slice(colon + 1)
          .split(',')
          .map((pool) => pool.trim())
          .filter((pool) => pool !== '');
        if (colon < 0 || backend === '' || pools.length === 0)
          throw new Problem(
            'cli.pools',
            'usage',
            `--${flag} takes backend:pool,pool;backend:pool, not ${JSON.stringify(text)}`,
          );
        return [backend, pools] as const;
      }),
    flag,
  );
