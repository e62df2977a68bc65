/** What strangers may do to the embedded chain over its JSON-RPC listener: an act a register accepts, and nothing else. */
import { performance } from 'node:perf_hooks';
import { expect } from 'chai';
import { SigningKey, Transaction } from 'ethers';
import type { LedgerEvent } from '../../../server/domain/acts/events.ts';
import { decodeRlp, encodeRlp, minimalBytes } from '../../../server/domain/audit/rlp.ts';
import { type Address, fromHex, type Hex, toHex } from '../../../server/domain/base/hex.ts';
import { contractsInForce } from '../../../server/ledger/contracts.ts';
import { CALL_GAS, type Guests, guestsOf } from '../../../server/ledger/guests.ts';
import { CONSTANT_ANSWERS, OWN_METHODS } from '../../../server/ledger/methods.ts';
import { NodeError } from '../../../server/ledger/provider.ts';
import { readRawTransaction } from '../../../server/ledger/rawTransaction.ts';
import { listenRpc, type RpcListener } from '../../../server/ledger/rpc.ts';
import { signTransaction, softwareSigner } from '../../../server/ledger/signer.ts';
import { seeded } from '../../seeded.ts';
import { removeTemporaryFolders, temporaryFolder } from '../store/folder.ts';
import {
  BURNER,
  CLOCK,
  KEEPER,
  MIRROR,
  openTestLedger,
  REFUSER,
  Sender,
  type TestLedger,
  words,
} from './chain.ts';

const SEED = 20_261_129;
/** Far below what a queue of strangers could hold up; a block here takes some milliseconds. */
const SLOWEST_WRITE_MS = 5_000;
const MOST_GAS = 16_777_216n;

