import type { WantedLock } from './lock-table.ts';
import type { Statements } from './sqlite-records.ts';

/** The SQL of leases: tickets and the locks that each is for. All synchronous, inside a transaction of the caller's. */

/** Somebody whose turn comes before, by one of the locks. */
export interface Ahead {
  readonly lock: string;
  readonly ticket: number;
  readonly owner: string;
  readonly expires: number;
}

/** Draws a ticket for all the locks; answers its number. */
export const draw = (sql: Statements, owner: string, expires: number, wanted: readonly WantedLock[]): number => {
  const ticket = Number(sql('INSERT INTO ticket (owner, expires) VALUES (?, ?)').run(owner, expires).lastInsertRowid);
  for (const { name, mode } of wanted)
    sql('INSERT INTO lock (name, ticket, exclusive) VALUES (?, ?, ?)').run(name, ticket, mode === 'exclusive' ? 1 : 0);
  return ticket;
};

/** Tears up a ticket of somebody else, of whose locks nothing is known. */
export const tearUpOther = (sql: Statements, ticket: number): void => {
  sql('DELETE FROM lock WHERE ticket = ?').run(ticket);
  sql('DELETE FROM ticket WHERE number = ?').run(ticket);
};

/** Tears up a ticket of our own. */
export const tearUp = (sql: Statements, ticket: number, wanted: readonly WantedLock[]): void => {
  const remove = sql('DELETE FROM lock WHERE name = ? AND ticket = ?');
  for (const { name } of wanted) remove.run(name, ticket);
  sql('DELETE FROM ticket WHERE number = ?').run(ticket);
};

/** Tears up all tickets of a process. */
export const clearTickets = (sql: Statements, owner: string): void => {
  sql('DELETE FROM lock WHERE ticket IN (SELECT number FROM ticket WHERE owner = ?)').run(owner);
  sql('DELETE FROM ticket WHERE owner = ?').run(owner);
};

/** Everybody with an earlier ticket who holds or awaits one of the locks in a way that excludes this one. */
export const ahead = (sql: Statements, ticket: number, wanted: readonly WantedLock[]): readonly Ahead[] => {
  const others = sql(
    `SELECT lock.name AS lock, ticket.number AS ticket, ticket.owner, ticket.expires
     FROM lock JOIN ticket ON ticket.number = lock.ticket
     WHERE lock.name = ? AND lock.ticket < ? AND (lock.exclusive OR ?) ORDER BY lock.ticket`,
  );
  return wanted.flatMap(({ name, mode }) =>
    others.all(name, ticket, mode === 'exclusive' ? 1 : 0).map((row) => ({
      lock: String(row['lock']),
      ticket: Number(row['ticket']),
      owner: String(row['owner']),
      expires: Number(row['expires']),
    })),
  );
};

/** True when somebody with a later ticket awaits one of the locks. */
export const isBehind = (sql: Statements, ticket: number, wanted: readonly WantedLock[]): boolean => {
  const behind = sql('SELECT 1 FROM lock WHERE name = ? AND ticket > ? AND (exclusive OR ?) LIMIT 1');
  return wanted.some(({ name, mode }) => behind.get(name, ticket, mode === 'exclusive' ? 1 : 0) !== undefined);
};

/** False when somebody tore it up. */
export const exists = (sql: Statements, ticket: number): boolean =>
  sql('SELECT 1 FROM ticket WHERE number = ?').get(ticket) !== undefined;
