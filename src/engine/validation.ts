import * as v from 'valibot';
import { Problem } from './problem.ts';

type Path = readonly (string | number)[];

const pathOf = (issue: v.BaseIssue<unknown>): Path =>
  (issue.path ?? []).map((item) => (typeof item.key === 'number' ? item.key : String(item.key)));

/** `storage[1].defaults.size`, as people write it. */
export const formatPath = (path: Path): string =>
  path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text === '' ? key : `${text}.${key}`),
    '',
  );

/** Edit distance (insert, delete, replace, swap of neighbours), for "did you mean". */
const distance = (a: string, b: string): number => {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = (rows[i - 1]?.[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let best = Math.min((rows[i - 1]?.[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, replace);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, (rows[i - 2]?.[j - 2] ?? 0) + 1);
      row.push(best);
    }
    rows.push(row);
  }
  return rows[a.length]?.[b.length] ?? Math.max(a.length, b.length);
};

/** The candidate closest to a mistyped word, if one is close enough to be meant. */
export const closest = (word: string, candidates: Iterable<string>): string | undefined => {
  let best: { candidate: string; distance: number } | undefined;
  for (const candidate of candidates) {
    const d = distance(word.toLowerCase(), candidate.toLowerCase());
    if (best === undefined || d < best.distance) best = { candidate, distance: d };
  }
  return best !== undefined && best.distance <= Math.max(1, Math.floor(word.length / 3)) ? best.candidate : undefined;
};

const hintFor = (
  key: string,
  meant: string | undefined,
  places: ReadonlyMap<string, string> | undefined,
): string | undefined => {
  const place = places?.get(meant ?? '');
  if (meant === key) return place === undefined ? undefined : `${key} belongs ${place}`;
  return meant === undefined ? undefined : `did you mean ${meant}?`;
};

/**
 * Checks a value that came from outside. `code` names the problem for programs, `what` the document for people.
 * Unknown keys (of `v.strictObject`) are refused with the closest known one, looked up in `knownKeys`; `places` says
 * where a key belongs that is right and stands in the wrong place.
 * @throws Problem of kind `invalid` with the path of the first wrong key
 */
export const validate = <S extends v.GenericSchema>(
  schema: S,
  input: unknown,
  options: {
    readonly code: string;
    readonly what: string;
    readonly knownKeys?: readonly string[];
    readonly places?: ReadonlyMap<string, string>;
  },
): v.InferOutput<S> => {
  const result = v.safeParse(schema, input, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = pathOf(issue);
  const where = formatPath(path);
  if (issue.type === 'strict_object' && issue.expected === 'never') {
    const key = String(path.at(-1) ?? '');
    const hint = hintFor(key, closest(key, options.knownKeys ?? []), options.places);
    throw new Problem(options.code, 'invalid', `${options.what}: unknown key ${where}`, {
      path,
      ...(hint === undefined ? {} : { hint }),
    });
  }
  throw new Problem(options.code, 'invalid', `${options.what}: ${where === '' ? '' : `${where}: `}${issue.message}`, {
    path,
  });
};
