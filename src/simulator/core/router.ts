import type { Action, Resource } from './declaration.ts';
import { decodeUrl } from './target.ts';

export type Target =
  | { readonly type: 'collection' | 'instance' | 'singleton'; readonly resource: Resource }
  | { readonly type: 'action'; readonly action: Action }
  | { readonly type: 'not-simulated' };

export interface Route {
  readonly target: Target;
  /** Values of the path's parameters by their names. */
  readonly parameters: Readonly<Record<string, string>>;
}

interface TrieNode {
  readonly fixed: Map<string, TrieNode>;
  parameter: TrieNode | undefined;
  end: { readonly target: Target; readonly names: readonly string[] } | undefined;
  /** Everything below is known to ONTAP and not to us. */
  notSimulated: boolean;
}

const emptyNode = (): TrieNode => ({ fixed: new Map(), parameter: undefined, end: undefined, notSimulated: false });

/** Finds what a path below `/api` addresses. Path keys are decoded once; case matters. */
export class Router {
  readonly #root = emptyNode();

  constructor(resources: readonly Resource[], actions: readonly Action[], notSimulated: readonly string[]) {
    for (const path of notSimulated) this.#node(path).node.notSimulated = true;
    for (const resource of resources) {
      if (resource.singleton) this.#add(resource.path, { type: 'singleton', resource });
      else {
        this.#add(resource.path, { type: 'collection', resource });
        if (resource.keys.length > 0) {
          this.#add(resource.path + resource.keys.map((key) => `/{${key}}`).join(''), { type: 'instance', resource });
        }
      }
    }
    for (const action of actions) this.#add(action.path, { type: 'action', action });
  }

  /** @throws Refusal for a key that is not encoded as one */
  find(path: string): Route | undefined {
    const segments = path.replace(/^\//, '').replace(/\/$/, '').split('/');
    // A client that has no key asks for an empty one.
    if (segments.includes('')) return undefined;
    const found = walk(this.#root, segments, 0, []);
    if (!found) return undefined;
    if (!found.end) return { target: { type: 'not-simulated' }, parameters: {} };
    const parameters = Object.fromEntries(
      found.end.names.map((name, index) => [name, decodeUrl(found.values[index] ?? '')]),
    );
    return { target: found.end.target, parameters };
  }

  #add(path: string, target: Target) {
    const { node, names } = this.#node(path);
    node.end = { target, names };
  }

  #node(path: string): { node: TrieNode; names: string[] } {
    let node = this.#root;
    const names: string[] = [];
    for (const segment of path.replace(/^\//, '').split('/')) {
      const name = /^\{(.+)\}$/.exec(segment)?.[1];
      if (name !== undefined) {
        names.push(name);
        node = node.parameter ??= emptyNode();
        continue;
      }
      const next = node.fixed.get(segment) ?? emptyNode();
      node.fixed.set(segment, next);
      node = next;
    }
    return { node, names };
  }
}

interface Found {
  readonly end: TrieNode['end'];
  readonly values: readonly string[];
}

const walk = (
  node: TrieNode,
  segments: readonly string[],
  at: number,
  values: readonly string[],
): Found | undefined => {
  const segment = segments[at];
  if (segment === undefined)
    return node.end ? { end: node.end, values } : node.notSimulated ? { end: undefined, values } : undefined;
  const fixed = node.fixed.get(segment);
  const viaFixed = fixed && walk(fixed, segments, at + 1, values);
  if (viaFixed) return viaFixed;
  const viaParameter =
    node.parameter && segment !== '' ? walk(node.parameter, segments, at + 1, [...values, segment]) : undefined;
  return viaParameter ?? (node.notSimulated ? { end: undefined, values } : undefined);
};
