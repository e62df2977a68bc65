import { expect } from 'chai';
import { proofOfAnswer, readState, slotOf } from '../../../server/domain/audit/state.ts';
import { validatorSlots } from '../../../server/domain/audit/validators.ts';
import { Fault } from '../../../server/domain/fault.ts';
import { type Address, type Bytes32, type Hex, ZERO_32 } from '../../../server/domain/hex.ts';
import { keccak256 } from '../../../server/ledger/keccak.ts';
import {
  type Cursor,
  type Incident,
  type Ledger,
  openLedger,
  type VerifiedBlock,
} from '../../../server/ledger/ledger.ts';
import { GATHER_MS, HttpNode } from '../../../server/ledger/node.ts';
import { type Call, type ChainProvider, NodeError } from '../../../server/ledger/provider.ts';
import { listenRpc } from '../../../server/ledger/rpc.ts';
import { blockTables, openBlocks } from '../../../server/store/blocks.ts';
import { trustIn } from '../../forge.ts';
import { recordedChain } from '../../recorded.ts';
import { seeded } from '../../seeded.ts';
import { openTestStore, refusedAs, removeTemporaryFolders, temporaryFolder } from '../store/folder.ts';
import { KEEPER, keeper, openTestLedger, Sender, type TestLedger, word, words } from './chain.ts';
import { recordedNode } from './recordedNode.ts';

type Answer = Record<string, unknown>;

/** Between the ledger and the chain: a node that answers something else, or not at all. */
function between(
  provider: ChainProvider,
  change: (call: Call, forward: () => Promise<unknown>) => Promise<unknown>,
): ChainProvider {
  return {
    request: (call) => change(call, () => provider.request(call)),
    blockAfter: (number, signal) => provider.blockAfter(number, signal),
  };
}

async function take(ledger: Ledger, count: number, cursor?: Cursor): Promise<VerifiedBlock[]> {
  const blocks: VerifiedBlock[] = [];
  if (count === 0) return blocks;
  for await (const block of ledger.follow(cursor)) {
    blocks.push(block);
    if (blocks.length === count) break;
  }
  return blocks;
}

/** Follows in the background until stopped, as main does. */
function following(ledger: Ledger, cursor?: Cursor) {
  const stop = new AbortController();
  const blocks: VerifiedBlock[] = [];
  const done = (async () => {
    for await (const block of ledger.follow(cursor, stop.signal)) blocks.push(block);
  })();
  return {
    blocks,
    done,
    async stop() {
      stop.abort();
      await done;
    },
  };
}

