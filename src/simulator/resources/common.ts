import type { Field, Fields } from '../core/declaration.ts';

/** Shorthands for declarations. */

export const readOnly = (kind: Field['kind'], more: Partial<Field> = {}): Field => ({ kind, write: 'never', ...more });

export const uuidField: Field = { kind: 'string', write: 'never', key: true };
export const nameField: Field = { kind: 'string', key: true, required: true };

/** The SVM a record belongs to; set once. */
export const svmField: Field = { kind: 'ref', to: 'svm', write: 'create' };

/** Statistics that the simulator does not produce; asked for, they are absent. */
export const unmeasured: Fields = {
  metric: { kind: 'opaque', write: 'never', expensive: true },
  statistics: { kind: 'opaque', write: 'never', expensive: true },
};

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
