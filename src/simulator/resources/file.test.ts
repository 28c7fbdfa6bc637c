import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { at, openOntapSession, textAt, type OntapSession } from '../../../test/support/ontap-session.ts';

let array: OntapSession;
let files: string;
let volume: string;

const names = async (path: string): Promise<readonly unknown[]> =>
  (await array.list(`${files}/${encodeURIComponent(path)}?fields=name`)).map((each) => at(each, 'name'));

beforeAll(async () => {
  array = await openOntapSession({ clock: { frozenAt: new Date('2026-01-01T00:00:00Z') } });
  const body = { name: 'vol1', svm: { name: 'svm0' }, size: '1GB', aggregates: [{ name: 'aggr1_n1' }] };
  await array.expect(202, 'POST', '/storage/volumes', body);
  volume = textAt((await array.list('/storage/volumes?name=vol1'))[0], 'uuid');
  files = `/storage/volumes/${volume}/files`;
  await array.expect(202, 'POST', '/storage/qtrees', { name: 'q1', svm: { name: 'svm0' }, volume: { name: 'vol1' } });
});
afterEach(() => array.simulator.world.verify());
afterAll(() => array.close());

describe('files of a volume', () => {
  test('are listed with qtrees and the snapshot directory', async () => {
    expect(await names('.')).toEqual(['.', '..', '.snapshot', 'q1']);
    expect(await names('q1')).toEqual(['.', '..']);
    expect(await array.list(`${files}/.?name=q1&fields=type,unix_permissions`)).toMatchObject([
      { type: 'directory', unix_permissions: 755 },
    ]);
    expect(await array.refusal('GET', `${files}/none`)).toBe('404 4');
    expect(await array.refusal('GET', `/storage/volumes/none/files/.`)).toBe('404 918235');
  });

  test('are made, changed and removed', async () => {
    await array.expect(201, 'POST', `${files}/d1`, { type: 'directory', unix_permissions: 700 });
    await array.expect(201, 'POST', `${files}/d1%2Ff1`, { type: 'file', size: 100 });
    expect(await array.refusal('POST', `${files}/d1`, { type: 'directory' })).toBe('409 1');
    expect(await array.refusal('POST', `${files}/q1`, { type: 'directory' })).toBe('409 1');
    expect(await array.refusal('POST', `${files}/d2%2Ff1`, {})).toBe('404 4');
    expect(await array.refusal('POST', `${files}/.snapshot%2Fx`, {})).toBe('400 262185');
    expect(await array.list(`${files}/d1%2Ff1?fields=**`)).toMatchObject([
      { path: 'd1', name: 'f1', type: 'file', size: 100, unix_permissions: 644, is_snapshot: false },
    ]);
    await array.expect(200, 'PATCH', `${files}/d1%2Ff1`, { size: 10 });
    await array.expect(200, 'PATCH', `${files}/d1`, { path: 'd3' });
    expect(await array.list(`${files}/d3?type=file&fields=size`)).toMatchObject([{ name: 'f1', size: 10 }]);
    expect(await array.refusal('PATCH', `${files}/d3`, { path: 'd3/below' })).toBe('400 262185');
    expect(await array.refusal('DELETE', `${files}/d3`)).toBe('409 8');
  });

  test('are in snapshots', async () => {
    await array.expect(202, 'POST', `/storage/volumes/${volume}/snapshots`, { name: 's1' });
    await array.expect(202, 'DELETE', `${files}/d3?recurse=true`);
    expect(await names('.')).toEqual(['.', '..', '.snapshot', 'q1']);
    expect(await names('.snapshot')).toEqual(['s1']);
    expect(await names('.snapshot/s1')).toEqual(['q1', 'd3']);
    expect(await names('.snapshot/s1/d3')).toEqual(['f1']);
    await array.expect(202, 'PATCH', `/storage/volumes/${volume}?restore_to.snapshot.name=s1`);
    expect(await names('d3')).toEqual(['.', '..', 'f1']);
    await array.expect(202, 'PATCH', `/storage/volumes/${volume}`, { snapshot_directory_access_enabled: false });
    expect(await names('.')).toEqual(['.', '..', 'q1', 'd3']);
    expect(await array.refusal('GET', `${files}/.snapshot`)).toBe('404 4');
  });
});

describe('AutoSupport', () => {
  test('can be read and changed', async () => {
    expect(await array.expect(200, 'GET', '/support/autosupport')).toMatchObject({ enabled: true, transport: 'https' });
    const smtp = { transport: 'smtp' };
    expect(await array.refusal('PATCH', '/support/autosupport', smtp)).toBe('400 262186');
    await array.expect(200, 'PATCH', '/support/autosupport', {
      ...smtp,
      ondemand_enabled: false,
      to: ['ops@example.test'],
    });
    expect(await array.expect(200, 'GET', '/support/autosupport')).toMatchObject({ ...smtp, to: ['ops@example.test'] });
  });

  test('takes messages, one per node', async () => {
    await array.expect(201, 'POST', '/support/autosupport/messages', { message: 'hello', type: 'test' });
    expect(await array.list('/support/autosupport/messages?fields=*')).toMatchObject([
      { node: { name: 'sim-cluster-01' }, index: 1, state: 'sent_successful', subject: 'USER_TRIGGERED (TEST:hello)' },
      { node: { name: 'sim-cluster-02' }, index: 1 },
    ]);
  });
});
