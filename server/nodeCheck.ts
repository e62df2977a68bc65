/**
 * What is wrong with the nodes of a network before a ledger is founded on it, or while it runs: each asked for itself, all held
 * against the founding file, the genesis and each other.
 *
 * Promises: nothing is sent, and nothing that could change anything is asked. What nodes say is believed here, as of one's own: what a
 * lying one could hide, the audit by `network trust` does not pass. For commands, and for the deployment.
 */
import { p256 } from '@noble/curves/nist.js';
import { headerOfAnswer } from './domain/audit/header.ts';
import { readQbftHeader } from './domain/audit/qbft.ts';
import { BLOCK_GAS_LIMIT } from './domain/base/chain.ts';
import { type Address, type Bytes32, fromHex, type Hex, toHex, wordOf } from './domain/base/hex.ts';
import { Refusal } from './domain/base/refusal.ts';
import { bearingOf } from './domain/power/validatorVote.ts';
import type { Rhythm } from './genesis.ts';
import { contractOf, decodeAnswer, encodeCall } from './ledger/contracts.ts';
import { CHARTER_ADDRESS } from './ledger/founding.ts';
import { keccak256 } from './ledger/keccak.ts';
import {
  type Answer,
  type Call,
  type ChainProvider,
  fieldsOf,
  isUnanswered,
  quantity,
  readData,
  readQuantity,
  whyUnanswered,
} from './ledger/provider.ts';
import type { NodeNamed } from './network.ts';

/** What can be wrong, in the words of whoever can mend it. */
export const NODE_TROUBLES = {
  'node-silent': 'it does not answer: its address, or it is down',
  'node-lets-nobody-in':
    'it answers 401 or 403: the credentials, when their token ends, which hosts it lets in',
  'node-busy': 'it answers 429 or 503: more is asked of it than it takes',
  'node-sends-elsewhere': 'it names another address, which is not followed: ask that one, if you mean it',
  'node-speaks-otherwise':
    'what answers there is no JSON-RPC: its port and path, whether that is switched on, the proxy before it',
  'node-answers-too-much': 'it answers more than a block of this ledger takes',
  'chain-differs': 'it is of another chain than the genesis, or the Charter there was made for another one',
  'genesis-differs':
    'its block 0 is another one: it was started from another file, and its data folder is to be emptied',
  'version-old': 'its Besu is older than 26.3, which does not know these rules',
  'fork-differs': 'Osaka does not hold there: keys of kind P-256 would verify nothing',
  'gas-has-a-price': 'its newest block says a price of gas',
  'gas-limit-differs':
    'a block there has not 30 million of gas: with less an act never fits, with more a slow validator stops the chain',
  'clock-differs': 'its newest block is dated ahead of the clock of this machine: one of the two is wrong',
  'blocks-overdue':
    'its newest block is older than validators may be silent: fewer than a quorum seal, or this clock is ahead',
  'peers-few':
    'with so few peers no quorum is within its reach: static nodes, permissions, the way between the machines',
  'node-behind': 'it lacks blocks that another one has',
  'block-differs': 'it has another block than the others at the height that all have',
  'node-keeps-too-little':
    'it proves no state so far back: bonsai-historical-block-limit, or another one that does (--proofs)',
  'charter-differs': 'what stands at the address of the Charter is not the Charter of this version',
  'authority-differs':
    'the authority of the Charter is neither the founder nor a contract: nobody could found a ledger with the key',
  'validators-differ': 'the Charter there lists other validators than the founding file',
} as const;

export type NodeTrouble = keyof typeof NODE_TROUBLES;

/** What is not said is not asked for. */
export interface NodesDue {
  /** Where the genesis of a network has it, unless said. */
  readonly charter?: Address;
  /** Of the genesis file. */
  readonly chainId?: number;
  readonly genesisHash?: Bytes32;
  readonly rhythm?: Rhythm;
  /** Of the founding file, and who deploys: both count until the ledger is founded. */
  readonly validators?: readonly Address[];
  readonly founder?: Address;
  /** So many blocks back each node is to prove the state. */
  readonly provesBlocks: number;
}

export interface NodeChecked {
  readonly node: string;
  readonly troubles: readonly NodeTrouble[];
  readonly version?: string;
  readonly blockNumber?: number;
  readonly behindBlocks?: number;
  readonly peers?: number;
  /** Its newest block is dated so much later than this machine's clock. */
  readonly aheadSeconds?: number;
}

