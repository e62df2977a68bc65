/** What arrives at the gateway's port and is no request that a route could answer. */
import { once } from 'node:events';
import net from 'node:net';
import { expect } from 'chai';
import { type App, startApp } from '../../gateway/app.ts';
import { seeded } from '../../seeded.ts';
import { within } from '../../within.ts';

const SEED = 20_261_130;
const GENERATED = 400;
const ANSWER_MS = 30_000;
const CUTS = 25;
/** Without anything under way a stop takes a second or two. */
const STOP_MS = 15_000;

interface Answered {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

describe('what is no request of the API', function () {
  this.timeout(240_000);
  let app: App;
  let port: number;
  let token: string;
  before(async () => {
    app = await startApp();
    port = Number(new URL(app.url).port);
    token = await app.token('auditor', 0);
  });
  after(() => app?.remove());

  /** The first answer to these bytes, or undefined when the connection ended without one. */
  function send(bytes: string): Promise<Answered | undefined> {
    const { promise, resolve } = Promise.withResolvers<Answered | undefined>();
    const socket = net.connect(port, '127.0.0.1', () => socket.write(bytes, 'latin1'));
    let text = '';
    const answered = () => {
      const [head = '', ...rest] = text.split('\r\n\r\n');
      const [, status] = /^HTTP\/1\.1 (\d{3})/.exec(head) ?? [];
      const [, length] = /content-length: (\d+)/i.exec(head) ?? [];
      // What is behind it answers something else.
      const body = rest.join('\r\n\r\n').slice(0, length === undefined ? undefined : Number(length));
      return status === undefined ? undefined : { status: Number(status), head, body };
    };
    const look = () => {
      const answer = answered();
      const [, length] = /content-length: (\d+)/i.exec(answer?.head ?? '') ?? [];
      if (answer === undefined || answer.body.length < Number(length ?? Infinity)) return;
      resolve(answer);
      socket.destroy();
    };
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      look();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(answered()));
    return within(ANSWER_MS, JSON.stringify(bytes.slice(0, 80)), promise);
  }
  const request = (line: string, headers: readonly string[] = [], body = '') =>
    send([line, `Host: 127.0.0.1:${port}`, ...headers, '', body].join('\r\n'));
  const codeIn = (answer: Answered | undefined) => {
    expect(answer?.head).to.match(/content-type: application\/problem\+json/i);
    return (JSON.parse(answer?.body ?? '{}') as { code?: string }).code;
  };
  const long = 'x'.repeat(20_000);

  it('is answered by a problem document, whatever is wrong with its frame', async () => {
    const json = ['Content-Type: application/json', `Authorization: Bearer ${token}`];
    for (const [name, answer, status, code] of [
      ['no such method', request('BREW /ledger HTTP/1.1'), 400, 'request-malformed'],
      ['a method of nobody', request('PROPFIND /ledger HTTP/1.1'), 405, 'method-not-allowed'],
      ['a method of a tunnel', request('CONNECT elsewhere:443 HTTP/1.1'), 405, 'method-not-allowed'],
      ['no line at all', send('\x16\x03\x01\x02\x00\x01\r\n\r\n'), 400, 'request-malformed'],
      ['another protocol', request('GET /ledger HTTP/9.9'), 400, 'request-malformed'],
      ['a header without a name', request('GET /ledger HTTP/1.1', [': x']), 400, 'request-malformed'],
      ['a folded header', request('GET /ledger HTTP/1.1', ['A: b', ' c: d']), 400, 'request-malformed'],
      ['a long header', request('GET /ledger HTTP/1.1', [`A: ${long}`]), 431, 'headers-too-large'],
      ['a long line', request(`GET /${long} HTTP/1.1`), 431, 'headers-too-large'],
      ['an expectation', request('GET /ledger HTTP/1.1', ['Expect: a miracle']), 417, 'expectation-unknown'],
      [
        'an unknown coding',
        request('POST /checks HTTP/1.1', [...json, 'Transfer-Encoding: gzip']),
        400,
        'request-malformed',
      ],
      [
        'two lengths',
        request('POST /checks HTTP/1.1', [...json, 'Content-Length: 1', 'Content-Length: 2'], 'xx'),
        400,
        'request-malformed',
      ],
      [
        'a length and chunks',
        request(
          'POST /checks HTTP/1.1',
          [...json, 'Content-Length: 5', 'Transfer-Encoding: chunked'],
          '0\r\n\r\n',
        ),
        400,
        'request-malformed',
      ],
      [
        'a chunk of no size',
        request('POST /checks HTTP/1.1', [...json, 'Transfer-Encoding: chunked'], 'zz\r\n'),
        400,
        'request-malformed',
      ],
    ] as const) {
      const told = await answer;
      expect(told?.body, `${name}: ${told?.head}`).to.match(/^{.*}$/);
      expect([told?.status, codeIn(told)], `${name}: ${told?.head}`).to.deep.equal([status, code]);
    }
    expect((await app.ask('GET', '/health/live')).status).to.equal(200);
  });

  it('names its host, on every path, or is told so in words', async () => {
    for (const path of ['/ledger', '/', '/health/live', '/nowhere', '/metrics']) {
      const told = await send(`GET ${path} HTTP/1.1\r\nConnection: close\r\n\r\n`);
      expect([told?.status, codeIn(told)], path).to.deep.equal([400, 'host-missing']);
      const { title, remedy } = JSON.parse(told?.body ?? '{}') as { title: string; remedy: string };
      expect(title).to.equal('host missing');
      expect(remedy).to.include('Host');
      expect(told?.head).to.match(/x-request-id: [0-9a-f-]{36}/i);
    }
    // HTTP/1.0 knows no such rule.
    expect((await send('GET /health/live HTTP/1.0\r\n\r\n'))?.status).to.equal(200);
  });

  it('is told with a method that is not known which ones are, and of a tunnel that none is', async () => {
    expect((await request('PROPFIND /ledger HTTP/1.1'))?.head).to.match(/^allow: GET, HEAD$/im);
    expect((await request('CONNECT elsewhere:443 HTTP/1.1'))?.head).to.match(/^allow: ?$/im);
  });

  it('is no answer to a request before it on its connection', async () => {
    const first = ['GET /health/ready HTTP/1.1', `Host: 127.0.0.1:${port}`, '', ''].join('\r\n');
    for (const behind of ['BREW\r\n\r\n', 'GET / HTTP/9.9\r\n\r\n', `GET / HTTP/1.1\r\nA: ${long}\r\n\r\n`]) {
      expect((await send(`${first}${behind}`))?.status, behind.slice(0, 20)).to.equal(200);
    }
  });

  it('has each header that says one thing once, or is refused, on every path', async () => {
    for (const path of ['/ledger', '/tokens', '/health/live', '/', '/metrics', '/nowhere']) {
      for (const header of [
        `Authorization: Bearer ${token}`,
        'Content-Type: application/json',
        'Idempotency-Key: 3f2b8f9e-7f0c-4c9e-8d2e-1d7f0a6f5b11',
        'X-Case-Reference: CASE-1',
        'X-Whatever: y',
      ]) {
        const told = await request(`GET ${path} HTTP/1.1`, [header, 'Accept: application/json', header]);
        expect([told?.status, codeIn(told)], `${header} at ${path}`).to.deep.equal([400, 'header-repeated']);
        expect(told?.body).to.not.include('x-whatever');
      }
    }
    const many = Array.from({ length: 2_500 }, (_, i) => `a${i}:`);
    const hidden = await request('GET /ledger HTTP/1.1', [...many, 'Content-Type: a/b', 'Content-Type: c/d']);
    expect(hidden?.status, 'behind more headers than are counted').to.be.oneOf([400, 431]);
    const lists = await request('GET /health/live HTTP/1.1', ['Accept: text/html', 'Accept: text/csv']);
    expect(lists?.status).to.equal(200);
  });

  it('ends nothing but itself when its connection is cut, and holds no stop open', async () => {
    for (const line of [
      ['CONNECT elsewhere:443 HTTP/1.1'],
      ['GET /health/live HTTP/1.1', 'Connection: Upgrade', 'Upgrade: h2c'],
      ['GET /health/live HTTP/1.1', 'Expect: a miracle'],
      ['BREW'],
    ])
      for (let i = 0; i < CUTS; i++) {
        const { promise, resolve } = Promise.withResolvers<void>();
        const socket = net.connect(port, '127.0.0.1');
        socket.on('error', () => undefined).on('close', () => resolve());
        socket.write([...line, `Host: 127.0.0.1:${port}`, '', ''].join('\r\n'), () =>
          socket.resetAndDestroy(),
        );
        await within(ANSWER_MS, line.join(), promise);
      }
    const offered = await request('GET /health/live HTTP/1.1', ['Connection: Upgrade', 'Upgrade: h2c']);
    expect(offered?.status, 'an offer is passed over').to.equal(200);

    const held = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    held.on('error', () => undefined);
    held.write(`CONNECT elsewhere:443 HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
    await within(ANSWER_MS, 'the refusal', once(held, 'data'));
    await app.stop(STOP_MS);
    held.destroy();
    app = await startApp({ folder: app.folder });
    port = Number(new URL(app.url).port);
  });

  it('ends in a clean answer however it is bent', async () => {
    const random = seeded(SEED);
    const whole = `POST /checks?x=1 HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer none\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}`;
    const tally = new Map<number, number>();
    for (let i = 0; i < GENERATED; i++) {
      const at = random.below(whole.length);
      const some = Buffer.from(random.bytes(1 + random.below(6))).toString('latin1');
      const cut = random.below(2) === 0 ? 0 : 1 + random.below(8);
      // Ended by two blank lines, so that what waits for more is answered at once.
      const bent = `${whole.slice(0, at)}${some}${whole.slice(at + cut)}\r\n\r\n\r\n`;
      const told = await send(bent);
      const status = told?.status ?? 0;
      tally.set(status, (tally.get(status) ?? 0) + 1);
      expect(status, JSON.stringify(bent)).to.be.within(400, 499);
      expect(told?.body ?? '', JSON.stringify(bent)).to.not.match(/<html|<pre|\bat \S+:\d+:\d+/i);
      if ((told?.body ?? '') !== '') expect(() => JSON.parse(told?.body ?? ''), told?.body).to.not.throw();
    }
    const told = [...tally].map(([status, count]) => `${status} ${count}`).join(', ');
    console.log(`      bent requests | seed ${SEED} | ${GENERATED} tried | ${told} | 0 silent`);
    expect((await app.ask('GET', '/health/live')).status).to.equal(200);
  });
});
