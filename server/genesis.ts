/**
 * The beginning of a network: its genesis from the founding file, what is wrong with one before it is too late, and the trust
 * file of the ledger that was founded on it.
 *
 * Promises: whoever has the two files computes the same genesis, hash and trust file alone; of a node nothing is believed but
 * what the audit of the whole ledger finds sound by that trust file. For commands.
 */
import { type AskedNode, type AuditFinding, auditLedger, type LedgerAudit } from './audit.ts';
import type { EventBlock, Founding as FoundedWith } from './domain/acts/events.ts';
import { type GenesisFile, type GenesisHeld, readGenesis } from './domain/audit/genesis.ts';
import { headerOfAnswer } from './domain/audit/header.ts';
import { quorumOf, readQbftHeader } from './domain/audit/qbft.ts';
import { encodeRlp } from './domain/audit/rlp.ts';
import { readAccount } from './domain/audit/state.ts';
import type { QbftTrust } from './domain/audit/trust.ts';
import type { GenesisAccount } from './domain/base/blocks.ts';
import { BLOCK_GAS_LIMIT, FORK } from './domain/base/chain.ts';
import {
  type Address,
  type Bytes32,
  fromHex,
  type Hex,
  toHex,
  wordOf,
  ZERO_ADDRESS,
} from './domain/base/hex.ts';
import { type Fields, isRecord } from './domain/base/strictJson.ts';
import { FOUNDING_NODE, type Founding, VERIFIED_KINDS } from './domain/power/founding.ts';
import { foundingDifference } from './domain/power/foundingDifference.ts';
import { charterNameOf, decodeAnswer, encodeCall } from './ledger/contracts.ts';
import { CHARTER_ADDRESS, charterAccount, verifierOf } from './ledger/founding.ts';
import { keccak256 } from './ledger/keccak.ts';
import { HttpNode } from './ledger/node.ts';
import { type ChainProvider, quantity, readData } from './ledger/provider.ts';

/** Below it no validator may fail. */
const LEAST_VALIDATORS = 4;
/** Besu demands the field; nothing of ours counts epochs, for a contract lists the validators. */
const EPOCH_BLOCKS = 30_000;
/** "ctical byzantine fault tolerance", which marks a header as QBFT's. */
const QBFT_MIX = '0x63746963616c2062797a616e74696e65206661756c7420746f6c6572616e6365';
/** Below it a block that the slowest validator executes for long is given up; above it a validator that is down is waited for. */
const TIMEOUT_SECONDS: readonly [least: number, most: number] = [4, 10];
const QBFT_NAMES = [
  'blockperiodseconds',
  'epochlength',
  'requesttimeoutseconds',
  'emptyblockperiodseconds',
  'xemptyblockperiodseconds',
  'validatorcontractaddress',
];
const FORKS = ['shanghaiTime', 'cancunTime', 'pragueTime', `${FORK}Time`] as const;

export interface Rhythm {
  readonly blockPeriodSeconds: number;
  readonly requestTimeoutSeconds: number;
  /** As often as other blocks, unless said. */
  readonly emptyBlockPeriodSeconds?: number;
}

/** Addresses in their order; undefined where the file names a node that founds its own chain. */
export function validatorsIn({ validators }: Founding): readonly Address[] | undefined {
  const named = validators.map(({ validator }) => validator);
  return named.every((one) => one !== FOUNDING_NODE) ? named : undefined;
}

/** The file that every node of the network is started from, as Besu reads it. */
export function networkGenesis(
  { ledgerNonce }: Founding,
  validators: readonly Address[],
  founder: Address,
  chainId: number,
  { blockPeriodSeconds, requestTimeoutSeconds, emptyBlockPeriodSeconds }: Rhythm,
): object {
  const { address, code, storage } = charterAccount(validators, founder, BigInt(chainId));
  return {
    config: {
      chainId,
      londonBlock: 0,
      ...Object.fromEntries(FORKS.map((fork) => [fork, 0])),
      zeroBaseFee: true,
      qbft: {
        blockperiodseconds: blockPeriodSeconds,
        epochlength: EPOCH_BLOCKS,
        requesttimeoutseconds: requestTimeoutSeconds,
        // Besu 26.3 knows the second name alone; later ones take the first, and pass over the second.
        ...(emptyBlockPeriodSeconds !== undefined && {
          emptyblockperiodseconds: emptyBlockPeriodSeconds,
          xemptyblockperiodseconds: emptyBlockPeriodSeconds,
        }),
        validatorcontractaddress: address,
      },
    },
    nonce: '0x0',
    timestamp: '0x0',
    gasLimit: `0x${BLOCK_GAS_LIMIT.toString(16)}`,
    difficulty: '0x1',
    mixHash: QBFT_MIX,
    coinbase: `0x${'00'.repeat(20)}`,
    extraData: extraOf(ledgerNonce),
    alloc: {
      [address]: {
        balance: '0x0',
        code,
        storage: Object.fromEntries(storage.map(({ slot, value }) => [slot, value])),
      },
    },
  };
}

