import { afterAll, beforeAll, expect, test } from 'vitest';
import { openOntapSession, type OntapSession } from '../../../test/support/ontap-session.ts';

/** What hosts are doing: nothing. */

let array: OntapSession;
beforeAll(async () => {
  array = await openOntapSession({});
});
afterAll(() => array.close());

test.each([
  ['/protocols/nfs/connected-clients', 'volume.name'],
  ['/protocols/locks', 'byte_lock.length'],
  ['/protocols/cifs/sessions', 'volumes.name'],
  ['/protocols/cifs/session/files', 'share.name'],
  ['/protocols/cifs/connections', 'client_port'],
  ['/protocols/san/iscsi/sessions', 'initiator.name'],
  ['/network/fc/logins', 'interface.name'],
])('%s is empty, and has its fields', async (path, field) => {
  expect(await array.list(`${path}?svm.name=svm0&fields=${field},*`)).toEqual([]);
  expect(await array.refusal('GET', `${path}?fields=nothing`)).toBe('400 262197');
  expect(await array.refusal('POST', path, {})).toBe('405 3');
});
