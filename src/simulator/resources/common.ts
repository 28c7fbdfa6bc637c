import type { Field, Fields, Unique } from '../core/declaration.ts';
import { text, type StoredObject } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';

/** Shorthands for declarations. */

export const readOnly = (kind: Field['kind'], more: Partial<Field> = {}): Field => ({ kind, write: 'never', ...more });

/** What a request may say, and no record keeps. */
export const passing = (kind: Field['kind'], more: Partial<Field> = {}): Field => ({
  kind,
  secret: true,
  passing: true,
  ...more,
});

export const uuidField: Field = { kind: 'string', write: 'never', key: true };
export const nameField: Field = { kind: 'string', key: true, required: true };

/** How a record is refused whose name another has; `what` begins a sentence. */
export const existsAlready =
  (what: string, code: number): Unique['refusal'] =>
  (entry) =>
    new Refusal(409, code, `${what} "${text(entry, 'name')}" exists already.`, 'name');

/** Whether a record belongs to an SVM or to the cluster. */
export const scopeOf = (entry: StoredObject): 'svm' | 'cluster' => (entry['svm'] === undefined ? 'cluster' : 'svm');

/** The SVM a record belongs to; set once. */
export const svmField: Field = { kind: 'ref', to: 'svm', write: 'create' };

/** The SVM of a record that cannot be without one, and is known by a UUID of its own. */
export const ownerSvm: Field = {
  ...svmField,
  required: true,
  missing: () => new Refusal(400, 2621707, 'No SVM was specified. Specify "svm.uuid" or "svm.name".', 'svm'),
};

/** The SVM of a record that cannot be without one, and is known by it. */
export const requiredSvm: Field = { ...ownerSvm, key: true };

/** The FlexVol or FlexGroup that a qtree or a quota rule is in, and is known by. */
export const ownerVolume: Field = {
  kind: 'ref',
  to: 'volume',
  write: 'create',
  key: true,
  scoped: true,
  required: true,
  missing: () => new Refusal(400, 918232, 'Either "volume.name" or "volume.uuid" must be given.', 'volume'),
};

/** What the record of another kind with this key shows under a path. */
export const asIn =
  (kind: string, path: string): NonNullable<Field['compute']> =>
  ({ $id }, world) => {
    const entry = world.store.find(kind, $id);
    return entry && world.schema(kind).find(path)?.get(entry, world);
  };

/** Properties that ONTAP has and the simulator does not model. */
export const unmodelled = (...paths: readonly string[]): Fields =>
  Object.fromEntries(
    paths.map((path): [string, Field] => [path, { kind: 'opaque', expensive: true, unmodelled: true }]),
  );

/** Statistics that the simulator does not produce. */
export const unmeasured: Fields = unmodelled('metric', 'statistics');

const LIMITS = ['max_throughput_iops', 'max_throughput_mbps', 'min_throughput_iops', 'min_throughput_mbps'];

/** A QoS policy of its own, which what refers to one by this path can be given instead: not simulated. */
export const unmodelledLimits = (path: string): Fields =>
  unmodelled(...[...LIMITS, 'max_throughput', 'min_throughput'].map((limit) => `${path}.${limit}`));

/** The limits of a QoS policy, as what refers to it by this path shows them. */
export const qosLimits = (path: string): Fields => ({
  ...Object.fromEntries(
    LIMITS.map((limit): [string, Field] => [
      `${path}.${limit}`,
      readOnly('integer', {
        expensive: true,
        compute: (entry, world) => {
          const policy = entry[path];
          return typeof policy === 'string' ? world.store.find('qos_policy', policy)?.[`fixed.${limit}`] : undefined;
        },
      }),
    ]),
  ),
  ...unmodelled(`${path}.max_throughput`, `${path}.min_throughput`),
});

const KIB = 1024;
export const MIB = KIB ** 2;
export const GIB = KIB ** 3;
export const TIB = KIB ** 4;

export const versionParts = (version: string): readonly [number, number, number] => {
  const [generation = 9, major = 0, minor = 0] = version.split('.').map(Number);
  return [generation, major, minor];
};

export const fullVersion = (version: string): string => `NetApp Release ${version}: Tue Aug 12 08:14:02 UTC 2025`;

/** The release that the cluster runs. */
export const versionFields: Fields = {
  'version.full': readOnly('string', { compute: (_, { version }) => fullVersion(version) }),
  'version.generation': readOnly('integer', { compute: (_, { version }) => versionParts(version)[0] }),
  'version.major': readOnly('integer', { compute: (_, { version }) => versionParts(version)[1] }),
  'version.minor': readOnly('integer', { compute: (_, { version }) => versionParts(version)[2] }),
};