/** The ledger's nonce where a header has room for 32 free bytes; no validators, no vote, no round, no seals. */
function extraOf(ledgerNonce: Bytes32): Hex {
  return toHex(encodeRlp([fromHex(ledgerNonce), [], [], new Uint8Array(0), []]));
}

/** What is wrong with a genesis before a network is started from it. */
export type GenesisTrouble =
  | 'genesis-unreadable'
  | 'founding-names-no-validators'
  | 'too-few-validators'
  | 'charter-differs'
  | 'founder-missing'
  | 'other-accounts'
  | 'validators-differ'
  | 'contract-not-asked'
  | 'nonce-differs'
  | 'other-fork'
  | 'later-fork'
  | 'gas-has-a-price'
  | 'gas-limit-differs'
  | 'set-changes-by-time'
  | 'one-institution-has-quorum'
  | 'rhythm-unfit'
  | 'other-settings';

export interface GenesisSeen {
  readonly troubles: readonly GenesisTrouble[];
  /** As the file says it. */
  readonly rhythm?: Rhythm;
  readonly chainId?: number;
  readonly genesisHash?: Bytes32;
  /** Who deploys: the authority until the hand-over. */
  readonly founder?: Address;
  readonly validators?: readonly Address[];
}

export function lookAtGenesis(json: unknown, founding: Founding): GenesisSeen {
  const genesis = readGenesis(json);
  if (genesis === undefined) return { troubles: ['genesis-unreadable'] };
  const validators = validatorsIn(founding);
  const charter = genesis.accounts.find(({ address }) => address === CHARTER_ADDRESS);
  const founder = addressIn(charter?.storage.get(wordOf(1n)));
  const troubles: GenesisTrouble[] = rulesBroken(genesis);
  if (validators === undefined) troubles.push('founding-names-no-validators');
  else if (validators.length < LEAST_VALIDATORS) troubles.push('too-few-validators');
  if (validators !== undefined && holdsQuorum(founding)) troubles.push('one-institution-has-quorum');
  if (genesis.extraData !== extraOf(founding.ledgerNonce)) troubles.push('nonce-differs');
  if (genesis.accounts.some(({ address }) => address !== CHARTER_ADDRESS)) troubles.push('other-accounts');
  const expected = charterAccount(validators ?? [], founder ?? ZERO_ADDRESS, BigInt(genesis.chainId));
  if (charter === undefined || charter.code !== expected.code.toLowerCase()) troubles.push('charter-differs');
  else if (founder === undefined) troubles.push('founder-missing');
  else if (validators !== undefined && !holds(charter, expected)) troubles.push('validators-differ');
  const { chainId, hash } = genesis;
  const rhythm = rhythmIn(qbftOf(genesis));
  return {
    troubles,
    ...(rhythm && { rhythm }),
    chainId,
    genesisHash: hash,
    ...(founder && { founder }),
    ...(validators && { validators }),
  };
}

const holds = ({ storage: held }: GenesisHeld, { storage }: GenesisAccount) =>
  held.size === storage.length && storage.every(({ slot, value }) => held.get(slot) === value);

/** It could seal alone whatever it likes, and the others nothing without it. */
function holdsQuorum({ validators }: Founding): boolean {
  const shares = [...Map.groupBy(validators, ({ institution }) => institution).values()];
  return shares.some(({ length }) => length >= quorumOf(validators.length));
}

