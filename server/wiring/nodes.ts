/**
 * Which chain a gateway stands on: its own, or the network's whose nodes its settings name.
 *
 * Promises: a chain of its own is founded only where no node is named, and never in a folder that belongs to a network; of
 * a network everything that is believed stands in the trust file, which is copied into the folder once and compared at
 * every later start; credentials of nodes come from a file and go nowhere but to the node. For `main`, and for commands.
 */
import type { Logger } from 'pino';
import type { ContractAt, ContractName } from '../domain/acts/events.ts';
import { readCertificate } from '../domain/audit/certificate.ts';
import { AUTHORITY_SLOT, directorySlot } from '../domain/audit/charter.ts';
import { readHeader } from '../domain/audit/header.ts';
import type { FinalityEvidence, QbftEvidence } from '../domain/audit/lineage.ts';
import { readQbftHeader } from '../domain/audit/qbft.ts';
import { slotOf } from '../domain/audit/state.ts';
import {
  fingerprint,
  type QbftTrust,
  readTrust,
  type TrustedContracts,
  type TrustFile,
} from '../domain/audit/trust.ts';
import { isSameSet, validatorsUnder } from '../domain/audit/validators.ts';
import { Fault } from '../domain/base/fault.ts';
import { type Address, type Bytes32, fromHex, type Hex } from '../domain/base/hex.ts';
import { Refusal, refusal } from '../domain/base/refusal.ts';
import type { InstitutionId } from '../domain/base/terms.ts';
import { type BlockHeader, fetchHeader } from '../ledger/block.ts';
import { CONTRACT_NAMES, charterNameOf } from '../ledger/contracts.ts';
import type { EmbeddedChain, EmbeddedOptions } from '../ledger/embedded.ts';
import type { Engine } from '../ledger/engine.ts';
import { partsOf } from '../ledger/events.ts';
import { CHARTER_ADDRESS, type LedgerContracts } from '../ledger/founding.ts';
import { type Cursor, type Ledger, type LedgerPin, pinOf, requireLedger } from '../ledger/ledger.ts';
import { HttpNode } from '../ledger/node.ts';
import { NodeChain } from '../ledger/nodeChain.ts';
import { NodePool } from '../ledger/nodePool.ts';
import { bindParts, codeAsked } from '../ledger/parts.ts';
import { type ChainProvider, isUnanswered, NodeError } from '../ledger/provider.ts';
import { readRawTransaction } from '../ledger/rawTransaction.ts';
import type { SetChange } from '../ledger/seals.ts';
import { leastGasOf } from '../ledger/signer.ts';
import { openBlocks } from '../store/blocks.ts';
import type { KeyService, SigningRole } from '../store/keys.ts';
import { Lineage } from '../store/lineage.ts';
import { NONCE_FILL, type Operation, type OperationId, type TransactionSigner } from '../store/operation.ts';
import { DEFAULT_LANES, type Outbox } from '../store/outbox.ts';
import { takeCheckpoint } from './checkpoints.ts';
import { type Config, type NetworkConfig, readConfig } from './config.ts';
import { authorizationsOf, textIn } from './credentials.ts';
import {
  found,
  foundedIn,
  openChain,
  requireTrust,
  type Stores,
  trustIn,
  trustOf,
  writeTrustTo,
} from './stores.ts';

export interface OpenedChain {
  readonly chain: Engine;
  /** The chain in this process, where there is one. */
  readonly own?: EmbeddedChain;
  /** The nodes of a network. */
  readonly pool?: NodePool;
  /** Undefined before there is a ledger on it. */
  readonly founded?: { readonly trust: TrustFile; readonly contracts: LedgerContracts };
}

interface EngineOptions extends Pick<EmbeddedOptions, 'isClockAccepted' | 'onDiskFailure'> {
  /** Once it is known whether the clock is doubted, and before anything is sent. */
  beforeFounding(chain: Engine): Promise<void>;
}

export async function openEngine(
  config: Config,
  stores: Stores,
  log: Logger,
  options: EngineOptions,
): Promise<OpenedChain> {
  if (config.network !== undefined) {
    const opened = await openNetwork(config.network, stores, log, config.isClockAccepted);
    await options.beforeFounding(opened.chain);
    return opened;
  }
  const own = await openChain(stores, log, options);
  await options.beforeFounding(own);
  const contracts = await found(config, stores.keys, own, log);
  if (contracts === undefined) return { chain: own, own };
  return { chain: own, own, founded: { contracts, trust: await trustOf(config, own, contracts, log) } };
}

