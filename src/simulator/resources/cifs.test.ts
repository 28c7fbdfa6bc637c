import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openOntapSession, textAt, type OntapSession } from '../../../test/support/ontap-session.ts';

const SERVICES = '/protocols/cifs/services';
const SHARES = '/protocols/cifs/shares';
let array: OntapSession;
let svm: string;

const service = {
  svm: { name: 'svm0' },
  name: 'filer',
  ad_domain: { fqdn: 'corp.example.test', user: 'joiner', password: 'secret-word' },
};
const share = (more: Record<string, unknown>) => ({ svm: { name: 'svm0' }, path: '/vol1', ...more });

beforeAll(async () => {
  array = await openOntapSession({ clock: { frozenAt: new Date('2026-01-01T00:00:00Z') } });
  svm = textAt((await array.list('/svm/svms?name=svm0'))[0], 'uuid');
  await array.expect(202, 'POST', '/storage/volumes', {
    name: 'vol1',
    svm: { name: 'svm0' },
    aggregates: [{ name: 'aggr1_n1' }],
    nas: { path: '/vol1', security_style: 'ntfs' },
  });
});
afterEach(() => array.simulator.world.verify());
afterAll(() => array.close());

describe('the CIFS service of an SVM', () => {
  test('is needed for shares', async () => {
    expect(await array.list(SHARES)).toEqual([]);
    expect(await array.refusal('POST', SHARES, share({ name: 's' }))).toBe('400 655399');
  });

  test.each([
    ['a long name', { name: 'a-name-that-is-too-long' }, '400 655562'],
    ['a bad name', { name: 'a/b' }, '400 655563'],
    ['neither domain nor workgroup', { ad_domain: undefined }, '400 262212'],
    ['no credentials', { ad_domain: { fqdn: 'corp.example.test' } }, '400 656464'],
    ['a domain that is none', { ad_domain: { fqdn: 'corp', user: 'u', password: 'p' } }, '400 656466'],
    ['an unknown SVM', { svm: { name: 'none' } }, '400 2621462'],
  ])('is refused with %s', async (_what, change, refusal) => {
    expect(await array.refusal('POST', SERVICES, { ...service, ...change })).toBe(refusal);
  });

  test('is made by a job, hides its password, and shows in the SVM', async () => {
    await array.expect(202, 'POST', SERVICES, service);
    const shown = await array.expect(200, 'GET', `${SERVICES}/${svm}?fields=**`);
    expect(shown).toMatchObject({ name: 'FILER', enabled: true, ad_domain: { fqdn: 'corp.example.test' } });
    expect(JSON.stringify(shown)).not.toMatch(/secret-word|joiner/);
    expect(array.simulator.dump()).not.toContain('secret-word');
    expect(await array.expect(200, 'GET', `/svm/svms/${svm}`)).toMatchObject({ cifs: { enabled: true } });
    expect(await array.refusal('POST', SERVICES, service)).toBe('409 655477');
    expect(await array.refusal('POST', SERVICES, { ...service, svm: { name: 'svm_dr' }, name: 'Filer' })).toBe(
      '409 655538',
    );
  });
});

