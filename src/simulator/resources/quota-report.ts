import type { Fields, Resource } from '../core/declaration.ts';
import { findText, integer, objects, text, type Entry, type Stored } from '../core/entry.ts';
import type { World } from '../core/world.ts';
import { readOnly } from './common.ts';
import { isRootQtree, qtreesOf } from './qtree.ts';
import { isQuotaOn, QUOTA_RULE, quotaState, rulesOf } from './quota-state.ts';

const REPORT = 'quota_report';

/** Beyond what a double holds exactly; the number of a qtree stands in the upper half, as in recordings of real systems. */
const FIRST_INDEX = 2n ** 61n;
const KIND_STEP = 2n ** 48n;
const TARGET_STEP = 2n ** 32n;

/** What is going and still there. */
interface Leaving {
  readonly rule?: string;
  readonly qtree?: string;
}

interface Row {
  readonly key: string;
  readonly index: bigint;
  readonly values: Readonly<Record<string, Stored | undefined>>;
}

const usersIn = (rule: Entry): readonly string[] =>
  objects(rule, 'users').map((user) => text(user, 'name') || text(user, 'id'));

/** A number for the name of a user or group, the same whatever else is there. */
const numberOf = (name: string): bigint => {
  let hash = 0;
  for (const character of name) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 0x7fff;
  return BigInt(hash);
};

const treeKey = (qtree: Entry): string => `tree/${integer(qtree, 'id')}`;

/** The row of a qtree that a rule covers. */
const treeRow = (qtree: Entry, rule: Entry): Row => ({
  key: treeKey(qtree),
  index: FIRST_INDEX + BigInt(integer(qtree, 'id')) * TARGET_STEP,
  values: { $rule: rule.$id, $qtree: qtree.$id },
});

/** The rule for all qtrees that have none of their own. */
const isDefault = (rule: Entry): boolean => rule['type'] === 'tree' && rule['$qtree'] === undefined;

/** A row per qtree that a rule covers. */
const treeRows = (rules: readonly Entry[], qtrees: readonly Entry[]): readonly Row[] => {
  const byDefault = rules.find(isDefault);
  const own = new Map(rules.map((rule) => [rule['$qtree'], rule]));
  const rows = qtrees.flatMap((qtree): Row[] => {
    const rule = own.get(qtree.$id) ?? byDefault;
    return rule && !isRootQtree(qtree) ? [treeRow(qtree, rule)] : [];
  });
  const standard: Row[] = byDefault
    ? [{ key: 'tree/*', index: FIRST_INDEX, values: { $rule: byDefault.$id, $default: true } }]
    : [];
  return [...standard, ...rows];
};

/** A row per rule for users or groups. */
const accountRow = (rule: Entry): Row => {
  const type = text(rule, 'type');
  const names = type === 'user' ? usersIn(rule) : [text(rule, 'group.name') || text(rule, 'group.id')];
  const target = `${text(rule, '$qtree')}/${names.join(',')}`;
  const step = type === 'user' ? KIND_STEP : KIND_STEP * 2n;
  return {
    key: `${type}/${target}`,
    index: FIRST_INDEX + step + numberOf(target) * TARGET_STEP,
    values: { $rule: rule.$id, $qtree: rule['$qtree'], ...(names.join('') === '' ? { $default: true } : {}) },
  };
};

/** Makes the reports of a volume what its rules and qtrees say; without quotas there are none. */
const syncReports = (volume: string, world: World, leaving: Leaving): void => {
  const entry = world.store.find('volume', volume);
  const rules = rulesOf(volume, world).filter((rule) => rule.$id !== leaving.rule);
  const qtrees = qtreesOf(volume, world).filter((qtree) => qtree.$id !== leaving.qtree);
  const rows =
    entry && isQuotaOn(entry)
      ? [
          ...treeRows(
            rules.filter((rule) => rule['type'] === 'tree'),
            qtrees,
          ),
          ...rules.filter((rule) => rule['type'] !== 'tree').map(accountRow),
        ]
      : [];
  const wanted = new Set(rows.map(({ key }) => `${volume}/${key}`));
  for (const report of world.store.by(REPORT, 'volume', volume))
    if (!wanted.has(report.$id)) world.store.remove(REPORT, report.$id);
  for (const row of rows) putRow(row, volume, world);
};

const putRow = ({ key, index, values }: Row, volume: string, world: World): void => {
  const $id = `${volume}/${key}`;
  if (world.store.find(REPORT, $id)?.['$rule'] === values['$rule']) return;
  const entry = world.store.find('volume', volume);
  world.store.put(REPORT, { ...values, $id, index, volume, svm: entry && text(entry, 'svm') });
};

/** The same for the row of one qtree: a volume may have thousands. */
const syncQtree = (qtree: Entry, world: World, leaving: Leaving): void => {
  const volume = text(qtree, 'volume');
  const entry = world.store.find('volume', volume);
  if (!entry || isRootQtree(qtree)) return;
  const own = world.store
    .by(QUOTA_RULE, '$qtree', qtree.$id)
    .find((rule) => rule['type'] === 'tree' && rule.$id !== leaving.rule);
  const rule = own ?? rulesOf(volume, world).find((each) => isDefault(each) && each.$id !== leaving.rule);
  const $id = `${volume}/${treeKey(qtree)}`;
  if (rule && isQuotaOn(entry) && leaving.qtree !== qtree.$id) putRow(treeRow(qtree, rule), volume, world);
  else if (world.store.find(REPORT, $id)) world.store.remove(REPORT, $id);
};

