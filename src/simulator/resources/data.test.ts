import { Agent, request } from 'undici';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { at, openOntapSession, textAt, type OntapSession } from '../../../test/support/ontap-session.ts';

/** Bytes of LUNs and files, written and read as forms. */

const MIB = 1024 ** 2;
const SVM = { svm: { name: 'svm0' } };
let array: OntapSession;
let dispatcher: Agent;
let volume = '';

beforeAll(async () => {
  array = await openOntapSession({ clock: { frozenAt: new Date('2026-01-01T00:00:00Z') } });
  dispatcher = new Agent({ connect: { ca: array.simulator.certificate } });
  const body = { name: 'v', ...SVM, size: 100 * MIB, aggregates: [{ name: 'aggr1_n1' }], guarantee: { type: 'none' } };
  await array.expect(202, 'POST', '/storage/volumes', body);
  volume = textAt((await array.list('/storage/volumes?name=v'))[0], 'uuid');
});
afterEach(() => array.simulator.world.verify());
afterAll(async () => {
  await dispatcher.close();
  await array.close();
});

const newLun = async (name: string): Promise<string> => {
  const body = { name: `/vol/v/${name}`, ...SVM, os_type: 'linux', space: { size: 80 * MIB } };
  const made = await array.expect(201, 'POST', '/storage/luns?return_records=true', body);
  return `/storage/luns/${textAt(made, 'records', 0, 'uuid')}`;
};

