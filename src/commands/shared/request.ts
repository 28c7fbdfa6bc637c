import { isJsonObject, type JsonObject } from '../../engine/json.ts';
import { Problem } from '../../engine/problem.ts';
import { closest } from '../../engine/validation.ts';
import type { Codec } from '../../client/contract.ts';
import type { CommandContext } from '../../cli/command.ts';
import { readDocument, requireContent, type DocumentFlags } from '../../cli/document.ts';

/** A request that comes from flags, from a document, or from both; what the flags say wins. */
export interface Described<T> {
  readonly request: T;
  /** Puts file and line before a problem that says which key is wrong. */
  explain<R>(call: () => Promise<R>): Promise<R>;
}

const withoutEmpty = (flags: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined && value !== ''));

const checkKeys = (document: JsonObject, known: readonly string[], what: string): void => {
  for (const key of Object.keys(document)) {
    if (known.some((name) => name.toLowerCase() === key.toLowerCase())) continue;
    const meant = closest(key, known);
    throw new Problem('cli.unknownKey', 'invalid', `${what}: unknown key ${key}`, {
      path: [key],
      ...(meant === undefined ? {} : { hint: `did you mean ${meant}?` }),
    });
  }
};

/**
 * Reads a request for something to create.
 * @param what for messages, `volume`
 * @param known the keys that the document may have
 */
export const describe = async <T>(
  fromFlags: JsonObject,
  files: DocumentFlags,
  context: CommandContext,
  shape: { readonly what: string; readonly codec: Codec<T>; readonly known: readonly string[] },
): Promise<Described<T>> => {
  const given = withoutEmpty(fromFlags);
  const document = await readDocument(files, context);
  if (document === undefined) return { request: shape.codec.parse(given), explain: (call) => call() };
  requireContent(document);
  return document.explain(async () => {
    const { value } = document;
    if (!isJsonObject(value))
      throw new Problem('cli.notAnObject', 'invalid', `${shape.what}: the document must be keys with values`, {
        path: [],
      });
    checkKeys(value, shape.known, shape.what);
    return { request: shape.codec.parse({ ...value, ...given }), explain: document.explain };
  });
};

/** The name of what is to be created, which the line or the document must give. */
export const requireName = (name: string | undefined, what: string): string => {
  if (name === undefined || name === '') throw new Problem('cli.noName', 'usage', `${what} name not specified`);
  return name;
};
