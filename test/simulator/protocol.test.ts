import { inspect } from 'node:util';
import { Agent, request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSimulator } from '../../src/simulator/simulator.ts';
import type { Simulator } from '../../src/simulator/contract.ts';
import { at, textAt } from '../support/ontap-session.ts';

/** The wire: authentication, envelopes, headers, methods and errors, over real sockets. */

interface Options {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE' | 'HEAD' | 'OPTIONS';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly user?: string;
  readonly password?: string;
  readonly dispatcher?: Agent;
}

let array: Simulator;
let agent: Agent;

const send = async (path: string, options: Options = {}) => {
  const user = array.user(options.user ?? 'admin');
  const answer = await request(`${array.url}${path}`, {
    dispatcher: options.dispatcher ?? agent,
    method: options.method ?? 'GET',
    headers: {
      ...(options.dispatcher
        ? {}
        : {
            authorization: `Basic ${Buffer.from(`${user.name}:${options.password ?? user.password}`).toString('base64')}`,
          }),
      accept: '*/*',
      ...options.headers,
    },
    ...(options.body === undefined ? {} : { body: options.body }),
  });
  const bytes = Buffer.from(await answer.body.arrayBuffer());
  const text = bytes.toString('utf8');
  return { status: answer.statusCode, headers: answer.headers, bytes, text, json: (): unknown => JSON.parse(text) };
};

const error = async (path: string, options: Options = {}) => {
  const answer = await send(path, options);
  return [answer.status, at(answer.json(), 'error', 'code'), at(answer.json(), 'error', 'target')];
};

beforeAll(async () => {
  array = await startSimulator({});
  agent = new Agent({ connect: { ca: array.certificate } });
});
afterAll(async () => {
  await agent.close();
  await array.stop();
});

describe('who may ask', () => {
  it('turns away requests without or with wrong credentials', async () => {
    const wrong = await send('/api/cluster', { password: 'not it' });
    expect([wrong.status, wrong.headers['www-authenticate'], wrong.json()]).toEqual([
      401,
      'Basic realm="Administrative Access"',
      { error: { message: 'User is not authorized.', code: '6691623' } },
    ]);
    const bare = new Agent({ connect: { ca: array.certificate } });
    expect((await send('/api/cluster', { dispatcher: bare })).status).toBe(401);
    await bare.close();
  });

  it('takes a client certificate that it signed, and no other', async () => {
    const { certificate, privateKey } = array.issueClientCertificate('admin');
    const known = new Agent({ connect: { ca: array.certificate, cert: certificate, key: privateKey } });
    expect((await send('/api/cluster/nodes', { dispatcher: known })).status).toBe(200);
    const stranger = await startSimulator({});
    const foreign = stranger.issueClientCertificate('admin');
    const unknown = new Agent({
      connect: { ca: array.certificate, cert: foreign.certificate, key: foreign.privateKey },
    });
    expect((await send('/api/cluster/nodes', { dispatcher: unknown })).status).toBe(401);
    await Promise.all([known.close(), unknown.close(), stranger.stop()]);
  });

  it('shows a user of an SVM that SVM alone', async () => {
    const svms = await send('/api/svm/svms', { user: 'vsadmin' });
    expect(at(svms.json(), 'num_records')).toBe(1);
    expect(at(svms.json(), 'records', 0, 'name')).toBe('svm0');
    expect((await send('/api/cluster?fields=version', { user: 'vsadmin' })).status).toBe(200);
    expect(await error('/api/cluster/nodes', { user: 'vsadmin' })).toEqual([403, '6', undefined]);
    expect(await error('/api/storage/aggregates', { user: 'vsadmin' })).toEqual([403, '6', undefined]);
    const created = await send('/api/protocols/nfs/export-policies?return_records=true', {
      user: 'vsadmin',
      method: 'POST',
      body: '{"name":"own"}',
    });
    expect([created.status, at(created.json(), 'records', 0, 'svm', 'name')]).toEqual([201, 'svm0']);
    expect(
      await error('/api/protocols/nfs/export-policies', {
        user: 'vsadmin',
        method: 'POST',
        body: '{"name":"other","svm.name":"svm_dr"}',
      }),
    ).toEqual([400, '2621706', 'svm']);
  });

  it('scopes a request that tunnels to an SVM', async () => {
    const policies = await send('/api/protocols/nfs/export-policies?fields=svm', {
      headers: { 'X-Dot-SVM-Name': 'svm_dr' },
    });
    expect(at(policies.json(), 'records', 0, 'svm', 'name')).toBe('svm_dr');
    expect(at(policies.json(), 'num_records')).toBe(1);
  });
});

