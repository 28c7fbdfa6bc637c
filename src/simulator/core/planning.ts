import { coerceBody, isGivenReference, type CoercedBody } from './coercion.ts';
import { ownParameters, parentsOf } from './finding.ts';
import type { Context, Fields, Operation, Resource, Values } from './declaration.ts';
import { compact, text, type Entry, type Stored, type StoredObject } from './entry.ts';
import { fieldListsOf } from './field-lists.ts';
import { checkUnique, outcomeOf } from './operation.ts';
import { missingValue, Refusal } from './refusal.ts';
import { resolveReferences } from './references.ts';
import type { ResourceRequest } from './request.ts';
import type { World } from './world.ts';

/** What a request wants done to one record, checked as far as it can be before the work. */
export interface Plan {
  readonly operation: Operation;
  /** The record as it will be (create, modify) or is (remove). */
  readonly entry: Entry;
  readonly asynchronous: boolean;
}

const contextOf = (request: ResourceRequest, verb: 'create' | 'modify' | 'remove'): Context => ({
  world: request.world,
  parameters: ownParameters(request, verb),
  ...request.facts,
});

const dataOf = ({ parameters, fullAggregate }: Context) => ({
  parameters,
  ...(fullAggregate === undefined ? {} : { fullAggregate }),
});

/** The body's SVM must be the one the caller is confined to, and need not be given then. */
const scopeToSvm = (request: ResourceRequest, body: CoercedBody): StoredObject => {
  const field = request.resource.fields['svm'];
  if (request.svm === undefined || field?.to !== 'svm') return {};
  const given = body.get('svm');
  if (given !== undefined && isGivenReference(given)) {
    const meant = resolveReferences(request.resource, new Map([['svm', given]]), {}, request.world)['svm'];
    if (meant !== request.svm)
      throw new Refusal(400, 2621706, 'The SVM in the body is not the one that the request is scoped to.', 'svm');
  }
  return { svm: request.svm };
};

const withDefaults = (
  fields: Fields,
  given: Readonly<Record<string, Stored | undefined>>,
): Record<string, Stored | undefined> => {
  const filled: Record<string, Stored | undefined> = { ...given };
  const { objects, withDefault } = fieldListsOf(fields);
  for (const [path, field] of objects) {
    const value = filled[path];
    if (Array.isArray(value)) filled[path] = value.map((item) => elementWithDefaults(field.of ?? {}, item, path));
  }
  for (const [path, field] of withDefault) if (filled[path] === undefined) filled[path] = field.default;
  return filled;
};

const elementWithDefaults = (fields: Fields, item: unknown, path: string): StoredObject => {
  const element: StoredObject = typeof item === 'object' && item !== null && !Array.isArray(item) ? { ...item } : {};
  const filled = withDefaults(fields, element);
  checkRequired(fields, filled, `${path}.`);
  return compact(filled);
};

/** A path with `*` for its parent does not say whose the new record is, and only some bodies can. */
const checkParents = ({ path, fields, noParent }: Resource, values: Readonly<Record<string, Stored | undefined>>) => {
  for (const [, name = ''] of path.matchAll(/\{([^}]+)\}/g)) {
    const field = name.slice(0, name.lastIndexOf('.'));
    if (fields[field]?.write === 'never' && values[field] === undefined) throw noParent?.('*') ?? missingValue(name);
  }
};

const checkRequired = (fields: Fields, values: Readonly<Record<string, Stored | undefined>>, prefix: string) => {
  for (const [path, field] of fieldListsOf(fields).required)
    if (values[path] === undefined) throw field.missing?.() ?? missingValue(prefix + path);
};

/** What is left of the values when the request is planned. */
const withoutPassing = (fields: Fields, values: Values): Values =>
  fieldListsOf(fields).passing.length === 0
    ? values
    : Object.fromEntries(Object.entries(values).filter(([path]) => !fields[path]?.passing));

const isAsynchronous = (
  declared: boolean | ((values: StoredObject, context: Context) => boolean),
  values: StoredObject,
  context: Context,
): boolean => (typeof declared === 'function' ? declared(values, context) : declared);

