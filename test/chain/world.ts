/**
 * A whole ledger for tests: the contracts as they are founded, on the real embedded chain over a real store, followed
 * into views. Two institutions, each with a preparer and an approver; waits are zero, as in a demonstration, unless a test
 * asks for others.
 */

import { join } from 'node:path';
import {
  type LedgerIdentity,
  type RegisterDomain,
  registerDomain,
  type SigningRegister,
} from '../../server/domain/acts/domains.ts';
import type { ContractName, EventBlock, Founding } from '../../server/domain/acts/events.ts';
import type { GenesisAccount } from '../../server/domain/base/blocks.ts';
import {
  type Address,
  type Bytes32,
  fromHex,
  type Hex,
  toHex,
  ZERO_ADDRESS,
} from '../../server/domain/base/hex.ts';
import type { InstitutionId, OfficeId } from '../../server/domain/base/terms.ts';
import { END_WITHOUT_NOTICE_POLICY, tierPolicy } from '../../server/domain/benefits/policies.ts';
import { foundingDomain } from '../../server/domain/power/possession.ts';
import { charterNameOf, contractOf, encodeCall, refusalOfRevert } from '../../server/ledger/contracts.ts';
import { type EmbeddedChain, openEmbedded } from '../../server/ledger/embedded.ts';
import { EventReader } from '../../server/ledger/events.ts';
import { keccak256 } from '../../server/ledger/keccak.ts';
import { type Ledger, openLedger, type VerifiedBlock } from '../../server/ledger/ledger.ts';
import { shownCalls } from '../../server/ledger/shownCalls.ts';
import { signTransaction, softwareSigner } from '../../server/ledger/signer.ts';
import { blockTables, openBlocks } from '../../server/store/blocks.ts';
import type { AnyTable, Store } from '../../server/store/store.ts';
import { openViews, type Views } from '../../server/store/views.ts';
import { openTestStore } from '../server/store/folder.ts';
import { within } from '../within.ts';
import {
  appointmentOf,
  headOf,
  named,
  type Officer,
  officerOf,
  possessionsOf,
  signedAlone,
  signedBy,
  withThirds,
} from './signing.ts';

export const CHARTER = `0x${'c4'.repeat(20)}` as Address;
const NODE_KEY = fromHex(named('node key'));
const founder = softwareSigner(fromHex(named('founder key')));
const ALL_ROLES = 2 ** 14 - 1;
const GAS = 16_000_000n;
/** For the views to reach the head of a chain of a few thousand blocks, on a machine that many share. */
const SYNC_MS = 120_000;

export const PREPARER = officerOf(1, 'first preparer');
export const APPROVER = officerOf(1, 'first approver');
export const SECOND_PREPARER = officerOf(2, 'second preparer');
export const SECOND_APPROVER = officerOf(2, 'second approver');
export const LEDGER_NONCE = named('ledger nonce') as Bytes32;
export const OFFICERS = [PREPARER, APPROVER, SECOND_PREPARER, SECOND_APPROVER];

/** What a ledger for tests decides by where it says nothing: every institution, at once. */
export interface Constitution {
  readonly quorum?: number;
  readonly wideningWaitSeconds?: number;
}

export function foundingOf(officers: readonly Officer[] = OFFICERS, constitution: Constitution = {}) {
  const institutions = [...new Set(officers.map(({ institution }) => institution))];
  return {
    ledgerNonce: LEDGER_NONCE,
    institutions: institutions.map((institution) => ({ institution, roles: ALL_ROLES })),
    officers: withThirds(officers).map((officer) => appointmentOf(officer, ALL_ROLES)),
    offices: institutions.slice(0, 1).map((keeper) => ({ office: 1 as OfficeId, keeper })),
    verifiers: [],
    policies: [
      { name: tierPolicy(404), value: 2n ** 120n },
      { name: END_WITHOUT_NOTICE_POLICY, value: 1n },
    ],
    validators: institutions.slice(0, 1).map((institution) => ({
      validator: softwareSigner(NODE_KEY).address,
      institution: institution as InstitutionId,
    })),
    quorum: constitution.quorum ?? institutions.length,
    wideningWaitSeconds: constitution.wideningWaitSeconds ?? 0,
    appointmentWaitSeconds: 0,
  } satisfies Record<keyof Founding, unknown>;
}

/** The signatures of the keys of the officers whom `foundingOf` names, in its order. */
export function foundingPossessionsOf(officers: readonly Officer[] = OFFICERS) {
  return withThirds(officers).map((officer) => possessionsOf(officer, foundingDomain(LEDGER_NONCE)));
}

