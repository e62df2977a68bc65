import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { headerHash, headerOfAnswer } from '../../../server/domain/audit/header.ts';
import { slotOf } from '../../../server/domain/audit/state.ts';
import { Fault } from '../../../server/domain/base/fault.ts';
import { type Address, type Bytes32, fromHex, toHex, ZERO_32 } from '../../../server/domain/base/hex.ts';
import { Refusal } from '../../../server/domain/base/refusal.ts';
import { keccak256 } from '../../../server/ledger/keccak.ts';
import { type Incident, type LedgerOptions, openLedger, pinOf } from '../../../server/ledger/ledger.ts';
import { NodePool } from '../../../server/ledger/nodePool.ts';
import { type ChainProvider, NodeError, nodeErrorOf, RPC } from '../../../server/ledger/provider.ts';
import { blockTables, openBlocks } from '../../../server/store/blocks.ts';
import { seeded } from '../../seeded.ts';
import { openTestStore, refusedAs, removeTemporaryFolders, temporaryFolder } from '../store/folder.ts';
import {
  KEEPER,
  keeper,
  MIRROR,
  openTestLedger,
  REFUSER,
  Sender,
  type TestLedger,
  word,
  words,
} from './chain.ts';
import { between, following, take, trustIn } from './reader.ts';

type Answer = Record<string, unknown>;