const qbftOf = ({ config }: GenesisFile): Fields => (isRecord(config.qbft) ? config.qbft : {});

const isWhole = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) > 0;

/** Undefined where a validator would take another for down while it executes a full block, or two versions differ about it. */
function rhythmIn(qbft: Fields): Rhythm | undefined {
  const { blockperiodseconds: period, requesttimeoutseconds: timeout } = qbft;
  const { emptyblockperiodseconds: empty, xemptyblockperiodseconds: emptyOfOld } = qbft;
  if (!isWhole(period) || !isWhole(timeout)) return undefined;
  const [least, most] = TIMEOUT_SECONDS;
  if (period > timeout || timeout < least || timeout > most || empty !== emptyOfOld) return undefined;
  if (empty === undefined) return { blockPeriodSeconds: period, requestTimeoutSeconds: timeout };
  if (!isWhole(empty) || empty < period) return undefined;
  return { blockPeriodSeconds: period, requestTimeoutSeconds: timeout, emptyBlockPeriodSeconds: empty };
}

/** What a genesis of ours does not say: limits, rewards, peers, another curve. Old forks may stand there, at block 0. */
function saysMore({ config }: GenesisFile, qbft: Fields): boolean {
  const known = ['chainid', 'zerobasefee', 'qbft', 'transitions'];
  const isKnown = (name: string, value: unknown) =>
    known.includes(name) || /time$/.test(name) || (/block$/.test(name) && value === 0);
  return (
    Object.entries(config).some(([name, value]) => name !== 'londonblock' && !isKnown(name, value)) ||
    Object.keys(qbft).some((name) => !QBFT_NAMES.includes(name))
  );
}

function rulesBroken(genesis: GenesisFile): GenesisTrouble[] {
  const { config, gasLimit } = genesis;
  const qbft = qbftOf(genesis);
  const asked = String(qbft.validatorcontractaddress ?? '').toLowerCase();
  const later = Object.keys(config).filter(
    (name) => /time$/.test(name) && !FORKS.some((one) => one.toLowerCase() === name),
  );
  const troubles: readonly (readonly [is: boolean, trouble: GenesisTrouble])[] = [
    [asked !== CHARTER_ADDRESS, 'contract-not-asked'],
    [config.londonblock !== 0 || FORKS.some((fork) => config[fork.toLowerCase()] !== 0), 'other-fork'],
    [later.length > 0, 'later-fork'],
    [config.zerobasefee !== true, 'gas-has-a-price'],
    [gasLimit !== BigInt(BLOCK_GAS_LIMIT), 'gas-limit-differs'],
    [config.transitions !== undefined, 'set-changes-by-time'],
    [rhythmIn(qbft) === undefined, 'rhythm-unfit'],
    [saysMore(genesis, qbft), 'other-settings'],
  ];
  return troubles.filter(([is]) => is).map(([, trouble]) => trouble);
}

function addressIn(word: Bytes32 | undefined): Address | undefined {
  return word === undefined ? undefined : (`0x${word.slice(-40)}` as Address);
}

export interface TrustMade {
  readonly trust: QbftTrust;
  readonly audit: LedgerAudit;
}

/**
 * Of a ledger that was founded: undefined where the node shows none. Nobody believes it whose audit is not sound; one that did not
 * begin with the file is not, whatever else holds.
 */
