import { timingSafeEqual } from 'node:crypto';
import { isOffered } from './schema.ts';
import type { Privilege } from './roles.ts';

export interface User {
  readonly name: string;
  readonly password: string;
  /** Bearer token, where there is one. */
  readonly token: string | undefined;
  readonly role: string;
  /** Of a role that is not one of the fixed ones. */
  readonly privileges: readonly Privilege[];
  /** Name of the SVM the user is confined to. */
  readonly svm: string | undefined;
  /** Nothing lets a locked user in. */
  readonly locked: boolean;
}

/** OAuth 2.0 came with 9.14.1. */
const BEARER = { since: '9.14.1' };

const sameText = (a: string, b: string): boolean => {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
};

interface LoginAttempt {
  readonly authorization: string | undefined;
  readonly commonName: string | undefined;
  /** Of ONTAP: bearer tokens are younger than others. */
  readonly release: string;
  readonly present: (name: string) => User | undefined;
}

/** Who may log in: by name and password, by a token, or by a certificate whose CN is the name. */
export class Users {
  readonly #users: Map<string, User>;

  constructor(users: readonly User[]) {
    this.#users = new Map(users.map((user) => [user.name, user]));
  }

  list(): readonly User[] {
    return [...this.#users.values()];
  }

  find(name: string): User | undefined {
    return this.#users.get(name);
  }

  /** Throws an Error when there is no such user. */
  change(name: string, changes: Partial<Pick<User, 'password' | 'locked'>>): void {
    const user = this.#users.get(name);
    if (!user) throw new Error(`The simulator has no user "${name}".`);
    this.#users.set(name, { ...user, ...changes });
  }

  /**
   * The user of an Authorization header, or of a verified certificate when there is no header. `present` says what a
   * name stands for now: accounts come, change and go.
   */
  authenticate({ authorization, commonName, release, present }: LoginAttempt): User | undefined {
    const user =
      authorization === undefined
        ? commonName === undefined
          ? undefined
          : present(commonName)
        : (withPassword(authorization, present) ?? this.#withToken(authorization, release, present));
    return user?.locked === true ? undefined : user;
  }

  #withToken(authorization: string, release: string, present: LoginAttempt['present']): User | undefined {
    const token = /^Bearer\s+(\S+)$/i.exec(authorization)?.[1];
    if (token === undefined || !isOffered(BEARER, release, '')) return undefined;
    const holder = this.list().find((user) => user.token !== undefined && sameText(user.token, token));
    return holder && present(holder.name);
  }
}

const withPassword = (authorization: string, present: LoginAttempt['present']): User | undefined => {
  const encoded = /^Basic\s+(.+)$/i.exec(authorization)?.[1];
  if (encoded === undefined) return undefined;
  const credentials = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = credentials.indexOf(':');
  const user = colon < 0 ? undefined : present(credentials.slice(0, colon));
  return user && sameText(user.password, credentials.slice(colon + 1)) ? user : undefined;
};
