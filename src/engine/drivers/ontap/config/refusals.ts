import { Problem, messageOf } from '../../../problem.ts';
import { closest, formatPath } from '../../../validation.ts';

/** Where in a configuration something stands. */
export type Path = readonly (string | number)[];

/** @throws Problem `config.invalid` at that key */
export const refuse = (path: Path, why: string, hint?: string): never => {
  throw new Problem('config.invalid', 'invalid', `backend configuration: ${formatPath(path)}: ${why}`, {
    path,
    ...(hint === undefined ? {} : { hint }),
  });
};

/** @throws Problem `config.invalid` that names what is allowed, and what may have been meant */
export const oneOf = (path: Path, value: string, allowed: readonly string[]): void => {
  if (allowed.includes(value)) return;
  const meant = closest(value, allowed);
  const names = allowed.filter((name) => name !== '').join(', ');
  refuse(
    path,
    `${JSON.stringify(value)} is not one of ${names}`,
    meant === undefined || meant === '' ? undefined : `did you mean ${meant}?`,
  );
};

/** Gives the problem of a check the place of the key. */
export const attempt = (path: Path, check: () => void): void => {
  try {
    check();
  } catch (error) {
    refuse(path, messageOf(error), Problem.is(error) ? error.hint : undefined);
  }
};
