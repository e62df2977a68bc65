/** What a handler is given of a request, and what never reaches one: media types, sizes, keys, waits, at their bounds. */
import { once } from 'node:events';
import http from 'node:http';
import { expect } from 'chai';
import { z } from 'zod';
import { refusal } from '../../../server/domain/base/refusal.ts';
import { buildApp, type RequestNote } from '../../../server/http/app.ts';
import { type Asked, type Principal, route } from '../../../server/http/route.ts';
import { within } from '../../within.ts';

const KEY = 'f47ac10b-58cc-4372-a567-0e02b2c3d479';
const FILE_BYTES = 1_000;
const JSON_BYTES = 256 * 1024;
const AUDITOR: Principal = { id: 'p1', roles: ['auditor'], institution: 3 };

describe('a request', () => {
  const seen: Asked<unknown, unknown, unknown>[] = [];
  /** Requests that were asked whose object they reach, in order. */
  const ruled: Asked<unknown, unknown, unknown>[] = [];
  let closed = false;
  const notes: RequestNote[] = [];
  let server: http.Server;
  let url: string;

  before(async () => {
    const handle = async (asked: Asked<unknown, unknown, unknown>) => {
      seen.push(asked);
      return { status: 200, body: { amountMinor: 2n ** 63n } } as const;
    };
    const told = {
      roles: ['auditor'],
      scope: 'open',
      tag: 'audit',
      summary: 's',
      answers: { 200: z.unknown() },
      handle,
    } as const;
    const app = buildApp({
      routes: [
        route(
          Object.assign(
            { method: 'post', path: '/json', body: z.strictObject({ a: z.int().max(9) }) } as const,
            told,
          ),
        ),
        route(
          Object.assign(
            {
              method: 'post',
              path: '/files',
              file: ['text/csv', 'application/geo+json'],
              bodyLimitBytes: FILE_BYTES,
            } as const,
            told,
          ),
        ),
        route(Object.assign({ method: 'post', path: '/again', isRepeatable: true } as const, told)),
        route(Object.assign({ method: 'get', path: '/things/{id}', needsCase: true } as const, told)),
        route(Object.assign({ method: 'get', path: '/waits' } as const, told)),
      ],
      scopes: () => (asked) => {
        ruled.push(asked);
        if (closed) throw refusal('act-missing');
      },
      authenticate: async (token) =>
        token === 'good'
          ? AUDITOR
          : token === 'other'
            ? { id: 'p2', roles: ['vendor'], institution: 1 }
            : undefined,
      sessions: { tokenOf: () => undefined },
      note: (note) => notes.push(note),
      clock: () => 'noon',
      unforeseen: () => undefined,
      pages: () => undefined,
    });
    server = http.createServer(app).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const place = server.address();
    url = `http://127.0.0.1:${typeof place === 'object' ? place?.port : ''}`;
  });
  after(() => server.close());
  beforeEach(() => {
    seen.length = 0;
  });

  async function ask(
    method: string,
    place: string,
    headers: Record<string, string> = {},
    body?: string | Uint8Array<ArrayBuffer>,
  ) {
    const all = Object.assign({ Authorization: 'Bearer good', 'Idempotency-Key': KEY }, headers);
    const asked = fetch(
      `${url}${place}`,
      Object.assign({ method, headers: all }, body === undefined ? {} : { body }),
    );
    const answer = await within(10_000, `${method} ${place}`, asked);
    const text = await answer.text();
    return {
      status: answer.status,
      headers: answer.headers,
      text,
      code: JSON.parse(text).code as string | undefined,
    };
  }
  const json = (type: string, body: string | Uint8Array<ArrayBuffer> = '{"a":1}') =>
    ask('POST', '/json', { 'Content-Type': type }, body);
  const file = (type: string, bytes = 10) =>
    ask('POST', '/files', { 'Content-Type': type }, new Uint8Array(bytes));

  it('of JSON is read under its own media type, in any case and with a charset, and under no other', async () => {
    for (const type of [
      'application/json',
      'Application/JSON',
      'application/json; charset=utf-8',
      'application/json ;charset=UTF-8',
    ])
      expect((await json(type)).status, type).to.equal(200);
    expect(seen.map(({ body }) => body)).to.deep.equal(Array(4).fill({ a: 1 }));
    for (const type of [
      'text/plain',
      'application/jsonp',
      'text/json',
      'application/x-www-form-urlencoded',
      'multipart/form-data',
      'application/json, text/plain',
      'application/json; charset=utf-16',
      'application/json; charset=latin1',
      'application/json; charset=utf-8; charset=utf-7',
    ])
      expect(await json(type), type).to.include({ status: 415, code: 'media-type-unsupported' });
    expect(seen).to.have.length(4);
  });

  it('of a file is read under each of the media types of its route, and under no other', async () => {
    for (const type of ['text/csv', 'application/geo+json', 'text/CSV; charset=utf-8'])
      expect((await file(type)).status, type).to.equal(200);
    expect(seen.map((asked) => [asked.file.length, asked.body])).to.deep.equal(
      Array(3).fill([10, undefined]),
    );
    for (const type of ['application/json', 'text/html', 'application/zip', 'text/csvx'])
      expect(await file(type), type).to.include({ status: 415, code: 'media-type-unsupported' });
  });

  it('is as large as its route allows, to the byte', async () => {
    expect((await file('text/csv', FILE_BYTES)).status).to.equal(200);
    expect(await file('text/csv', FILE_BYTES + 1)).to.include({ status: 413, code: 'body-too-large' });
    const padded = (bytes: number) => json('application/json', `{"a":1}${' '.repeat(bytes - 7)}`);
    expect((await padded(JSON_BYTES)).status).to.equal(200);
    expect(await padded(JSON_BYTES + 1)).to.include({ status: 413, code: 'body-too-large' });
  });

  it('that is no UTF-8, or no shape of its route, reaches no handler', async () => {
    expect((await json('application/json', Uint8Array.of(0x7b, 0xff, 0x7d))).code).to.equal('malformed-body');
    for (const body of ['{"a":10}', '{"a":1,"b":2}', '{}', '{"a":"1"}', '[]'])
      expect((await json('application/json', body)).code, body).to.equal('validation-failed');
    expect((await json('application/json', '{"a":9}')).status).to.equal(200);
    expect(seen).to.have.length(1);
  });

  it('that changes something has a key of a client, and one that may be repeated has none', async () => {
    for (const key of ['', 'f47ac10b', KEY.replace('4372', '0372'), `${KEY}0`, KEY.replaceAll('-', '')])
      expect(
        (
          await ask(
            'POST',
            '/json',
            { 'Content-Type': 'application/json', 'Idempotency-Key': key },
            '{"a":1}',
          )
        ).code,
        key,
      ).to.equal('idempotency-key-required');
    for (const key of ['', '', '1', '1'])
      expect((await ask('POST', '/again', { 'Idempotency-Key': key })).status).to.equal(200);
    const claimed = seen.map(({ claim }) => claim.key);
    expect(new Set(claimed), 'nobody shares a claim of a key that is not asked for').to.have.length(4);
    await ask(
      'POST',
      '/json',
      { 'Content-Type': 'application/json', 'Idempotency-Key': KEY.toUpperCase() },
      '{"a":1}',
    );
    const { principal, key, content } = seen.at(-1)?.claim ?? { content: new Uint8Array() };
    expect([principal, key, Buffer.from(content).toString()]).to.deep.equal([
      'p1',
      KEY,
      'POST /json\0{"a":1}',
    ]);
  });

  it('without a token is counted by its address, and of IPv6 by the network that a household has', async () => {
    const left = async (address: string) => {
      const headers = { Authorization: 'Bearer bad', 'X-Forwarded-For': address };
      const told = (await ask('GET', '/waits', headers)).headers.get('RateLimit') ?? '';
      return Number(/r=(\d+)/.exec(told)?.[1]);
    };
    const all = await left('2001:db8:1:100::1');
    expect(await left('2001:db8:1:1ff:8::2'), 'the same network').to.equal(all - 1);
    expect(await left('2001:db8:1:200::1'), 'the next one').to.equal(all);
    expect([await left('192.0.2.1'), await left('192.0.2.2')]).to.deep.equal([all, all]);
    expect([await left('192.0.2.1'), await left('::ffff:192.0.2.1')]).to.deep.equal([all - 1, all - 2]);
  });

  it('waits as long as its client says, and thirty seconds at most', async () => {
    const waits: readonly (readonly [string, number])[] = [
      ['wait=1', 1],
      ['respond-async, wait=29', 29],
      ['wait=30', 30],
      ['wait=31', 30],
      ['wait=999', 30],
      ['wait=1000', 0],
      ['await=5', 0],
      ['wait=5x', 0],
      ['', 0],
    ];
    for (const [prefer, seconds] of waits) {
      expect((await ask('GET', '/waits', { Prefer: prefer })).status).to.equal(200);
      expect(seen.at(-1)?.waitSeconds, prefer).to.equal(seconds);
    }
    expect(seen.map(({ isAsync }) => isAsync)).to.deep.equal([false, true, ...Array(7).fill(false)]);
  });

  it('names its case where its route asks for one, in letters that cannot speak', async () => {
    expect((await ask('GET', '/things/1')).code).to.equal('case-reference-required');
    expect((await ask('GET', '/waits')).status).to.equal(200);
    expect(seen.splice(0)[0]?.caseReference).to.equal(undefined);
    for (const reference of ['a'.repeat(65), '<b>', 'a b', '-a', '.', `act:0x${'11'.repeat(32)}`, 'own:1'])
      expect((await ask('GET', '/things/1', { 'X-Case-Reference': reference })).code, reference).to.equal(
        'reference-malformed',
      );
    expect(seen).to.have.length(0);
    for (const reference of ['a'.repeat(64), '2026/12-b.c_d']) {
      expect((await ask('GET', '/things/1', { 'X-Case-Reference': reference })).status).to.equal(200);
      expect(seen.at(-1)?.caseReference).to.equal(reference);
    }
  });

  it('is somebody’s who may ask it', async () => {
    expect((await ask('GET', '/waits', { Authorization: '' })).status).to.equal(401);
    const strange = await ask('GET', '/waits', { Authorization: 'Bearer bad' });
    expect([strange.status, strange.headers.get('WWW-Authenticate')]).to.deep.equal([401, 'Bearer']);
    expect((await ask('GET', '/waits', { Authorization: 'Bearer other' })).status).to.equal(403);
    expect((await ask('GET', '/nowhere')).code).to.equal('route-missing');
    expect((await ask('DELETE', '/waits')).status).to.equal(405);
    expect(seen).to.have.length(0);
    await ask('GET', '/waits');
    expect(seen.at(-1)?.principal).to.deep.equal(AUDITOR);
  });

  it('is asked once whose object it reaches, when it was read and before its handler', async () => {
    ruled.length = 0;
    await ask('POST', '/json', { 'Content-Type': 'application/json' }, '{"a":1}');
    expect(ruled).to.deep.equal(seen);
    expect(ruled[0]?.body).to.deep.equal({ a: 1 });
    await ask('POST', '/json', { 'Content-Type': 'application/json' }, '{"a":10}');
    expect(ruled).to.have.length(1);
    closed = true;
    expect(await ask('GET', '/waits')).to.include({ status: 404, code: 'act-missing' });
    closed = false;
    expect([ruled.length, seen.length]).to.deep.equal([2, 1]);
  });

  it('is found under one spelling of its path, which a front can tell', async () => {
    expect((await ask('GET', '/waits')).status).to.equal(200);
    for (const place of ['/Waits', '/WAITS', '/waits/', '//waits', '/waits;a=1', '/%77aits', '/./waits%20'])
      expect((await ask('GET', place)).code, place).to.equal('route-missing');
  });

  it('is answered with amounts that no reader rounds, and noted without a word of what was sent', async () => {
    notes.length = 0;
    const { text, headers } = await ask('GET', '/things/secret', { 'X-Case-Reference': 'secret' });
    expect(text).to.equal('{"amountMinor":"9223372036854775808"}');
    expect(headers.get('X-Request-Id')).to.equal(notes[0]?.id);
    expect(notes).to.have.length(1);
    expect(notes[0]).to.include({ route: 'GET /things/{id}', status: 200, principal: 'p1', code: undefined });
    expect(JSON.stringify(notes)).not.to.include('secret');
  });
});