describe('what comes back', () => {
  it('wraps collections and not instances', async () => {
    const collection = await send('/api/svm/svms/?name=svm0');
    const uuid = textAt(collection.json(), 'records', 0, 'uuid');
    expect(collection.json()).toEqual({
      records: [{ uuid, name: 'svm0', _links: { self: { href: `/api/svm/svms/${uuid}` } } }],
      num_records: 1,
      _links: { self: { href: '/api/svm/svms/?name=svm0' } },
    });
    const instance = await send(`/api/svm/svms/${uuid}?fields=state`);
    expect(instance.json()).toEqual({
      uuid,
      name: 'svm0',
      state: 'running',
      _links: { self: { href: `/api/svm/svms/${uuid}?fields=state` } },
    });
  });

  it('answers an empty collection with records and nothing more', async () => {
    expect((await send('/api/svm/svms?name=nobody')).json()).toEqual({
      records: [],
      num_records: 0,
      _links: { self: { href: '/api/svm/svms?name=nobody' } },
    });
    const counted = await send('/api/svm/svms?return_records=false');
    expect(counted.json()).toEqual({
      num_records: 2,
      _links: { self: { href: '/api/svm/svms?return_records=false' } },
    });
  });

  it('leaves links out when only application/json is accepted, except next', async () => {
    const plain = await send('/api/svm/svms?max_records=1&fields=aggregates', {
      headers: { accept: 'application/json' },
    });
    expect(plain.headers['content-type']).toBe('application/json');
    expect(at(plain.json(), 'records', 0, '_links')).toBeUndefined();
    expect(at(plain.json(), 'records', 0, 'aggregates', 0, '_links')).toBeUndefined();
    expect(Object.keys(Object(at(plain.json(), '_links')))).toEqual(['next']);
    expect(plain.headers['link']).toContain('rel="next"');
    const both = await send('/api/svm/svms', { headers: { accept: 'application/json, application/hal+json' } });
    expect(both.headers['content-type']).toBe('application/hal+json');
    expect(at(both.json(), 'records', 0, '_links', 'self', 'href')).toBeTypeOf('string');
  });

  it('compresses when asked', async () => {
    const packed = await send('/api/network/ip/interfaces?fields=*', { headers: { 'accept-encoding': 'gzip' } });
    expect(packed.headers['content-encoding']).toBe('gzip');
    expect(packed.bytes.subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]));
  });

  it.each(['gzip;q=0', 'identity', 'gzip;q=0.000, deflate'])(
    'sends text as it is to who takes %s',
    async (encoding) => {
      const plain = await send('/api/network/ip/interfaces?fields=*', { headers: { 'accept-encoding': encoding } });
      expect(plain.headers['content-encoding']).toBeUndefined();
    },
  );

  it('takes the name of a media type in any case', async () => {
    expect((await send('/api/cluster', { headers: { accept: 'Application/JSON' } })).text).not.toContain('_links');
  });

  it('writes for people when it is asked to', async () => {
    const path = '/api/svm/svms?fields=name';
    const [plain, pretty] = [await send(path), await send(`${path}&pretty=true`)];
    expect(pretty.text.split('\n').length).toBeGreaterThan(10);
    expect(at(pretty.json(), 'records')).toEqual(at(plain.json(), 'records'));
    expect((await send('/api/svm/svms?fields=colour&pretty=true')).text).toMatch(/^\{\n {2}"error"/);
    expect((await send(`${path}&pretty=false`)).text.trim()).not.toContain('\n');
  });

  it('resolves dots in a path, and not those that are encoded', async () => {
    const root = await send('/api/storage/volumes?name=svm0_root');
    const path = `/api/storage/volumes/${textAt(root.json(), 'records', 0, 'uuid')}`;
    // A client of HTTP would resolve them itself.
    const raw = (target: string) => array.call('GET', target);
    expect(at((await raw(`${path}/files/..`)).body, 'name')).toBe('svm0_root');
    expect(at((await raw(`${path}/./snapshots/../../${path.split('/').at(-1)}`)).body, 'name')).toBe('svm0_root');
    expect(at((await raw(`${path}/files/%2E%2E`)).body, 'name')).toBeUndefined();
    expect((await raw('/api/../_sim/dump')).status).toBe(404);
  });

  it('takes one slash too many after the root, as some modules of Ansible send it', async () => {
    const answer = await array.call('GET', '/api//storage/volumes?name=svm0_root');
    expect(at(answer.body, '_links', 'self', 'href')).toBe('/api/storage/volumes?name=svm0_root');
  });

  it('carries the headers of a cluster', async () => {
    const { headers } = await send('/api/cluster');
    expect(headers).toMatchObject({
      server: 'libzapid-httpd',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-cache,no-store,must-revalidate',
    });
  });

  it('answers HEAD without a body and OPTIONS with the methods', async () => {
    const head = await send('/api/storage/volumes', { method: 'HEAD' });
    expect([head.status, head.text]).toEqual([200, '']);
    const { headers } = await send('/api/storage/volumes');
    expect(head.headers['content-length']).toBe(headers['content-length']);
    const options = await send('/api/storage/volumes', { method: 'OPTIONS' });
    expect([options.status, options.headers['allow'], options.json()]).toEqual([
      200,
      'GET, HEAD, OPTIONS, POST, PATCH, DELETE',
      {},
    ]);
  });

  it('answers an operation without content with an object and a newline', async () => {
    const made = await send('/api/protocols/nfs/export-policies', {
      method: 'POST',
      body: '{"name":"short","svm.name":"svm0"}',
    });
    expect([made.status, made.text]).toEqual([201, '{}\n']);
    const location = String(made.headers['location']);
    expect(location).toMatch(/^\/api\/protocols\/nfs\/export-policies\/\d+$/);
    expect((await send(location, { method: 'DELETE', body: '{}' })).text).toBe('{}\n');
    expect(await error(location)).toEqual([404, '4', 'id']);
  });

  it('writes integers beyond 32 bits as they are', async () => {
    expect((await send('/api/protocols/nfs/export-policies?name=default&svm.name=svm0')).text).toContain(
      '"id":8589934593',
    );
  });
});

