import type { Context, Field, Fields } from '../core/declaration.ts';
import { list, objects, text, type Entry, type StoredObject } from '../core/entry.ts';
import { missingValue, notSimulated, Refusal } from '../core/refusal.ts';
import { aclFields } from './cifs-acl.ts';
import { shareKey, shareSettings } from './cifs-share.ts';
import { unmodelled } from './common.ts';
import { ruleFields } from './export-rule-fields.ts';
import { namedIn } from './lookups.ts';
import { planPart, type Part } from './request-parts.ts';

/** Export policies and shares that are made with volumes which the system places. */

const POLICY = 'nas.export_policy.name';
const RULES = 'nas.export_policy.rules';
const SHARES = 'nas.cifs.shares';

/** As a body gives them on their way to a request of their own, which has the defaults and the checks. */
const passed = (fields: Fields): Fields =>
  Object.fromEntries(
    Object.entries(fields).map(([path, field]): [string, Field] => {
      const {
        write: _write,
        default: _default,
        required: _required,
        compute: _compute,
        key: _key,
        of,
        ...rest
      } = field;
      return [path, { ...rest, ...(of === undefined ? {} : { of: passed(of) }) }];
    }),
  );

/** Taken with a new volume; shown where policies and shares are. */
export const accessFields: Fields = {
  [RULES]: { kind: 'objects', of: passed(ruleFields), secret: true },
  [SHARES]: {
    kind: 'objects',
    secret: true,
    personalities: ['unified', 'afx'],
    of: {
      name: { kind: 'string' },
      ...passed(shareSettings),
      acls: { kind: 'objects', of: passed(aclFields) },
    },
  },
  ...unmodelled('nas.export_policy.id', 'nas.junction_parent'),
};

/** The export policies that a request makes, by their names: several of its volumes may have one. */
export type NewPolicies = Map<string, Entry>;

interface PolicyPlan {
  /** Key of a policy that the request makes; undefined: the volume has one that is there. */
  readonly policy: string | undefined;
  readonly parts: readonly Part[];
}

/** The export policy that a volume brings with it: one with rules is new. */
export const planPolicy = (volume: StoredObject, svm: string, made: NewPolicies, context: Context): PolicyPlan => {
  const name = text(volume, POLICY);
  const known = made.get(name);
  if (known) return { policy: known.$id, parts: [] };
  if (volume[RULES] === undefined) return { policy: undefined, parts: [] };
  if (name === '') throw notSimulated('How ONTAP names an export policy that is made with a volume');
  if (namedIn('export_policy', name, svm, context.world))
    throw notSimulated('Changing an export policy that is there, by a request for a volume,');
  const entry = planPart('export_policy', { name, 'svm.uuid': svm, rules: list(volume, RULES) }, context);
  made.set(name, entry);
  return { policy: entry.$id, parts: [{ kind: 'export_policy', entry }] };
};

/** The shares of a volume: they need the path at which it is mounted when they are made. */
export const planShares = (volume: StoredObject, svm: string, { world }: Context): readonly Part[] => {
  const path = volume['nas.path'];
  return objects(volume, SHARES).map((share) => {
    const name = text(share, 'name');
    if (path === undefined) throw missingValue('volumes.nas.path');
    if (world.store.find('cifs_share', shareKey(svm, name)))
      throw new Refusal(
        409,
        53412080,
        `A share with the name "${name}" already exists in the SVM.`,
        `volumes.${SHARES}`,
      );
    return { kind: 'cifs_share', body: { ...share, path, 'svm.uuid': svm } };
  });
};
