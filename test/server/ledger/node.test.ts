import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import type { Hex } from '../../../server/domain/base/hex.ts';
import { openLedger, pinOf } from '../../../server/ledger/ledger.ts';
import { GATHER_MS, HttpNode } from '../../../server/ledger/node.ts';
import { NodeError } from '../../../server/ledger/provider.ts';
import { listenRpc } from '../../../server/ledger/rpc.ts';
import { refusedAs, removeTemporaryFolders, temporaryFolder } from '../store/folder.ts';
import { openTestLedger, REFUSER, Sender, type TestLedger, words } from './chain.ts';
import { between, following, trustIn } from './reader.ts';

interface Call {
  readonly id: number;
  readonly method: string;
  readonly params: readonly unknown[];
}

/** What a node answers to the calls of one request: a value to be sent as JSON, or a text as it is. */
type Answering = (calls: readonly Call[], bodyBytes: number) => unknown;

const SEND = 'eth_sendRawTransaction';
const echo = (calls: readonly Call[]) =>
  calls.map(({ id, params }) => ({ jsonrpc: '2.0', id, result: params[0] }));

describe('a node over HTTP', () => {
  const closing: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  async function nodeThat(answer: Answering, status = 200): Promise<HttpNode> {
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
      const bytes = Buffer.concat(chunks);
      const body = JSON.parse(bytes.toString()) as Call | Call[];
      const reply = await answer(Array.isArray(body) ? body : [body], bytes.length);
      if (reply === undefined) response.destroy();
      else response.writeHead(status).end(typeof reply === 'string' ? reply : JSON.stringify(reply));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
    return new HttpNode({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
  }
  const ask = (node: HttpNode, value: unknown, method = 'eth_call') =>
    node.request({ method, params: [value] });
  const outcomeOf = (promise: Promise<unknown>) => promise.catch((reason: unknown) => reason);

  it('puts the calls of one turn into one request, and finds each answer in whatever order they come', async () => {
    const node = await nodeThat((calls) => echo(calls).toReversed());
    const answers = await Promise.all([1, 2, 3].map((value) => ask(node, value)));
    expect(answers).to.deep.equal([1, 2, 3]);
    expect(node.traffic).to.deep.equal({ calls: 3, requests: 1 });
  });

  it('sends transactions in their order, one request at a time, and holds no other call up for them', async () => {
    const arrived: unknown[] = [];
    const released = Promise.withResolvers<void>();
    const node = await nodeThat(async (calls) => {
      if (calls[0]?.method === SEND) {
        arrived.push(...calls.map(({ params }) => params[0]));
        await released.promise;
      }
      return echo(calls);
    });
    const raws = Array.from({ length: 600 }, (_, i) => i);
    const sent = raws.slice(0, 500).map((raw) => ask(node, raw, SEND));
    await ask(node, 'another call');
    sent.push(...raws.slice(500).map((raw) => ask(node, raw, SEND)));
    for (let i = 0; i < 10 || arrived.length === 0; i++) await ask(node, 'another call');
    expect(arrived).to.deep.equal(raws.slice(0, 256));
    released.resolve();
    await Promise.all(sent);
    expect(arrived).to.deep.equal(raws);
  });

  it('goes on with the next transactions when a request of them gets no answer', async () => {
    let requests = 0;
    const node = await nodeThat((calls) => (requests++ === 0 ? undefined : echo(calls)));
    const outcomes = await Promise.allSettled(Array.from({ length: 300 }, (_, i) => ask(node, i, SEND)));
    const taken = outcomes.map(({ status }) => status === 'fulfilled');
    expect(taken.indexOf(true)).to.equal(256);
    expect(taken.lastIndexOf(false)).to.equal(255);
  });

  it('fills a request up to what a listener takes, and never beyond', async () => {
    const most = 4 * 2 ** 20;
    const bodies: number[] = [];
    const node = await nodeThat((calls, bodyBytes) => {
      bodies.push(bodyBytes);
      return echo(calls);
    });
    const around = '"method":"eth_call","params":[""]'.length;
    for (const spare of [0, 28, 64]) {
      const text = 'x'.repeat(most / 2 - around - spare);
      expect(await Promise.all([ask(node, text), ask(node, text)])).to.deep.equal([text, text]);
    }
    expect(bodies).to.have.length(5);
    expect(Math.max(...bodies)).to.be.within(most - 128, most);
  });

  it('hands over a refusal by the node with the data of a revert, in any shape a node gives it', async () => {
    const said = '0xdeadbeef0a';
    const shapes: [unknown, number, Hex | undefined][] = [
      [{ code: -32000, message: 'Execution reverted', data: said }, -32000, said], // Besu before error 3
      [{ code: 3, message: 'Execution reverted', data: '0xDEADBEEF0A' }, 3, said], // Besu since, geth
      [{ code: -32603, message: 'x', data: { message: 'x', data: said } }, -32603, said], // EDR, Hardhat
      [{ code: -32603, message: 'x', data: { method: 'eth_call', params: ['0x12'] } }, -32603, undefined],
      [{ code: 3, message: 'x', data: '0x' }, 3, '0x'],
      [{ code: 3, message: 'x', data: 'Reverted 0x12' }, 3, undefined],
      [{ code: -32000, message: 'nonce too low' }, -32000, undefined],
      ['an error of no form', 0, undefined],
    ];
    for (const [error, code, data] of shapes) {
      const node = await nodeThat(([call]) => ({ jsonrpc: '2.0', id: call?.id, error }));
      const outcome = await outcomeOf(ask(node, 0));
      expect(outcome).to.be.instanceOf(NodeError);
      expect(outcome).to.include({ code, data });
    }
  });

  it('takes nothing but an answer for an answer', async () => {
    const silences: [Answering, number?][] = [
      [() => undefined],
      [() => ''],
      [() => '{'],
      [() => 'null'],
      [() => [null]],
      [() => []],
      [() => ({ jsonrpc: '2.0', id: 0 })],
      [() => ({ jsonrpc: '2.0', id: 7, result: 1 })],
      [echo, 500],
      [echo, 302],
    ];
    for (const [answer, status] of silences) {
      const outcome = await outcomeOf(ask(await nodeThat(answer, status), 0));
      expect(outcome, `${answer} ${status}`).to.include({ name: 'Fault', retryable: true });
    }
    const said: [Answering, number, string][] = [
      [echo, 401, 'node-lets-nobody-in'],
      [echo, 403, 'node-lets-nobody-in'],
      [echo, 429, 'node-busy'],
      [echo, 503, 'node-busy'],
      [echo, 307, 'node-sends-elsewhere'],
      [echo, 404, 'node-speaks-otherwise'],
      [() => '<html>', 200, 'node-speaks-otherwise'],
      [() => ' '.repeat(128 * 2 ** 20 + 1), 200, 'node-answers-too-much'],
    ];
    for (const [answer, status, code] of said) {
      const outcome = await outcomeOf(ask(await nodeThat(answer, status), 0));
      expect(outcome, code).to.include({ name: 'Fault', retryable: true });
      expect((outcome as Error).cause, code).to.include({ name: 'Refusal', code });
    }
    const nobody = new HttpNode({ url: 'http://127.0.0.1:1' });
    expect(await outcomeOf(ask(nobody, 0))).to.include({ name: 'Fault', retryable: true });
  });
});

describe('the ledger over HTTP', function () {
  this.timeout(300_000);
  let test: TestLedger;
  let sender: Sender;
  const trust = () => pinOf(trustIn(test.chain));
  beforeEach(async () => {
    test = await openTestLedger(temporaryFolder());
    sender = new Sender(test.chain.genesis.chainId, 'sender');
  });
  afterEach(() => test.close());
  after(removeTemporaryFolders);

  it('takes one call a write and three a block, and twenty writes or more a request', async () => {
    const calls = new Map<string, number>();
    const counting = between(test.chain, ({ method }, forward) => {
      calls.set(method, (calls.get(method) ?? 0) + 1);
      return forward();
    });
    const rpc = await listenRpc(counting, 0);
    const node = new HttpNode({ url: `http://localhost:${rpc.port}` });
    const ledger = await openLedger({ provider: node, pin: trust(), gatherMs: GATHER_MS });
    const follow = following(ledger);
    const writes = 2_000;
    const signed: Hex[] = [];
    for (let i = 0; i < writes; i++) signed.push((await sender.sign(words(`${i}`, 1))).raw);
    const before = node.traffic;
    await Promise.all(signed.map((raw) => ledger.submit(raw)));
    await follow.stop();
    await rpc.close();
    const after = node.traffic;
    expect(calls.get(SEND)).to.equal(writes);
    // Asking whether there is a block is counted apart: it comes with time, not with writes.
    const polls = calls.get('eth_blockNumber') ?? 0;
    const callsAWrite = (after.calls - before.calls - polls) / writes;
    const requestsAWrite = (after.requests - before.requests - polls) / writes;
    console.log(
      `      pipeline | ${writes} writes | ${callsAWrite.toFixed(4)} calls, ${requestsAWrite.toFixed(4)} requests ` +
        `a write, and ${polls} polls`,
    );
    expect(callsAWrite).to.be.at.most(1.1);
    expect(requestsAWrite).to.be.at.most(0.05);
  });

  it('waits for a node that is away and goes on when it is back', async () => {
    const first = await listenRpc(test.chain, 0);
    const node = new HttpNode({ url: `http://localhost:${first.port}` });
    const ledger = await openLedger({ provider: node, pin: trust() });
    const follow = following(ledger);
    const sign = async (seed: string) => (await sender.sign(words(seed, 1))).raw;
    const write = async (seed: string) => test.chain.request({ method: SEND, params: [await sign(seed)] });
    await write('a');
    await follow.until(1n);
    await first.close();
    await write('b');
    expect(await refusedAs(node.request({ method: 'eth_chainId' }))).to.equal('Fault');
    const submitted = ledger.submit(await sign('c'));
    const again = await listenRpc(test.chain, first.port);
    expect((await submitted).transaction.receipt.succeeded).to.equal(true);
    await follow.until(3n);
    expect(follow.blocks.map(({ number }) => number)).to.deep.equal([1n, 2n, 3n]);
    await follow.stop();
    await again.close();
  });

  it('hands over what a contract says when it refuses, through the listener too', async () => {
    const rpc = await listenRpc(test.chain, 0);
    const node = new HttpNode({ url: `http://localhost:${rpc.port}` });
    const ledger = await openLedger({ provider: node, pin: trust() });
    const outcome: unknown = await ledger.call(REFUSER, '0xdeadbeef').catch((reason: unknown) => reason);
    expect(outcome).to.be.instanceOf(NodeError).and.to.have.property('data', '0xdeadbeef');
    await rpc.close();
  });
});