describe('what is refused', () => {
  it.each<[string, Options, readonly unknown[]]>([
    ['/api/nothing/here', {}, [404, '3', undefined]],
    ['/other', {}, [404, '3', undefined]],
    ['/api/storage/volumes//snapshots', {}, [404, '3', undefined]],
    ['/api/storage/volumes/%ZZ', {}, [400, '39387137', undefined]],
    ['/api/storage/volumes/%FF/snapshots', {}, [400, '39387137', undefined]],
    ['/api/storage/volumes?name=%ZZ', {}, [400, '39387137', undefined]],
    ['/api/storage/volumes?pretty=maybe', {}, [400, '262197', 'pretty']],
    ['/api/storage/volumes/no-such', {}, [404, '4', 'uuid']],
    ['/api/storage/volumes/no-such/snapshots', {}, [404, '918235', 'volume.uuid']],
    ['/api/cluster', { method: 'POST', body: '{}' }, [405, '3', undefined]],
    ['/api/cluster/sensors', {}, [501, '3', undefined]],
    ['/api/storage/volumes/no-such/metrics', {}, [501, '3', undefined]],
    ['/api/storage/volumes/no-such/nothing', {}, [404, '3', undefined]],
    ['/api/protocols/nfs/tls/interfaces', {}, [501, '3', undefined]],
    ['/api/snapmirror/relationships?fields=soruce', {}, [400, '262197', 'fields']],
    ['/api/storage/volumes?colour=red', {}, [400, '262179', 'colour']],
    ['/api/storage/volumes?name=', {}, [400, '262194', 'name']],
    ['/api/storage/volumes?name=a&name=b', {}, [400, '262188', 'name']],
    ['/api/storage/volumes?size=large', {}, [400, '262197', 'size']],
    ['/api/storage/volumes?order_by=nas', {}, [400, '262268', 'order_by']],
    ['/api/storage/volumes?fields=a{b', {}, [400, '262286', 'fields']],
    ['/api/storage/volumes?return_timeout=121', {}, [400, '262197', 'return_timeout']],
    ['/api/storage/volumes?max_records=0', {}, [400, '262197', 'max_records']],
    ['/api/storage/volumes?query=a', {}, [400, '262273', undefined]],
    ['/api/private/cli/volume/recovery-queue?fields=*', {}, [400, '262220', 'fields']],
    ['/api/storage/volumes', { method: 'POST', body: '{"name":' }, [400, '262199', undefined]],
    ['/api/storage/volumes', { method: 'POST', body: '[]' }, [400, '262199', undefined]],
    [
      '/api/storage/volumes',
      { method: 'POST', body: Buffer.from('{"name":"\xff"}', 'latin1') },
      [400, '262201', undefined],
    ],
    ['/api/storage/volumes', { method: 'POST', body: '{"name":"v","colour":"red"}' }, [400, '262179', 'colour']],
    [
      '/api/storage/volumes',
      { method: 'POST', body: '{"name":"v","nas":{"colour":"red"}}' },
      [400, '262179', 'nas.colour'],
    ],
    ['/api/storage/volumes', { method: 'POST', body: '{"name":"v","msid":5}' }, [400, '262196', 'msid']],
    [
      '/api/storage/volumes',
      { method: 'POST', body: '{"name":"v","aggregates":{"name":"x"}}' },
      [400, '262254', 'aggregates'],
    ],
    ['/api/storage/volumes', { method: 'POST', body: '{"name":["v"]}' }, [400, '262255', 'name']],
    [
      '/api/storage/volumes',
      { method: 'POST', body: '{"svm.name":"svm0","svm":{"name":"svm0"},"name":"v"}' },
      [400, '262282', 'svm'],
    ],
    ['/api/storage/volumes', { method: 'POST', body: '{"svm.name":"svm0"}' }, [400, '262212', 'name']],
    [
      '/api/storage/volumes?name=v',
      { method: 'POST', body: '{"svm.name":"svm0","name":"v"}' },
      [400, '262211', 'name'],
    ],
    ['/api/storage/volumes', { method: 'DELETE' }, [400, '262247', undefined]],
    ['/api/storage/volumes?name=x', { method: 'DELETE', body: '{"name":"x"}' }, [400, '262198', undefined]],
  ])('%s %o', async (path, options, expected) => {
    expect(await error(path, options)).toEqual(expected);
  });

  it('says how many records a command has done that is refused', async () => {
    expect((await send('/api/private/cli/volume?fields=colour')).json()).toMatchObject({
      num_records: 0,
      error: { code: '262197' },
    });
    expect((await send('/api/storage/volumes?fields=colour')).json()).not.toHaveProperty('num_records');
  });

  it.each([
    ['objects', '{"a":'.repeat(9000) + '1' + '}'.repeat(9000)],
    ['lists', `{"a":${'['.repeat(18_000)}${']'.repeat(18_000)}}`],
    ['dotted names', `{"a${'.a'.repeat(9000)}":1}`],
    ['dotted names in records', `{"records":[{"a${'.a'.repeat(9000)}":1}]}`],
  ])('refuses a body of %s that lie too deep', async (_, body) => {
    expect(await error('/api/storage/volumes', { method: 'POST', body })).toEqual([400, '262201', undefined]);
  });

  it.each([
    '{"svm":12}',
    '{"space":12}',
    '{"name":[12]}',
    '{"size":{"of":12}}',
    '{"svm":[12]}',
    '{"aggregates":[[12]]}',
    '{"records":[12]}',
  ])('refuses an integer beyond 2^53 where it refuses a small one: %s', async (body) => {
    const path = '/api/storage/volumes';
    const refused = await error(path, { method: 'POST', body });
    expect(refused[0]).toBe(400);
    expect(await error(path, { method: 'POST', body: body.replace('12', '12345678901234567890') })).toEqual(refused);
  });

  it('refuses a PATCH without values and one of the SVM', async () => {
    const root = await send('/api/storage/volumes?name=svm0_root');
    const path = `/api/storage/volumes/${textAt(root.json(), 'records', 0, 'uuid')}`;
    expect(await error(path, { method: 'PATCH', body: '{}' })).toEqual([400, '262190', undefined]);
    expect(await error(path, { method: 'PATCH', body: '{"svm.name":"svm_dr"}' })).toEqual([400, '262203', 'svm']);
  });
});

