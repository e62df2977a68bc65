import { expect } from 'chai';
import { SigningKey, Transaction } from 'ethers';
import { headerHash, readHeader } from '../../../server/domain/audit/header.ts';
import { verifyFinality } from '../../../server/domain/audit/lineage.ts';
import { proofOfAnswer, readState, slotOf } from '../../../server/domain/audit/state.ts';
import { fromHex, type Hex } from '../../../server/domain/base/hex.ts';
import { quantity } from '../../../server/ledger/provider.ts';
import { compactHex, softwareSigner } from '../../../server/ledger/signer.ts';
import { blockTables, openBlocks } from '../../../server/store/blocks.ts';
import { rawKey } from '../../../server/store/level.ts';
import { ordinal } from '../../../server/store/store.ts';
import {
  openTestStore,
  refusedAs,
  removeTemporaryFolders,
  tamper,
  temporaryFolder,
} from '../store/folder.ts';
import { KEEPER, keeper, openTestLedger, Sender, type TestLedger, word, words } from './chain.ts';

type Block = {
  number: Hex;
  hash: Hex;
  timestamp: Hex;
  baseFeePerGas: Hex;
  transactions: Hex[];
  gasUsed: Hex;
};

/** A transaction from before EIP-155, or one of EIP-155. */
function chainless(nonce: number, chainId = 0n): string {
  const transaction = Transaction.from({
    type: 0,
    nonce,
    chainId,
    to: KEEPER,
    gasLimit: 100_000n,
    gasPrice: 0n,
  });
  transaction.signature = new SigningKey(new Uint8Array(32).fill(0x55)).sign(transaction.unsignedHash);
  return transaction.serialized;
}