/** Whose accounts a permissioned network must let in: one for each lane of the outbox. */
const RELAYERS: readonly SigningRole[] = Array.from(
  { length: DEFAULT_LANES },
  (_, lane) => `relayer-${lane}` as SigningRole,
);

/** The ledger of a folder to look at: its own chain, or the network's where the environment names nodes. Founds nothing. */
export async function openToCheck(
  stores: Stores,
  env: NodeJS.ProcessEnv,
  log: Logger,
): Promise<{ readonly chain: Engine; readonly trust: TrustFile | undefined }> {
  if (env.KUDURRU_NODES !== undefined) {
    const { network, isClockAccepted } = readConfig(env);
    if (network === undefined) throw new Error('nodes without a network');
    const { chain } = await openNetwork(network, stores, log, isClockAccepted);
    return { chain, trust: chain.pin.trust };
  }
  const chain = await openChain(stores, log);
  const contracts = await foundedIn(stores.keys, chain);
  return { chain, trust: contracts && (await trustIn(chain, contracts)) };
}

async function openNetwork(
  network: NetworkConfig,
  stores: Stores,
  log: Logger,
  isClockAccepted: boolean,
): Promise<OpenedChain> {
  const journal = await openBlocks(stores.store);
  if (journal.genesis !== undefined) throw refusal('data-folder-of-own-chain');
  const trust = trustNamed(network);
  const authorizations = authorizationsOf(network);
  const nodes = network.nodes.map((url, place) => {
    const authorization = authorizations(place);
    return new HttpNode({ url: String(url), ...(authorization && { authorization }) });
  });
  const provider = new NodePool({
    nodes: nodes.map((node) => ofLedger(node, pinOf(trust))),
    first: await fastestOf(nodes, pinOf(trust)),
    onTurn: (from, to, why) => log.warn({ from, to, why }, 'another node is asked from now on'),
  });
  const lineage = new Lineage(stores.store);
  const open = (believed: TrustFile) =>
    new NodeChain({
      provider,
      trust: believed,
      isClockAccepted,
      clock: () => BigInt(Math.floor(Date.now() / 1000)),
      heartbeats: journal,
      lineage,
      links: linksOf(network),
      onDoubt: () => provider.blame(),
    });
  const from = await takeCheckpoint(stores.dataFolder, trust, {
    open,
    lineage,
    given: evidenceNamed(network),
  });
  if (from !== undefined)
    log.info({ from, to: fingerprint(trust) }, 'the checkpoint of the trust file moved');
  const chain = open(trust);
  requireTrust(stores.dataFolder, trust);
  log.info(
    { fingerprint: fingerprint(trust), nodes: network.nodes.length },
    'serving the ledger of a network',
  );
  const { charter, consortium, landRegistry: land, benefitLedger: benefits } = trust.contracts;
  const known = { charter, consortium, land, benefits };
  const named = Object.entries(known).map(([name, { address }]) => [name, address] as const);
  // The others are named by events: `requireInForce` says so where one is missing once those were read.
  return {
    chain,
    pool: provider,
    founded: { trust, contracts: Object.fromEntries(named) as LedgerContracts },
  };
}

function trustNamed({ trustFile }: NetworkConfig): TrustFile {
  return readTrust(textIn(trustFile, 'KUDURRU_TRUST'));
}

/** Every proof of who seals that is kept here or was handed over; where both have one, what this gateway verified itself. */
export async function linksKnown(
  { store }: Pick<Stores, 'store'>,
  network?: NetworkConfig,
): Promise<readonly SetChange[]> {
  return [...linksOf(network), ...(await new Lineage(store).kept())];
}

/**
 * Whether views stand behind a change of validators whose proof is not kept, as where the precious tables were lost and the views
 * were not: what was followed no more is never proved, and no certificate of a later block would verify.
 */
export async function isLineageBehind(
  { store }: Pick<Stores, 'store'>,
  trust: TrustFile | undefined,
  { number, validators }: Cursor,
): Promise<boolean> {
  if (trust?.lineage !== 'qbft' || validators === undefined) return false;
  const kept = (await new Lineage(store).kept()).filter(({ blockNumber }) => blockNumber <= number);
  const from = BigInt(trust.minimumCheckpoint.blockNumber);
  if (from !== 0n && number >= from && !kept.some(({ blockNumber }) => blockNumber === from)) return true;
  const last = kept.at(-1);
  return !isSameSet(last === undefined ? trust.firstValidators : setIn(trust, last), validators);
}

