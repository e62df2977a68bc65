/** What is wrong with nodes before a ledger is founded on them: a chain of ours as it answers, and as nodes that have it wrong would. */
import path from 'node:path';
import { expect } from 'chai';
import { Fault } from '../../../server/domain/base/fault.ts';
import { type Address, type Bytes32, ZERO_ADDRESS } from '../../../server/domain/base/hex.ts';
import { type Refusal, refusal } from '../../../server/domain/base/refusal.ts';
import { encodeCall } from '../../../server/ledger/contracts.ts';
import { CHARTER_ADDRESS, charterAccount } from '../../../server/ledger/founding.ts';
import {
  type Call,
  type ChainProvider,
  fieldsOf,
  NodeError,
  quantity,
} from '../../../server/ledger/provider.ts';
import { checkNodes, type NodesDue, type NodeTrouble } from '../../../server/nodeCheck.ts';
import { removeTemporaryFolders, temporaryFolder } from '../store/folder.ts';
import { keeper, openTestLedger, Sender, type TestLedger, word, words } from './chain.ts';
import { recordedNode } from './recordedNode.ts';

const FOUNDER = `0x${'f0'.repeat(20)}` as Address;
const VALIDATORS = [1, 2, 3, 4].map((n) => `0x${`a${n}`.repeat(20)}` as Address);
const DEEP = 2;
const P256_VERIFY = `0x${'100'.padStart(40, '0')}`;
const SET_CALL = encodeCall('charter', 'getValidators', []);

type Bend = (call: Call, asked: () => Promise<unknown>) => Promise<unknown>;