describe('the embedded chain', function () {
  this.timeout(60_000);
  let folder: string;
  let ledger: TestLedger;
  let sender: Sender;
  const request = (method: string, ...params: unknown[]) => ledger.chain.request({ method, params });
  const send = async (data: Hex, overrides = {}) =>
    request('eth_sendRawTransaction', (await sender.sign(data, overrides)).raw);
  const blockAt = async (block: bigint | 'latest') =>
    (await request('eth_getBlockByNumber', block === 'latest' ? block : quantity(block), false)) as Block;
  const reopen = async (options = {}) => {
    await ledger.close();
    ledger = await openTestLedger(folder, options);
  };
  beforeEach(async () => {
    folder = temporaryFolder();
    ledger = await openTestLedger(folder);
    sender = new Sender(ledger.chain.genesis.chainId, 'sender');
  });
  afterEach(() => ledger.close().catch(() => ledger.store.close()));
  after(removeTemporaryFolders);

  it('is another ledger each time one is founded, in chain id and in genesis hash', async () => {
    const clock = () => 1_800_000_000n;
    const others = await Promise.all([1, 2, 3].map(() => openTestLedger(temporaryFolder(), { clock })));
    const ids = new Set(others.map(({ chain }) => chain.genesis.chainId));
    const hashes = new Set(others.map(({ chain }) => chain.genesis.hash));
    for (const other of others) await other.close();
    expect(ids.size).to.equal(3);
    expect(hashes.size).to.equal(3);
  });

  it('answers a transaction when its block is journalled, and the receipt is there at once', async () => {
    const hash = await send(words('a', 3));
    expect(await ledger.blocks.head()).to.equal(1n);
    const receipt = (await request('eth_getTransactionReceipt', hash)) as { status: Hex; blockHash: Hex };
    expect(receipt.status).to.equal('0x1');
    expect(receipt.blockHash).to.equal((await blockAt(1n)).hash);
  });

  it('puts many transactions of many senders into few blocks, each up to the gas limit', async () => {
    const senders = ['a', 'b', 'c', 'd'].map((seed) => new Sender(ledger.chain.genesis.chainId, seed));
    const raws: Hex[] = [];
    for (let i = 0; i < 600; i++) {
      raws.push((await (senders[i % 4] as Sender).sign(words(`${i}`, 6))).raw);
    }
    const hashes = await Promise.all(raws.map((raw) => request('eth_sendRawTransaction', raw)));
    expect(new Set(hashes).size).to.equal(600);
    const head = await ledger.blocks.head();
    expect(head < 8n).to.equal(true);
    expect(BigInt((await blockAt(2n)).gasUsed) > 29_000_000n).to.equal(true);
  });

  it('keeps the base fee at zero behind full blocks, so that nothing priced at zero waits', async () => {
    for (let round = 0; round < 4; round++) {
      const raws = await Promise.all(
        Array.from({ length: 200 }, (_, i) => sender.sign(words(`${round}/${i}`, 6))),
      );
      await Promise.all(raws.map(({ raw }) => request('eth_sendRawTransaction', raw)));
    }
    for (let n = 1n; n <= ledger.chain.headNumber; n++) {
      expect((await blockAt(n)).baseFeePerGas, `block ${n}`).to.equal('0x0');
    }
  });

  it('never lets time run backwards, and never ahead of the clock', async () => {
    let now = 2_000_000_000n;
    await ledger.close();
    folder = temporaryFolder();
    ledger = await openTestLedger(folder, { clock: () => now });
    sender = new Sender(ledger.chain.genesis.chainId, 'sender');
    for (let i = 0; i < 5; i++) await send(words(`${i}`, 1));
    expect(BigInt((await blockAt(5n)).timestamp)).to.equal(now);
    now -= 1_000n;
    await send(words('back', 1));
    expect(BigInt((await blockAt(6n)).timestamp)).to.equal(2_000_000_000n);
    now += 2_000n;
    await send(words('on', 1));
    expect(BigInt((await blockAt(7n)).timestamp)).to.equal(now);
  });

  it('mines and journals a transaction that reverts', async () => {
    const hash = await send('0x01');
    expect(await request('eth_getTransactionReceipt', hash)).to.include({
      status: '0x0',
      blockNumber: '0x1',
    });
    await reopen();
    expect(await request('eth_getTransactionReceipt', hash)).to.include({ status: '0x0' });
  });

  it('answers what cannot be mined with an error, and no block holds it', async () => {
    await send(words('first', 1));
    const attempts: [string, () => Promise<unknown>][] = [
      ['the same again', () => send(words('first', 1), { nonce: 0n })],
      ['a nonce that is used', () => send(words('other', 1), { nonce: 0n })],
      ['a nonce beyond the next', () => send(words('gap', 1), { nonce: 7n })],
      ['too little gas', () => send(words('x', 1), { nonce: 1n, gas: 21_000n })],
      ['more gas than a transaction may ask', () => send('0x', { nonce: 1n, gas: 16_777_217n })],
      ['another chain', () => send('0x', { nonce: 1n, chainId: 5n })],
      ['no transaction', () => request('eth_sendRawTransaction', '0x02c0')],
      ['one that is valid on every chain', () => request('eth_sendRawTransaction', chainless(0))],
      ['one of old form for another chain', () => request('eth_sendRawTransaction', chainless(0, 5n))],
      ['nothing of any form', () => request('eth_sendRawTransaction', '0xf800')],
      ['a blob', () => request('eth_sendRawTransaction', '0x03f800')],
      ['account code', () => request('eth_sendRawTransaction', '0x04f800')],
      ['no bytes', () => request('eth_sendRawTransaction')],
    ];
    for (const [what, attempt] of attempts) {
      const error = await attempt().catch((reason: unknown) => reason);
      expect(error, what).to.have.property('name', 'NodeError');
    }
    expect(await ledger.blocks.head()).to.equal(1n);
    await send(words('next', 1), { nonce: 1n });
    expect(await ledger.blocks.head()).to.equal(2n);
  });

  it('mines the good ones of a burst whatever stands between them', async () => {
    const good = [0n, 1n, 2n].map((nonce) => sender.sign(words(`${nonce}`, 1), { nonce }));
    const gap = sender.sign(words('gap', 1), { nonce: 9n });
    const foreign = sender.sign(words('foreign', 1), { nonce: 3n, chainId: 1n });
    const [first, second, third] = await Promise.all(good);
    const order = [second, await gap, await foreign, third, first, first];
    const answers = await Promise.allSettled(
      order.map((transaction) => request('eth_sendRawTransaction', transaction?.raw)),
    );
    expect(answers.map(({ status }) => status)).to.deep.equal([
      'fulfilled',
      'rejected',
      'rejected',
      'fulfilled',
      'fulfilled',
      'fulfilled',
    ]);
    expect(await ledger.blocks.head()).to.equal(1n);
  });

  it('answers for both when one transaction replaces another of its nonce: one is mined, one refused', async () => {
    const pair = await Promise.all(['one', 'two'].map((seed) => sender.sign(words(seed, 1), { nonce: 0n })));
    const answers = await Promise.allSettled(pair.map(({ raw }) => request('eth_sendRawTransaction', raw)));
    expect(answers.filter(({ status }) => status === 'fulfilled')).to.have.length(1);
    const mined = answers.findIndex(({ status }) => status === 'fulfilled');
    expect((await blockAt(1n)).transactions).to.deep.equal([pair[mined]?.hash]);
  });

  it('starts again with the same hash at every height, whatever was read meanwhile', async () => {
    for (let i = 0; i < 12; i++) {
      await send(words(`${i}`, 1 + (i % 5)));
      const call = { from: sender.address, to: KEEPER, data: words('read', 2) };
      await request('eth_call', call, 'latest');
      await request('eth_call', call, 'pending');
      await request('eth_estimateGas', call);
      await request('eth_getBlockByNumber', 'pending', true);
      await request('eth_getTransactionCount', sender.address, 'pending');
      await request('eth_feeHistory', '0x2', 'latest', []);
      await request('eth_getProof', KEEPER, [word(5)], 'latest');
    }
    const before = await Promise.all(Array.from({ length: 13 }, (_, n) => blockAt(BigInt(n))));
    const { genesis } = ledger.chain;
    await reopen();
    expect(ledger.chain.genesis).to.deep.equal(genesis);
    expect(await Promise.all(before.map((_, n) => blockAt(BigInt(n))))).to.deep.equal(before);
    await send(words('more', 1));
    expect(ledger.chain.headNumber).to.equal(13n);
  });

  it('says how far the start is, and when one process is not enough', async () => {
    for (let i = 0; i < 3; i++) await send(words(`${i}`, 1));
    const progress: unknown[] = [];
    const grown: number[] = [];
    await reopen({
      onProgress: (step: unknown) => progress.push(step),
      onGrown: (count: number) => grown.push(count),
    });
    expect(progress.at(-1)).to.deep.equal({ blockNumber: 3n, headNumber: 3n, transactions: 3 });
    expect(grown).to.deep.equal([]);
  });

  it('does not start on a journal that comes out differently, and names the block', async () => {
    for (let i = 0; i < 4; i++) await send(words(`${i}`, 1));
    const other = temporaryFolder();
    const store = await openTestStore(other, blockTables);
    const copy = await openBlocks(store);
    await copy.found(ledger.chain.genesis);
    for await (const block of ledger.blocks.read(1n)) {
      const isThird = block.number === 3n;
      await copy.append(isThird ? { ...block, timestamp: block.timestamp + 1n } : block);
    }
    await store.close();
    const error = await openTestLedger(other).catch((reason: unknown) => reason);
    expect(error).to.include({ code: 'replay-differs' });
    expect(String(error)).to.contain('Block 3 ');
  });

  it('does not start on a genesis that comes out differently', async () => {
    const other = temporaryFolder();
    const store = await openTestStore(other, blockTables);
    await (await openBlocks(store)).found({ ...ledger.chain.genesis, hash: word(1) });
    await store.close();
    expect(await refusedAs(openTestLedger(other))).to.equal('replay-differs');
  });

  it('does not start on a damaged journal', async () => {
    for (let i = 0; i < 4; i++) await send(words(`${i}`, 1));
    await ledger.close();
    await tamper(folder, (level) => level.del(rawKey('blocks', ordinal(2n))));
    expect(await refusedAs(openTestLedger(folder))).to.equal('journal-block-missing');
  });

  it('gives evidence of a head that an auditor accepts with the trust file alone', async () => {
    const witness = softwareSigner(new Uint8Array(32).fill(0x33));
    await reopen({ witnesses: [witness.address] });
    await send(words('a', 1));
    const { chain } = ledger;
    const code = { address: KEEPER, codeHash: word(1) };
    const trust = {
      format: 'kudurru-trust-1' as const,
      lineage: 'embedded' as const,
      genesisHash: chain.genesis.hash,
      chainId: Number(chain.genesis.chainId),
      ledgerNonce: word(0x4e),
      contracts: { charter: code, consortium: code, landRegistry: code, benefitLedger: code },
      minimumCheckpoint: { blockNumber: 0, blockHash: chain.genesis.hash },
      nodeKey: chain.nodeKey,
      witnessKeys: [witness.address],
      witnessThreshold: 1,
    };
    const local = await chain.finality(1n);
    if (local === undefined) throw new Error('no evidence');
    const alone = { ...trust, witnessKeys: [], witnessThreshold: 0 };
    expect(verifyFinality(alone, local)).to.include({
      finality: 'local',
      blockHash: (await blockAt(1n)).hash,
    });

    expect(await refusedAs((async () => verifyFinality(trust, local))())).to.equal('witnesses-too-few');

    const digest = fromHex((await chain.headDigest(1n)) ?? '0x');
    const stranger = softwareSigner(new Uint8Array(32).fill(0x44));
    expect(await refusedAs(chain.cosign(1n, compactHex(await stranger.sign(digest))))).to.equal(
      'witness-unknown',
    );
    await chain.cosign(1n, compactHex(await witness.sign(digest)));
    const witnessed = await request('kudurru_finality', '0x1');
    expect(verifyFinality(trust, witnessed as typeof local)).to.include({ finality: 'witnessed' });
    expect(await request('kudurru_finality', '0x0')).to.equal(null);
    expect(await request('kudurru_finality', '0x2')).to.equal(null);
  });

  it('gives raw headers that hash to the block and prove storage, genesis storage included', async () => {
    await send(words('a', 2));
    for (const n of [0n, 1n]) {
      const raw = fromHex((await request('debug_getRawHeader', quantity(n))) as Hex);
      expect(headerHash(raw)).to.equal((await blockAt(n)).hash);
      const { stateRoot } = readHeader(raw);
      const answer = await request('eth_getProof', KEEPER, [word(5), word(7)], quantity(n));
      const proof = proofOfAnswer(answer as never, KEEPER, [word(5), word(7)]);
      const state = readState(stateRoot, proof);
      expect(slotOf(state, word(5))).to.equal(keeper.storage[0]?.value);
      expect(slotOf(state, word(7))).to.equal(word(0));
    }
  });
});