function setIn(trust: QbftTrust, { link }: SetChange): readonly Address[] {
  return validatorsUnder(trust, readHeader(fromHex(link.header)).stateRoot, link.validators);
}

/** What certificates of other members prove of who seals; nothing where none is named, or they are of another kind. */
function linksOf(network: NetworkConfig | undefined): readonly SetChange[] {
  return evidenceNamed(network).flatMap((one) => (one.kind === 'qbft' ? linksIn(one) : []));
}

function evidenceNamed(network: NetworkConfig | undefined): readonly FinalityEvidence[] {
  const files = network?.lineageFiles ?? [];
  return files.map(
    (file) => readCertificate(textIn(file, 'KUDURRU_LINEAGE', MAX_CERTIFICATE_BYTES)).finality,
  );
}

/** The checkpoint it rests on, where it does, each change since, and its parent, which may be the next checkpoint. */
export function linksIn({ checkpoint, steps, parent }: QbftEvidence): readonly SetChange[] {
  return [...(checkpoint ? [checkpoint] : []), ...steps, parent].map((link) => {
    const { blockNumber } = readQbftHeader(fromHex(link.header));
    return { blockNumber: BigInt(blockNumber), link };
  });
}

/** One change of validators a month for thirty years. */
const MAX_CERTIFICATE_BYTES = 4 * 2 ** 20;

/** The node, which is asked nothing before it showed that it is of this ledger; one of another is as good as silent. */
function ofLedger(node: ChainProvider, pin: LedgerPin): ChainProvider {
  let shown: Promise<void> | undefined;
  const requireShown = async () => {
    try {
      shown ??= requireLedger(node, pin);
      await shown;
    } catch (error) {
      shown = undefined;
      if (!(error instanceof Refusal)) throw error;
      throw new Fault('a node of another ledger', { retryable: true, cause: error });
    }
  };
  return {
    async request(call) {
      await requireShown();
      return node.request(call);
    },
    blockAfter: (blockNumber, signal) => node.blockAfter(blockNumber, signal),
  };
}

/** The first that answers and is of this ledger; refuses as the one that came closest to it. */
async function fastestOf(nodes: readonly ChainProvider[], pin: LedgerPin): Promise<number> {
  try {
    return await Promise.any(nodes.map((node, place) => requireLedger(node, pin).then(() => place)));
  } catch (error) {
    const reasons: readonly unknown[] = error instanceof AggregateError ? error.errors : [error];
    const bug = reasons.find((reason) => !(reason instanceof Refusal || isUnanswered(reason)));
    const said = reasons.map((reason) => (isUnanswered(reason) ? reason.cause : reason));
    throw bug ?? said.find((reason) => reason instanceof Refusal) ?? refusal('node-silent');
  }
}

/** Where the Charter of the ledger stands: the trust file says, or this version's founding. */
export function charterOf({ pin: { trust } }: Pick<Engine, 'pin'>): Address {
  return trust?.contracts.charter.address ?? CHARTER_ADDRESS;
}

/** The header of the block that the views stand on, as the chain has it now. */
export async function headerAt(chain: Engine, { number, hash }: Cursor): Promise<BlockHeader> {
  const header = await fetchHeader(chain, number, chain.pin.trust);
  if (header?.hash === hash) return header;
  throw new Fault('the node does not have the block that the views stand on', { retryable: true });
}

/** Every contract but the Charter itself, and the views of the benefit ledger, which nothing names. */
const NAMED_BY_EVENTS = CONTRACT_NAMES.filter((name) => name !== 'charter' && name !== 'benefitViews');
const IN_DIRECTORY = [
  'land',
  'benefits',
  'safeguards',
  'personnel',
  'notary',
] as const satisfies ContractName[];
const OF_TRUST = { consortium: 'consortium', landRegistry: 'land', benefitLedger: 'benefits' } as const;

/** Lies that are survived where something is asked for once: one of each of a few nodes, or a few of one. */
const MOST_DOUBTS = 5;

/** What nodes of a network prove: asked again, of another one where there is one, while it does not verify. */
export async function provenBy<T>(chain: Pick<Engine, 'pin' | 'doubt'>, ask: () => Promise<T>): Promise<T> {
  for (let left = chain.pin.trust === undefined ? 0 : MOST_DOUBTS; ; left--) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof Refusal) || left === 0) throw error;
      chain.doubt();
    }
  }
}