export async function trustOfNetwork(
  asked: AskedNode,
  { genesisHash, chainId, validators }: Required<Pick<GenesisSeen, 'genesisHash' | 'chainId' | 'validators'>>,
  founding: Founding,
): Promise<TrustMade | undefined> {
  const node = new HttpNode(asked);
  const [consortium, landRegistry, benefitLedger] = await Promise.all([
    placeIn(node, 'authority', []),
    placeIn(node, 'registerOf', [nameHash('land')]),
    placeIn(node, 'registerOf', [nameHash('benefits')]),
  ]);
  const [charter, ...others] = await Promise.all(
    [CHARTER_ADDRESS, consortium, landRegistry, benefitLedger].map((address) => codeHashAt(node, address)),
  );
  const [first, second, third] = others;
  if (charter === undefined || first === undefined || second === undefined || third === undefined)
    return undefined;
  const trust: QbftTrust = {
    format: 'kudurru-trust-1',
    genesisHash,
    chainId,
    ledgerNonce: founding.ledgerNonce,
    lineage: 'qbft',
    firstValidators: validators,
    contracts: { charter, consortium: first, landRegistry: second, benefitLedger: third },
    minimumCheckpoint: { blockNumber: 0, blockHash: genesisHash },
  };
  const beginning = new Beginning();
  const audit = await auditLedger(asked, trust, (block) => beginning.see(block));
  const { verifiers = [] } = beginning.founding ?? {};
  const differs =
    beginning.differenceFrom(founding) ??
    (audit.ok ? await foreignVerifier(node, audit, verifiers) : undefined);
  if (differs === undefined) return { trust, audit };
  const finding: AuditFinding = {
    check: 'trust',
    code: 'founding-differs',
    what: `The ledger did not begin with the founding file: ${differs}.`,
    register: consortium ?? CHARTER_ADDRESS,
  };
  return { trust, audit: Object.assign({}, audit, { ok: false, findings: [...audit.findings, finding] }) };
}

/** What the audit proves of the first consortium; those that follow it were voted. */
class Beginning {
  founding: FoundedWith | undefined;
  /** The founder can change validators until it hands over, beside any file. */
  #hasChangedSet = false;

  see({ events }: EventBlock): void {
    if (this.founding !== undefined) return;
    for (const { name, args } of events) {
      if (name === 'ValidatorAdded' || name === 'ValidatorRemoved') this.#hasChangedSet = true;
      if (name !== 'ConsortiumFounded') continue;
      this.founding = args.founding;
      return;
    }
  }

  /** The field that is another; the whole file where the ledger shows no founding. */
  differenceFrom(file: Founding): string | undefined {
    if (this.founding === undefined) return '/';
    return foundingDifference(file, this.founding) ?? (this.#hasChangedSet ? '/validators' : undefined);
  }
}

/**
 * The place of the first verifier whose code is not that of this version, as proved in the block that an audit ended in: one of
 * the deployer's own would take any signature.
 */
export async function foreignVerifier(
  node: ChainProvider,
  { blockNumber, blockHash }: Pick<LedgerAudit, 'blockNumber' | 'blockHash'>,
  verifiers: FoundedWith['verifiers'],
): Promise<string | undefined> {
  const at = quantity(blockNumber);
  const block = await node.request({ method: 'eth_getBlockByNumber', params: [at, false] });
  const header = isRecord(block) ? readQbftHeader(headerOfAnswer(block)) : undefined;
  for (const [i, { kind, verifier }] of verifiers.entries()) {
    const known = VERIFIED_KINDS.find((one) => one === kind);
    const answer = await node.request({ method: 'eth_getProof', params: [verifier, [], at] });
    const listed = isRecord(answer) && Array.isArray(answer.accountProof) ? answer.accountProof : [];
    const nodes = listed.map((one) => String(one) as Hex);
    const account = header?.hash === blockHash ? readAccount(header.stateRoot, verifier, nodes) : undefined;
    const due = known && toHex(keccak256(fromHex(verifierOf(known).deployedBytecode)));
    if (account === undefined || account.codeHash !== due) return `/verifiers/${i}`;
  }
  return undefined;
}

/** What the Charter's directory has a register under. */
const nameHash = (contract: 'land' | 'benefits') => toHex(keccak256(Buffer.from(charterNameOf(contract))));

async function placeIn(
  node: ChainProvider,
  method: 'authority' | 'registerOf',
  args: [] | [name: Hex],
): Promise<Address | undefined> {
  const call = { to: CHARTER_ADDRESS, data: encodeCall('charter', method, args) };
  const answer = readData(await node.request({ method: 'eth_call', params: [call, 'latest'] }));
  if (answer === undefined || answer === '0x') return undefined;
  return String(decodeAnswer('charter', method, answer)[0]).toLowerCase() as Address;
}

async function codeHashAt(node: ChainProvider, address: Address | undefined) {
  if (address === undefined) return undefined;
  const code = readData(await node.request({ method: 'eth_getCode', params: [address, 'latest'] }));
  if (code === undefined || code === '0x') return undefined;
  return { address, codeHash: toHex(keccak256(fromHex(code))) as Bytes32 };
}
