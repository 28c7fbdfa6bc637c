import { describe, expect, test } from 'vitest';
import { Bench, problemOf, signal } from './driver-bench.ts';
import { requestFor } from './san-bench.ts';
import { iscsi } from './san-drivers.ts';

/** CHAP is set up on the SVM and told to nobody who does not need it. */

describe('CHAP', () => {
  const secrets = {
    useCHAP: true,
    chapUsername: 'nodes',
    chapInitiatorSecret: 'planted-Password-4711-in',
    chapTargetUsername: 'target',
    chapTargetInitiatorSecret: 'planted-Password-4711-out',
  };
  const credential = async (bench: Bench) =>
    (await bench.list('/protocols/san/iscsi/credentials?initiator=default&svm.name=svm0&fields=**'))[0];
  const set = async (bench: Bench, body: Readonly<Record<string, unknown>>) => {
    const [svm] = await bench.list('/svm/svms?name=svm0');
    const path = `/protocols/san/iscsi/credentials/${String(svm?.['uuid'])}/default`;
    expect((await bench.array.call('PATCH', path, body)).status).toBe(200);
  };
  const discover = (bench: Bench, more = {}) =>
    bench.kind.discover({ ...bench.config, ...more }, bench.environment, signal());
  const foreign = {
    authentication_type: 'chap',
    chap: { inbound: { user: 'somebody', password: 'secret-of-them' } },
  };

  test('is set up, and told without its secrets', async () => {
    await using bench = await Bench.open(iscsi, { config: secrets });
    expect(await credential(bench)).toMatchObject({
      authentication_type: 'chap',
      chap: { inbound: { user: 'nodes' }, outbound: { user: 'target' } },
    });
    const { accessInformation } = await bench.driver.publish(requestFor(await bench.create()), signal());
    expect(accessInformation).toMatchObject({ useCHAP: true, iscsiInterface: 'default' });
    expect(JSON.stringify(accessInformation)).not.toContain('planted');
    expect(JSON.stringify(bench.discovery)).not.toContain('planted');
    // Again, now that there are LUNs: the users are ours.
    await discover(bench);
    expect(bench.driver.chap?.()).toEqual({
      iscsiUsername: 'nodes',
      iscsiInitiatorSecret: secrets.chapInitiatorSecret,
      iscsiTargetUsername: 'target',
      iscsiTargetSecret: secrets.chapTargetInitiatorSecret,
    });
  });

  test('costs a call more to open, and another when it is switched on', async () => {
    await using bench = await Bench.open(iscsi, { config: secrets });
    expect(bench.array.requests.count()).toBe(8);
    expect(bench.array.requests.count({ method: 'PATCH' })).toBe(1);
    expect(await bench.count(() => discover(bench))).toBe(7);
  });

  test('foreign users are not overwritten', async () => {
    await using bench = await Bench.open(iscsi);
    await set(bench, foreign);
    const problem = await problemOf(discover(bench, secrets));
    expect(problem).toMatchObject({ code: 'svm.chap', message: expect.stringContaining('somebody') });
    expect(await credential(bench)).toMatchObject({ chap: { inbound: { user: 'somebody' } } });
  });

  test('is not switched on under hosts that use LUNs', async () => {
    await using bench = await Bench.open(iscsi);
    await bench.create();
    const problem = await problemOf(discover(bench, secrets));
    expect(problem).toMatchObject({ code: 'svm.chap', message: expect.stringContaining('/vol/trident_pvc_1/lun0') });
    expect(await credential(bench)).toMatchObject({ authentication_type: 'none' });
  });

  test.each([
    ['chap', foreign],
    ['deny', { authentication_type: 'deny' }],
  ])('an SVM that asks for %s is no use without secrets', async (type, body) => {
    await using bench = await Bench.open(iscsi);
    await set(bench, body);
    expect(await problemOf(discover(bench))).toMatchObject({
      code: 'svm.chap',
      message: expect.stringContaining(`authentication type ${type}`),
    });
  });

  test.each([
    [{ chapUsername: '' }, 'chapUsername: is required with useCHAP'],
    [{ chapTargetInitiatorSecret: secrets.chapInitiatorSecret }, 'must differ from chapInitiatorSecret'],
    [{ sanType: 'fcp' }, 'CHAP is not supported with sanType fcp'],
  ])('%o is refused', async (more, message) => {
    await using bench = await Bench.open(iscsi);
    const problem = await problemOf((async () => bench.kind.check({ ...bench.config, ...secrets, ...more }, 'csi'))());
    expect(problem).toMatchObject({ code: 'config.invalid', message: expect.stringContaining(message) });
  });
});