interface Followed {
  readonly cursor: Cursor;
  readonly journal: { contracts(): Promise<readonly ContractAt[]> };
}

/**
 * Proves at the newest block that the contracts of the trust file have its code and were put in force by the Charter, that
 * authority and directory are what the events led to, that the parts of each contract are those its code names, and all that
 * a node told of code meanwhile. Refuses as `network-not-founded`, `network-contract-unknown`, `contract-code-differs`,
 * `node-keeps-too-little` or `ledger-unverified`.
 */
export async function requireInForce(
  chain: Engine,
  ledger: Ledger,
  views: Followed,
  inForce: Readonly<Record<ContractName, Address>>,
  unproven: Map<Address, Bytes32>,
): Promise<void> {
  const { trust } = chain.pin;
  if (trust === undefined) return;
  const named = await views.journal.contracts();
  for (const name of NAMED_BY_EVENTS) {
    if (named.some(({ contract }) => contract === name)) continue;
    throw refusal('network-not-founded', { contract: charterNameOf(name) });
  }
  for (const [entry, name] of Object.entries(OF_TRUST)) {
    const { address } = trust.contracts[entry as keyof TrustedContracts];
    if (named.some((one) => one.contract === name && one.address === address)) continue;
    throw refusal('network-contract-unknown', { contract: charterNameOf(name) });
  }
  const header = await headerAt(chain, views.cursor);
  const { state } = await proven(header, async () => {
    await ledger.requireContracts(Object.values(trust.contracts), header);
    return ledger.prove(trust.contracts.charter.address, [...PLACES.keys()], header);
  });
  for (const [slot, name] of PLACES) {
    if (BigInt(slotOf(state, slot)) === BigInt(inForce[name])) continue;
    throw refusal('ledger-unverified', { blockNumber: header.number, what: charterNameOf(name) });
  }
  for (const [address, hash] of await partsToProve(chain, trust, header, inForce))
    unproven.set(address, hash);
  for (const [address, hash] of unproven) {
    const { state } = await proven(header, () => ledger.prove(address, [], header));
    if (state.account.codeHash !== hash) throw codeUnverified(header);
    unproven.delete(address);
  }
}

/** Of every contract in force that has parts: what the views hold of them may be from before a kill, proved by nobody. */
async function partsToProve(
  chain: Engine,
  trust: TrustFile,
  header: BlockHeader,
  inForce: Readonly<Record<ContractName, Address>>,
): Promise<ReadonlyMap<Address, Bytes32>> {
  const code = codeAsked(chain, trust.contracts);
  const toProve = new Map<Address, Bytes32>();
  const at = (contract: ContractName) => ({ contract, address: inForce[contract] });
  for (const contract of NAMED_BY_EVENTS) {
    const parts = partsOf(contract).map(at);
    if (parts.length === 0) continue;
    const told = await bindParts(code, at(contract), parts).catch((error: unknown) => {
      throw error instanceof RangeError ? codeUnverified(header) : error;
    });
    for (const [address, hash] of told) toProve.set(address, hash);
  }
  return toProve;
}

function codeUnverified({ number }: BlockHeader): Refusal {
  return refusal('ledger-unverified', { blockNumber: number, what: 'code' });
}

/** What the Charter keeps under which slot. */
const PLACES: ReadonlyMap<Bytes32, ContractName> = new Map<Bytes32, ContractName>([
  [AUTHORITY_SLOT, 'consortium'],
  ...IN_DIRECTORY.map((name) => [directorySlot(charterNameOf(name)), name] as const),
]);

/** A node that follows and proves nothing lacks a setting of its own, and asking again brings nothing. */
async function proven<T>({ number }: BlockHeader, prove: () => Promise<T>): Promise<T> {
  try {
    return await prove();
  } catch (error) {
    if (error instanceof NodeError) throw refusal('node-keeps-too-little', { blockNumber: number });
    throw error;
  }
}

/**
 * Whether what the views hold was never proved: a start ended before that, and what it was told, by whom nobody knows, is
 * read again from block 0. The trust file comes into the folder when the proof is done.
 */
export function isUnproved({ dataFolder }: Stores, trust: TrustFile | undefined): boolean {
  return trust !== undefined && !requireTrust(dataFolder, trust);
}

/** From now on the folder belongs to this ledger, and no start of it founds another. */
export function keepTrust({ dataFolder }: Stores, { pin: { trust } }: Engine): void {
  if (trust === undefined || requireTrust(dataFolder, trust)) return;
  writeTrustTo(dataFolder, trust);
}