describe('the ledger over the embedded chain', function () {
  this.timeout(60_000);
  let test: TestLedger;
  let sender: Sender;
  const pin = () => ({ chainId: test.chain.genesis.chainId, genesisHash: test.chain.genesis.hash });
  const open = (provider: ChainProvider = test.chain, more = {}) =>
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
    expect(ledger.unsettled()).to.deep.equal([]);
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

  it('refuses a node of another ledger', async () => {
    const differing = (change: object) => openLedger({ provider: test.chain, pin: { ...pin(), ...change } });
    expect(await refusedAs(differing({ chainId: 5n }))).to.equal('ledger-differs');
    expect(await refusedAs(differing({ genesisHash: ZERO_32 }))).to.equal('ledger-differs');
    expect(await refusedAs(differing({}))).to.equal(undefined);
  });

  it('believes no answer that the hashes do not bear out', async () => {
    await Promise.all([write('a', 3), write('b', 1)]);
    const lies: [string, (method: string, answer: Answer & Answer[]) => unknown][] = [
      ['a log left out', (_, receipts) => receipts.with(0, { ...receipts[0], logs: [] })],
      ['a log altered', (_, receipts) => alterLog(receipts, { data: '0x00' })],
      ['a topic altered', (_, receipts) => alterLog(receipts, { topics: [word(1)] })],
      ['a log of another contract', (_, receipts) => alterLog(receipts, { address: `0x${'78'.repeat(20)}` })],
      ['a log that is none', (_, receipts) => alterLog(receipts, { topics: ['0x01'] })],
      ['a status turned', (_, receipts) => receipts.with(1, { ...receipts[1], status: '0x0' })],
      ['a status that is none', (_, receipts) => receipts.with(1, { ...receipts[1], status: '0x2' })],
      ['a receipt left out', (_, receipts) => receipts.slice(0, 1)],
      ['receipts turned round', (_, receipts) => receipts.toReversed()],
      ['a transaction left out', (_, block) => changed(block, (all) => all.slice(0, 1))],
      ['transactions turned round', (_, block) => changed(block, (all) => all.toReversed())],
      ['a transaction altered', (_, block) => changed(block, ([a, ...b]) => [{ ...a, input: '0x' }, ...b])],
      ['a type from nowhere', (_, block) => changed(block, ([a, ...b]) => [{ ...a, type: '0x9' }, ...b])],
      ['another state', (_, block) => ({ ...block, stateRoot: word(1) })],
      ['another number', (_, block) => ({ ...block, number: '0x2' })],
      ['another parent', (_, block) => ({ ...block, parentHash: word(1) })],
      ['a field left out', (_, { requestsHash: __, ...block }) => block],
    ];
    for (const [what, lie] of lies) {
      const isOfReceipts = /log|topic|status|receipt/.test(what);
      const liar = between(test.chain, async ({ method, params }, forward) => {
        const answer = (await forward()) as Answer & Answer[];
        const isAsked = isOfReceipts ? method === 'eth_getBlockReceipts' : method === 'eth_getBlockByNumber';
        return isAsked && params?.[0] === '0x1' ? lie(method, answer) : answer;
      });
      const error = await take(await open(liar), 1).catch((reason: unknown) => reason);
      // A header that hashes to something else is, where nothing is linked behind it, only another block.
      if (what === 'another state') expect(error, what).to.be.an('array');
      else expect(error, what).to.have.property('code', 'ledger-unverified');
    }
  });

  it('finds out a header altered below the next block, by that block', async () => {
    await write('a');
    await write('b');
    const liar = between(test.chain, async ({ params }, forward) => {
      const answer = (await forward()) as Answer;
      return params?.[0] === '0x1' && 'stateRoot' in answer ? { ...answer, stateRoot: word(1) } : answer;
    });
    expect(await refusedAs(take(await open(liar), 2))).to.equal('ledger-unverified');
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
    const ledger = await open(turning, { onIncident: (incident: Incident) => incidents.push(incident) });
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
    await other.close();
  });

  it('finds the incident while it follows, and keeps both headers whole', async () => {
    for (const seed of ['a', 'b']) await write(seed);
    const incidents: Incident[] = [];
    const ledger = await open(test.chain, { onIncident: (incident: Incident) => incidents.push(incident) });
    const lying = between(test.chain, async ({ params }, forward) => {
      const answer = (await forward()) as Answer;
      if (typeof answer !== 'object' || !('stateRoot' in answer)) return answer;
      if (params?.[0] === '0x2') return { ...answer, stateRoot: word(2) };
      return params?.[0] === '0x3' ? { ...answer, parentHash: word(3) } : answer;
    });
    const { provider } = { provider: { current: test.chain as ChainProvider } };
    const switching: ChainProvider = {
      request: (call) => provider.current.request(call),
      blockAfter: (number, signal) => provider.current.blockAfter(number, signal),
    };
    ledger.close();
    const second = await open(switching, { onIncident: (incident: Incident) => incidents.push(incident) });
    const blocks = second.follow();
    await blocks.next();
    const { value } = await blocks.next();
    provider.current = lying;
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
    expect(await ledger.proveNonce(sender.address, block)).to.equal(1n);
    expect(await ledger.proveNonce(`0x${'12'.repeat(20)}` as Address, block)).to.equal(0n);
    const codeHash =
      `0x${Buffer.from(keccak256(Buffer.from(keeper.code.slice(2), 'hex'))).toString('hex')}` as Bytes32;
    await ledger.requireContracts([{ address: KEEPER, codeHash }], block);
    expect(
      await refusedAs(ledger.requireContracts([{ address: KEEPER, codeHash: ZERO_32 }], block)),
    ).to.equal('contract-code-differs');
  });

  it('loses and doubles nothing whatever becomes of a send: lost before, lost after, refused, taken', async () => {
    const random = seeded(5);
    const unreliable = between(test.chain, async ({ method }, forward) => {
      if (method !== 'eth_sendRawTransaction') return forward();
      switch (random.below(5)) {
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
    await follow.stop();
    const inBlocks = follow.blocks.flatMap(({ transactions }) => transactions.map(({ hash }) => hash));
    const lost = signed.filter(({ hash }, i) => landed[i]?.transaction.hash !== hash).length;
    const doubled = inBlocks.length - new Set(inBlocks).size;
    console.log(
      `      unreliable sends | seed 5 | ${signed.length} tried | ${lost} lost, ${doubled} doubled`,
    );
    expect([lost, doubled, inBlocks.length]).to.deep.equal([0, 0, 60]);
  });

  it('over HTTP takes about one call a write, and twenty writes or more a request', async () => {
    const rpc = await listenRpc(test.chain, 0);
    const node = new HttpNode({ url: `http://localhost:${rpc.port}` });
    const ledger = await open(node, { gatherMs: GATHER_MS });
    const follow = following(ledger);
    const writes = 2_000;
    const signed: Hex[] = [];
    for (let i = 0; i < writes; i++) signed.push((await sender.sign(words(`${i}`, 1))).raw);
    const before = node.traffic;
    await Promise.all(signed.map((raw) => ledger.submit(raw)));
    const calls = (node.traffic.calls - before.calls) / writes;
    const requests = (node.traffic.requests - before.requests) / writes;
    await follow.stop();
    await rpc.close();
    console.log(
      `      pipeline | ${writes} writes | ${calls.toFixed(3)} calls, ${requests.toFixed(4)} requests a write`,
    );
    expect(calls).to.be.at.most(1.1);
    expect(requests).to.be.at.most(0.05);
  });

  it('waits for a node that is away and goes on when it is back', async () => {
    const first = await listenRpc(test.chain, 0);
    const node = new HttpNode({ url: `http://localhost:${first.port}` });
    const faults: unknown[] = [];
    const ledger = await open(node, { onFault: (fault: unknown) => faults.push(fault) });
    const follow = following(ledger);
    await write('a');
    await first.close();
    await write('b');
    expect(await refusedAs(node.request({ method: 'eth_chainId' }))).to.equal('Fault');
    const again = await listenRpc(test.chain, first.port);
    const { transaction } = await ledger.submit((await sender.sign(words('c', 1))).raw);
    expect(transaction.receipt.succeeded).to.equal(true);
    expect(follow.blocks.map(({ number }) => number)).to.deep.equal([1n, 2n, 3n]);
    await follow.stop();
    await again.close();
  });
});

function alterLog(receipts: Answer[], change: Answer): Answer[] {
  const [first, ...rest] = receipts as (Answer & { logs: Answer[] })[];
  return [{ ...first, logs: first?.logs.map((log) => ({ ...log, ...change })) }, ...rest];
}

function changed(block: Answer, change: (all: Answer[]) => Answer[]): Answer {
  return { ...block, transactions: change(block.transactions as Answer[]) };
}

describe('the ledger over a recorded Besu network', () => {
  const trustOf = (name: 'cancun' | 'osaka') => {
    const chain = recordedChain(name);
    const [recorded] = [...chain.proofs.values()];
    if (recorded === undefined) throw new Error('no proof was recorded');
    const { codeHash } = recorded.answer as unknown as { codeHash: Bytes32 };
    const trust = trustIn(
      chain.expected[0]?.hash ?? ZERO_32,
      chain.expected[1]?.validatorsThatMustSign ?? [],
    );
    return { ...trust, contracts: { ...trust.contracts, charter: { address: recorded.address, codeHash } } };
  };
  const openOn = (name: 'cancun' | 'osaka', alter?: Parameters<typeof recordedNode>[1]) => {
    const node = recordedNode(name, alter);
    const qbft = trustOf(name);
    const pin = { chainId: name === 'osaka' ? 4202n : 4201n, genesisHash: qbft.genesisHash, qbft };
    return openLedger({ provider: node, pin }).then((ledger) => ({ ledger, node }));
  };

  for (const name of ['cancun', 'osaka'] as const) {
    const { expected } = recordedChain(name);
    const [, first] = expected;
    const cursor: Cursor = {
      number: BigInt(first?.number ?? 0),
      hash: first?.hash ?? ZERO_32,
      validators: first?.validatorsThatMustSign ?? [],
    };

    it(`follows ${name} over a validator that joins and one that leaves, asking for the set only then`, async () => {
      const { ledger, node } = await openOn(name);
      const blocks = await take(ledger, expected.length - 2, cursor);
      for (const [i, block] of blocks.entries()) {
        const told = expected[i + 2];
        expect(block.hash).to.equal(told?.hash);
        const next = expected[i + 3]?.validatorsThatMustSign;
        if (next) expect(new Set(block.cursor.validators)).to.deep.equal(new Set(next));
      }
      expect(blocks[0]?.transactions).to.have.length(5);
      // One change is found by guessing the old length first: two proofs a change.
      expect(node.calls.filter((method) => method === 'eth_getProof')).to.have.length(4);
    });

    it(`learns the set of ${name} by proof where the cursor does not carry it`, async () => {
      const { ledger } = await openOn(name);
      const at = expected[3];
      const bare = { number: BigInt(at?.number ?? 0), hash: at?.hash ?? ZERO_32 };
      const [block] = await take(ledger, 1, bare);
      expect(block?.hash).to.equal(expected[4]?.hash);
    });

    it(`refuses a block of ${name} without a quorum's seals`, async () => {
      const { ledger } = await openOn(name);
      const [stranger, ...others] = cursor.validators ?? [];
      const strangers = { ...cursor, validators: others.concat(`0x${'99'.repeat(20)}` as Address) };
      expect(stranger).to.be.a('string');
      // The proof of the parent's set was not recorded, so the node has no answer that could help it.
      const error = await take(ledger, 1, strangers).catch((reason: unknown) => reason);
      expect(error).to.be.an('error');
      expect(String(error)).to.match(/no proof of|does not verify/);
    });
  }

  it('refuses a block whose seals were taken out or whose set a proof denies', async () => {
    const { expected } = recordedChain('osaka');
    const at = expected[3];
    const cursor = { number: 7n, hash: at?.hash ?? ZERO_32 };
    const { ledger } = await openOn('osaka', (method, params, answer) => {
      if (method !== 'eth_getBlockByNumber' || params[0] !== '0x8') return answer;
      const block = answer as { extraData: string };
      // The seals are the last item; what is left is a header that was sealed by nobody.
      const withoutSeals = `0xe5a0${'00'.repeat(32)}c0c080c0`;
      return { ...block, extraData: withoutSeals };
    });
    expect(await refusedAs(take(ledger, 1, cursor))).to.equal('ledger-unverified');
  });

  it('reads proofs that come sorted, shortened and merged', () => {
    const recorded = recordedChain('osaka').proofs.get('validators-9');
    if (recorded === undefined) throw new Error('not recorded');
    const proof = proofOfAnswer(recorded.answer, recorded.address, validatorSlots(5));
    const header = recordedChain('osaka').blocks.find(({ number }) => number === 9);
    expect(header).to.not.equal(undefined);
    expect(proof.slots).to.have.length(6);
    expect(() => readState(ZERO_32, proof)).to.throw();
  });
});