describe('the ledger over the embedded chain', function () {
  this.timeout(300_000);
  let test: TestLedger;
  let sender: Sender;
  const pin = () => ({ chainId: test.chain.genesis.chainId, genesisHash: test.chain.genesis.hash });
  const open = (provider: ChainProvider = test.chain, more: Partial<LedgerOptions> = {}) =>
    openLedger({ provider, pin: pin(), ...more });
  const write = async (seed: string, count = 2) =>
    test.chain.request({
      method: 'eth_sendRawTransaction',
      params: [(await sender.sign(words(seed, count))).raw],
    });
  beforeEach(async () => {
    test = await openTestLedger(temporaryFolder());
    sender = new Sender(test.chain.genesis.chainId, 'sender');
  });
  afterEach(() => test.close());
  after(removeTemporaryFolders);

  it('gives every block after the cursor in order, and goes on from any of them', async () => {
    for (let i = 0; i < 40; i++) await write(`${i}`);
    const ledger = await open();
    const blocks = await take(ledger, 40);
    expect(blocks.map(({ number }) => number)).to.deep.equal(
      Array.from({ length: 40 }, (_, i) => BigInt(i + 1)),
    );
    expect(blocks[7]?.logs).to.have.length(1);
    expect(blocks[7]?.logs[0]).to.include({ address: KEEPER, logIndex: 0, data: '0x' });
    expect(blocks[7]?.logs[0]?.topics).to.deep.equal([word(64)]);
    const again = await take(ledger, 20, blocks[19]?.cursor);
    expect(again.map(({ hash }) => hash)).to.deep.equal(blocks.slice(20).map(({ hash }) => hash));
  });

  it('hands over a transaction when a verified block holds it, succeeded or reverted', async () => {
    const ledger = await open();
    const follow = following(ledger);
    const good = await sender.sign(words('good', 1));
    const bad = await sender.sign('0x01');
    const [succeeded, reverted] = await Promise.all([ledger.submit(good.raw), ledger.submit(bad.raw)]);
    expect(succeeded.transaction.hash).to.equal(good.hash);
    expect(succeeded.transaction.receipt.succeeded).to.equal(true);
    expect(reverted.transaction.receipt.succeeded).to.equal(false);
    await follow.stop();
  });

  it('settles what was mined in blocks it followed before, once the node says the nonce is used', async () => {
    const earlier = await sender.sign(words('earlier', 1));
    await test.chain.request({ method: 'eth_sendRawTransaction', params: [earlier.raw] });
    for (let i = 0; i < 40; i++) await write(`${i}`);
    const ledger = await open();
    await take(ledger, 41);
    const landed = await ledger.submit(earlier.raw);
    expect(landed.blockNumber).to.equal(1n);
    expect(landed.transaction.hash).to.equal(earlier.hash);
  });

  it('settles nothing by an earlier block that is not the one it followed', async () => {
    const earlier = await sender.sign(words('earlier', 1));
    await test.chain.request({ method: 'eth_sendRawTransaction', params: [earlier.raw] });
    await write('later');
    let asked = 0;
    let isLying = false;
    let firstForged: unknown;
    const askedTwice = Promise.withResolvers<void>();
    const liar = between(test.chain, async ({ method, params }, forward) => {
      if (method === 'eth_getTransactionReceipt' && ++asked === 2) askedTwice.resolve();
      const answer = (await forward()) as Answer;
      if (!isLying || method !== 'eth_getBlockByNumber') return answer;
      const forged = rehashed({ ...answer, stateRoot: word(1) });
      if (params?.[0] === '0x1') firstForged = forged.hash;
      return params?.[0] === '0x1' ? forged : rehashed({ ...answer, parentHash: firstForged });
    });
    const ledger = await open(liar);
    await take(ledger, 2);
    isLying = true;
    const settled = ledger.submit(earlier.raw);
    await askedTwice.promise;
    expect(await Promise.race([settled, 'not settled'])).to.equal('not settled');
    isLying = false;
    expect((await settled).blockNumber).to.equal(1n);
  });

  it('goes on by the blocks before a wrong answer, however far behind it is', async () => {
    for (let i = 0; i < 6; i++) await write(`${i}`);
    let next = 1n;
    const flaky = between(test.chain, async ({ method, params = [] }, forward) => {
      const isLater = method === 'eth_getBlockReceipts' && BigInt(String(params[0])) > next;
      return isLater ? [null] : forward();
    });
    const ledger = await open(flaky);
    const whole = (async () => {
      for await (const { number } of ledger.follow()) {
        next = number + 1n;
        if (number === 6n) return 'there';
      }
      return 'ended';
    })();
    expect(await Promise.race([whole, setTimeout(10_000, 'stuck')])).to.equal('there');
  });

  it('sends nothing while nobody answers, and then all that waits in the order in which it came', async () => {
    const { chainId } = test.chain.genesis;
    const relayers = [sender, new Sender(chainId, 'second relayer'), new Sender(chainId, 'third relayer')];
    let isGone = false;
    const sent: string[] = [];
    let tries = 0;
    const node = between(test.chain, async ({ method, params }, forward) => {
      const isSend = method === 'eth_sendRawTransaction';
      if (isSend) tries++;
      if (isGone) throw new Fault('the node did not answer', { retryable: true });
      if (isSend) sent.push(String(params?.[0]));
      return forward();
    });
    const ledger = await open(node);
    const follow = following(ledger);
    isGone = true;
    const accepted: string[] = [];
    const landing: Promise<unknown>[] = [];
    for (let i = 0; i < 24; i++) {
      const [relayer = sender] = [relayers[(i * i) % 3]];
      const { raw } = await relayer.sign(words(`waits ${i}`, 1));
      accepted.push(raw);
      landing.push(ledger.submit(raw));
      await setTimeout(60); // else all are tried again together, whatever the order
    }
    expect(tries, 'each at most once, whoever asked for it').to.be.below(accepted.length);
    isGone = false;
    const landed = Promise.all(landing).then(() => 'landed');
    expect(await Promise.race([landed, setTimeout(10_000, 'still waits')])).to.equal('landed');
    expect(sent.filter((raw, at) => sent.indexOf(raw) === at)).to.deep.equal(accepted);
    await follow.stop();
  });

  it('refuses a node of another ledger', async () => {
    const differing = (change: object) => openLedger({ provider: test.chain, pin: { ...pin(), ...change } });
    expect(await refusedAs(differing({ chainId: 5n }))).to.equal('ledger-differs');
    expect(await refusedAs(differing({ genesisHash: ZERO_32 }))).to.equal('ledger-differs');
    expect(await refusedAs(differing({}))).to.equal(undefined);
  });

  it('believes no answer that the hashes do not bear out', async () => {
    await Promise.all([write('a', 3), write('b', 1)]);
    type Lies = [what: string, field: string, lie: (answer: Answer & Answer[]) => unknown][];
    const lies: Lies = [
      ['receipts: a log left out', 'receiptsRoot', (all) => all.with(0, { ...all[0], logs: [] })],
      ['receipts: a log altered', 'receiptsRoot', (all) => alterLog(all, { data: '0x00' })],
      ['receipts: a topic altered', 'receiptsRoot', (all) => alterLog(all, { topics: [word(1)] })],
      [
        'receipts: a log of another',
        'receiptsRoot',
        (all) => alterLog(all, { address: `0x${'78'.repeat(20)}` }),
      ],
      ['receipts: a topic that is none', 'log', (all) => alterLog(all, { topics: ['0x01'] })],
      ['receipts: a log that is none', 'log', (all) => all.with(0, { ...all[0], logs: [null] })],
      ['receipts: a status turned', 'receiptsRoot', (all) => all.with(1, { ...all[1], status: '0x0' })],
      ['receipts: a status that is none', 'receipt', (all) => all.with(1, { ...all[1], status: '0x2' })],
      [
        'receipts: gas altered',
        'receiptsRoot',
        (all) => all.with(1, { ...all[1], cumulativeGasUsed: '0x1' }),
      ],
      ['receipts: one left out', 'receipts', (all) => all.slice(0, 1)],
      ['receipts: turned round', 'receiptsRoot', (all) => all.toReversed()],
      ['receipts: none', 'receipt', () => [null, null]],
      ['receipts: no list', 'receipts', () => ({})],
      ['block: a transaction left out', 'receipts', (block) => changed(block, (all) => all.slice(0, 1))],
      ['block: turned round', 'transactionsRoot', (block) => changed(block, (all) => all.toReversed())],
      ['block: input altered', 'transactionsRoot', (block) => first(block, { input: '0x' })],
      ['block: recipient altered', 'transactionsRoot', (block) => first(block, { to: null })],
      ['block: a type from nowhere', 'type', (block) => first(block, { type: '0x9' })],
      [
        'block: what throws where it is read',
        'answer',
        (block) => Object.defineProperty(block, 'transactions', { get: () => decodeURI('%') }),
      ],
      ...['constructor', 'toString', '__proto__'].map((type): Lies[number] => [
        `block: the type ${type}`,
        'type',
        (block) => first(block, { type }),
      ]),
      [
        'block: a transaction that is none',
        'nonce',
        (block) => changed(block, ([, b]) => [null, b] as Answer[]),
      ],
      ['block: another state', 'hash', (block) => ({ ...block, stateRoot: word(1) })],
      ['block: another number', 'number', (block) => ({ ...block, number: '0x2' })],
      ['block: another hash', 'hash', (block) => ({ ...block, hash: word(1) })],
      ['block: another parent', 'parentHash', (block) => rehashed({ ...block, parentHash: word(1) })],
      ['block: a field of no known fork', 'nonce', ({ nonce: _, ...block }) => rehashed(block)],
      ['block: a field of the fork left out', 'hash', ({ requestsHash: _, ...block }) => block],
      ['block: none', 'header-malformed', () => 'none'],
    ];
    for (const [what, field, lie] of lies) {
      const method = what.startsWith('receipts') ? 'eth_getBlockReceipts' : 'eth_getBlockByNumber';
      const liar = between(test.chain, async (call, forward) => {
        const answer = (await forward()) as Answer & Answer[];
        return call.method === method && call.params?.[0] === '0x1' ? lie(answer) : answer;
      });
      const error: unknown = await take(await open(liar), 1).catch((reason: unknown) => reason);
      expect(error, what).to.be.instanceOf(Refusal).and.to.have.property('code', 'ledger-unverified');
      expect((error as Refusal).place.field, what).to.equal(field);
    }
  });

  it("believes an outside node's newest block only with the signature of the ledger's node", async () => {
    await write('a');
    const { chain } = test;
    const openWith = (nodeKey: Address, lie: (answer: Answer, method: string) => unknown) => {
      const node = between(chain, async ({ method, params }, forward) => {
        const answer = (await forward()) as Answer;
        return params?.[0] === '0x1' ? lie(answer, method) : answer;
      });
      return openLedger({ provider: node, pin: pinOf(trustIn(chain, { nodeKey })) });
    };
    const [block] = await take(await openWith(chain.nodeKey, (answer) => answer), 1);
    expect(block?.number).to.equal(1n);
    const lies: [Address, (answer: Answer, method: string) => unknown][] = [
      [
        chain.nodeKey,
        (answer) => ('stateRoot' in answer ? rehashed({ ...answer, stateRoot: word(1) }) : answer),
      ],
      [chain.nodeKey, (answer, method) => (method === 'kudurru_finality' ? null : answer)],
      [chain.nodeKey, (answer) => ('nodeSignature' in answer ? { nodeSignature: '0x00' } : answer)],
      [KEEPER, (answer) => answer],
    ];
    for (const [key, lie] of lies) {
      const error: unknown = await take(await openWith(key, lie), 1).catch((reason: unknown) => reason);
      expect((error as Refusal).place).to.deep.equal({ field: 'nodeSignature' });
    }
  });

  it('finds out a header altered below the next block, by that block', async () => {
    await write('a');
    await write('b');
    const liar = between(test.chain, async ({ params }, forward) => {
      const answer = (await forward()) as Answer;
      const isFirst = params?.[0] === '0x1' && 'stateRoot' in answer;
      return isFirst ? rehashed({ ...answer, stateRoot: word(1) }) : answer;
    });
    const error: unknown = await take(await open(liar), 2).catch((reason: unknown) => reason);
    expect((error as Refusal).place).to.deep.equal({ field: 'parentHash' });
  });

  it('stops all writes and keeps both headers when the node shows another block at the cursor', async () => {
    for (const seed of ['a', 'b', 'c']) await write(seed);
    const folder = temporaryFolder();
    const store = await openTestStore(folder, blockTables);
    const copy = await openBlocks(store);
    await copy.found(test.chain.genesis);
    for await (const block of test.blocks.read(1n)) if (block.number === 1n) await copy.append(block);
    await store.close();
    const other = await openTestLedger(folder);
    const otherSender = new Sender(other.chain.genesis.chainId, 'other');
    for (let i = 0; i < 4; i++) {
      const { raw } = await otherSender.sign(words(`${i}`, 1));
      await other.chain.request({ method: 'eth_sendRawTransaction', params: [raw] });
    }
    let node: ChainProvider = test.chain;
    const incidents: Incident[] = [];
    const turning: ChainProvider = {
      request: (call) => node.request(call),
      blockAfter: (number, signal) => node.blockAfter(number, signal),
    };
    const ledger = await open(turning, { onIncident: (incident) => incidents.push(incident) });
    const [, , third] = await take(ledger, 3);
    node = other.chain;
    const raw = (await sender.sign(words('waits', 1))).raw;
    const waiting = refusedAs(ledger.submit(raw));
    expect(await refusedAs(take(ledger, 1, third?.cursor))).to.equal('block-differs');
    expect(await waiting).to.equal('block-differs');
    expect(await refusedAs(ledger.submit(raw))).to.equal('block-differs');
    expect(await refusedAs(take(ledger, 1))).to.equal('block-differs');
    expect(incidents).to.have.length(1);
    expect(incidents[0]?.blockNumber).to.equal(3n);
    expect(incidents[0]?.kept.hash).to.equal(third?.hash);
    expect(incidents[0]?.shown.hash).to.not.equal(third?.hash);
    expect(await ledger.agrees(other.chain), 'once halted').to.equal(undefined);
    expect(incidents).to.have.length(1);
    await other.close();
  });

  it('takes no block of another ledger for the incident, whoever has the keys of both', async () => {
    for (const seed of ['a', 'b', 'c']) await write(seed);
    const stranger = await openTestLedger(temporaryFolder(), { genesisAccounts: () => [keeper] });
    const strange = new Sender(stranger.chain.genesis.chainId, 'stranger');
    for (let i = 0; i < 3; i++) {
      const { raw } = await strange.sign(words(`${i}`, 1));
      await stranger.chain.request({ method: 'eth_sendRawTransaction', params: [raw] });
    }
    const incidents: Incident[] = [];
    const ledger = await open(test.chain, { onIncident: (incident) => incidents.push(incident) });
    await take(ledger, 3);
    expect(await refusedAs(ledger.agrees(stranger.chain))).to.equal('ledger-differs');
    const dressed = between(stranger.chain, (call, forward) =>
      call.method === 'eth_chainId' || call.params?.[0] === '0x0' ? test.chain.request(call) : forward(),
    );
    expect(await ledger.agrees(dressed), 'with our genesis and nothing below its blocks').to.equal(false);
    expect(incidents).to.have.length(0);
    await stranger.close();
  });

  it('finds the incident while it follows, and keeps both headers whole', async () => {
    for (const seed of ['a', 'b']) await write(seed);
    const incidents: Incident[] = [];
    const lying = between(test.chain, async ({ params }, forward) => {
      const answer = (await forward()) as Answer;
      if (typeof answer !== 'object' || !('stateRoot' in answer)) return answer;
      if (params?.[0] === '0x2') return rehashed({ ...answer, stateRoot: word(2) });
      return params?.[0] === '0x3' ? rehashed({ ...answer, parentHash: word(3) }) : answer;
    });
    let node: ChainProvider = test.chain;
    const turning: ChainProvider = {
      request: (call) => node.request(call),
      blockAfter: (number, signal) => node.blockAfter(number, signal),
    };
    const ledger = await open(turning, { onIncident: (incident) => incidents.push(incident) });
    const blocks = ledger.follow();
    await blocks.next();
    const { value } = await blocks.next();
    node = lying;
    await write('c');
    expect(await refusedAs(blocks.next())).to.equal('block-differs');
    expect(incidents[0]?.kept).to.deep.equal({ hash: value?.hash, header: value?.raw });
    expect(incidents[0]?.shown.header).to.not.equal(value?.raw);
  });

  it('proves storage, absence, nonces and code under a verified block', async () => {
    const [slot] = words('proved', 1).match(/0x.{64}/) ?? [];
    const key = slot as Bytes32;
    await test.chain.request({
      method: 'eth_sendRawTransaction',
      params: [(await sender.sign(words('proved', 1))).raw],
    });
    const ledger = await open();
    const [block] = await take(ledger, 1);
    if (block === undefined) throw new Error('no block');
    const { state } = await ledger.prove(KEEPER, [word(9), key, word(5), key], block);
    expect([slotOf(state, key), slotOf(state, word(5)), slotOf(state, word(9))]).to.deep.equal([
      word(1),
      word(6),
      ZERO_32,
    ]);
    const codeHash = toHex(keccak256(fromHex(keeper.code))) as Bytes32;
    await ledger.requireContracts([{ address: KEEPER, codeHash }], block);
    expect(
      await refusedAs(ledger.requireContracts([{ address: KEEPER, codeHash: ZERO_32 }], block)),
    ).to.equal('contract-code-differs');
  });

  it('calls as anybody, and hands over what a contract says when it refuses', async () => {
    const ledger = await open();
    const from = `0x${'12'.repeat(20)}` as Address;
    expect(await ledger.call(MIRROR, '0x', from)).to.equal(word(BigInt(from)));
    expect(await ledger.call(MIRROR, '0x')).to.equal(ZERO_32);
    for (const said of ['0xdeadbeef', `0x01020304${'00'.repeat(31)}07`, '0x'] as const) {
      const error: unknown = await ledger.call(REFUSER, said).catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(NodeError).and.to.have.property('data', said);
    }
    const error: unknown = await ledger.call('0x12' as Address, '0x').catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(NodeError).and.to.have.property('data', undefined);
    const mute = await open(
      between(test.chain, ({ method }, go) => (method === 'eth_call' ? Promise.resolve({}) : go())),
    );
    expect(await refusedAs(mute.call(MIRROR, '0x'))).to.equal('Fault');
  });

  it('tells what a node says of a call from what it says of itself, over a network', async () => {
    let said = new NodeError(RPC.refused, 'world state unavailable');
    const node = between(test.chain, async (call, forward) => {
      if (call.method === 'eth_call') throw said;
      return forward();
    });
    const ledger = await openLedger({ provider: node, pin: pinOf(trustIn(test.chain)) });
    const saidOf = (error: NodeError) => {
      said = error;
      return ledger.call(MIRROR, '0x').catch((reason: unknown) => reason);
    };
    for (const message of ['world state unavailable', 'timeout', 'Method not enabled']) {
      const error = await saidOf(nodeErrorOf({ code: -32_000, message }));
      expect(error, message).to.be.instanceOf(Fault).and.to.have.property('retryable', true);
    }
    for (const told of [
      { code: -32_000, message: 'Out of gas' },
      { code: -32_000, message: 'execution halted', data: 'OUT_OF_GAS' },
      { code: 3, message: 'execution reverted', data: '0x' },
    ]) {
      expect(await saidOf(nodeErrorOf(told)), told.message).to.be.instanceOf(NodeError);
    }
    const pool = new NodePool({ nodes: [node, test.chain], first: 0, onTurn() {} });
    said = new NodeError(RPC.refused, 'world state unavailable');
    const params = [{ to: MIRROR, data: '0x' }, 'latest'];
    expect(await pool.request({ method: 'eth_call', params })).to.match(/^0x[0-9a-f]{64}$/);
    ledger.close();
  });

  it('are sent to every node where they are sent again, for one may take them and pass them on to nobody', async () => {
    const taking = between(test.chain, async (call, forward) =>
      call.method === 'eth_sendRawTransaction' ? word(1) : forward(),
    );
    const pool = new NodePool({ nodes: [taking, test.chain], first: 0, onTurn() {} });
    const before = test.chain.headNumber;
    const { raw } = await sender.sign(words('passed on', 1));
    const params = [raw];
    await pool.request({ method: 'eth_sendRawTransaction', params });
    expect(test.chain.headNumber).to.equal(before);
    await pool.request({ method: 'eth_sendRawTransaction', params });
    await test.chain.blockAfter(before, AbortSignal.timeout(5_000));
    expect(test.chain.headNumber).to.equal(before + 1n);
  });

  it('loses and doubles nothing whatever becomes of a send: lost before, lost after, refused, taken', async () => {
    const random = seeded(5);
    const sends = new Map<unknown, number>();
    const unreliable = between(test.chain, async ({ method, params }, forward) => {
      if (method !== 'eth_sendRawTransaction') return forward();
      const before = sends.get(params?.[0]) ?? 0;
      sends.set(params?.[0], before + 1);
      // Each wait is twice the one before it: the fourth time it is taken, whatever befell the first three.
      switch (before < 3 ? random.below(5) : 4) {
        case 0:
          throw new Fault('reset before', { retryable: true });
        case 1:
          await forward().catch(() => {});
          throw new Fault('reset after', { retryable: true });
        case 2:
          await forward().catch(() => {});
          throw new NodeError(-32000, 'already known');
        case 3:
          throw new NodeError(-32000, 'nonce too low');
        default:
          return forward();
      }
    });
    const ledger = await open(unreliable);
    const follow = following(ledger);
    const senders = Array.from({ length: 60 }, (_, i) => new Sender(test.chain.genesis.chainId, `s${i}`));
    const signed = await Promise.all(senders.map((each, i) => each.sign(words(`${i}`, 1))));
    const landed = await Promise.all(signed.map(({ raw }) => ledger.submit(raw)));
    await follow.until(test.chain.headNumber);
    await follow.stop();
    const inBlocks = follow.blocks.flatMap(({ transactions }) => transactions.map(({ hash }) => hash));
    const lost = signed.filter(({ hash }, i) => landed[i]?.transaction.hash !== hash).length;
    const doubled = inBlocks.length - new Set(inBlocks).size;
    console.log(
      `      unreliable sends | seed 5 | ${signed.length} tried | ${lost} lost, ${doubled} doubled`,
    );
    expect([lost, doubled, inBlocks.length]).to.deep.equal([0, 0, 60]);
  });
});

function alterLog(receipts: Answer[], change: Answer): Answer[] {
  const [first, ...rest] = receipts as (Answer & { logs: Answer[] })[];
  return [{ ...first, logs: first?.logs.map((log) => ({ ...log, ...change })) }, ...rest];
}

function changed(block: Answer, change: (all: Answer[]) => Answer[]): Answer {
  return { ...block, transactions: change(block.transactions as Answer[]) };
}

function first(block: Answer, change: Answer): Answer {
  return changed(block, ([transaction, ...rest]) => [{ ...transaction, ...change }, ...rest]);
}

/** As a liar who knows the rules would have it: the hash fits the header. */
function rehashed(block: Answer): Answer {
  return { ...block, hash: headerHash(headerOfAnswer(block)) };
}