/** Sends headers and bytes as they are. Gives back the status, and ONTAP's code or the content of the form. */
const send = async (method: 'GET' | 'POST' | 'PATCH', path: string, headers: Record<string, string>, body?: Buffer) => {
  const { name, password } = array.simulator.user('admin');
  const authorization = `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;
  const answer = await request(`${array.simulator.url}/api${path}`, {
    dispatcher,
    method,
    headers: { authorization, ...headers },
    ...(body === undefined ? {} : { body }),
  });
  const content = Buffer.from(await answer.body.arrayBuffer());
  const type = String(answer.headers['content-type']);
  return { status: answer.statusCode, type, content, location: answer.headers['location'] };
};

const codeOf = ({ content }: { readonly content: Buffer }): unknown => {
  const parsed: unknown = JSON.parse(content.toString());
  return at(parsed, 'error', 'code');
};

const write = (method: 'POST' | 'PATCH', path: string, bytes: Buffer) => {
  const head = '--edge\r\nContent-Disposition: form-data; name="data"; filename="f"\r\nContent-Type: x/y\r\n\r\n';
  const body = Buffer.concat([Buffer.from(head), bytes, Buffer.from('\r\n--edge--\r\n')]);
  return send(method, path, { 'content-type': 'multipart/form-data; boundary=edge' }, body);
};
const read = async (path: string): Promise<Buffer> => {
  const { status, type, content } = await send('GET', path, { accept: 'multipart/form-data' });
  if (status !== 200) throw new Error(`${status}: ${content.toString()}`);
  const form = await new Response(Uint8Array.from(content), { headers: { 'content-type': type } }).formData();
  const entry = form.get('data');
  // An entry without a file name is a text for the standard's reader; the bytes are between the headers and the edge.
  expect(entry).not.toBeNull();
  const boundary = /boundary=(.+)$/.exec(type)?.[1] ?? '';
  return content.subarray(content.indexOf('\r\n\r\n') + 4, content.length - boundary.length - 8);
};

const everyByte = Buffer.from(Array.from({ length: 256 }, (_, index) => index));

test('what is written in a LUN is read there, and takes space', async () => {
  const path = await newLun('a');
  expect(await write('PATCH', `${path}?data.offset=1024`, everyByte)).toMatchObject({ status: 200 });
  expect(await read(`${path}?data.offset=1024&data.size=256`)).toEqual(everyByte);
  await write('PATCH', `${path}?data.offset=1280`, Buffer.from('next'));
  await write('PATCH', `${path}?data.offset=1030`, Buffer.from('over'));
  const whole = await read(`${path}?data.offset=1020&data.size=268`);
  expect(whole.subarray(0, 4)).toEqual(Buffer.alloc(4));
  expect(whole.subarray(10, 14).toString()).toBe('over');
  expect(whole.subarray(260, 264).toString()).toBe('next');
  expect(at(await array.expect(200, 'GET', `${path}?fields=space.used`), 'space', 'used')).toBe(260);
});

test('snapshots and clones have the bytes of their moment', async () => {
  const path = await newLun('b');
  await write('PATCH', `${path}?data.offset=0`, Buffer.from('before'));
  await array.expect(202, 'POST', `/storage/volumes/${volume}/snapshots`, { name: 's' });
  const body = { name: '/vol/v/c', ...SVM, clone: { source: { name: '/vol/v/b' } } };
  const clone = textAt(
    await array.expect(201, 'POST', '/storage/luns?return_records=true', body),
    'records',
    0,
    'uuid',
  );
  await write('PATCH', `${path}?data.offset=0`, Buffer.from('after.'));
  expect((await read(`/storage/luns/${clone}?data.offset=0&data.size=6`)).toString()).toBe('before');
  expect((await read(`${path}?data.offset=0&data.size=6`)).toString()).toBe('after.');
  const saved = array.simulator.dump();
  await array.expect(202, 'PATCH', `/storage/volumes/${volume}?restore_to.snapshot.name=s`);
  expect((await read(`${path}?data.offset=0&data.size=6`)).toString()).toBe('before');
  array.simulator.restore(saved);
  expect((await read(`${path}?data.offset=0&data.size=6`)).toString()).toBe('after.');
});

test('requests for data that are not right are refused', async () => {
  const path = await newLun('d');
  const wants = async (query: string) => {
    const answer = await send('GET', `${path}${query}`, { accept: 'multipart/form-data' });
    return `${answer.status} ${codeOf(answer)}`;
  };
  expect(await wants('?data.size=1')).toBe('400 262212');
  expect(await wants('?data.offset=0')).toBe('400 262212');
  expect(await wants('?data.offset=0&data.size=1&fields=name')).toBe('400 262179');
  expect(await wants('?data.offset=0&data.size=1&name=x')).toBe('400 262179');
  expect(await wants(`?data.offset=${80 * MIB}&data.size=1`)).toBe('400 262197');
  expect(await wants(`?data.offset=0&data.size=${MIB + 1}`)).toBe('400 262197');
  const beyond = await write('PATCH', `${path}?data.offset=${80 * MIB - 1}`, Buffer.from('xx'));
  expect([beyond.status, codeOf(beyond)]).toEqual([400, '262197']);
  const much = await write('PATCH', `${path}?data.offset=0`, Buffer.alloc(MIB + 1));
  expect([much.status, codeOf(much)]).toEqual([400, '262197']);
  const two = Buffer.from('--e\r\n\r\n1\r\n--e\r\n\r\n2\r\n--e--\r\n');
  const form = { 'content-type': 'multipart/form-data; boundary=e' };
  expect(codeOf(await send('PATCH', `${path}?data.offset=0`, form, two))).toBe('262199');
  expect((await write('PATCH', `/storage/volumes/${volume}?x=1`, Buffer.from('x'))).status).toBe(501);
  expect((await write('POST', '/storage/luns', Buffer.from('x'))).status).toBe(501);
  expect((await write('POST', '/private/cli/volume/recovery-queue/purge', Buffer.from('x'))).status).toBe(501);
  const missing = await write('PATCH', '/storage/luns/none?data.offset=0', Buffer.from('x'));
  expect([missing.status, codeOf(missing)]).toEqual([404, '4']);
});

test('the name of the type may be written in any case', async () => {
  const path = await newLun('e');
  const form = { 'content-type': 'Multipart/Form-Data; Boundary=e' };
  const answer = await send('PATCH', `${path}?data.offset=0`, form, Buffer.from('--e\r\n\r\n1\r\n--e--\r\n'));
  expect(answer.status).toBe(200);
  expect((await read(`${path}?data.offset=0&data.size=1`)).toString()).toBe('1');
});

test('a file is made, written, added to and read', async () => {
  const path = `/storage/volumes/${volume}/files/notes%2Etxt`;
  const made = await write('POST', path, Buffer.from('first'));
  expect(made).toMatchObject({ status: 201, location: `/api/storage/volumes/${volume}/files/notes.txt` });
  await write('PATCH', `${path}?byte_offset=-1`, Buffer.from(' and last'));
  await write('PATCH', `${path}?byte_offset=0`, Buffer.from('F'));
  expect((await read(`${path}?length=100`)).toString()).toBe('First and last');
  expect((await read(`${path}?byte_offset=6&length=3`)).toString()).toBe('and');
  expect(await array.expect(200, 'GET', `${path}?fields=size`)).toMatchObject({ records: [{ size: 14 }] });
  expect(codeOf(await write('POST', path, Buffer.from('x')))).toBe('1');
  await array.expect(201, 'POST', `/storage/volumes/${volume}/files/folder`, { type: 'directory' });
  const folder = await write('PATCH', `/storage/volumes/${volume}/files/folder?byte_offset=0`, Buffer.from('x'));
  expect([folder.status, codeOf(folder)]).toEqual([400, '262185']);
});

test('no more is kept than a little, which may be written over', async () => {
  const path = await newLun('f');
  let last = 200;
  for (let part = 0; part < 17 && last === 200; part++)
    last = (await write('PATCH', `${path}?data.offset=${part * MIB}`, Buffer.alloc(MIB, 1))).status;
  expect(last).toBe(501);
  expect((await write('PATCH', `${path}?data.offset=0`, Buffer.alloc(MIB, 2))).status).toBe(200);
});