/** Reads a body for a new record. Nothing is changed yet. */
export const planCreation = (request: ResourceRequest, body: Readonly<Record<string, unknown>>): Plan => {
  const { resource, world } = request;
  const creation = resource.create;
  if (!creation) throw new Refusal(405, 3, 'The POST operation is not supported on this path.');
  const context = contextOf(request, 'create');
  const coerced = coerceBody(world.schema(resource.kind), body, 'create');
  const base = { ...parentsOf(request), ...scopeToSvm(request, coerced) };
  const values = { ...base, ...resolveReferences(resource, coerced, base, world) };
  checkParents(resource, values);
  checkRequired(resource.fields, values, '');
  const filled = withDefaults(resource.fields, values);
  const given = compact(filled);
  const id = resource.identify?.(given, world) ?? world.random.uuid(resource.kind);
  const isNamedById = 'uuid' in resource.fields && !resource.identify;
  const draft: Entry = { ...given, ...(isNamedById ? { uuid: id } : {}), $id: id };
  const prepared = creation.prepare?.(draft, context) ?? draft;
  const entry: Entry = { ...withoutPassing(resource.fields, prepared), $id: prepared.$id };
  checkUnique('create', resource, entry, world);
  for (const { planned } of world.reactionsTo(resource.kind)) planned?.('create', entry, context, undefined);
  return {
    operation: { verb: 'create', kind: resource.kind, id, values: entry, unset: [], ...dataOf(context) },
    entry,
    asynchronous: isAsynchronous(creation.asynchronous, entry, context),
  };
};

/** Reads a body for a record that is there. */
export const planModification = (
  request: ResourceRequest,
  before: Entry,
  body: Readonly<Record<string, unknown>>,
): Plan => {
  const { resource, world } = request;
  const modification = resource.modify;
  if (!modification) throw new Refusal(405, 3, 'The PATCH operation is not supported on this path.');
  const context = contextOf(request, 'modify');
  const coerced = coerceBody(world.schema(resource.kind), body, 'modify');
  const given = resolveReferences(resource, coerced, before, world);
  if (
    Object.keys(given).length === 0 &&
    modification.mayBeEmpty?.(context) !== true &&
    Object.keys(body).length === 0
  ) {
    throw new Refusal(400, 262190, 'The request has no values to change.');
  }
  const changes = withoutPassing(resource.fields, modification.prepare?.(given, before, context) ?? given);
  const operation = toOperation(resource, before, changes, context);
  const entry = outcomeOf(operation, world) ?? before;
  checkUnique('modify', resource, entry, world);
  for (const { planned } of world.reactionsTo(resource.kind)) planned?.('modify', entry, context, before);
  return { operation, entry, asynchronous: isAsynchronous(modification.asynchronous, compact(changes), context) };
};

const toOperation = (resource: Resource, before: Entry, changes: Values, context: Context): Operation => ({
  verb: 'modify',
  kind: resource.kind,
  id: before.$id,
  values: compact(changes),
  unset: Object.keys(changes).filter((path) => changes[path] === undefined),
  ...dataOf(context),
});

export const planRemoval = (request: ResourceRequest, addressed: Entry): Plan => {
  const { resource } = request;
  const removal = resource.remove;
  if (!removal) throw new Refusal(405, 3, 'The DELETE operation is not supported on this path.');
  const context = contextOf(request, 'remove');
  const entry = removal.target?.(addressed, context) ?? addressed;
  removal.check?.(entry, context);
  for (const { planned } of request.world.reactionsTo(resource.kind)) planned?.('remove', entry, context, entry);
  return {
    operation: { verb: 'remove', kind: resource.kind, id: entry.$id, values: {}, unset: [], ...dataOf(context) },
    entry,
    asynchronous: isAsynchronous(removal.asynchronous, entry, context),
  };
};

/** What a job says it is: `POST /api/storage/volumes/?name=vol1`, `PATCH /api/storage/volumes/<uuid>`. */
export const describePlan = (method: string, plan: Plan, world: World): string => {
  const { kind, verb } = plan.operation;
  if (verb !== 'create') return `${method} ${world.href(kind, plan.entry)}`;
  const own = world.href(kind, plan.entry);
  return `${method} ${own.slice(0, own.lastIndexOf('/'))}/?name=${text(plan.entry, 'name')}`;
};
