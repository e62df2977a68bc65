/** Connections on which nothing is read: they keep nobody out, and what nobody reads is not kept. */
import { createServer, type Server } from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { boundConnections } from '../../../server/ledger/connections.ts';
import { listenRpc } from '../../../server/ledger/rpc.ts';
import { within } from '../../within.ts';

/** Far more than the system keeps for a socket. */
const LARGE = Buffer.alloc(32 * 2 ** 20, 'x');
const MOST = 2;
/** With those that a listener has room for besides. */
const HELD = 70;
const ANSWER_MS = 30_000;
/** Longer than an answer of which nothing is taken is kept. */
const GIVEN_UP_MS = 26_000;
const CALL = '{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}';

describe('an answer that nobody reads', function () {
  this.timeout(120_000);
  const held: net.Socket[] = [];
  let server: Server | undefined;
  afterEach(() => {
    for (const socket of held.splice(0)) socket.destroy();
    server?.closeAllConnections();
    server?.close();
    server = undefined;
  });

  /** Asks, and takes nothing of what comes back. */
  async function unread(port: number, bytes: string): Promise<net.Socket> {
    const socket = await new Promise<net.Socket>((resolve) => {
      const made = net.connect({ port, host: '127.0.0.1' }, () => resolve(made));
      made.on('error', () => resolve(made));
    });
    socket.pause();
    socket.write(bytes);
    held.push(socket);
    return socket;
  }

  /** How much there is of it, once it is read after all. */
  async function rest(socket: net.Socket): Promise<number> {
    let bytes = 0;
    socket.on('data', (some) => {
      bytes += some.length;
    });
    const ended = new Promise((resolve) => socket.once('close', resolve).once('end', resolve));
    socket.resume();
    await within(ANSWER_MS, 'the rest of an answer', ended);
    return bytes;
  }

  async function listening(): Promise<number> {
    server = createServer((_request, response) => {
      response.writeHead(200, { connection: 'close', 'content-length': LARGE.length }).end(LARGE);
    });
    boundConnections(server, MOST);
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  }
  const GET = 'GET / HTTP/1.1\r\nHost: here\r\n\r\n';

  it('makes room for who reads', async () => {
    const port = await listening();
    for (let i = 0; i < HELD; i++) {
      await unread(port, GET);
      await setTimeout(30); // it is being answered when the next one comes
    }
    const answered = fetch(`http://127.0.0.1:${port}/`).then(async (answer) => (await answer.text()).length);
    expect(await within(ANSWER_MS, 'who reads', answered)).to.equal(LARGE.length);
  });

  it('is given up after a while, and one that is read slowly is not', async () => {
    const port = await listening();
    const [stopped, slow] = [await unread(port, GET), await unread(port, GET)];
    let taken = 0;
    slow.on('data', (some) => {
      taken += some.length;
      slow.pause();
    });
    for (let waitedMs = 0; waitedMs < GIVEN_UP_MS; waitedMs += 200) {
      slow.resume();
      await setTimeout(200);
    }
    expect(await rest(stopped)).to.be.below(LARGE.length);
    slow.removeAllListeners('data');
    expect(taken + (await rest(slow))).to.be.at.least(LARGE.length);
  });

  it('is one of few at the node: the oldest is given up for the next', async () => {
    const text = 'x'.repeat(2 ** 20);
    const served = {
      request: async ({ method }: { method: string }) => (method === 'eth_chainId' ? '0x1' : text),
    };
    const rpc = await listenRpc(served, 0);
    try {
      const batch = JSON.stringify(Array(40).fill({ jsonrpc: '2.0', id: 1, method: 'eth_getCode' }));
      const post = (body: string) =>
        `POST / HTTP/1.1\r\nHost: localhost:${rpc.port}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`;
      const asked: net.Socket[] = [];
      for (let i = 0; i < 6; i++) {
        asked.push(await unread(rpc.port, post(batch)));
        await setTimeout(300); // one after another
      }
      const told = await fetch(`http://localhost:${rpc.port}/`, {
        ...{ method: 'POST', body: CALL, headers: { 'Content-Type': 'application/json' } },
      });
      expect(told.status).to.equal(200);
      const whole = 40 * text.length;
      const read = await Promise.all(asked.map(rest));
      expect(
        read.map((bytes) => bytes >= whole),
        String(read),
      ).to.deep.equal([...[false, false, false, true, true, true]]);
    } finally {
      for (const socket of held) socket.destroy();
      await rpc.close();
    }
  });
});
