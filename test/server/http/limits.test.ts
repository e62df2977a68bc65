/** Limits of the HTTP edge that belong to somebody: nobody uses up another's, and what is said of them is true. */
import net from 'node:net';
import { expect } from 'chai';
import { type App, type Problem, startApp } from '../../gateway/app.ts';

interface Refused extends Problem {
  readonly detail: string;
  readonly retryable: boolean;
}

const FLOOD = 700;
/** More than the gateway holds. */
const CONNECTIONS = 1_500;

describe('the limits of the API', function () {
  this.timeout(120_000);
  let app: App;
  before(async () => {
    app = await startApp();
  });
  after(() => app.remove());

  const from = (address: string) => ({ headers: { 'X-Forwarded-For': address } });

  it('count pages, metrics, health and strangers for themselves, by address', async () => {
    const token = await app.token('auditor', 1);
    const silenced: string[] = [];
    for (const place of ['/metrics', '/', '/health/live', '/entries']) {
      const answers = await Promise.all(
        Array.from({ length: FLOOD }, () => app.ask('GET', place, from('192.0.2.1'))),
      );
      if (!answers.some(({ status }) => status === 429)) silenced.push(`${place} has no limit`);
      for (const [other, who] of [
        [place, from('192.0.2.2')],
        ['/entries', { token, ...from('192.0.2.1') }],
      ] as const) {
        const { status } = await app.ask('GET', other, who);
        if (status === 429) silenced.push(`${other} after ${place}`);
      }
    }
    const { status } = await app.ask('GET', '/refusals', from('192.0.2.3'));
    expect(status).to.equal(200);
    console.log(`floods of one address | ${4 * FLOOD} tried | ${silenced.length} others silenced`);
    expect(silenced).to.deep.equal([]);
  });

  it('bound the connections: who opens them and asks nothing keeps nobody out, and ends no request under way', async () => {
    const { hostname, port } = new URL(app.url);
    const held: net.Socket[] = [];
    const hold = () =>
      new Promise<void>((resolve) => {
        const socket = net.connect({ host: hostname, port: Number(port) }, resolve);
        socket.on('error', resolve);
        held.push(socket);
      });
    const token = await app.token('auditor', 1);
    const working = app.ask('POST', '/checks', { token });
    try {
      for (let some = 0; some < CONNECTIONS; some += 100)
        await Promise.all(Array.from({ length: 100 }, hold));
      const answers = await Promise.all(
        Array.from({ length: 20 }, () =>
          app.ask('GET', '/health/live', { headers: { Connection: 'close' } }).then(
            ({ status }) => status,
            (error: Error) => String((error.cause as { code?: string } | undefined)?.code),
          ),
        ),
      );
      console.log(
        `idle connections | ${CONNECTIONS} held | ${answers.filter((one) => one !== 200).length} kept out`,
      );
      expect(new Set(answers)).to.deep.equal(new Set([200]));
      expect((await working).status).to.equal(200);
    } finally {
      for (const socket of held) socket.destroy();
    }
  });

  it('say 413 with the limit of the route, and that the same body is not to be sent again', async () => {
    const token = await app.token('registrar', 1);
    const vendor = await app.token('vendor', 1);
    for (const [place, by, limit] of [
      ['/acts/registrations', token, 1_048_576],
      ['/redemptions', vendor, 524_288],
    ] as const) {
      const told = await app.ask<Refused>('POST', place, { token: by, body: { text: 'x'.repeat(2 ** 21) } });
      expect([told.status, told.body.code, told.body.retryable]).to.deep.equal([
        413,
        'body-too-large',
        false,
      ]);
      expect(told.body.detail).to.include(String(limit));
    }
  });

  it('name the bound that a field passed', async () => {
    const token = await app.token('auditor', 1);
    const told = await app.ask<Refused & { errors: { detail: string; pointer: string }[] }>(
      'GET',
      '/entries?limit=501',
      { token },
    );
    expect(told.status).to.equal(422);
    expect(told.body.errors[0]).to.include({ pointer: '/query/limit' });
    expect(told.body.errors[0]?.detail).to.include('500');
  });

  it('refuse a query that the route does not know, and a method with those it does', async () => {
    const token = await app.token('auditor', 1);
    expect((await app.ask('GET', '/entries?limt=5', { token })).body.code).to.equal('validation-failed');
    expect((await app.ask('GET', '/ledger?x=1', { token })).status).to.equal(422);
    for (const [method, place, allowed] of [
      ['POST', '/', 'GET, HEAD'],
      ['DELETE', '/metrics', 'GET, HEAD'],
      ['DELETE', '/acts/transfers', 'POST'],
      ['PUT', '/tokens', 'POST, GET, HEAD'],
    ] as const) {
      const told = await app.ask(method, place, { token });
      expect([told.status, told.headers.get('Allow')], `${method} ${place}`).to.deep.equal([405, allowed]);
    }
  });

  it('name a field of a body that is not known, and what is known where it stands', async () => {
    const token = app.administrator();
    const good = { roles: ['registrar'], institution: 1, days: 1 };
    const told = async (body: object) => {
      const answer = await app.ask<{ errors: { detail: string }[] }>('POST', '/tokens', { token, body });
      expect(answer.status, answer.text).to.equal(422);
      return answer.body.errors.map(({ detail }) => detail).join();
    };
    expect(await told({ ...good, ofice: 1 }))
      .to.include('ofice')
      .and.to.include('office')
      .and.to.include('label');
    expect(await told({ ...good, 'Jane Doe of 7, Road': 1 })).not.to.include('Jane');
  });

  it('refuse bytes that are not UTF-8, in a body, a path and a query', async () => {
    const token = await app.token('auditor', 1);
    const registrar = await app.token('registrar', 1);
    const file = {
      text: Uint8Array.from(Buffer.from('7b2278223a22ff227d', 'hex')),
      type: 'application/json',
    };
    const body = await app.ask('POST', '/acts/registrations', { token: registrar, file });
    expect([body.status, body.body.code]).to.deep.equal([400, 'malformed-body']);
    const query = await app.ask('GET', '/entries?after=%ff', { token });
    expect([query.status, query.body.code]).to.deep.equal([422, 'validation-failed']);
    expect((await app.ask('GET', '/titles/%ff', { token })).status).to.equal(404);
  });

  it('describe every header that a request needs', async () => {
    const { body } = await app.ask<{
      paths: Record<string, Record<string, { parameters?: { name: string; required?: boolean }[] }>>;
    }>('GET', '/openapi.json', from('192.0.2.4'));
    const parameters = body.paths['/people/{personId}']?.get?.parameters ?? [];
    expect(parameters.find(({ name }) => name === 'X-Case-Reference')).to.include({ required: true });
  });
});