/** What a rule that has come or is going changes: the row of its qtree, or of all that it is the default for. */
const followRule = (rule: Entry, world: World, leaving: Leaving): void => {
  const qtree = rule['type'] === 'tree' ? world.store.find('qtree', findText(rule, '$qtree')) : undefined;
  if (qtree) syncQtree(qtree, world, leaving);
  else syncReports(text(rule, 'volume'), world, leaving);
};

const ruleOf = (report: Entry, world: World) => world.store.find('quota_rule', text(report, '$rule'));
const qtreeOf = (report: Entry, world: World) => world.store.find('qtree', findText(report, '$qtree'));

/** Bytes that a qtree may hold; undefined: no rule limits it, or quotas are off. */
export const hardLimit = (qtree: Entry, volume: Entry, world: World): number | undefined => {
  if (quotaState(volume, world) !== 'on') return undefined;
  const report = world.store.find(REPORT, `${volume.$id}/tree/${integer(qtree, 'id')}`);
  const rule = report && ruleOf(report, world);
  return rule && typeof rule['space.hard_limit'] === 'number' ? rule['space.hard_limit'] : undefined;
};

const limit = (path: string): Fields => ({
  [path]: readOnly('size', { compute: (report, world) => ruleOf(report, world)?.[path] }),
});

const usedOf = (kind: 'space' | 'files', report: Entry, world: World): number => {
  const qtree = report['$default'] === true ? undefined : qtreeOf(report, world);
  // A qtree is itself a directory with one inode.
  return qtree ? integer(qtree, kind === 'space' ? '$used' : '$files') + (kind === 'files' ? 1 : 0) : 0;
};

const usage = (kind: 'space' | 'files'): Fields => {
  const percent = (of: 'hard' | 'soft') =>
    readOnly('integer', {
      compute: (report, world) => {
        const allowed = integer(ruleOf(report, world) ?? report, `${kind}.${of}_limit`);
        return allowed === 0 || report['$default'] === true
          ? undefined
          : Math.floor((usedOf(kind, report, world) * 100) / allowed);
      },
    });
  return {
    ...limit(`${kind}.hard_limit`),
    ...limit(`${kind}.soft_limit`),
    [`${kind}.used.total`]: readOnly('size', { compute: (report, world) => usedOf(kind, report, world) }),
    [`${kind}.used.hard_limit_percent`]: percent('hard'),
    [`${kind}.used.soft_limit_percent`]: percent('soft'),
  };
};

/** `/storage/quota/reports`: what the rules allow and what is used, while quotas are on. */
export const quotaReport: Resource = {
  kind: REPORT,
  path: '/storage/quota/reports',
  keys: ['volume.uuid', 'index'],
  order: ['volume', 'index'],
  personalities: ['unified', 'asa', 'afx'],
  fields: {
    svm: { kind: 'ref', to: 'svm', write: 'never', key: true },
    volume: { kind: 'ref', to: 'volume', write: 'never', key: true },
    index: readOnly('integer', { key: true }),
    type: readOnly('enum', {
      values: ['tree', 'user', 'group'],
      compute: (report, world) => ruleOf(report, world)?.['type'],
    }),
    'qtree.id': readOnly('integer', { compute: (report, world) => qtreeOf(report, world)?.['id'] }),
    'qtree.name': readOnly('string', { compute: (report, world) => qtreeOf(report, world)?.['name'] }),
    users: {
      kind: 'objects',
      write: 'never',
      of: { id: { kind: 'string' }, name: { kind: 'string' } },
      compute: (report, world) => ruleOf(report, world)?.['users'],
    },
    'group.id': readOnly('string', { compute: (report, world) => ruleOf(report, world)?.['group.id'] }),
    'group.name': readOnly('string', { compute: (report, world) => ruleOf(report, world)?.['group.name'] }),
    ...usage('space'),
    ...usage('files'),
  },
  indexes: ['svm', 'volume', '$qtree'],
  parameters: { get: ['show_default_records'] },
  hides: (report, world, parameters) => {
    const volume = world.store.find('volume', text(report, 'volume'));
    if (volume && quotaState(volume, world) === 'initializing') return true;
    return report['$default'] === true && parameters['show_default_records']?.toLowerCase() === 'false';
  },
  inside: [
    { kind: 'volume', field: 'volume' },
    { kind: 'qtree', field: '$qtree' },
  ],
  reactions: [
    {
      to: 'quota_rule',
      created: (rule, { world }) => followRule(rule, world, {}),
      removed: (rule, { world }) => followRule(rule, world, { rule: rule.$id }),
    },
    {
      to: 'qtree',
      created: (qtree, { world }) => syncQtree(qtree, world, {}),
      removed: (qtree, { world }) => syncQtree(qtree, world, { qtree: qtree.$id }),
    },
    {
      to: 'volume',
      modified: (after, before, { world }) => {
        if (isQuotaOn(after) !== isQuotaOn(before)) syncReports(after.$id, world, {});
      },
    },
  ],
};
