import { Problem } from '../../engine/problem.ts';

/** `['media=ssd', 'IOPS=500']` as an object. @param flag for messages, without dashes */
export const readKeyValues = (texts: readonly string[], flag: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    texts.map((text) => {
      const equals = text.indexOf('=');
      if (equals <= 0)
        throw new Problem('cli.keyValue', 'usage', `--${flag} takes key=value, not ${JSON.stringify(text)}`);
      return [text.slice(0, equals), text.slice(equals + 1)] as const;
    }),
  );

/**
 * Pools as Kubernetes storage classes name them: `backend1:pool1,pool2;backend2:.*`.
 * @param flag for messages, without dashes
 */
export const readPools = (text: string, flag: string): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(
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
  );
