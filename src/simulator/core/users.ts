import { timingSafeEqual } from 'node:crypto';

export interface User {
  readonly name: string;
  readonly password: string;
  readonly role: string;
  /** Name of the SVM the user is confined to. */
  readonly svm: string | undefined;
}

const sameText = (a: string, b: string): boolean => {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
};

/** Who may log in: by name and password, or by a certificate whose CN is the name. */
export class Users {
  readonly #users: ReadonlyMap<string, User>;

  constructor(users: readonly User[]) {
    this.#users = new Map(users.map((user) => [user.name, user]));
  }

  list(): readonly User[] {
    return [...this.#users.values()];
  }

  find(name: string): User | undefined {
    return this.#users.get(name);
  }

  /** The user of an Authorization header, or of a verified certificate when there is no header. */
  authenticate(authorization: string | undefined, commonName: string | undefined): User | undefined {
    if (authorization === undefined) return commonName === undefined ? undefined : this.#users.get(commonName);
    const encoded = /^Basic\s+(.+)$/i.exec(authorization)?.[1];
    if (encoded === undefined) return undefined;
    const credentials = Buffer.from(encoded, 'base64').toString('utf8');
    const colon = credentials.indexOf(':');
    const user = colon < 0 ? undefined : this.#users.get(credentials.slice(0, colon));
    return user && sameText(user.password, credentials.slice(colon + 1)) ? user : undefined;
  }
}

/** Whether the role may use the method at all; what it may see is a question of its SVM. */
export const mayUse = (user: User, method: string): boolean =>
  method === 'GET' || method === 'HEAD' || method === 'OPTIONS' || !user.role.endsWith('readonly');
