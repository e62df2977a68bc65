/** The ledger of a network as a gateway stands on it: what it keeps, so that evidence needs no archive. */
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { expect } from 'chai';
import { type QbftEvidence, verifyFinality } from '../../../server/domain/audit/lineage.ts';
import { readQbftHeader } from '../../../server/domain/audit/qbft.ts';
import type { QbftTrust } from '../../../server/domain/audit/trust.ts';
import { Fault } from '../../../server/domain/base/fault.ts';
import { type Bytes32, fromHex, type Hex, toHex, ZERO_32 } from '../../../server/domain/base/hex.ts';
import { fetchHeader } from '../../../server/ledger/block.ts';
import { encodeCall } from '../../../server/ledger/contracts.ts';
import { CHARTER_ADDRESS, charterAccount } from '../../../server/ledger/founding.ts';
import { keccak256 } from '../../../server/ledger/keccak.ts';
import { type LedgerOptions, openLedger, pinOf, type VerifiedBlock } from '../../../server/ledger/ledger.ts';
import { NodeChain } from '../../../server/ledger/nodeChain.ts';
import { StateNotKept } from '../../../server/ledger/proof.ts';
import { type ChainProvider, NodeError, quantity, RPC } from '../../../server/ledger/provider.ts';
import { requireFinal } from '../../../server/ledger/sealedHead.ts';
import { blockTables, openBlocks } from '../../../server/store/blocks.ts';
import { Lineage, lineageTables } from '../../../server/store/lineage.ts';
import type { Store } from '../../../server/store/store.ts';
import { isLineageBehind, linksIn, linksKnown } from '../../../server/wiring/nodes.ts';
import { type Key, keys, throwAwayKey, trustIn } from '../../chain/forge.ts';
import { type Sealer, Sealing } from '../../chain/sealing.ts';
import { openTestStore, refusedAs, removeTemporaryFolders, temporaryFolder } from '../store/folder.ts';
import { openTestLedger, Sender, type TestLedger } from './chain.ts';
import { between } from './reader.ts';

const FIRST = keys(4);
const JOINING = throwAwayKey('joining');
const CLOCK_SECONDS = 2_000_000_000n;
/** A default Besu proves 511 blocks back; this one far fewer. */
const PROVEN_BLOCKS = 2n;

const sealerOf = ({ secret, address }: Key): Sealer => ({
  address,
  async sign(digest) {
    const signature = secp256k1.sign(digest, secret, { prehash: false, format: 'recovered' });
    return Uint8Array.of(...signature.subarray(1), signature[0] ?? 0);
  },
});