/** A validator whose blocks are dated later than those of the others, and the one that its turn comes after. */
export interface DatedLate {
  readonly validator: Address;
  readonly after: Address;
  readonly seconds: number;
}

export interface NodesChecked {
  readonly nodes: readonly NodeChecked[];
  readonly datedLate: readonly DatedLate[];
  /** Undefined where no node says. */
  readonly isFounded?: boolean;
}

/** Before it, QBFT with a contract from block 0 and Osaka do not go together. */
const LEAST_BESU: readonly [year: number, month: number] = [26, 3];
/** Half of what validators would have to wait for each other to lose a block each second. */
const CLOCK_SECONDS = 2;
/** Of one a second; more is a node that does not follow. */
const MOST_BEHIND = 3;
/** Two turns of sixteen validators. */
const BLOCKS_READ = 32;
/** Of one block nobody says that a clock is wrong. */
const LEAST_TURNS = 2;
/** As many times validators may try again before their silence is told. */
const TIMEOUTS = 3;
/** What Osaka added, by EIP-7951. */
const P256_VERIFY = '0x0000000000000000000000000000000000000100';

export async function checkNodes(
  named: readonly NodeNamed[],
  due: NodesDue,
  nowSeconds: () => number,
): Promise<NodesChecked> {
  const asked = await Promise.all(named.map((one) => askAll(one.provider, due, nowSeconds)));
  const highest = Math.max(...asked.map((one) => (isSaid(one) ? one.height : -1)));
  const hashes = await hashesAtCommonHeight(named, asked);
  const [most] = [...Map.groupBy(hashes.filter(isTold), (hash) => hash)].toSorted(
    ([, one], [, other]) => other.length - one.length,
  );
  const nodes = named.map(({ node }, at): NodeChecked => {
    const one = asked[at];
    if (!isSaid(one)) return { node, troubles: [one ?? 'node-silent'] };
    const behindBlocks = highest - one.height;
    const found = troublesOf(one, due);
    const beside: readonly (readonly [is: boolean, trouble: NodeTrouble])[] = [
      [behindBlocks > MOST_BEHIND, 'node-behind'],
      [hashes[at] !== undefined && hashes[at] !== most?.[0], 'block-differs'],
    ];
    return {
      node,
      troubles: [...found, ...beside.filter(([is]) => is).map(([, trouble]) => trouble)],
      ...(one.version !== undefined && { version: one.version }),
      blockNumber: one.height,
      behindBlocks,
      ...(one.peers !== undefined && { peers: one.peers }),
      aheadSeconds: one.aheadSeconds,
    };
  });
  const said = asked.map((one) => (isSaid(one) ? one : undefined));
  const first = named.find((_, at) => said[at]?.height === highest);
  const isFounded = said.find(isTold)?.isFounded;
  return {
    nodes,
    datedLate: first === undefined || highest < 1 ? [] : await datedLate(first.provider, highest),
    ...(isFounded !== undefined && { isFounded }),
  };
}

const isTold = <T>(value: T | undefined): value is T => value !== undefined;
const isSaid = (one: Said | NodeTrouble | undefined): one is Said => typeof one === 'object';

/** What one node says. */
interface Said {
  readonly height: number;
  readonly head: Answer;
  readonly chainId: number;
  readonly aheadSeconds: number;
  readonly version: string | undefined;
  readonly peers: number | undefined;
  readonly genesisHash: unknown;
  readonly verifiesP256: boolean;
  readonly provesState: boolean;
  readonly charterCode: Hex | undefined;
  readonly charterChain: bigint | undefined;
  readonly authority: Address | undefined;
  readonly isFounded: boolean | undefined;
  readonly validators: readonly Address[] | undefined;
}