function word(value: bigint | Hex): Bytes32 {
  const hex = typeof value === 'bigint' ? value.toString(16) : value.slice(2);
  return `0x${hex.padStart(64, '0')}` as Bytes32;
}

/** The Charter as a genesis file holds it: its slots written by hand. */
function charterAccount(chainId: bigint): GenesisAccount {
  const validators = toHex(keccak256(fromHex(word(0n)))) as Bytes32;
  return {
    address: CHARTER,
    code: contractOf('charter').deployedBytecode,
    storage: [
      { slot: word(0n), value: word(1n) },
      { slot: validators, value: word(softwareSigner(NODE_KEY).address) },
      { slot: word(1n), value: word(founder.address) },
      { slot: word(3n), value: word(chainId) },
    ],
  };
}

export type Addresses = Readonly<Record<ContractName, Address>>;

const SIGNING: Partial<Record<ContractName, SigningRegister>> = {
  personnel: 'personnel',
  safeguards: 'safeguards',
  land: 'landRegistry',
  benefits: 'benefitLedger',
  notary: 'notary',
};

/**
 * A stranger's contract: it passes the bytes after the first twenty on to the address that those are, and gives back
 * what a refusal says. Copied in by its first nine bytes.
 */
export const RELAY: Hex =
  '0x60248060095f395ff36014360360145f375f5f601436035f5f5f3560601c5af115601c57005b3d5f5f3e3d5ffd';

type Receipt = Readonly<Record<string, unknown>>;

export interface WorldOptions {
  readonly folder: string;
  /** Seconds; the wall's by default. */
  readonly clock?: () => bigint;
  /** Precious tables besides the chain's blocks. */
  readonly tables?: readonly AnyTable[];
  /** Who else follows: each block as it goes into the views. */
  readonly onBlock?: (block: EventBlock) => void;
}

export class World {
  readonly store: Store;
  readonly chain: EmbeddedChain;
  readonly ledger: Ledger;
  readonly views: Views;
  readonly reader: EventReader<VerifiedBlock>;
  #addresses: Addresses | undefined;
  #nonce = 0n;
  #relay: Address | undefined;
  #salt = 0n;
  readonly #onBlock: (block: EventBlock) => void;
  readonly #stop = new AbortController();
  #following: Promise<void> | undefined;

  /** Use `openWorld`. */
  constructor(
    parts: Pick<World, 'store' | 'chain' | 'ledger' | 'views' | 'reader'>,
    onBlock: (block: EventBlock) => void = () => {},
  ) {
    this.#onBlock = onBlock;
    this.store = parts.store;
    this.chain = parts.chain;
    this.ledger = parts.ledger;
    this.views = parts.views;
    this.reader = parts.reader;
  }

  get addresses(): Addresses {
    if (this.#addresses === undefined) throw new Error('a world not founded');
    return this.#addresses;
  }

  /** Deploys every contract and hands over to the consortium, as founding does. */
  async found(officers: readonly Officer[] = OFFICERS, constitution: Constitution = {}): Promise<void> {
    const file = foundingOf(officers, constitution);
    const possessions = foundingPossessionsOf(officers);
    const council = await this.deploy('council', [CHARTER]);
    const safeguards = await this.deploy('safeguards', [CHARTER, LEDGER_NONCE, ZERO_ADDRESS]);
    const consortium = await this.deploy('consortium', [
      ...[CHARTER, ZERO_ADDRESS, council, safeguards],
      ...[file, possessions],
    ]);
    const personnel = await this.deploy('personnel', [CHARTER, LEDGER_NONCE, ZERO_ADDRESS]);
    const landCharges = await this.deploy('landCharges', [CHARTER]);
    const landPartition = await this.deploy('landPartition', [CHARTER]);
    const landParts = await this.deploy('landParts', [CHARTER]);
    const landTransfers = await this.deploy('landTransfers', [CHARTER]);
    const landDivision = await this.deploy('landDivision', [CHARTER]);
    const rules = [landTransfers, landCharges, landPartition, landParts, landDivision];
    const land = await this.deploy('land', [CHARTER, LEDGER_NONCE, ZERO_ADDRESS, ...rules]);
    const benefitRules = await this.deploy('benefitRules', []);
    const standingRules = await this.deploy('standingRules', []);
    const benefits = await this.deploy('benefits', [
      ...([CHARTER, LEDGER_NONCE, ZERO_ADDRESS] as const),
      ...[benefitRules, standingRules],
    ]);
    const benefitViews = await this.deploy('benefitViews', [benefits]);
    const notary = await this.deploy('notary', [CHARTER, LEDGER_NONCE, ZERO_ADDRESS]);
    this.#addresses = {
      ...{ charter: CHARTER, council, safeguards, personnel, consortium, land },
      ...{ landTransfers, landCharges, landPartition, landParts, landDivision },
      ...{ benefitRules, standingRules, benefits, benefitViews, notary },
    };
    for (const name of ['safeguards', 'personnel', 'land', 'benefits', 'notary'] as const) {
      const args = [named(charterNameOf(name)), this.addresses[name]] as [string, string];
      await this.send(CHARTER, encodeCall('charter', 'setRegister', args));
    }
    await this.send(CHARTER, encodeCall('charter', 'setAuthority', [consortium]));
  }

