import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { at, openOntapSession } from '../support/ontap-session.ts';

/**
 * Answers recorded from real clusters, read in place: what we claim to have must have the same types there and here.
 * They lie beside the repository and are not part of it.
 */

const folder = fileURLToPath(new URL('../../../shared/data/ontap-recorded/', import.meta.url));
const present = existsSync(folder);
const skipped = present ? '' : ` (skipped: there is no ${folder})`;

const read = (name: string): unknown => {
  const bytes = readFileSync(`${folder}${name}`);
  return JSON.parse((name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8'));
};

/** Paths of all members with the types they have; lists are `[]`. */
const shapeOf = (value: unknown, path: string, into: Map<string, Set<string>>): Map<string, Set<string>> => {
  if (Array.isArray(value)) {
    value.forEach((item) => shapeOf(item, `${path}[]`, into));
    return note(into, path, 'list');
  }
  if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) shapeOf(inner, path === '' ? key : `${path}.${key}`, into);
    return into;
  }
  return note(into, path, typeof value);
};

const note = (into: Map<string, Set<string>>, path: string, type: string) =>
  into.set(path, (into.get(path) ?? new Set<string>()).add(type));

/** What the recordings have and the simulator does not claim, with the reason. */
const NOT_CLAIMED: readonly (readonly [RegExp, string])[] = [
  [/^certificate\./, 'certificates of the cluster are not simulated'],
  [/^(metric|statistics)\./, 'performance is not simulated'],
  [/^rebalancing\./, 'FlexGroup rebalancing is not simulated'],
  [/^status(\[\])?$/, 'every volume is plain'],
  [/^activity_tracking\.unsupported_reason\./, 'activity tracking is always supported'],
  [/^tiering\.min_cooling_days$/, 'only shown when it was set'],
];

const compare = (recorded: readonly unknown[], ours: readonly unknown[]) => {
  const theirs = new Map<string, Set<string>>();
  for (const record of recorded) shapeOf(record, '', theirs);
  const own = new Map<string, Set<string>>();
  for (const record of ours) shapeOf(record, '', own);
  const problems: string[] = [];
  for (const [path, types] of theirs) {
    if (NOT_CLAIMED.some(([pattern]) => pattern.test(path))) continue;
    const found = own.get(path);
    if (!found) problems.push(`${path} is missing`);
    else if ([...found].some((type) => !types.has(type)))
      problems.push(`${path} is ${[...found].join('|')}, recorded ${[...types].join('|')}`);
  }
  return problems;
};

describe.skipIf(!present)(`recorded answers of real clusters${skipped}`, () => {
  it('of volumes: every key, type and link', async () => {
    const recording = read('volume-1.json.gz');
    const records = at(recording, 'records');
    const array = await openOntapSession({});
    for (const name of ['v1', 'v2']) {
      await array.expect(201, 'POST', '/storage/volumes?return_timeout=5', {
        name,
        size: '1GB',
        svm: { name: 'svm0' },
        aggregates: [{ name: 'aggr1_n1' }],
      });
    }
    // The query of the recording; spaces beyond its `fields` are the recording's own.
    const query = String(at(recording, '_links', 'self', 'href')).split('?')[1] ?? '';
    const answer = await array.expect(200, 'GET', `/storage/volumes?${query}`);
    const ours = at(answer, 'records');
    expect(compare(Array.isArray(records) ? records : [], Array.isArray(ours) ? ours : [])).toEqual([]);
    expect(Object.keys(Object(answer)).toSorted()).toEqual(Object.keys(Object(recording)).toSorted());
    await array.close();
  });

  it('of the cluster', async () => {
    const array = await openOntapSession({});
    expect(
      compare([read('cluster.json')], [await array.expect(200, 'GET', '/cluster?fields=**')]).filter(
        (problem) => !problem.startsWith('_links'),
      ),
    ).toEqual([]);
    await array.close();
  });

  it('of quota reports, numbers and all', async () => {
    const array = await openOntapSession({});
    const volume = { svm: { name: 'svm0' }, volume: { name: 'v1' } };
    const body = { name: 'v1', size: '1GB', svm: { name: 'svm0' }, aggregates: [{ name: 'aggr1_n1' }] };
    await array.expect(202, 'POST', '/storage/volumes', body);
    for (const name of ['qtree1', 'qtree2']) await array.expect(202, 'POST', '/storage/qtrees', { ...volume, name });
    await array.expect(202, 'POST', '/storage/quota/rules', { ...volume, type: 'tree', qtree: { name: '' } });
    const [{ uuid }] = [Object(await array.list('/storage/volumes?name=v1').then(([first]) => first))];
    await array.expect(202, 'PATCH', `/storage/volumes/${String(uuid)}`, { quota: { enabled: true } });
    const records = at(read('quota.json'), 'records');
    const recorded = Array.isArray(records) ? records : [];
    const ours = await array.list('/storage/quota/reports?show_default_records=false&type=tree&fields=*');
    expect(compare(recorded, ours).filter((problem) => !/hard_limit|soft_limit/.test(problem))).toEqual([]);
    // The recording lost the last digits, as everything does that reads them as doubles.
    for (const each of ours) {
      const same = recorded.find((other) => at(other, 'qtree', 'id') === at(each, 'qtree', 'id'));
      expect(Number(at(each, 'index')) / Number(at(same, 'index'))).toBeCloseTo(1, 12);
    }
    await array.close();
  });

  it('of a CLI passthrough: the envelope has no links', async () => {
    const array = await openOntapSession({});
    const recording = read('api-private-cli-volume.json.gz');
    const ours = await array.expect(200, 'GET', '/private/cli/volume/recovery-queue');
    expect(Object.keys(Object(ours)).toSorted()).toEqual(
      Object.keys(Object(recording))
        .filter((key) => key !== '_links')
        .toSorted(),
    );
    expect(at(recording, 'records', 0, '_links')).toBeUndefined();
    await array.close();
  });
});
