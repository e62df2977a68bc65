/** Reads that cost much: a few at a time of one caller, the others in a line of that caller's own. */
import { once } from 'node:events';
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { Refusal } from '../../../server/domain/base/refusal.ts';
import { heavyReads, isHeavyRead, READS_WAITING_MAX } from '../../../server/http/heavyReads.ts';
import { sendPieces } from '../../../server/http/jsonPieces.ts';
import { pageQuery } from '../../../server/http/shapes.ts';
import { type App, startApp } from '../../gateway/app.ts';

/** Many times what the system takes before it is read. */
const ROWS = 20_000;
const HERE = new AbortController().signal;
const turns = () => new Promise((resolve) => setTimeout(resolve, 5));

describe('heavy reads', () => {
  it('of one caller are two at a time, in the order of asking, and nobody else waits for them', async () => {
    const heavy = heavyReads();
    const begun: number[] = [];
    const ends: (() => void)[] = [];
    const ask = (number: number, caller: string) =>
      heavy.turn(caller, HERE).then((end) => {
        begun.push(number);
        ends.push(end);
      });
    for (let number = 0; number < 6; number++) void ask(number, 'one');
    void ask(10, 'other');
    await turns();
    expect(begun).to.deep.equal([0, 1, 10]);
    for (const underWay of [3, 4, 5, 5, 5]) {
      ends.shift()?.();
      await turns();
      expect(Math.max(...begun.filter((number) => number < 10)), `${begun}`).to.be.at.most(underWay);
    }
    expect(begun).to.deep.equal([0, 1, 10, 2, 3, 4, 5]);
  });

  it('leave the line when who asked hangs up, and are refused where it is full', async () => {
    const heavy = heavyReads();
    const [first, second] = [await heavy.turn('one', HERE), await heavy.turn('one', HERE)];
    const gone = new AbortController();
    const left = heavy.turn('one', gone.signal).catch((error: unknown) => error);
    const stays = Array.from({ length: READS_WAITING_MAX - 1 }, () => heavy.turn('one', HERE));
    const full = await heavy.turn('one', HERE).catch((error: unknown) => error);
    expect(full).to.be.instanceOf(Refusal).and.to.include({ code: 'reads-waiting' });
    (await heavy.turn('other', HERE))();
    gone.abort();
    expect(await left).to.equal(gone.signal.reason);
    stays.push(heavy.turn('one', HERE)); // there is room again
    first();
    second();
    for (const one of stays) (await one)();
  });

  it('are pages, and what says that it is', () => {
    expect(isHeavyRead({ query: pageQuery })).to.equal(true);
    expect(isHeavyRead({ isHeavy: true })).to.equal(true);
    expect(isHeavyRead({})).to.equal(false);
  });

  describe('of a gateway', function () {
    this.timeout(120_000);
    let app: App;
    before(async () => {
      app = await startApp();
    });
    after(() => app?.remove());

    it('wait for one another, are refused beyond the line with a time to come again, and stop no other caller', async () => {
      const [reader, other] = [await app.token('auditor', 2), await app.token('auditor', 2, 'other')];
      const count = READS_WAITING_MAX + 60;
      const asked = Array.from({ length: count }, (_, i) =>
        app.ask('GET', i % 2 === 0 ? '/entries?limit=500' : '/titles?limit=500', { token: reader }),
      );
      expect((await app.ask('GET', '/entries', { token: other })).status).to.equal(200);
      expect((await app.ask('GET', '/ledger', { token: reader })).status, 'what is not heavy').to.equal(200);
      const told = await Promise.all(asked);
      const refused = told.filter(({ status }) => status !== 200);
      console.log(`heavy reads of one caller | ${count} at once | ${refused.length} refused`);
      expect(new Set(refused.map(({ status, body }) => `${status} ${body.code}`))).to.deep.equal(
        new Set(refused.length === 0 ? [] : ['429 reads-waiting']),
      );
      expect(refused.every(({ headers }) => headers.get('Retry-After') !== null)).to.equal(true);
      expect((await app.ask('GET', '/entries?limit=500', { token: reader })).status).to.equal(200);
    });
  });

  it('leave no listener behind for an answer that is read slowly, and are written no faster than that', async () => {
    let [listeners, unread, pieces] = [0, 0, 0];
    const server = createServer((_request, response) => {
      const write = response.write.bind(response);
      const watched: typeof response.write = (...args: unknown[]) => {
        pieces++;
        const counts = ['close', 'error', 'drain'].map((event) => response.listenerCount(event));
        listeners = Math.max(listeners, ...counts);
        const hasRoom = (write as (...args: unknown[]) => boolean)(...args);
        unread = Math.max(unread, response.writableLength);
        return hasRoom;
      };
      response.write = watched;
      void sendPieces(response, {
        rows: Array.from({ length: ROWS }, (_, i) => ({ i, text: 'x'.repeat(1_000) })),
      });
    });
    server.listen(0, '127.0.0.1');
    try {
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      const [answer] = await once(get({ port, host: '127.0.0.1' }), 'response');
      let text = '';
      for await (const part of answer) {
        text += part;
        await turns();
      }
      expect(JSON.parse(text).rows).to.have.length(ROWS);
      console.log(
        `a slow reader | ${pieces} pieces | ${listeners} listeners, ${unread} bytes unread at most`,
      );
      expect(listeners).to.be.at.most(3);
      expect(unread).to.be.at.most(2 * 300_000);
    } finally {
      server.close();
    }
  });
});
