/** A long answer on its way to whoever reads it slowly, or no more. */
import { once } from 'node:events';
import { createServer, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { sendPieces } from '../../../server/http/jsonPieces.ts';

const LINES = Array.from({ length: 8_000 }, (_, line) => ({ line, words: 'x'.repeat(2_000) }));
const EVENTS = ['close', 'error', 'drain'] as const;
/** One of ours at a time, beside those that the platform has on every answer. */
const MOST_MORE = 2;

describe('a long answer', function () {
  this.timeout(30_000);
  const sent: { most: number; ended: Promise<void>; response: ServerResponse }[] = [];
  const server = createServer((_, response) => {
    const before = EVENTS.map((name) => response.listenerCount(name));
    const answer = { most: 0, response, ended: sendPieces(response, LINES) };
    sent.push(answer);
    const look = setInterval(() => {
      const more = EVENTS.map((name, i) => response.listenerCount(name) - (before[i] ?? 0));
      answer.most = Math.max(answer.most, ...more);
    }, 1);
    answer.ended.finally(() => clearInterval(look));
  });
  before(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  const asked = async () => {
    const sending = request({ port: (server.address() as AddressInfo).port });
    sending.end();
    const [answer] = await once(sending, 'response');
    return answer as AsyncIterable<Buffer> & { destroy(): void };
  };

  it('waits for who reads slowly with one listener, and arrives whole', async () => {
    const pieces: Buffer[] = [];
    for await (const piece of await asked()) {
      pieces.push(piece);
      if (pieces.length % 4 === 0) await setTimeout(1);
    }
    await sent[0]?.ended;
    expect(JSON.parse(Buffer.concat(pieces).toString())).to.deep.equal(LINES);
    console.log(`      a slow reader | ${pieces.length} pieces | ${sent[0]?.most} listeners more`);
    expect(sent[0]?.most).to.be.within(1, MOST_MORE);
  });

  it('ends when whoever asked is gone', async () => {
    const answer = await asked();
    await setTimeout(50); // nobody reads: it waits
    answer.destroy();
    await sent[1]?.ended;
    expect(sent[1]?.response.writableFinished).to.equal(false);
  });
});