async function askAll(
  provider: ChainProvider,
  { charter = CHARTER_ADDRESS, provesBlocks }: NodesDue,
  nowSeconds: () => number,
): Promise<Said | NodeTrouble> {
  const ask = (method: Call['method'], ...params: readonly unknown[]) =>
    unlessSilent(provider.request({ method, params }));
  const asked = ['eth_blockNumber', 'eth_chainId'].map((method) => provider.request({ method }));
  const first = await Promise.all(asked).catch(troubleOf);
  if (!Array.isArray(first)) return first;
  const [height, chainId] = first.map(readQuantity);
  if (height === undefined || chainId === undefined) return 'node-silent';
  const head = fieldsOf(await ask('eth_getBlockByNumber', quantity(height), false));
  const dated = readQuantity(head.timestamp);
  if (dated === undefined) return 'node-silent';
  const aheadSeconds = Number(dated) - nowSeconds();
  const called = (data: Hex, to: Hex = charter) => ask('eth_call', { to, data }, 'latest');
  const deep = height > BigInt(provesBlocks) ? height - BigInt(provesBlocks) : 0n;
  const [genesis, version, peers, verified, proof, code, held, authority, set] = await Promise.all([
    ask('eth_getBlockByNumber', '0x0', false),
    ask('web3_clientVersion'),
    ask('net_peerCount'),
    called(signatureToVerify(), P256_VERIFY),
    ask('eth_getProof', charter, [wordOf(0n)], quantity(deep)),
    ask('eth_getCode', charter, 'latest'),
    ask('eth_getStorageAt', charter, wordOf(3n), 'latest'),
    called(encodeCall('charter', 'authority', [])),
    called(encodeCall('charter', 'getValidators', [])),
  ]);
  const inForce = addressesIn(authority, 'authority')?.[0];
  const ofAuthority =
    inForce === undefined ? undefined : readData(await ask('eth_getCode', inForce, 'latest'));
  return {
    height: Number(height),
    head,
    chainId: Number(chainId),
    aheadSeconds,
    version: typeof version === 'string' ? version : undefined,
    peers: toNumber(readQuantity(peers)),
    genesisHash: fieldsOf(genesis).hash,
    verifiesP256: readData(verified) === wordOf(1n),
    provesState: Array.isArray(fieldsOf(proof).accountProof),
    charterCode: readData(code),
    charterChain: wordIn(held),
    authority: inForce,
    isFounded: ofAuthority === undefined ? undefined : ofAuthority !== '0x',
    validators: addressesIn(set, 'getValidators'),
  };
}

function troublesOf(said: Said, due: NodesDue): NodeTrouble[] {
  const { head, chainId, validators, isFounded } = said;
  const deployed = toHex(keccak256(fromHex(contractOf('charter').deployedBytecode.toLowerCase() as Hex)));
  const isCharter =
    said.charterCode !== undefined && toHex(keccak256(fromHex(said.charterCode))) === deployed;
  const { quorum } = bearingOf(validators?.length ?? 0);
  // Block 0 says what every chain begins with: a price that its first block already lacks.
  const price = said.height === 0 ? 0n : readQuantity(head.baseFeePerGas);
  const isFounding = isCharter && isFounded === false;
  const isChain = due.chainId === undefined || due.chainId === chainId;
  const troubles: readonly (readonly [is: boolean, trouble: NodeTrouble])[] = [
    [!isChain || (isCharter && said.charterChain !== BigInt(chainId)), 'chain-differs'],
    [due.genesisHash !== undefined && said.genesisHash !== due.genesisHash, 'genesis-differs'],
    [isOld(said.version), 'version-old'],
    [!said.verifiesP256, 'fork-differs'],
    [price !== 0n, 'gas-has-a-price'],
    [readQuantity(head.gasLimit) !== BigInt(BLOCK_GAS_LIMIT), 'gas-limit-differs'],
    [said.aheadSeconds > CLOCK_SECONDS, 'clock-differs'],
    [due.rhythm !== undefined && -said.aheadSeconds > longestQuiet(due.rhythm), 'blocks-overdue'],
    [said.peers !== undefined && said.peers + 1 < quorum, 'peers-few'],
    [!said.provesState, 'node-keeps-too-little'],
    [!isCharter, 'charter-differs'],
    [isFounding && due.founder !== undefined && said.authority !== due.founder, 'authority-differs'],
    [isFounding && due.validators !== undefined && !isSame(validators, due.validators), 'validators-differ'],
  ];
  return troubles.filter(([is]) => is).map(([, trouble]) => trouble);
}

function longestQuiet({ blockPeriodSeconds, emptyBlockPeriodSeconds = 0, requestTimeoutSeconds }: Rhythm) {
  return Math.max(blockPeriodSeconds, emptyBlockPeriodSeconds) + TIMEOUTS * requestTimeoutSeconds;
}

/** Of another software nobody knows here which version is enough. */
function isOld(version: string | undefined): boolean {
  const [, year, month] = /^besu\/v?(\d+)\.(\d+)/i.exec(version ?? '') ?? [];
  const [leastYear, leastMonth] = LEAST_BESU;
  return year !== undefined && Number(year) * 12 + Number(month) < leastYear * 12 + leastMonth;
}

