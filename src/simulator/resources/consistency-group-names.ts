import { Refusal } from '../core/refusal.ts';

/** A name that ONTAP makes up: `<base>_<number>`, with the lowest number whose name is free. */
export interface Names {
  /** The next name; it is taken then. */
  readonly next: (base: string) => string;
}

const tooLong = {
  volume: (name: string) =>
    new Refusal(400, 53411869, `The volume name "${name}" is too long with its number.`, 'volumes.name'),
  unit: (name: string) =>
    new Refusal(400, 53411867, `The LUN name "${name}" is too long with its number.`, 'luns.name'),
};
const LONGEST = { volume: 203, unit: 255 };

export const numberedNames = (of: 'volume' | 'unit', isTaken: (name: string) => boolean): Names => {
  const given = new Set<string>();
  return {
    next: (base) => {
      for (let number = 1; ; number += 1) {
        const name = `${base}_${number}`;
        if (given.has(name) || isTaken(name)) continue;
        if ((name.split('/').at(-1) ?? '').length > LONGEST[of]) throw tooLong[of](name);
        given.add(name);
        return name;
      }
    },
  };
};
