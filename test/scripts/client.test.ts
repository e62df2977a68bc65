/** What a client of the gateway does when an answer does not come, or says whether to try again. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { Client, Problem } from '../../scripts/client.ts';

describe('a client of the gateway', function () {
  this.timeout(20_000);
  let server: Server;
  let answer: (request: IncomingMessage, response: ServerResponse) => void;
  const keys: unknown[] = [];
  let url = '';
  before(async () => {
    server = createServer((request, response) => {
      keys.push(request.headers['idempotency-key']);
      answer(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    keys.length = 0;
  });
  after(() => server.close());

  const says = (response: ServerResponse, status: number, body: object, headers: object = {}) => {
    const type = { 'Content-Type': 'application/problem+json' };
    response.writeHead(status, Object.assign(type, headers)).end(JSON.stringify(body));
  };
  const post = () => new Client(url, 'token').ask('/acts', { method: 'POST', body: {} });

  it('sends a request again, under its key, over a new connection when the kept one was dead', async () => {
    answer = (_, response) => says(response, 200, { done: true });
    await post();
    answer = (request, response) => {
      if (keys.length < 3) request.socket.destroy();
      else says(response, 200, { done: true });
    };
    expect(await post()).to.deep.equal({ done: true });
    expect(keys).to.have.length(3);
    expect(keys[1]).to.equal(keys[2]).and.not.to.equal(keys[0]);
  });

  it('tries again what may succeed in a moment, and never what was refused for good or until another day', async () => {
    answer = (_, response) =>
      says(response, 503, { code: 'read-only', retryable: keys.length < 2 }, { 'Retry-After': '5' });
    const error = await post().catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(Problem).and.to.include({ code: 'read-only' });
    expect(keys).to.have.length(2);
    keys.length = 0;
    answer = (_, response) => says(response, 429, { code: 'file-too-large', retryable: false });
    await post().catch(() => {});
    expect(keys).to.have.length(1);
    keys.length = 0;
    answer = (_, response) => says(response, 409, { code: 'wait-not-over', retryable: true });
    await post().catch(() => {});
    expect(keys).to.have.length(1);
  });
});