  /** Puts a contract in the place of another: from now on calls and signatures are for it. */
  replace(contract: ContractName, address: Address): void {
    this.#addresses = { ...this.addresses, [contract]: address };
  }

  /** From now on every call to a contract of ours comes through this one. */
  async relayAll(): Promise<void> {
    const receipt = await this.send(undefined, RELAY);
    this.#relay = String(receipt.contractAddress).toLowerCase() as Address;
  }

  async deploy(contract: ContractName, args: readonly unknown[]): Promise<Address> {
    const { bytecode, calls } = contractOf(contract);
    const data = `${bytecode}${calls.encodeDeploy(args).slice(2)}` as Hex;
    const receipt = await this.send(undefined, data);
    return String(receipt.contractAddress).toLowerCase() as Address;
  }

  /** Sends from the founder's account, which may do nothing more than any other; throws the refusal of a revert. */
  async send(to: Address | undefined, data: Hex): Promise<Receipt> {
    const relayed = to !== undefined && this.#relay !== undefined && to !== CHARTER;
    const call = relayed ? this.relayed(to, data) : { to, data };
    const receipt = await this.transact(call.to, call.data);
    if (receipt.status !== '0x1') throw await this.refusalOf(to, data);
    return receipt;
  }

  /** A call as it comes through the stranger's contract. */
  relayed(to: Address, data: Hex): { readonly to: Address | undefined; readonly data: Hex } {
    return { to: this.#relay, data: `${to}${data.slice(2)}` as Hex };
  }

  /** Sends whatever it is, and answers the receipt: a transaction of the own account is mined even if it reverts. */
  async transact(to: Address | undefined, data: Hex): Promise<Receipt> {
    const nonce = this.#nonce++;
    const fields = { chainId: this.chain.genesis.chainId, nonce, gas: GAS, data, ...(to && { to }) };
    const { raw, hash } = await signTransaction(fields, founder);
    await this.chain.request({ method: 'eth_sendRawTransaction', params: [raw] });
    const receipt = await this.chain.request({ method: 'eth_getTransactionReceipt', params: [hash] });
    return receipt as Receipt;
  }

  /** What a contract would answer now. */
  async read(
    contract: ContractName,
    method: string,
    args: readonly unknown[] = [],
  ): Promise<readonly unknown[]> {
    const { calls } = contractOf(contract);
    const call = { to: this.addresses[contract], data: calls.encodeFunctionData(method, args) };
    const answer = await this.chain.request({ method: 'eth_call', params: [call, 'latest'] });
    return calls.decodeFunctionResult(method, answer as Hex);
  }

  /** Why a call would be refused now. */
  async refusalOf(to: Address | undefined, data: Hex): Promise<Error> {
    try {
      await this.chain.request({
        method: 'eth_call',
        params: [{ to, data, from: founder.address }, 'latest'],
      });
    } catch (error) {
      const revert = JSON.stringify(error instanceof Error && 'data' in error ? error.data : error);
      const bytes = /0x[0-9a-f]{8,}/.exec(revert)?.[0] as Hex | undefined;
      return (bytes && refusalOfRevert(bytes)) ?? new Error(`reverted: ${revert} ${String(error)}`);
    }
    return new Error('reverted, and would not now');
  }

  get identity(): LedgerIdentity {
    return { chainId: Number(this.chain.genesis.chainId), ledgerNonce: LEDGER_NONCE };
  }

  domainOf(contract: ContractName): RegisterDomain {
    const register = contract.startsWith('land') ? 'land' : contract === 'council' ? 'consortium' : contract;
    return registerDomain(SIGNING[register] ?? 'consortium', this.identity, this.addresses[register]);
  }

  nextSalt(): bigint {
    return ++this.#salt;
  }

  /** Signs an act of two officers and sends it. `more` stands between the act and the signatures. */
  async act(
    contract: ContractName,
    method: string,
    fields: object,
    {
      by = [PREPARER, APPROVER],
      more = [],
      effectiveOn = 0n,
      office = 1,
    }: {
      readonly by?: readonly [Officer, Officer];
      readonly more?: readonly unknown[];
      readonly effectiveOn?: bigint;
      readonly office?: number;
    } = {},
  ): Promise<Readonly<Record<string, unknown>>> {
    const [preparer, approver] = by;
    const head = { ...headOf(preparer, this.nextSalt(), effectiveOn), office };
    const act = { head, ...fields };
    const signatures = signedBy(preparer, approver, this.domainOf(contract), contract, method, act);
    const { calls } = contractOf(contract);
    const data = calls.encodeFunctionData(method, [act, ...more, signatures]) as Hex;
    return this.send(this.addresses[contract], data);
  }

  /** Signs what one officer alone may do. */
  async order(contract: ContractName, method: string, by: Officer, order: object): Promise<unknown> {
    const signature = signedAlone(by, this.domainOf(contract), contract, method, order);
    const data = contractOf(contract).calls.encodeFunctionData(method, [order, signature]) as Hex;
    return this.send(this.addresses[contract], data);
  }

  /** Another reader of the same chain: one ledger is followed by one. */
  anotherLedger(): Promise<Ledger> {
    const { chainId, hash } = this.chain.genesis;
    return openLedger({ provider: this.chain, pin: { chainId, genesisHash: hash } });
  }

  /** Every block up to the head, verified. */
  async blocks(): Promise<VerifiedBlock[]> {
    const ledger = await this.anotherLedger();
    const blocks: VerifiedBlock[] = [];
    const done = new AbortController();
    for await (const block of ledger.follow(ledger.genesis, done.signal)) {
      blocks.push(block);
      if (block.number === this.chain.headNumber) break;
    }
    done.abort();
    return blocks;
  }

  /** Every block up to the head, as events. */
  async eventBlocks(): Promise<EventBlock[]> {
    const reader = new EventReader<VerifiedBlock>({ charter: CHARTER, questions: this.ledger });
    const read: EventBlock[] = [];
    for (const block of await this.blocks()) read.push(await reader.read(block));
    return read;
  }

  /** The same with the calls that came straight from their senders, as an auditor reads them. */
  async shownBlocks(): Promise<EventBlock[]> {
    const reader = new EventReader<VerifiedBlock>({ charter: CHARTER, questions: this.ledger });
    const read: EventBlock[] = [];
    for (const block of await this.blocks()) {
      const events = await reader.read(block);
      read.push({ ...events, shown: shownCalls(block.transactions, (at) => reader.contractAt(at)) });
    }
    return read;
  }

  /** Follows until the views stand at the chain's head. */
  async sync(): Promise<void> {
    this.#following ??= this.#follow();
    const reached = Promise.race([this.views.reached(this.chain.headNumber), this.#following]);
    await within(SYNC_MS, `the views on their way to block ${this.chain.headNumber}`, reached);
  }

  async #follow(): Promise<void> {
    const { signal } = this.#stop;
    for await (const block of this.ledger.follow(this.views.cursor, signal)) {
      const events = await this.reader.read(block);
      this.#onBlock(events);
      await this.views.apply(events);
    }
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#following;
    this.ledger.close();
    await this.chain.close();
    await this.views.close();
    await this.store.close();
  }
}

/** Opens what stands in the folder, or an empty ledger. */
export async function openWorld(options: WorldOptions): Promise<World> {
  const store = await openTestStore(join(options.folder, 'store'), [
    ...blockTables,
    ...(options.tables ?? []),
  ]);
  const chain = await openEmbedded({
    journal: await openBlocks(store),
    nodeSigner: softwareSigner(NODE_KEY),
    clock: options.clock ?? (() => BigInt(Math.floor(Date.now() / 1000))),
    isClockAccepted: true, // a test's clock goes where it likes
    genesisAccounts: (chainId) => [charterAccount(chainId)],
  });
  const { chainId, hash } = chain.genesis;
  const ledger = await openLedger({ provider: chain, pin: { chainId, genesisHash: hash } });
  const views = await openViews(join(options.folder, 'views'), ledger.genesis);
  const reader = new EventReader<VerifiedBlock>({
    charter: CHARTER,
    contracts: await views.journal.contracts(),
    questions: ledger,
  });
  return new World({ store, chain, ledger, views, reader }, options.onBlock);
}

/** A founded world in an empty folder. */
export async function foundWorld(options: WorldOptions): Promise<World> {
  const world = await openWorld(options);
  await world.found();
  return world;
}