describe('nodes that are looked at before a ledger is founded on them', function () {
  this.timeout(60_000);
  let ledger: TestLedger;
  let due: NodesDue;
  let now: number;
  before(async () => {
    ledger = await openTestLedger(path.join(temporaryFolder(), 'ledger'), {
      genesisAccounts: (chainId) => [keeper, charterAccount(VALIDATORS, FOUNDER, chainId)],
    });
    const { chain } = ledger;
    const sender = new Sender(chain.genesis.chainId, 'whoever writes');
    for (const seed of ['one', 'two', 'three']) {
      const { raw } = await sender.sign(words(seed, 1));
      await chain.request({ method: 'eth_sendRawTransaction', params: [raw] });
    }
    const genesis = fieldsOf(await chain.request({ method: 'eth_getBlockByNumber', params: ['0x0', false] }));
    const head = fieldsOf(
      await chain.request({ method: 'eth_getBlockByNumber', params: [quantity(chain.headNumber), false] }),
    );
    now = Number(head.timestamp);
    due = {
      chainId: Number(chain.genesis.chainId),
      genesisHash: genesis.hash as Bytes32,
      rhythm: { blockPeriodSeconds: 1, requestTimeoutSeconds: 4 },
      validators: VALIDATORS,
      founder: FOUNDER,
      provesBlocks: DEEP,
    };
  });
  after(async () => {
    await ledger?.close();
    removeTemporaryFolders();
  });

  /** The chain, but for what this one answers otherwise. */
  const node = (bend: Bend = (_, asked) => asked()): ChainProvider => ({
    request: (call) => bend(call, () => ledger.chain.request(call)),
    blockAfter: (number, signal) => ledger.chain.blockAfter(number, signal),
  });
  const check = async (nodes: readonly ChainProvider[], other: Partial<NodesDue> = {}, at = now) => {
    const named = nodes.map((provider, i) => ({ node: `node ${i + 1}`, provider }));
    return checkNodes(named, { ...due, ...other }, () => at);
  };
  const answering =
    (method: string, change: (answer: Record<string, unknown>) => object): Bend =>
    async (call, asked) => {
      const answer = await asked();
      return call.method === method ? { ...fieldsOf(answer), ...change(fieldsOf(answer)) } : answer;
    };
  const saying =
    (method: string, answer: unknown, of: (params: readonly unknown[]) => boolean = () => true): Bend =>
    (call, asked) =>
      call.method === method && of(call.params ?? []) ? Promise.resolve(answer) : asked();

  it('has nothing against one that is as it should be, and says that nothing is founded there', async () => {
    const seen = await check([node(), node()]);
    expect(seen.nodes.map(({ troubles }) => troubles)).to.deep.equal([[], []]);
    expect(seen).to.deep.include({ datedLate: [], isFounded: false });
    expect(seen.nodes[0]).to.include({ blockNumber: 3, behindBlocks: 0, aheadSeconds: 0 });
  });

  it('says of each what is wrong with it, by one name', async () => {
    const toAddress = (address: string) => (params: readonly unknown[]) => fieldsOf(params[0]).to === address;
    const set = [...VALIDATORS.slice(0, 3), FOUNDER];
    const encoded = `0x${word(32).slice(2)}${word(4).slice(2)}${set.map((one) => word(BigInt(one)).slice(2)).join('')}`;
    const gone = (cause?: Refusal) => Promise.reject(new Fault('gone', { retryable: true, cause }));
    const cases: readonly (readonly [NodeTrouble, Bend, Partial<NodesDue>?, number?])[] = [
      ['node-silent', () => gone()],
      ['node-lets-nobody-in', () => gone(refusal('node-lets-nobody-in', { status: 401 }))],
      ['node-busy', () => gone(refusal('node-busy', { status: 429 }))],
      ['node-sends-elsewhere', () => gone(refusal('node-sends-elsewhere', { status: 302 }))],
      ['node-speaks-otherwise', () => gone(refusal('node-speaks-otherwise', { status: 200 }))],
      ['node-answers-too-much', () => gone(refusal('node-answers-too-much', { megabytes: 128 }))],
      ['chain-differs', saying('eth_chainId', '0x1')],
      ['chain-differs', saying('eth_getStorageAt', word(7))],
      ['genesis-differs', (_, asked) => asked(), { genesisHash: word(9) as Bytes32 }],
      ['version-old', saying('web3_clientVersion', 'besu/v25.12.0/linux')],
      ['fork-differs', saying('eth_call', '0x', toAddress(P256_VERIFY))],
      ['gas-has-a-price', answering('eth_getBlockByNumber', () => ({ baseFeePerGas: '0x7' }))],
      ['gas-limit-differs', answering('eth_getBlockByNumber', () => ({ gasLimit: '0xf4240' }))],
      ['clock-differs', (_, asked) => asked(), {}, -3],
      ['blocks-overdue', (_, asked) => asked(), {}, 14],
      ['peers-few', saying('net_peerCount', '0x1')],
      [
        'node-keeps-too-little',
        (call, asked) =>
          call.method === 'eth_getProof' && call.params?.[2] === quantity(3 - DEEP)
            ? Promise.reject(new NodeError(-32_000, 'World state unavailable'))
            : asked(),
      ],
      ['charter-differs', saying('eth_getCode', '0x00', ([address]) => address === CHARTER_ADDRESS)],
      ['charter-differs', (_, asked) => asked(), { charter: ZERO_ADDRESS }],
      ['authority-differs', (_, asked) => asked(), { founder: VALIDATORS[0] as Address }],
      ['validators-differ', (_, asked) => asked(), { validators: VALIDATORS.toReversed() }],
      [
        'validators-differ',
        saying(
          'eth_call',
          encoded,
          (params) => toAddress(CHARTER_ADDRESS)(params) && fieldsOf(params[0]).data === SET_CALL,
        ),
      ],
    ];
    for (const [trouble, bend, other, later = 0] of cases) {
      const { nodes } = await check([node(bend)], other, now + later);
      expect(nodes[0]?.troubles, trouble).to.deep.equal([trouble]);
    }
    const enough = await check([node(saying('net_peerCount', '0x2'))]);
    expect(enough.nodes[0]).to.deep.include({ troubles: [], peers: 2 });
    const newer = await check([node(saying('web3_clientVersion', 'besu/v26.3.0/linux'))]);
    expect(newer.nodes[0]?.troubles).to.deep.equal([]);
  });

  it('holds them against each other: who lacks blocks, and who has another one', async () => {
    const far = node(saying('eth_blockNumber', quantity(3 + 4)));
    const ahead = node((call, asked) => {
      if (call.method === 'eth_blockNumber') return Promise.resolve(quantity(3 + 4));
      const isMadeUp = call.method === 'eth_getBlockByNumber' && call.params?.[0] === quantity(3 + 4);
      return isMadeUp ? ledger.chain.request({ ...call, params: ['0x3', false] }) : asked();
    });
    const behind = await check([node(), ahead], { provesBlocks: 7 });
    expect(behind.nodes.map(({ troubles }) => troubles)).to.deep.equal([['node-behind'], []]);
    const silent = await check([far]);
    expect(silent.nodes[0]?.troubles, 'it has no such block').to.deep.equal(['node-silent']);
    const forked = answering('eth_getBlockByNumber', ({ number }) =>
      number === '0x3' ? { hash: word(3) } : {},
    );
    const parted = await check([node(), node(), node(forked)]);
    expect(parted.nodes.map(({ troubles }) => troubles)).to.deep.equal([[], [], ['block-differs']]);
  });

  it('asks nothing of founder and first validators once a contract has the authority', async () => {
    const founded = node(saying('eth_getCode', '0x60', ([address]) => address !== CHARTER_ADDRESS));
    const other = { founder: VALIDATORS[0] as Address, validators: VALIDATORS.toReversed() };
    const seen = await check([founded], other);
    expect(seen.isFounded).to.equal(true);
    expect(seen.nodes[0]?.troubles).to.deep.equal([]);
  });

  it('names the validator whose blocks are dated later than those of the others, and the one before it', async () => {
    const recorded = recordedNode('osaka');
    const template = fieldsOf(
      await recorded.request({ method: 'eth_getBlockByNumber', params: ['0x7', false] }),
    );
    const sealed =
      (lateBy: number): Bend =>
      async (call, asked) => {
        if (call.method === 'eth_blockNumber') return quantity(40);
        if (call.method !== 'eth_getBlockByNumber' || call.params?.[0] === '0x0') return asked();
        const number = Number(call.params?.[0]);
        const turns = Math.floor((number + 2) / 4);
        const timestamp = quantity(now - 40 - lateBy * 10 + number + lateBy * turns);
        const { gasLimit } = fieldsOf(await ledger.chain.request({ ...call, params: ['0x3', false] }));
        return {
          ...template,
          gasLimit,
          number: quantity(number),
          miner: VALIDATORS[number % 4],
          timestamp,
          hash: word(number),
        };
      };
    const late = await check([node(sealed(2))], { provesBlocks: 40 });
    expect(late.datedLate).to.deep.equal([{ validator: VALIDATORS[2], after: VALIDATORS[1], seconds: 2 }]);
    const even = await check([node(sealed(0))], { provesBlocks: 40 });
    expect(even.datedLate).to.deep.equal([]);
    expect(even.nodes[0]?.troubles).to.deep.equal([]);
  });
});