describe('the request log', () => {
  it('counts, filters, and hides secrets', async () => {
    array.requests.reset();
    await send('/api/cluster?fields=version', { headers: { 'X-Dot-Client-App': 'test/1' } });
    await send('/api/svm/svms', { method: 'POST', body: '{"name":"s","password":"hush"}' });
    await send('/api/svm/svms', { method: 'POST', body: '{"name":"s","\\u0070assword":"hush"}' });
    await send('/api/svm/svms', { method: 'POST', body: '{"nom":"s","uuid":12345678901234567890}' });
    expect(array.requests.count()).toBe(4);
    expect(array.requests.count({ path: '/svm/*' })).toBe(3);
    expect(array.requests.list({ method: 'GET' })).toMatchObject([
      {
        user: 'admin',
        path: '/api/cluster',
        query: 'fields=version',
        status: 200,
        headers: { 'x-dot-client-app': 'test/1' },
      },
    ]);
    expect(array.requests.list({ method: 'POST' }).map(({ body }) => body)).toEqual([
      { name: 's', password: '<hidden>' },
      { name: 's', password: '<hidden>' },
      { nom: 's', uuid: 12345678901234567890n },
    ]);
    expect(inspect(array.requests.list(), { depth: null })).not.toContain(array.user('admin').password);
  });

  it('counts connections: one that is kept is one', async () => {
    array.connections.reset();
    const own = new Agent({ connect: { ca: array.certificate }, connections: 1 });
    const authorization = `Basic ${Buffer.from(`admin:${array.user('admin').password}`).toString('base64')}`;
    for (let index = 0; index < 5; index++) await send('/api/cluster', { dispatcher: own, headers: { authorization } });
    expect(array.connections.handshakes).toBe(1);
    await own.close();
  });
});
