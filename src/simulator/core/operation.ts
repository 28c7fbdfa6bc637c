import { dropContents, followContainer } from './contents.ts';
import type { Context, Operation, Resource } from './declaration.ts';
import { compactEntry, isStoredList, type Entry, type StoredObject } from './entry.ts';
import { fieldListsOf } from './field-lists.ts';
import { noEntry, type Refusal } from './refusal.ts';
import { unknownReference } from './references.ts';
import { uniqueKey, type World } from './world.ts';

const withoutIds = (values: StoredObject, unset: readonly string[]): Record<string, undefined> =>
  Object.fromEntries(unset.filter((path) => path !== '$id' && !(path in values)).map((path) => [path, undefined]));

/** The record as it would be after the operation; undefined when it goes, or when what is to change is not there. */
export const outcomeOf = (operation: Operation, world: World): Entry | undefined => {
  if (operation.verb === 'remove') return undefined;
  if (operation.verb === 'create') return { ...operation.values, $id: operation.id };
  const before = world.store.find(operation.kind, operation.id);
  return (
    before && { ...before, ...operation.values, ...withoutIds(operation.values, operation.unset), $id: operation.id }
  );
};

/** Keys that the operation takes, by `kind/rule/key`: held while its job is under way. */
export const claimedKeys = (operation: Operation, world: World): readonly string[] => {
  const outcome = outcomeOf(operation, world);
  if (!outcome) return [];
  const before = world.store.find(operation.kind, operation.id);
  return (world.resource(operation.kind).unique ?? []).flatMap((rule, index) => {
    const key = uniqueKey(rule, outcome);
    if (key === undefined || (before && uniqueKey(rule, before) === key)) return [];
    return [`${operation.kind}/${index}/${key}`];
  });
};

/** Refuses when another record, or one that is being made, has a key that must be unique. */
export const checkUnique = (verb: 'create' | 'modify', resource: Resource, outcome: Entry, world: World): void => {
  for (const [index, rule] of (resource.unique ?? []).entries()) {
    const key = uniqueKey(rule, outcome);
    if (key === undefined) continue;
    const holder = world.store.findUnique(resource.kind, index, key);
    if (holder !== undefined && (verb === 'create' || holder !== outcome.$id)) throw rule.refusal(outcome, world);
    const before = world.store.find(resource.kind, outcome.$id);
    if (before && uniqueKey(rule, before) === key) continue;
    if (world.jobs.isClaimed(`${resource.kind}/${index}/${key}`)) throw (rule.pending ?? rule.refusal)(outcome, world);
  }
};

/** Does the operation, or throws a Refusal and leaves everything as it was. */
export const applyOperation = (operation: Operation, world: World): void => {
  const resource = world.resource(operation.kind);
  const context: Context = { ...operation, world };
  world.store.transaction(() => {
    if (operation.verb === 'remove') return applyRemoval(resource, operation, context);
    const before = world.store.find(operation.kind, operation.id);
    const outcome = outcomeOf(operation, world);
    if (!outcome) throw noEntry();
    checkTaken(operation.verb, resource, outcome, world);
    world.store.put(operation.kind, compactEntry(outcome));
    if (operation.verb === 'create') {
      resource.create?.effects?.(outcome, context);
      for (const { created } of world.reactionsTo(operation.kind))
        created?.(world.store.find(operation.kind, operation.id) ?? outcome, context);
    } else if (before) {
      resource.modify?.effects?.(outcome, before, context, {
        ...withoutIds(operation.values, operation.unset),
        ...operation.values,
      });
      for (const { modified } of world.reactionsTo(operation.kind))
        modified?.(world.store.find(operation.kind, operation.id) ?? outcome, before, context);
      const after = world.store.find(operation.kind, operation.id);
      if (after) followContainer(operation.kind, after, world);
    }
    checkReferences(resource, operation, world);
  });
};

const applyRemoval = (resource: Resource, operation: Operation, context: Context) => {
  const entry = context.world.store.find(operation.kind, operation.id);
  if (!entry) throw noEntry();
  // Again: what stands in the way may have come since the request was accepted.
  resource.remove?.check?.(entry, context);
  for (const { planned } of context.world.reactionsTo(operation.kind)) planned?.('remove', entry, context, entry);
  for (const { removed } of context.world.reactionsTo(operation.kind)) removed?.(entry, context);
  resource.remove?.effects?.(entry, context);
  dropContents(operation.kind, operation.id, context.world);
  // What goes with the last record inside it is gone already.
  if (context.world.store.find(operation.kind, operation.id)) context.world.store.remove(operation.kind, operation.id);
};

/** The same rule when the work is done: the key may have been taken since the request was accepted. */
const checkTaken = (verb: 'create' | 'modify', resource: Resource, outcome: Entry, world: World) => {
  const taken = (resource.unique ?? []).flatMap((rule, index): Refusal[] => {
    const key = uniqueKey(rule, outcome);
    const holder = key === undefined ? undefined : world.store.findUnique(resource.kind, index, key);
    return holder === undefined || (verb === 'modify' && holder === outcome.$id) ? [] : [rule.refusal(outcome, world)];
  });
  if (taken[0]) throw taken[0];
};

/** What the request referred to may have gone since it was accepted; effects may also have made it. */
const checkReferences = (resource: Resource, { kind, id, values }: Operation, world: World) => {
  const outcome = world.store.find(kind, id);
  if (!outcome) return;
  for (const [path, field] of fieldListsOf(resource.fields).references) {
    const value = values[path];
    if (value === undefined || value !== outcome[path]) continue;
    for (const key of isStoredList(value) ? value : [value]) {
      if (typeof key !== 'string' || world.store.find(field.to ?? '', key)) continue;
      throw unknownReference(field, key, path, world);
    }
  }
};