const isSame = (one: readonly Address[] | undefined, other: readonly Address[]) =>
  one?.length === other.length && other.every((each, at) => one[at] === each);

async function hashesAtCommonHeight(named: readonly NodeNamed[], asked: readonly (Said | NodeTrouble)[]) {
  const heights = asked.filter(isSaid).map(({ height }) => height);
  const params = [quantity(heights.length === 0 ? 0 : Math.min(...heights)), false];
  return Promise.all(
    named.map(async ({ provider }, at) => {
      if (typeof asked[at] === 'string') return undefined;
      const block = await unlessSilent(provider.request({ method: 'eth_getBlockByNumber', params }));
      return fieldsOf(block).hash;
    }),
  );
}

/**
 * A validator dates its block by its own clock, and no earlier than a period after the one before. So one whose clock is ahead dates
 * later than the others do, and so does whoever comes after one whose clock is behind. Of empty blocks, which come in one rhythm.
 */
async function datedLate(provider: ChainProvider, height: number): Promise<readonly DatedLate[]> {
  const numbers = Array.from({ length: Math.min(BLOCKS_READ, height) }, (_, i) => height - i);
  const blocks = await Promise.all(
    numbers.map((number) =>
      unlessSilent(provider.request({ method: 'eth_getBlockByNumber', params: [quantity(number), false] })),
    ),
  );
  const headers = blocks.map((block) => headerIn(fieldsOf(block)));
  const later = headers.flatMap((header, at) => {
    const parent = headers[at + 1];
    if (header === undefined || parent === undefined || header.round > 0 || !header.isEmpty) return [];
    const seconds = header.timestampSeconds - parent.timestampSeconds;
    return [{ validator: header.beneficiary, after: parent.beneficiary, seconds }];
  });
  const turns = [...Map.groupBy(later, ({ validator }) => validator).values()];
  const byValidator = turns
    .filter(({ length }) => length >= LEAST_TURNS)
    .map((own) => ({
      validator: own[0]?.validator,
      after: own[0]?.after,
      seconds: middleOf(own.map(({ seconds }) => seconds)),
    }));
  const usual = Math.min(...byValidator.map(({ seconds }) => seconds));
  return byValidator.flatMap(({ validator, after, seconds }) =>
    validator !== undefined && after !== undefined && seconds - usual >= CLOCK_SECONDS
      ? [{ validator, after, seconds: seconds - usual }]
      : [],
  );
}

function headerIn(block: Answer) {
  try {
    const header = readQbftHeader(headerOfAnswer(block));
    const { beneficiary, timestampSeconds, round } = header;
    return { beneficiary, timestampSeconds, round, isEmpty: block.gasUsed === '0x0' };
  } catch (error) {
    if (error instanceof Refusal) return undefined; // of a chain that nobody seals
    throw error;
  }
}

const middleOf = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 0;

/** A signature that only P256VERIFY says 1 to: digest, r, s and the public key. */
function signatureToVerify(): Hex {
  const digest = new Uint8Array(32).fill(7);
  const key = new Uint8Array(32).fill(1);
  const signature = p256.sign(digest, key, { prehash: false });
  return toHex(Buffer.concat([digest, signature, p256.getPublicKey(key, false).subarray(1)]));
}

function addressesIn(answer: unknown, method: 'authority' | 'getValidators'): readonly Address[] | undefined {
  const data = readData(answer);
  if (data === undefined || data === '0x') return undefined;
  try {
    const [told] = decodeAnswer('charter', method, data) as [string | readonly string[]];
    return [told].flat().map((one) => one.toLowerCase() as Address);
  } catch {
    return undefined; // something else stands there
  }
}

/** As nodes write a word: whole, or without its zeros. */
function wordIn(answer: unknown): bigint | undefined {
  return typeof answer === 'string' && /^0x[0-9a-f]{1,64}$/i.test(answer) ? BigInt(answer) : undefined;
}

const toNumber = (value: bigint | undefined) => (value === undefined ? undefined : Number(value));

/** By the name that readiness has for it. */
function troubleOf(error: unknown): NodeTrouble {
  if (!isUnanswered(error)) throw error;
  const { code } = whyUnanswered(error);
  return isTrouble(code) ? code : 'node-silent';
}

const isTrouble = (code: string): code is NodeTrouble => code in NODE_TROUBLES;

async function unlessSilent(asked: Promise<unknown>): Promise<unknown> {
  try {
    return await asked;
  } catch (error) {
    if (isUnanswered(error)) return undefined;
    throw error;
  }
}