describe('strangers on the JSON-RPC listener', function () {
  this.timeout(120_000);
  let folder: string;
  let ledger: TestLedger;
  let guests: Guests;
  let rpc: RpcListener;
  const isOfLedger = (address: Address) => [KEEPER, REFUSER, BURNER, MIRROR].includes(address);
  const open = async () => {
    ledger = await openTestLedger(folder);
    guests = guestsOf(ledger.chain, isOfLedger);
    rpc = await listenRpc(guests, 0);
  };
  const close = async () => {
    await rpc.close();
    await ledger.close();
  };
  beforeEach(async () => {
    folder = temporaryFolder();
    await open();
  });
  afterEach(close);
  after(removeTemporaryFolders);

  const sign = (
    seed: string,
    to: Address | undefined,
    fields: { data?: Hex; gas?: bigint; nonce?: bigint } = {},
  ) =>
    signTransaction(
      {
        ...{
          chainId: ledger.chain.genesis.chainId,
          nonce: fields.nonce ?? 0n,
          gas: fields.gas ?? 1_000_000n,
        },
        ...{ data: fields.data ?? words(seed, 1), ...(to && { to }) },
      },
      softwareSigner(fromHex(words(`key of ${seed}`, 1))),
    );
  const send = (raw: Hex) => guests.request({ method: 'eth_sendRawTransaction', params: [raw] }, 'test');
  const isRefused = (sent: Promise<unknown>) =>
    sent.then(
      () => false,
      (error: unknown) => {
        if (error instanceof NodeError) return true;
        throw error;
      },
    );
  const call = async (method: string, ...params: unknown[]) => {
    const response = await fetch(`http://127.0.0.1:${rpc.port}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    });
    return (await response.json()) as { result?: unknown; error?: { code: number } };
  };

  it('send what the contracts accept: it is mined alone and found again after a start', async () => {
    const { raw, hash } = await sign('accepted', KEEPER);
    expect((await call('eth_sendRawTransaction', raw)).result).to.equal(hash);
    expect(await ledger.blocks.head()).to.equal(1n);
    await close();
    await open();
    expect((await call('eth_getTransactionReceipt', hash)).result).to.include({ status: '0x1' });
  });

  it('let none in of which a byte is added, lost or written otherwise, and the chain lives on', async () => {
    const random = seeded(SEED);
    const { raw } = await sign('canonical', KEEPER);
    const bytes = fromHex(raw);
    const legacy = Transaction.from({ type: 0, to: KEEPER, chainId: 0n, gasLimit: 100_000n, gasPrice: 0n });
    legacy.signature = new SigningKey(new Uint8Array(32).fill(0x55)).sign(legacy.unsignedHash);
    const broken: Hex[] = [
      `${raw}00`,
      `0X${raw.slice(2)}` as Hex,
      `${raw}${raw.slice(2)}`,
      `${raw.slice(0, -2)}` as Hex,
      toHex(Uint8Array.of(2, ...encodeRlp([]))),
      toHex(Uint8Array.of(2, 0xf8, 0x01, ...bytes.subarray(2))),
      legacy.serialized as Hex,
    ];
    const twin = Transaction.from(raw);
    const { r, s, yParity } = twin.signature ?? missing();
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
    const highS = minimalBytes(order - BigInt(s));
    const signed = decodeRlp(fromHex(twin.unsignedSerialized).subarray(1)) as readonly Uint8Array[];
    broken.push(
      toHex(
        Uint8Array.of(
          2,
          ...encodeRlp([...signed, minimalBytes(1 - yParity), minimalBytes(BigInt(r)), highS]),
        ),
      ),
    );
    while (broken.length < 400) {
      const spot = random.below(bytes.length);
      const put = Uint8Array.of(random.below(256));
      broken.push(toHex(Buffer.concat([bytes.subarray(0, spot), put, bytes.subarray(spot)])));
    }
    let letIn = 0;
    for (const each of broken) if (!(await isRefused(send(each)))) letIn++;
    console.log(`broken bytes of a transaction | ${SEED} | ${broken.length} tried | ${letIn} let in`);
    expect(letIn).to.equal(0);
    expect(await ledger.blocks.head()).to.equal(0n);
    const internal = ledger.chain.request({ method: 'eth_sendRawTransaction', params: [`${raw}00`] });
    expect(await isRefused(internal)).to.equal(true);
    expect(await send(raw)).to.equal(readRawTransaction(raw).hash);
  });

  it('leave no trace when they burn gas, revert, create, record nothing or speak to other accounts', async () => {
    const attempts: [what: string, to: Address | undefined, fields?: object][] = [
      ['burns', BURNER, { gas: MOST_GAS }],
      ['burns less', BURNER],
      ['reverts', REFUSER],
      ['creates', undefined, { data: '0x5b600056' }],
      ['records nothing', MIRROR],
      ['to an account', `0x${'99'.repeat(20)}` as Address],
      ['to a contract of nobody', CLOCK],
      ['too early', KEEPER, { nonce: 5n }],
      ['too little gas', KEEPER, { gas: 21_500n }],
    ];
    let tried = 0;
    let letIn = 0;
    for (let round = 0; round < 2; round++) {
      for (const [what, to, fields] of attempts) {
        const { raw } = await sign(`${what} ${round}`, to, fields);
        tried++;
        if (!(await isRefused(send(raw)))) letIn++;
      }
    }
    console.log(`waste of strangers | ${SEED} | ${tried} tried | ${letIn} let in`);
    expect(letIn).to.equal(0);
    expect(await ledger.blocks.head()).to.equal(0n);
    // What was tried and taken back changes nothing of what comes later: a start executes the same blocks.
    const { raw } = await sign('after the waste', KEEPER);
    await send(raw);
    const own = new Sender(ledger.chain.genesis.chainId, 'relayer');
    await ledger.chain.request({ method: 'eth_sendRawTransaction', params: [(await own.sign('0x01')).raw] });
    const block = await ledger.chain.request({ method: 'eth_getBlockByNumber', params: ['latest', false] });
    await close();
    await open();
    expect(
      await ledger.chain.request({ method: 'eth_getBlockByNumber', params: ['latest', false] }),
    ).to.deep.equal(block);
    expect(ledger.chain.headNumber, "the relayer's own is mined though it reverts").to.equal(2n);
  });

  it('do not hold up writes with calls that burn gas, in batches and over many connections', async () => {
    const burn = { jsonrpc: '2.0', method: 'eth_call', params: [{ to: BURNER, gas: '0xffffff' }, 'latest'] };
    const batch = JSON.stringify(Array.from({ length: 64 }, (_, id) => Object.assign({ id }, burn)));
    const flood = Array.from({ length: 8 }, () =>
      fetch(`http://127.0.0.1:${rpc.port}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: batch,
      }).then((response) => response.text()),
    );
    const own = new Sender(ledger.chain.genesis.chainId, 'relayer');
    let slowestMs = 0;
    for (let i = 0; i < 12; i++) {
      const startedMs = performance.now();
      const { raw } = await own.sign(words(`write ${i}`, 1));
      await ledger.chain.request({ method: 'eth_sendRawTransaction', params: [raw] });
      slowestMs = Math.max(slowestMs, performance.now() - startedMs);
    }
    console.log(`calls that burn gas | 512 tried | slowest of 12 writes ${Math.round(slowestMs)} ms`);
    expect(slowestMs).to.be.lessThan(SLOWEST_WRITE_MS);
    const answers = (await Promise.all(flood)).flatMap((text) => JSON.parse(text) as { error?: object }[]);
    expect(answers).to.have.length(512);
    expect(answers.filter(({ error }) => error === undefined)).to.deep.equal([]);
  });

  it('do not hold up writes with transactions that burn gas, and fill no queue without end', async () => {
    const raws = await Promise.all(
      Array.from({ length: 100 }, (_, i) => sign(`burner ${i}`, BURNER, { gas: MOST_GAS })),
    );
    const flood = raws.map(({ raw }) =>
      send(raw).then(
        () => 'let in',
        () => 'refused',
      ),
    );
    const own = new Sender(ledger.chain.genesis.chainId, 'relayer');
    let slowestMs = 0;
    for (let i = 0; i < 6; i++) {
      const startedMs = performance.now();
      const { raw } = await own.sign(words(`write ${i}`, 1));
      await ledger.chain.request({ method: 'eth_sendRawTransaction', params: [raw] });
      slowestMs = Math.max(slowestMs, performance.now() - startedMs);
    }
    await rpc.close();
    await ledger.chain.close();
    const letIn = (await Promise.all(flood)).filter((outcome) => outcome === 'let in');
    console.log(
      `burning transactions | ${SEED} | 100 tried | ${letIn.length} let in, slowest write ${Math.round(slowestMs)} ms`,
    );
    expect(letIn).to.deep.equal([]);
    expect(slowestMs).to.be.lessThan(SLOWEST_WRITE_MS);
    await ledger.close();
    await open();
    expect(ledger.chain.headNumber).to.equal(6n);
  });

  it('ask for no list that would keep the chain busy', async () => {
    const keys = (count: number) =>
      Array.from({ length: count }, (_, i) => toHex(new Uint8Array(32).fill(i)));
    expect((await call('eth_getProof', KEEPER, keys(256), 'latest')).result).to.be.an('object');
    const limit = { code: -32005, message: 'a list of at most 256' };
    for (const count of [257, 40_000]) {
      expect((await call('eth_getProof', KEEPER, keys(count), 'latest')).error).to.deep.equal(limit);
      const asked = ['eth_feeHistory', '0x4', 'latest', Array(count).fill(50)] as const;
      expect((await call(...asked)).error).to.deep.equal(limit);
    }
  });

  it('are told of a limit, not served, where a call wants more gas than its lane gives', async () => {
    const { result } = await call('eth_estimateGas', { to: KEEPER, data: words('estimate', 1) });
    expect(BigInt(result as Hex)).to.equal(CALL_GAS);
    expect((await call('eth_estimateGas', { to: BURNER })).error).to.be.an('object');
    expect((await call('eth_call', { to: REFUSER, data: '0x1234' }, 'latest')).error).to.include({
      data: '0x1234',
    });
  });

  it('are refused a parameter more than a method has, whichever it is, and never answered as if it had counted', async () => {
    const to = { to: KEEPER };
    const { hash } = await sign('counted', KEEPER);
    const override = { [KEEPER]: { code: '0x00' } };
    const asked: Readonly<Record<string, readonly unknown[]>> = {
      eth_call: [to, 'latest', override],
      eth_estimateGas: [to, 'latest', override],
      eth_sendRawTransaction: [(await sign('counted', KEEPER)).raw, 'latest'],
      eth_getLogs: [{}, {}],
      eth_getBlockReceipts: ['latest', 'latest'],
      debug_getRawHeader: ['latest', 'latest'],
      kudurru_finality: ['0x0', '0x0'],
      ...{
        eth_blockNumber: [1],
        eth_chainId: [1],
        eth_syncing: [1],
        net_version: [1],
        web3_clientVersion: [1],
      },
      ...{ eth_accounts: [1], eth_gasPrice: [1], eth_maxPriorityFeePerGas: [1], net_listening: [1] },
      eth_feeHistory: ['0x1', 'latest', [], 1],
      ...{ eth_getBalance: [KEEPER, 'latest', 1], eth_getCode: [KEEPER, 'latest', 1] },
      ...{ eth_getTransactionCount: [KEEPER, 'latest', 1], eth_getProof: [KEEPER, [], 'latest', 1] },
      eth_getStorageAt: [KEEPER, '0x0', 'latest', 1],
      ...{ eth_getBlockByHash: [hash, false, 1], eth_getBlockByNumber: ['latest', false, 1] },
      eth_getBlockTransactionCountByHash: [hash, 1],
      eth_getBlockTransactionCountByNumber: ['latest', 1],
      eth_getTransactionByBlockHashAndIndex: [hash, '0x0', 1],
      eth_getTransactionByBlockNumberAndIndex: ['latest', '0x0', 1],
      ...{ eth_getTransactionByHash: [hash, 1], eth_getTransactionReceipt: [hash, 1] },
      web3_sha3: ['0x', 1],
    };
    expect(Object.keys(asked)).to.include.members([...OWN_METHODS, ...CONSTANT_ANSWERS.keys()]);
    for (const [method, params] of Object.entries(asked)) {
      const { error, result } = await call(method, ...params);
      expect([error?.code, result], method).to.deep.equal([-32602, undefined]);
    }
  });

  it('reach a successor as soon as the ledger names it, and read what it took over from', async () => {
    const before = { contract: 'land', address: REFUSER } as const;
    const contracts = contractsInForce({ land: REFUSER, benefits: BURNER }, []);
    guests = guestsOf(ledger.chain, contracts.isOfLedger);
    const act = await sign('successor', KEEPER);
    expect(await isRefused(send(act.raw))).to.equal(true);
    const found = { contract: 'land', address: KEEPER } as const;
    contracts.seen([event('ContractFound', found), event('RegisterFrozen', {})]);
    expect(contracts.inForce).to.deep.equal({ land: KEEPER, benefits: BURNER });
    expect(await isRefused(send(act.raw))).to.equal(false);
    expect([REFUSER, BURNER, KEEPER, MIRROR].map(contracts.isOfLedger)).to.deep.equal([
      true,
      true,
      true,
      false,
    ]);
    const code = await guests.request({ method: 'eth_getCode', params: [REFUSER, 'latest'] }, 'test');
    expect(String(code).length).to.be.greaterThan(2);
    // After a start, from what the views know, in whatever order they know it.
    const named = [
      { ...found, since: 9n },
      { ...before, since: 1n },
    ];
    for (const known of [named, named.toReversed()]) {
      expect(contractsInForce({ land: REFUSER }, known).inForce).to.deep.equal({ land: KEEPER });
    }
  });
});

const event = (name: string, args: object) => ({ name, args }) as LedgerEvent;

function missing(): never {
  throw new Error('a transaction without a signature');
}
