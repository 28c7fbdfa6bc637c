import type { DataAccess } from './declaration.ts';
import type { Entry } from './entry.ts';
import { keptBytes, readExtents, withBytes } from './extents.ts';
import { findInstance } from './finding.ts';
import { isMultipart, noForms, readForm, writeForm } from './multipart.ts';
import { applyOperation } from './operation.ts';
import { planCreation } from './planning.ts';
import { invalidValue, missingValue, notSimulated, Refusal, unexpectedArgument, wrongMethod } from './refusal.ts';
import type { Answer, ResourceRequest } from './request.ts';
import type { World } from './world.ts';

/** Reading and writing the bytes of records as `multipart/form-data`. */

/** What one request reads or writes at most. */
const GREATEST = 1024 ** 2;
/** What a simulator keeps at most. */
const KEPT = 16 * GREATEST;

interface Form {
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Each character is a byte. */
  readonly body: string | undefined;
}

/** Whether a request is about the bytes of a record: it brings some, or asks for those that the resource has. */
export const isAboutData = (
  { method, resource }: ResourceRequest,
  level: string,
  { headers }: Pick<Form, 'headers'>,
): boolean =>
  isMultipart(headers['content-type']) ||
  (level === 'instance' && resource.data !== undefined && method === 'GET' && isMultipart(headers['accept']));

export const answerData = (request: ResourceRequest, form: Form): Answer => {
  const { data, keys } = request.resource;
  if (!data || request.path[keys[0] ?? ''] === undefined) throw noForms();
  switch (request.method) {
    case 'GET':
      return read(request, data);
    case 'PATCH':
      return write(request, data, bytesOf(form));
    case 'POST':
      if (data.grows) return create(request, data, bytesOf(form));
      throw wrongMethod('POST', ['GET', 'PATCH']);
    default:
      throw wrongMethod(request.method, ['GET', 'PATCH']);
  }
};

const bytesOf = ({ body, headers }: Form): Buffer =>
  Buffer.from(readForm(body ?? '', headers['content-type'] ?? ''), 'latin1');

/** The number that a parameter gives; those that are not named are refused. */
const numbersIn = ({ query }: ResourceRequest, names: readonly string[]): readonly (number | undefined)[] => {
  const other = [...query.rest.keys()].find((name) => !names.includes(name));
  if (other !== undefined) throw unexpectedArgument(other);
  if (query.fields !== undefined) throw unexpectedArgument('fields');
  return names.map((name) => {
    const given = query.rest.get(name);
    if (given === undefined) return undefined;
    const value = Number(given);
    if (given === '' || !Number.isSafeInteger(value)) throw invalidValue(given, name, 'integer');
    return value;
  });
};

const read = (request: ResourceRequest, data: DataAccess): Answer => {
  const entry = findInstance(request);
  const [given, size] = numbersIn(request, [data.at, data.size]);
  const at = given ?? (data.grows ? 0 : undefined);
  if (at === undefined) throw missingValue(data.at);
  if (size === undefined) throw missingValue(data.size);
  const length = data.length(entry);
  if (at < 0 || (!data.grows && at + size > length)) throw invalidValue(String(at), data.at, `0..${length}`);
  if (size < 1 || size > GREATEST) throw invalidValue(String(size), data.size, `1..${GREATEST}`);
  const bytes = readExtents(entry, at, Math.max(0, Math.min(size, length - at)));
  return { status: 200, body: {}, raw: writeForm('data', bytes.toString('latin1')) };
};

const write = (request: ResourceRequest, data: DataAccess, bytes: Buffer): Answer => {
  const entry = findInstance(request);
  const [at] = numbersIn(request, [data.at]);
  if (at === undefined) throw missingValue(data.at);
  if (at < 0 && !(data.grows && at === -1)) throw invalidValue(String(at), data.at, 'integer');
  put(request, data, entry, at < 0 ? data.length(entry) : at, bytes);
  return { status: 200, body: {} };
};

/** A file that was not there, with what is in it. */
const create = (request: ResourceRequest, data: DataAccess, bytes: Buffer): Answer => {
  numbersIn(request, []);
  const { world, resource } = request;
  const [key = ''] = resource.keys;
  const { operation, entry } = planCreation(request, { [key]: request.path[key] ?? '' });
  world.store.transaction(() => {
    applyOperation(operation, world);
    put(request, data, world.store.get(resource.kind, entry.$id), 0, bytes);
  });
  return { status: 201, body: {}, headers: { Location: world.href(resource.kind, entry) } };
};

const keptBy = (world: World): number => {
  const kinds = world.resources().filter((each) => each.data !== undefined);
  return kinds.flatMap(({ kind }) => world.store.all(kind)).reduce((sum, each) => sum + keptBytes(each), 0);
};

const put = ({ world, resource }: ResourceRequest, data: DataAccess, entry: Entry, at: number, bytes: Buffer) => {
  if (bytes.length > GREATEST) throw new Refusal(400, 262197, `At most ${GREATEST} bytes are written at once.`);
  const end = at + bytes.length;
  if (!data.grows && end > data.length(entry)) throw invalidValue(String(at), data.at, `0..${data.length(entry)}`);
  const changed: Entry = { ...entry, ...withBytes(entry, at, bytes), $id: entry.$id };
  // What is written over is kept no longer.
  if (keptBy(world) - keptBytes(entry) + keptBytes(changed) > KEPT)
    throw notSimulated(`Keeping more than ${KEPT} bytes of data`);
  const values = { ...changed, ...data.written(changed, end, world), $id: entry.$id };
  applyOperation({ verb: 'modify', kind: resource.kind, id: entry.$id, values, unset: [], parameters: {} }, world);
};
