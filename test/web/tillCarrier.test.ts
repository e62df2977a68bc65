/** The way of a till's batches over a line on which anything answers: of the command line, and of the page. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { Client } from '../../scripts/client.ts';
import { carrierOf as carrierOfCommand } from '../../scripts/tillCarrier.ts';
import type { Carrier } from '../../server/domain/benefits/tillPost.ts';
import type { QueuedBatch } from '../../server/domain/benefits/tillQueue.ts';
import { carrierOf as carrierOfPage, gatewayWith } from '../../web/till/gateway.ts';
import { named } from '../chain/signing.ts';

const BATCH: QueuedBatch = {
  itemsHash: named('items'),
  key: '00000000-0000-4000-8000-000000000000',
  body: {},
};
const { fetch } = globalThis;

describe('the way of a till’s batches', () => {
  let server: Server;
  let answer: readonly [status: number, text: string] = [200, ''];
  let url = '';

  before(async () => {
    server = createServer((_, response) => {
      response.writeHead(answer[0]).end(answer[1]);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    // A page asks the place that it came from.
    globalThis.fetch = (place, init) => fetch(new URL(String(place), url), init);
  });
  after(() => {
    globalThis.fetch = fetch;
    server.closeAllConnections();
    server.close();
  });

  const ways: readonly (readonly [name: string, carrier: () => Carrier])[] = [
    ['a command', () => carrierOfCommand(new Client(url, 'a token'))],
    ['a page', () => carrierOfPage(gatewayWith('a token'))],
  ];
  for (const [name, carrier] of ways) {
    const kindsOf = async (...given: typeof answer) => {
      answer = given;
      let isTaken = false;
      const [recorded, posted] = [
        await carrier().recorded(BATCH),
        await carrier().post(BATCH, async () => {
          isTaken = true;
        }),
      ];
      return { recorded, posted, isTaken };
    };

    it(`takes nothing in between for a gateway, in ${name}`, async () => {
      const nothing = { recorded: { kind: 'silent' }, posted: { kind: 'silent' }, isTaken: false };
      for (const [status, text] of [
        [502, '<h1>Bad gateway</h1>'],
        [404, 'nothing here'],
        [200, '<h1>Sign in to this network</h1>'],
        [200, '{}'],
        [200, 'null'],
      ] as const) {
        expect(await kindsOf(status, text), `${status} ${text}`).to.deep.equal(nothing);
      }
    });

    it(`takes the trouble of a gateway for no verdict, in ${name}`, async () => {
      const refusedAs = async (status: number, code: string) => {
        const { recorded, posted, isTaken } = await kindsOf(
          status,
          JSON.stringify({ code, retryable: false }),
        );
        expect(isTaken).to.equal(false);
        expect(recorded).to.deep.equal(posted);
        return posted;
      };
      const of = { kind: 'refused', reasons: [], isOver: false };
      expect(await refusedAs(500, 'internal')).to.deep.equal({ ...of, code: 'internal', isRetryable: true });
      expect(await refusedAs(409, 'posting-ended')).to.deep.equal({
        ...of,
        code: 'posting-ended',
        isRetryable: false,
      });
    });

    it(`tells what was accepted and has ended from what was refused, in ${name}`, async () => {
      const operation = { id: BATCH.key, state: 'REFUSED', code: 'redemption-is-paused', isFinal: false };
      // The command asks for the operation itself, the page for what became of the batch.
      const text = JSON.stringify(Object.assign({ operation, batches: [] }, operation));
      expect(await kindsOf(200, text)).to.deep.include({
        isTaken: true,
        posted: { kind: 'refused', code: operation.code, isRetryable: false, isOver: true, reasons: [] },
      });
    });
  }
});