/** After a lost or restored store the chain has used nonces that nobody here remembers: proved, for a node's word could leave a gap. */
export async function catchUpNonces(
  chain: Engine,
  ledger: Ledger,
  cursor: Cursor,
  keys: KeyService,
  outbox: Outbox,
): Promise<void> {
  const header = await headerAt(chain, cursor);
  for (const [lane, role] of RELAYERS.entries()) {
    await outbox.catchUpNonce(lane, Number(await nonceAt(ledger, await keys.address(role), header)));
  }
}

/** What a transaction costs that does nothing but use its nonce, with as much again. */
const FILLING_GAS = 42_000n;

/**
 * What would hold its lane for ever: an operation whose bytes ask for less gas than any node takes them at gets a rival with its
 * nonce, and one whose nonce is used by what was signed elsewhere is over. At a start, before anything is sent again. Answers the
 * operations it found.
 */
export async function freeLanes(
  { chain, ledger, cursor }: { readonly chain: Engine; readonly ledger: Ledger; readonly cursor: Cursor },
  {
    keys,
    outbox,
    sign,
  }: { readonly keys: KeyService; readonly outbox: Outbox; readonly sign: TransactionSigner },
  isRecorded: (act: Bytes32) => Promise<boolean>,
): Promise<readonly OperationId[]> {
  const header = await headerAt(chain, cursor);
  const waiting: Operation[] = [];
  for await (const operation of outbox.unfinished()) {
    if (operation.state === 'SIGNED' || operation.state === 'SENT') waiting.push(operation);
  }
  const freed: OperationId[] = [];
  for (const one of waiting) {
    const { id, lane, nonce = 0 } = one;
    const relayer = await keys.address(RELAYERS[lane] as SigningRole);
    const hasRival = waiting.some((other) => other !== one && other.lane === lane && other.nonce === nonce);
    if (BigInt(nonce) < (await nonceAt(ledger, relayer, header))) {
      if (!(await isElsewhere(one, isRecorded))) continue;
      await outbox.superseded(id);
    } else if (!hasRival && asksForTooLittle(await outbox.raw(id))) {
      await outbox.fill(id, { to: relayer, data: '0x', gas: FILLING_GAS }, sign);
    } else continue;
    freed.push(id);
  }
  return freed;
}

/** In a store older than its views an operation waits that the ledger has: the pipeline finds it, and by their acts they are told apart. */
async function isElsewhere(
  { acts, kind }: Operation,
  isRecorded: (act: Bytes32) => Promise<boolean>,
): Promise<boolean> {
  if (acts.length === 0) return kind === NONCE_FILL;
  return !(await Promise.all(acts.map(isRecorded))).includes(true);
}

function asksForTooLittle(bytes: Hex): boolean {
  const { gas, toCall } = readRawTransaction(bytes);
  return gas < leastGasOf(toCall(gas).data);
}

/** An account that never sent anything is not in the state. */
async function nonceAt(ledger: Ledger, account: Address, header: BlockHeader): Promise<bigint> {
  try {
    return (await ledger.prove(account, [], header)).state.account.nonce;
  } catch (error) {
    if (error instanceof Refusal && error.code === 'account-absent') return 0n;
    throw error;
  }
}

/** What stands behind a block's being final: the gateway's node alone, or with witnesses, or a quorum of validators. */
export function finalityOf({ pin: { trust } }: Pick<Engine, 'pin'>): 'local' | 'witnessed' | 'quorum' {
  if (trust === undefined) return 'local';
  if (trust.lineage !== 'embedded') return 'quorum';
  return trust.witnessThreshold > 0 ? 'witnessed' : 'local';
}

interface Members {
  readonly power: { institution(number: InstitutionId): Promise<unknown> };
}

/** Refuses as `institution-not-member` a gateway of a network that no member keeps. */
export async function requireMember({ network }: Config, views: Members | undefined): Promise<void> {
  if (network === undefined || views === undefined) return;
  if ((await views.power.institution(network.institution)) === undefined)
    throw refusal('institution-not-member');
}

/** Whom tokens are issued for: of a network the member that keeps this gateway; before there is a ledger, whoever it will have. */
export function isServed(
  { network }: Config,
  views: Members | undefined,
): (number: number) => Promise<boolean> {
  return async (number) => {
    if (number === 0) return true;
    if (network !== undefined) return number === network.institution;
    return views === undefined || (await views.power.institution(number as InstitutionId)) !== undefined;
  };
}
