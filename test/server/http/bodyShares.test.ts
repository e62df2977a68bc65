/** Files on their way: who has many under way waits for room of their own, and keeps nobody else out. */
import net from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { OF_CALLER_MIB } from '../../../server/http/bodyShares.ts';
import { type App, type Problem, startApp } from '../../gateway/app.ts';
import { collection, feature, square } from '../domain/survey/parcelFiles.ts';

const SURVEY_BYTES = 64 * 2 ** 20;
/** As many of the largest surveys as a caller may have under way. */
const SHARE = Math.floor((OF_CALLER_MIB * 2 ** 20) / SURVEY_BYTES);
const NOTICED_MS = 300;

describe('files on their way to the gateway', function () {
  this.timeout(120_000);
  let app: App;
  before(async () => {
    app = await startApp();
  });
  after(() => app?.remove());

  const text = collection([feature('S/1', [square(72, 1)])]);
  const upload = async (token: string) =>
    app.ask<Problem & { retryable: boolean }>('PUT', '/parcels?office=1', {
      ...{ token, file: { text, type: 'application/geo+json' } },
    });
  /** Announces a file and sends none of it. */
  async function holding(token: string, framing: string): Promise<net.Socket> {
    const { hostname, port, host } = new URL(app.url);
    const socket = net.connect({ host: hostname, port: Number(port) });
    socket.on('error', () => undefined);
    const lines = [
      ...['PUT /parcels?office=1 HTTP/1.1', `Host: ${host}`, `Authorization: Bearer ${token}`],
      ...['Content-Type: application/geo+json', framing],
      'Idempotency-Key: 3f2b8f9e-7f0c-4c9e-8d2e-1d7f0a6f5b11',
    ];
    socket.write([...lines, '', ''].join('\r\n'));
    return socket;
  }

  it('that one caller holds back leave room for others, for small requests, and come back when they end', async () => {
    const [thief, other] = [
      await app.token('registrar', 1, 'thief'),
      await app.token('registrar', 1, 'other'),
    ];
    for (const framing of [`Content-Length: ${SURVEY_BYTES}`, 'Transfer-Encoding: chunked']) {
      const held = await Promise.all(Array.from({ length: SHARE + 2 }, () => holding(thief, framing)));
      await setTimeout(NOTICED_MS);
      const more = await holding(thief, framing);
      const answer = await new Promise<string>((resolve) =>
        more.once('data', (bytes) => resolve(String(bytes))),
      );
      expect(answer, framing).to.match(/^HTTP\/1\.1 429/);
      expect(answer)
        .to.include('bodies-under-way')
        .and.to.include('"retryable":true')
        .and.to.match(/retry-after/i);
      expect((await upload(other)).status, framing).to.equal(200);
      expect((await upload(thief)).status, 'a small file of the same caller').to.equal(200);
      for (const socket of [...held, more]) socket.destroy();
      await setTimeout(NOTICED_MS);
      const again = await holding(thief, framing);
      await setTimeout(NOTICED_MS);
      expect(again.destroyed, 'there is room again').to.equal(false);
      again.destroy();
    }
  });

  it('are taken as they are, and never unpacked', async () => {
    const token = await app.token('registrar', 1);
    const told = await app.ask('PUT', '/parcels?office=1', {
      token,
      file: { text: new Uint8Array(gzipSync(text)), type: 'application/geo+json' },
      headers: { 'Content-Encoding': 'gzip' },
    });
    expect([told.status, told.body.code], told.text).to.deep.equal([415, 'media-type-unsupported']);
  });
});
