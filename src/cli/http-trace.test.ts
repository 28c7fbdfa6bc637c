import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { showBody } from './http-trace.ts';

const planted = 'planted-1f9c';

describe('showBody', () => {
  it.each([
    { password: planted },
    { storage: [{ defaults: { chapInitiatorSecret: planted } }] },
    { clientPrivateKey: planted, chapUsername: planted, chapTargetUsername: planted },
    { credentials: { name: planted, type: 'secret' } },
    { Endpoint: `https://admin:${planted}@192.0.2.1/json-rpc/7.0` },
    { chap: { iscsiInitiatorSecret: planted, iscsiUsername: planted, iscsiTargetUsername: planted } },
  ])('hides secrets in %j', (body) => expect(showBody(JSON.stringify(body))).not.toContain(planted));

  it('shows the rest', () =>
    expect(showBody('{"storageDriverName":"ontap-nas","password":"x","svm":"svm0"}')).toBe(
      '{"storageDriverName":"ontap-nas","password":"<REDACTED>","svm":"svm0"}',
    ));

  it('shows nothing that it cannot search', () =>
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(showBody(`{"password": ${text}${planted}`)).not.toContain(planted);
      }),
    ));
});
