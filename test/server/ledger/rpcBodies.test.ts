/** Bodies at the JSON-RPC listener: who holds them back, sends them slowly or without end keeps nobody out. */
import net from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { listenRpc, type RpcListener } from '../../../server/ledger/rpc.ts';
import { within } from '../../within.ts';
import { removeTemporaryFolders, temporaryFolder } from '../store/folder.ts';
import { openTestLedger, type TestLedger } from './chain.ts';

const MIB = 2 ** 20;
const LARGE_BYTES = 3 * MIB;
/** Each holds nearly the largest body: together three times the room there is. */
const HOLDERS = 24;
const HELD_BYTES = 4 * MIB - 1_024;
const CHUNK_BYTES = 64 * 1_024;
const ANSWER_MS = 30_000;
/** A body has five seconds, and they are looked at every second. */
const GIVEN_UP_MS = 9_000;
const TRICKLE_MS = 50;
const CALL = '{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}';

describe('bodies at the JSON-RPC listener', function () {
  this.timeout(180_000);
  let ledger: TestLedger;
  let rpc: RpcListener;
  before(async () => {
    ledger = await openTestLedger(temporaryFolder());
    rpc = await listenRpc(ledger.chain, 0);
  });
  after(async () => {
    await rpc.close();
    await ledger.close();
    removeTemporaryFolders();
  });

  const head = (...lines: string[]) =>
    [
      'POST / HTTP/1.1',
      `Host: localhost:${rpc.port}`,
      'Content-Type: application/json',
      ...lines,
      '',
      '',
    ].join('\r\n');
  const connected = () =>
    new Promise<net.Socket>((resolve) => {
      const socket = net.connect(rpc.port, '127.0.0.1', () => resolve(socket));
      socket.on('error', () => undefined);
    });

  /** The whole of what comes back to these bytes before the connection ends. */
  async function told(bytes: string): Promise<string> {
    const socket = await connected();
    let text = '';
    socket.setEncoding('latin1').on('data', (some: string) => {
      text += some;
    });
    socket.write(bytes, 'latin1');
    await within(ANSWER_MS, bytes.slice(0, 60), new Promise((resolve) => socket.once('close', resolve)));
    return text;
  }
  const statusIn = (text: string) => Number(text.slice(9, 12));
  const wordsIn = (text: string) => JSON.parse(text.split('\r\n\r\n')[1] ?? '{}').error?.message as string;
  const call = async (padding = 0) => {
    const body = `${CALL}${' '.repeat(padding)}`;
    return statusIn(await told(`${head('Connection: close', `Content-Length: ${body.length}`)}${body}`));
  };

  /** Bodies in chunks that come without end, each as far as it may go. */
  async function holding(count: number): Promise<net.Socket[]> {
    const chunk = `${CHUNK_BYTES.toString(16)}\r\n${' '.repeat(CHUNK_BYTES)}\r\n`;
    return Promise.all(
      Array.from({ length: count }, async () => {
        const socket = await connected();
        socket.write(head('Transfer-Encoding: chunked'));
        for (let sent = CHUNK_BYTES; sent < HELD_BYTES && !socket.destroyed; sent += CHUNK_BYTES) {
          if (!socket.write(chunk))
            await new Promise((resolve) => socket.once('drain', resolve).once('close', resolve));
        }
        return socket;
      }),
    );
  }

  it('that are held back, a small call is answered beside them, and so is a large one', async () => {
    const held = await holding(HOLDERS);
    const trickling = setInterval(() => {
      for (const socket of held) if (!socket.destroyed) socket.write('1\r\n \r\n');
    }, TRICKLE_MS);
    try {
      const answers: number[] = [];
      for (let i = 0; i < 10; i++) answers.push(await call(), await call(LARGE_BYTES));
      console.log(
        `      bodies held back | ${HOLDERS} of ${HELD_BYTES} bytes | ${answers.filter((one) => one !== 200).length} of ${answers.length} kept out`,
      );
      expect(new Set(answers)).to.deep.equal(new Set([200]));
    } finally {
      clearInterval(trickling);
      for (const socket of held) socket.destroy();
    }
  });

  it('that are cut off, too large or refused give their room back', async () => {
    for (let round = 0; round < 3; round++) {
      const held = await holding(HOLDERS);
      for (const socket of held) socket.destroy();
      expect(await call(5 * MIB)).to.equal(413);
    }
    const answers = await Promise.all(Array.from({ length: 9 }, () => call(LARGE_BYTES)));
    expect(answers, JSON.stringify(answers)).to.deep.equal(answers.map(() => 200));
  });

  it('that are not there in time are given up, and told so', async () => {
    const startedMs = performance.now();
    const slow = await told(`${head(`Content-Length: ${CALL.length}`)}{`);
    expect([statusIn(slow), wordsIn(slow)]).to.deep.equal([
      408,
      'the request was not there within the time for it',
    ]);
    expect(performance.now() - startedMs).to.be.below(GIVEN_UP_MS);
    const late = await told('POST / HTTP/1.1\r\nHost: ');
    expect(statusIn(late)).to.equal(408);
    expect(wordsIn(late)).to.be.a('string');
  });

  it('are one at a time on a connection, and none is answered for another', async () => {
    const whole = `${head(`Content-Length: ${CALL.length}`)}${CALL}`;
    const two = await told(`${whole}${whole}`);
    expect(two.match(/HTTP\/1\.1 \d+/g)).to.deep.equal(['HTTP/1.1 200', 'HTTP/1.1 503']);
    // What is badly framed behind a request is no answer to it.
    const bent = await told(`${whole}BREW\r\n\r\n`);
    expect(bent.match(/HTTP\/1\.1 \d+/g)).to.deep.equal(['HTTP/1.1 200', 'HTTP/1.1 400']);
    const socket = await connected();
    try {
      for (let i = 0; i < 3; i++) {
        const answered = new Promise((resolve) => socket.once('data', resolve));
        socket.write(whole);
        expect(String(await within(ANSWER_MS, 'one after another', answered)), `${i}`).to.include('200 OK');
        await setTimeout(TRICKLE_MS);
      }
    } finally {
      socket.destroy();
    }
  });

  it('and whatever else is refused says in words why', async () => {
    const length = `Content-Length: ${CALL.length}`;
    const close = 'Connection: close';
    for (const [bytes, status] of [
      [head(length, close).replace(/Host: [^\r]+\r\n/, ''), 421],
      [head(length, close).replace(/Host: [^\r]+/, 'Host: elsewhere.example'), 421],
      [head(length, close, 'Origin: null'), 403],
      [head(length, close, 'Content-Type: text/plain'), 400],
      [head(length, close).replace('application/json', 'text/plain'), 415],
      [head(length, close).replace('POST', 'PUT'), 405],
      [head(length, close).replace('POST /', 'CONNECT elsewhere:1'), 405],
      [head(length, close, 'Expect: a miracle'), 417],
      [head('Content-Length: 9999999', close), 413],
      [head(length, close, `A: ${'x'.repeat(20_000)}`), 431],
      [head(length, close, 'Transfer-Encoding: chunked'), 400],
    ] as const) {
      const answer = await told(`${bytes}${CALL}`);
      expect(statusIn(answer), bytes.slice(0, 200)).to.equal(status);
      expect(wordsIn(answer), answer).to.match(/^[a-z][\w ,./;-]+$/);
    }
    expect(await call()).to.equal(200);
  });
});
