import { forbidden, Refusal } from './refusal.ts';
import type { User } from './users.ts';
import type { World } from './world.ts';

/** @throws Refusal when a user of an SVM asks for what is the cluster's */
export const checkScope = (clusterOnly: true | 'writes' | undefined, user: User, method: string) => {
  if (user.svm === undefined || clusterOnly === undefined) return;
  if (clusterOnly === true || !['GET', 'HEAD', 'OPTIONS'].includes(method)) throw forbidden();
};

/** The SVM of the user, or the one that a cluster user tunnels to. */
export const scopeOf = (
  world: World,
  user: User,
  headers: Readonly<Record<string, string | undefined>>,
): string | undefined => {
  const find = (member: 'name' | 'uuid', value: string) => {
    const svm = world.store.all('svm').find((entry) => entry[member] === value);
    if (!svm) throw new Refusal(400, 2621462, `The specified SVM "${value}" does not exist.`, `svm.${member}`);
    return svm.$id;
  };
  const name = headers['x-dot-svm-name'];
  const uuid = headers['x-dot-svm-uuid'];
  const tunnelled = name !== undefined ? find('name', name) : uuid !== undefined ? find('uuid', uuid) : undefined;
  if (user.svm === undefined) return tunnelled;
  const own = find('name', user.svm);
  if (tunnelled !== undefined && tunnelled !== own) throw forbidden();
  return own;
};
