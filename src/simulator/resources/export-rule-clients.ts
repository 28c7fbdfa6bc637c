import { integer, text, type Entry, type StoredObject } from '../core/entry.ts';
import type { World } from '../core/world.ts';

export const CLIENT = 'export_client';

/** The clients of a rule, in the order in which they were given. */
export const clientsOf = (rule: string, world: World): readonly Entry[] => world.store.by(CLIENT, 'rule', rule);

/** Stored rules with what `clients` shows of them. */
export const withClients = (rules: readonly Entry[], world: World): readonly StoredObject[] =>
  rules.map((rule) => ({ ...rule, clients: clientsOf(rule.$id, world) }));

export const clientKey = (rule: string, match: string): string => `${rule}/${match}`;

/** Where one more client comes. */
export const nextPlace = (clients: readonly Entry[]): number => integer(clients.at(-1) ?? {}, '$place') + 1;

/** The records of the clients of a rule. */
export const newClients = (rule: Entry, clients: readonly StoredObject[]): readonly Entry[] =>
  clients.map((client, index) => ({
    $id: clientKey(rule.$id, text(client, 'match')),
    $place: index + 1,
    match: text(client, 'match'),
    policy: text(rule, 'policy'),
    rule: rule.$id,
    svm: text(rule, 'svm'),
  }));

/** Makes these the clients of a rule. */
export const putClients = (rule: Entry, clients: readonly StoredObject[], world: World): void => {
  for (const client of clientsOf(rule.$id, world)) world.store.remove(CLIENT, client.$id);
  for (const client of newClients(rule, clients)) world.store.put(CLIENT, client);
};