describe('shares', () => {
  test('are made with an entry for everyone', async () => {
    const created = await array.send('POST', SHARES, share({ name: 'docs' }));
    expect(created).toMatchObject({ status: 201, headers: { location: `/api${SHARES}/${svm}/docs` } });
    expect(await array.expect(200, 'GET', `${SHARES}/${svm}/docs`)).toMatchObject({
      name: 'docs',
      path: '/vol1',
      oplocks: true,
      browsable: true,
      change_notify: true,
      volume: { name: 'vol1' },
      acls: [{ user_or_group: 'Everyone', type: 'windows', permission: 'full_control' }],
    });
    expect(await array.list(`${SHARES}?svm.name=svm0&name=docs`)).toMatchObject([
      { name: 'docs', svm: { name: 'svm0' } },
    ]);
  });

  test.each([
    ['a name that is taken', { name: 'DOCS' }, '409 1'],
    ['a long name', { name: 'x'.repeat(81) }, '400 655577'],
    ['a bad name', { name: 'a*b' }, '400 656426'],
    ['an administrator’s name', { name: 'c$' }, '400 656424'],
    ['a relative path', { name: 's', path: 'vol1' }, '400 656423'],
    ['a path that is not there', { name: 's', path: '/vol1/none' }, '400 655551'],
    ['a file', { name: 's', path: '/vol1/readme' }, '400 655625'],
    ['no path', { name: 's', path: undefined }, '400 262212'],
  ])('are refused with %s', async (what, change, refusal) => {
    if (what === 'a file') {
      const volume = textAt((await array.list('/storage/volumes?name=vol1'))[0], 'uuid');
      await array.expect(201, 'POST', `/storage/volumes/${volume}/files/readme`, { type: 'file' });
    }
    expect(await array.refusal('POST', SHARES, share(change))).toBe(refusal);
  });

  test('of qtrees and of the root', async () => {
    await array.expect(202, 'POST', '/storage/qtrees', { name: 'q1', svm: { name: 'svm0' }, volume: { name: 'vol1' } });
    await array.expect(201, 'POST', SHARES, share({ name: 'q1', path: '/vol1/q1' }));
    await array.expect(201, 'POST', SHARES, share({ name: 'all', path: '/' }));
    await array.expect(200, 'PATCH', `${SHARES}/${svm}/all`, { comment: 'everything', browsable: false });
    expect(await array.expect(200, 'GET', `${SHARES}/${svm}/ALL`)).toMatchObject({
      comment: 'everything',
      browsable: false,
    });
    await array.expect(200, 'DELETE', `${SHARES}/${svm}/all`);
    expect(await array.refusal('DELETE', `${SHARES}/${svm}/all`)).toBe('404 4');
    expect(await array.refusal('DELETE', `${SHARES}/${svm}/c$`)).toBe('409 655393');
  });

  test('have entries of their own: what secure SMB does', async () => {
    const acls = `${SHARES}/${svm}/docs/acls`;
    await array.expect(200, 'DELETE', `${acls}/everyone/windows`);
    expect(await array.refusal('DELETE', `${acls}/Everyone/windows`)).toBe('404 4');
    await array.expect(201, 'POST', acls, { user_or_group: 'CORP\\jo', permission: 'change' });
    expect(await array.refusal('POST', acls, { user_or_group: 'corp\\JO', permission: 'read' })).toBe('409 1');
    expect(await array.refusal('POST', acls, { user_or_group: 'OTHER\\jo', permission: 'read' })).toBe('400 655446');
    expect(await array.list(acls)).toMatchObject([{ user_or_group: 'CORP\\jo', type: 'windows', share: 'docs' }]);
    const [anyShare] = await array.list(`${SHARES}/${svm}/*/acls?user_or_group=*jo&fields=**`);
    expect(Object.keys(Object(anyShare))).toEqual(['user_or_group', 'type', 'permission', 'share', 'svm', '_links']);
    const own = `${acls}/${encodeURIComponent('CORP\\jo')}/windows`;
    await array.expect(200, 'PATCH', own, { permission: 'read' });
    expect(await array.expect(200, 'GET', `${SHARES}/${svm}/docs?fields=acls`)).toMatchObject({
      acls: [{ user_or_group: 'CORP\\jo', permission: 'read' }],
    });
    expect(await array.refusal('GET', `${SHARES}/${svm}/none/acls`)).toBe('404 4');
  });

  test('go with the service', async () => {
    await array.expect(202, 'DELETE', `${SERVICES}/${svm}`);
    expect(await array.list(SHARES)).toEqual([]);
    expect(await array.expect(200, 'GET', `/svm/svms/${svm}`)).toMatchObject({ cifs: { enabled: false } });
  });
});