describe('the chain of a network, over a node that keeps little', () => {
  let test: TestLedger;
  let store: Store;
  let provider: ChainProvider;
  let trust: QbftTrust;
  let founder: Sender;
  let stop = new AbortController();
  let inForce: readonly Key[] = FIRST;
  /** Who seals each block, by its number; the set changes with the block after the one that changes it. */
  const sealing = new Map<number, readonly Key[]>();

  beforeEach(async () => {
    founder = new Sender(0n, 'founder of a network');
    test = await openTestLedger(temporaryFolder(), {
      genesisAccounts: (chainId) => {
        founder = new Sender(chainId, 'founder of a network');
        return [
          charterAccount(
            FIRST.map(({ address }) => address),
            founder.address,
            chainId,
          ),
        ];
      },
    });
    stop = new AbortController();
    inForce = FIRST;
    sealing.clear();
    const ask = (method: string, ...params: unknown[]) => test.chain.request({ method, params });
    const told = new Sealing(
      async (number) =>
        (await ask('eth_getBlockByNumber', quantity(number), false)) as Record<string, unknown>,
      (number) => {
        const set = sealing.get(number) ?? [];
        return set.slice(0, Math.ceil((2 * set.length) / 3)).map(sealerOf);
      },
    );
    provider = between(test.chain, async ({ method, params = [] }, forward) => {
      if (method === 'eth_getProof' && BigInt(String(params[2])) + PROVEN_BLOCKS < test.chain.headNumber) {
        throw new NodeError(RPC.refused, 'that state is not kept');
      }
      return method.startsWith('eth_getBlockBy') ? told.told(await forward()) : forward();
    });
    const code = (await ask('eth_getCode', CHARTER_ADDRESS, 'latest')) as Hex;
    const charter = { address: CHARTER_ADDRESS, codeHash: toHex(keccak256(fromHex(code))) as Bytes32 };
    const { chainId, hash } = test.chain.genesis;
    const made = trustIn(
      hash,
      FIRST.map(({ address }) => address),
    );
    trust = { ...made, chainId: Number(chainId), contracts: { ...made.contracts, charter } };
    store = await openTestStore(temporaryFolder(), [...blockTables, ...lineageTables]);
  });
  afterEach(async () => {
    stop.abort(); // who waits for a proof that never comes goes on asking
    await store.close();
    await test.close();
  });
  after(removeTemporaryFolders);

  /** The next block, sealed by the set in force, with a call of the founder to the Charter. */
  async function write(data: Hex, next: readonly Key[] = inForce): Promise<void> {
    sealing.set(Number(test.chain.headNumber) + 1, inForce);
    const { raw } = await founder.sign(data, { to: CHARTER_ADDRESS });
    await test.chain.request({ method: 'eth_sendRawTransaction', params: [raw] });
    inForce = next;
  }
  const nothing = () => write(encodeCall('charter', 'authority', []));
  const changed = (method: 'addValidator' | 'removeValidator', { address }: Key, next: readonly Key[]) =>
    write(encodeCall('charter', method, [address]), next);

  async function openChain(believed = trust): Promise<NodeChain> {
    return new NodeChain({
      ...{ provider, trust: believed, clock: () => CLOCK_SECONDS },
      heartbeats: await openBlocks(store),
      lineage: new Lineage(store),
    });
  }

  /** Follows as a gateway does, each block as it comes. */
  async function followed(
    chain: NodeChain,
    believed = trust,
    more: Partial<LedgerOptions> = {},
  ): Promise<() => Promise<void>> {
    const ledger = await openLedger({ provider: chain, pin: pinOf(believed), ...more });
    const blocks = ledger.follow(ledger.genesis, stop.signal);
    return async () => {
      const { value } = (await blocks.next()) as { value: VerifiedBlock };
      await chain.seen(value);
    };
  }

  /** Six blocks: one joins in the second, one of the first leaves in the fourth. */
  async function sixBlocks(take: () => Promise<void>): Promise<void> {
    const joined = [...FIRST, JOINING];
    const [leaving = JOINING] = FIRST;
    const last = joined.slice(1);
    const steps = [
      nothing,
      () => changed('addValidator', JOINING, joined),
      nothing,
      () => changed('removeValidator', leaving, last),
      nothing,
      nothing,
    ];
    for (const step of steps) {
      await step();
      await take();
    }
  }

  it('keeps each change of validators, and answers evidence that whoever has the trust file verifies', async () => {
    const chain = await openChain();
    await sixBlocks(await followed(chain));
    const kept = await new Lineage(store).kept();
    expect(kept.map(({ blockNumber }) => blockNumber)).to.deep.equal([2n, 4n]);
    for (const number of [5n, 6n]) {
      const evidence = await chain.finality(number);
      if (evidence?.kind !== 'qbft') throw new Error('no evidence');
      expect(evidence.steps).to.have.length(2);
      const final = verifyFinality(trust, evidence);
      expect([final.header.blockNumber, final.finality]).to.deep.equal([Number(number), 'sealed']);
      const short = { ...evidence, steps: evidence.steps.slice(0, 1) };
      expect(await refusedAs(Promise.resolve().then(() => verifyFinality(trust, short)))).to.equal(
        'seals-too-few',
      );
    }
    const cursor = { number: 6n, hash: ZERO_32, validators: inForce.map(({ address }) => address) };
    expect(await isLineageBehind({ store }, trust, cursor)).to.equal(false);
    expect(await isLineageBehind({ store }, trust, { ...cursor, number: 3n }), 'of another set').to.equal(
      true,
    );
    const empty = await openTestStore(temporaryFolder(), lineageTables);
    expect(await isLineageBehind({ store: empty }, trust, cursor), 'lost').to.equal(true);
    await empty.close();
    expect(await chain.finality(0n)).to.equal(undefined);
    expect(await chain.finality(7n)).to.equal(undefined);
  });

  it('goes on from what was kept, though no node proves those blocks any more', async () => {
    const before = await openChain();
    await sixBlocks(await followed(before));
    const again = await openChain();
    again.standsAt(6n, 1);
    const evidence = await again.finality(6n);
    if (evidence === undefined) throw new Error('no evidence');
    expect(verifyFinality(trust, evidence).header.blockNumber).to.equal(6);
  });

  it('keeps the state at the checkpoint of the trust file, from which evidence starts', async () => {
    // The same blocks twice: once to know the third's hash, once with a trust file that names it.
    const probe = await openChain();
    const take = await followed(probe);
    const hashes: string[] = [];
    await sixBlocks(take);
    for (let n = 1; n <= 6; n++) {
      const block = (await provider.request({
        method: 'eth_getBlockByNumber',
        params: [quantity(n), false],
      })) as { hash: string };
      hashes.push(block.hash);
    }
    const believed = {
      ...trust,
      minimumCheckpoint: { blockNumber: 3, blockHash: (hashes[2] ?? '') as Bytes32 },
    };
    const wide = provider;
    provider = between(test.chain, ({ method, params = [] }, forward) =>
      method === 'eth_getProof' ? forward() : wide.request({ method, params }),
    );
    await store.close();
    store = await openTestStore(temporaryFolder(), [...blockTables, ...lineageTables]);
    const chain = await openChain(believed);
    const takeAgain = await followed(chain, believed);
    for (let n = 1; n <= 6; n++) await takeAgain();
    const evidence = await chain.finality(6n);
    if (evidence?.kind !== 'qbft') throw new Error('no evidence');
    expect(evidence.steps).to.have.length(1);
    expect(verifyFinality(believed, evidence).restsOn).to.equal('checkpoint');
    provider = wide;
    const lacking = Promise.withResolvers<unknown>();
    const anew = await openChain(believed);
    const takeAnew = await followed(anew, believed, {
      links: await linksKnown({ store }),
      onFault: lacking.resolve,
    });
    const whole = (async () => {
      for (let n = 1; n <= 6; n++) await takeAnew();
    })();
    const failed = whole.catch((error: unknown) => error);
    expect(await Promise.race([failed, lacking.promise]), 'by what was kept').to.equal(undefined);
    expect(
      linksIn(evidence).map(({ blockNumber }) => blockNumber),
      'a file has it too',
    ).to.deep.equal([3n, 4n, 5n]);
  });

  it('is followed again from the genesis by what was kept, though no node proves those blocks any more', async () => {
    await sixBlocks(await followed(await openChain()));
    const lacking = Promise.withResolvers<unknown>();
    const chain = await openChain();
    const take = await followed(chain, trust, {
      links: await linksKnown({ store }),
      onFault: lacking.resolve,
    });
    const whole = (async () => {
      for (let n = 1; n <= 6; n++) await take();
      return chain.finality(6n);
    })();
    const evidence = await Promise.race([whole, lacking.promise]);
    expect(verifyFinality(trust, evidence as QbftEvidence).header.blockNumber).to.equal(6);
  });

  it('has the time of the newest block where this machine is behind it, and doubts a clock far ahead', async () => {
    const chain = await openChain();
    chain.standsAt(3n, Number(CLOCK_SECONDS) + 30);
    expect([chain.nextTimestamp, chain.secondsAhead]).to.deep.equal([CLOCK_SECONDS + 30n, 30n]);
    expect(chain.clockDoubt).to.equal(undefined);
    chain.standsAt(3n, Number(CLOCK_SECONDS) - 100_000);
    expect(chain.clockDoubt, 'nobody has seen the clock right yet').to.equal(undefined);
    await (await openBlocks(store)).beat(CLOCK_SECONDS - 90_000n);
    const later = await openChain();
    later.standsAt(3n, Number(CLOCK_SECONDS) - 100_000);
    expect(later.clockDoubt?.code).to.equal('clock-doubtful');
  });

  it('asks for the gas that a call uses and some to spare, and for the most only where nobody can say', async () => {
    const chain = await openChain();
    const call = { to: CHARTER_ADDRESS, gas: 16_777_216n };
    const adding = { ...call, data: encodeCall('charter', 'addValidator', [JOINING.address]) };
    const asked = await chain.gasOf(adding, founder.address);
    const { raw, hash } = await founder.sign(adding.data, { to: CHARTER_ADDRESS, gas: asked });
    await test.chain.request({ method: 'eth_sendRawTransaction', params: [raw] });
    const receipt = (await test.chain.request({ method: 'eth_getTransactionReceipt', params: [hash] })) as {
      readonly status: string;
      readonly gasUsed: string;
    };
    expect(receipt.status).to.equal('0x1');
    expect(Number(asked)).to.be.within(Number(receipt.gasUsed), 1.25 * Number(receipt.gasUsed) + 60_000);
    const small = {
      ...adding,
      gas: 30_000n,
      data: encodeCall('charter', 'removeValidator', [JOINING.address]),
    };
    expect(await chain.gasOf(small, founder.address), 'never more than the call says').to.equal(30_000n);
    const stranger = new Sender(0n, 'a stranger').address;
    expect(await chain.gasOf(adding, stranger), 'a node that says no').to.equal(call.gas);
  });

  it('asks for as much as a network takes the bytes at, however little its node says', async () => {
    const wide = provider;
    let said = '0x0';
    provider = between(test.chain, async (call, forward) =>
      call.method === 'eth_estimateGas' ? said : call.method === 'eth_call' ? forward() : wide.request(call),
    );
    const chain = await openChain();
    const long = { to: CHARTER_ADDRESS, gas: 16_777_216n, data: `0x${'5a'.repeat(20_000)}` as Hex };
    for (said of ['0x0', '0x5208']) {
      const gas = await chain.gasOf(long, founder.address);
      expect(Number(gas), said).to.be.within(1_021_000, 1_400_000);
      const { raw, hash } = await founder.sign(long.data, { to: CHARTER_ADDRESS, gas });
      await test.chain.request({ method: 'eth_sendRawTransaction', params: [raw] });
      const params = [hash];
      expect(await test.chain.request({ method: 'eth_getTransactionReceipt', params }), said).to.be.an(
        'object',
      );
    }
  });

  it('follows from the genesis what its node proves no more, from what another member kept, and only so', async () => {
    const first = await openChain();
    await sixBlocks(await followed(first));
    const evidence = await first.finality(6n);
    if (evidence?.kind !== 'qbft') throw new Error('no evidence');
    const links = evidence.steps.map((link) => ({
      blockNumber: BigInt(readQbftHeader(fromHex(link.header)).blockNumber),
      link,
    }));
    const anew = async (given: typeof links) => {
      await store.close();
      store = await openTestStore(temporaryFolder(), [...blockTables, ...lineageTables]);
      const chain = await openChain();
      const lacking = Promise.withResolvers<unknown>();
      const take = await followed(chain, trust, { links: given, onFault: lacking.resolve });
      const whole = (async () => {
        for (let n = 1; n <= 6; n++) await take();
        return chain.finality(6n);
      })();
      return Promise.race([whole, lacking.promise]);
    };
    const again = await anew(links);
    expect(verifyFinality(trust, again as QbftEvidence).header.blockNumber).to.equal(6);
    const lacking = await anew([]);
    expect(lacking).to.be.instanceOf(StateNotKept);
    expect((lacking as StateNotKept).blockNumber, 'the first block that changed who seals').to.equal(2n);
    const [one, other] = links;
    if (one === undefined || other === undefined) throw new Error('two changes');
    const swapped = [
      { ...one, link: other.link },
      { ...other, link: one.link },
    ];
    expect(await anew(swapped), 'a proof of another block').to.be.instanceOf(StateNotKept);
  });

  it('takes an answer of nothing for no answer: neither for its head nor for another ledger', async () => {
    const answering = (silent: string): ChainProvider =>
      between(test.chain, ({ method }, forward) => (method === silent ? Promise.resolve(null) : forward()));
    const asIs = provider;
    provider = answering('eth_blockNumber');
    const mute = await (await openChain()).newest().catch((error: unknown) => error);
    expect(mute).to.be.instanceOf(Fault);
    provider = asIs;
    for (const silent of ['eth_chainId', 'eth_getBlockByNumber']) {
      const opened = openLedger({ provider: answering(silent), pin: pinOf(trust) });
      expect(await opened.catch((error: unknown) => error), silent).to.be.instanceOf(Fault);
    }
  });

  it('shows a head as final over proved changes alone: what a node proves no more, a certificate does', async () => {
    const chain = await openChain();
    await sixBlocks(await followed(chain));
    const evidence = await chain.finality(6n);
    if (evidence?.kind !== 'qbft') throw new Error('no evidence');
    for (let n = 7; n <= 9; n++) await nothing();
    const head = await fetchHeader(provider, 9n, trust);
    if (head === undefined) throw new Error('no head');
    await requireFinal(provider, trust, head, evidence);
    const lacking = await requireFinal(provider, trust, head).catch((error: unknown) => error);
    expect(lacking, 'the change is older than what is proved').to.be.instanceOf(StateNotKept);
  });
});
