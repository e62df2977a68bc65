/**
 * The ledger as the rest of the gateway knows it, over any EIP-1193 provider: submit, follow, prove.
 *
 * Promises: blocks come without a gap, each linked to the one before, its hash, transactions and receipts recomputed,
 * on a network its seals counted. A different block at or below the cursor is a safety incident: `block-differs` is
 * thrown, both headers go to `onIncident`, nothing is written any more, and nobody rolls back on their own. A
 * transaction ends only by a verified receipt. State that decides something comes from `prove`; `call` is for display.
 * Only `main` opens one; `commit` submits, the one loop in `main` follows.
 */
import { type ProvenState, readState, type StateProof } from '../domain/audit/state.ts';
import type { QbftTrust, TrustedContract, TrustFile } from '../domain/audit/trust.ts';
import { requireContract } from '../domain/audit/validators.ts';
import { Fault } from '../domain/base/fault.ts';
import type { Address, Bytes32, Hex } from '../domain/base/hex.ts';
import { Refusal, refusal } from '../domain/base/refusal.ts';
import {
  type BlockContent,
  type BlockHeader,
  fetchBlock,
  fetchHeader,
  isEmpty,
  isSigned,
  unverified,
} from './block.ts';
import { type Landed, Pipeline } from './pipeline.ts';
import { fetchProof } from './proof.ts';
import {
  type ChainProvider,
  fieldsOf,
  isUnanswered,
  NodeError,
  pause,
  RPC,
  readData,
  readQuantity,
} from './provider.ts';
import { isSealed, Seals, type SetChange } from './seals.ts';

/** Blocks asked for at once while behind: two full seconds of a busy ledger, and bounded memory. */
const CHUNK_BLOCKS = 16n;
const RETRY_MS = 1_000;
/** Empty blocks that are worth a question of their own, and the most: two requests of headers, a few hundred kilobytes. */
const LEAST_LEAP_BLOCKS = 32n;
const MOST_LEAP_BLOCKS = 512n;
/** Slots of one proof: the largest certificate takes a few dozen, the largest validator set 129. */
const MAX_PROOF_SLOTS = 1_024;
/** What is so, whoever is asked: two final blocks of one height, another ledger, nothing at an address. */
const NO_LIES: ReadonlySet<string> = new Set(['block-differs', 'ledger-differs', 'account-absent']);
const ANNOUNCED = 'the node announces a block that it does not show';
/** How far back an unsettled transaction is looked for: a day of a block a second, 86,400, rounded up. */
const MAX_BLOCKS_BACK = 100_000n;

/** What this ledger is, from the trust file or the founding, never from the node. */
export interface LedgerPin {
  readonly chainId: bigint;
  readonly genesisHash: Bytes32;
  /** Who makes its blocks final. Absent only over the chain in this process: nobody stands between. */
  readonly trust?: TrustFile;
}

/** What a node must be a node of. */
export function pinOf(trust: TrustFile): LedgerPin {
  return { chainId: BigInt(trust.chainId), genesisHash: trust.genesisHash, trust };
}

/** Where a reader stands. Stored in one batch with what it made of the block, and given back to `follow`. */
export interface Cursor {
  readonly number: bigint;
  readonly hash: Bytes32;
  /** On a network: who seals the next block. */
  readonly validators?: readonly Address[];
}

export interface VerifiedBlock extends BlockContent {
  readonly cursor: Cursor;
  /** Of a network: which blocks, up to this one, changed who seals. */
  readonly changes?: readonly SetChange[];
  /** How many empty blocks right before this empty one were verified with it, and do not come by themselves. */
  readonly leapt?: bigint;
}

/** Two blocks of one height, to be kept for those who must find out how that could be. */
export interface Incident {
  readonly blockNumber: bigint;
  readonly kept: { readonly hash: Bytes32; readonly header?: Hex };
  readonly shown: { readonly hash: Bytes32; readonly header: Hex };
}

export interface LedgerOptions {
  readonly provider: ChainProvider;
  readonly pin: LedgerPin;
  /** 0 in process; GATHER_MS of node.ts over HTTP. */
  readonly gatherMs?: number;
  readonly onIncident?: (incident: Incident) => void;
  /** Empty blocks of a network come as one, the last of them: a year of seconds has thirty million. */
  readonly isLeaping?: boolean;
  /** Changes of validators that somebody kept with their proofs, for a node that does not prove them any more. */
  readonly links?: readonly SetChange[];
  /** A node that gives no answer, once a try: following goes on when it is back. */
  readonly onFault?: (fault: unknown) => void;
  /** Whether an answer that does not verify, or a proof or call without one, is asked for again in a second; absent, it ends the reading. */
  readonly isAskedAgain?: (why: Refusal | Fault) => boolean;
}

/** Refuses as `ledger-differs` a node that serves another ledger than the pinned one. */
export async function openLedger(options: LedgerOptions): Promise<Ledger> {
  await requireLedger(options.provider, options.pin);
  return new Ledger(options);
}

/** The same of one node, whenever it is asked. */
export async function requireLedger(provider: ChainProvider, pin: LedgerPin): Promise<void> {
  const chainId = readQuantity(await provider.request({ method: 'eth_chainId' }));
  if (chainId === undefined) throw notSaid();
  if (chainId !== pin.chainId) throw refusal('ledger-differs', { what: 'chain id' });
  const genesis = await fetchHeader(provider, 0n, pin.trust);
  if (genesis === undefined) throw notSaid();
  if (genesis.hash !== pin.genesisHash) throw refusal('ledger-differs', { what: 'genesis hash' });
}

/** A node that is still starting answers with nothing, which says nothing about its ledger. */
const notSaid = () => new Fault('the node does not say which ledger it serves', { retryable: true });

export class Ledger {
  readonly #options: LedgerOptions;
  readonly #provider: ChainProvider;
  readonly #trust: TrustFile | undefined;
  /** The trust file of a network: its blocks carry seals. */
  readonly #qbft: QbftTrust | undefined;
  readonly #pipeline: Pipeline;
  /** The newest block that was followed, and its header where this process has seen it. */
  #tip: Cursor;
  #tipHeader: BlockHeader | undefined;
  #halted: Refusal | undefined;
  /** As many headers are asked for at once: few where blocks hold something. */
  #leapBlocks = LEAST_LEAP_BLOCKS;

  /** Use `openLedger`. */
  constructor(options: LedgerOptions) {
    this.#options = options;
    this.#provider = options.provider;
    this.#trust = options.pin.trust;
    this.#qbft = this.#trust?.lineage === 'embedded' ? undefined : this.#trust;
    this.#tip = this.genesis;
    this.#pipeline = new Pipeline({
      provider: options.provider,
      gatherMs: options.gatherMs ?? 0,
      find: (hash) => this.#find(hash),
    });
  }

  /** Where following starts when nothing was followed yet. */
  get genesis(): Cursor {
    const { genesisHash } = this.#options.pin;
    return { number: 0n, hash: genesisHash, ...(this.#qbft && { validators: this.#qbft.firstValidators }) };
  }

  /** Sends signed bytes until a verified block holds them. Throws the incident's refusal once halted. */
  submit(raw: Hex): Promise<Landed> {
    return this.#pipeline.submit(raw);
  }

  /** Every block after the cursor, for ever or until `signal` aborts. A node without an answer is waited for. */
  async *follow(cursor: Cursor = this.genesis, signal?: AbortSignal): AsyncGenerator<VerifiedBlock> {
    if (this.#halted) throw this.#halted;
    this.#tip = cursor;
    this.#tipHeader = undefined;
    let seals: Seals | undefined;
    while (!signal?.aborted) {
      let chunk: readonly BlockContent[];
      try {
        if (this.#tipHeader === undefined) await this.#confirmTip();
        seals ??= await this.#sealsAt(cursor);
        const head = await this.#provider.blockAfter(this.#tip.number, signal);
        const leap = seals && (await this.#leap(seals, head));
        if (leap !== undefined) {
          yield leap;
          continue;
        }
        chunk = await this.#fetchAfter(this.#tip.number, head);
        if (chunk.length === 0 && !signal?.aborted) throw new Fault(ANNOUNCED, { retryable: true });
        for (const block of chunk) {
          await this.#accept(block, seals);
          yield { ...block, cursor: this.#tip, ...(seals && { changes: seals.takeChanges() }) };
        }
      } catch (error) {
        await this.#waitOut(error, signal);
      }
    }
  }

  /** Proves what an account holds in the state after a verified block; the proof is what a certificate carries. */
  async prove(
    address: Address,
    slots: readonly Bytes32[],
    block: BlockHeader,
  ): Promise<{ readonly proof: StateProof; readonly state: ProvenState }> {
    if (slots.length > MAX_PROOF_SLOTS) throw new Error('a proof of too many slots');
    return this.#asked(async () => {
      const proof = await fetchProof(this.#provider, address, [...new Set(slots)], block.number);
      return { proof, state: readState(block.header.stateRoot, proof) };
    });
  }

  /** Refuses contracts whose code is not the pinned one, proved in the state after a verified block. */
  async requireContracts(contracts: readonly TrustedContract[], block: BlockHeader): Promise<void> {
    for (const contract of contracts) {
      requireContract(contract, (await this.prove(contract.address, [], block)).state);
    }
  }

  /**
   * What a contract would answer in the next block, unproved: to show or to foresee, never to decide. When the contract says no, rejects
   * with a `NodeError` whose `data` is its encoded error; a node that says anything else than that or its gas is a retryable `Fault`. `from` is who would send it; absent, nobody.
   */
  async call(to: Address, data: Hex, from?: Address): Promise<Hex> {
    if (this.#halted) throw this.#halted; // which of two chains would answer, nobody knows
    return this.#asked(() => this.#call({ to, data, ...(from && { from }) }));
  }

  async #call(call: { readonly to: Address; readonly data: Hex; readonly from?: Address }): Promise<Hex> {
    const answer = await this.#provider
      .request({ method: 'eth_call', params: [call, 'pending'] })
      .catch((error: unknown) => {
        if (!(error instanceof NodeError)) throw error;
        if (error.code === RPC.limitExceeded) {
          throw new Fault('the node has no room for a call', { retryable: true, cause: error });
        }
        // In this process nobody lacks a state or a method, so whatever is said is of the call.
        const isOfNode = this.#trust !== undefined && !error.isOfCall;
        throw isOfNode ? new Fault('the node cannot try a call', { retryable: true, cause: error }) : error;
      });
    const result = readData(answer);
    if (result === undefined) throw new Fault('the node answered a call without bytes', { retryable: true });
    return result;
  }

  /** Two blocks of one height were found before this start, and nobody has settled it. */
  halt(blockNumber: bigint): Refusal {
    this.#halted ??= refusal('block-differs', { blockNumber });
    this.#pipeline.halt(this.#halted);
    return this.#halted;
  }

  /** Ends what waits; the provider stays open. */
  close(): void {
    this.#pipeline.halt(new Fault('the ledger is closed', { retryable: true }));
  }

  /** The node must hold the very block this reader stands on, as soon as it holds one of that number. */
  async #confirmTip(): Promise<void> {
    const { number, hash } = this.#tip;
    const shown = await fetchHeader(this.#provider, number, this.#trust);
    if (shown === undefined) throw new Fault('the node is behind this reader', { retryable: true });
    if (shown.hash !== hash) {
      await requireLedger(this.#provider, this.#options.pin);
      if (!(await this.#isFinal(this.#provider, shown))) throw unverified(number, 'hash');
      throw this.#incident(hash, shown);
    }
    this.#tipHeader = shown;
  }

  /**
   * Whether another node has the newest block that was followed; undefined where it has none of that number. One that shows
   * another block, as final as ours and of our ledger, is the incident, and it is thrown; once halted nothing is compared, for a
   * fork differs at every height. Refuses as `ledger-differs`.
   */
  async agrees(provider: ChainProvider): Promise<boolean | undefined> {
    if (this.#halted) return undefined;
    await requireLedger(provider, this.#options.pin);
    const { number, hash } = this.#tip;
    const ours = this.#tipHeader;
    const shown = await fetchHeader(provider, number, this.#trust);
    if (shown === undefined || shown.hash === hash) return shown && true;
    if (!(await this.#isFinal(provider, shown))) return false;
    if (ours !== undefined && !(await this.#branchesOff(provider, shown, ours))) return false;
    throw this.#incident(hash, shown);
  }

  /** Whether a block of our ledger stands below both: validators may seal the blocks of another with the same keys. */
  async #branchesOff(provider: ChainProvider, shown: BlockHeader, ours: BlockHeader): Promise<boolean> {
    let [theirs, own] = [shown, ours];
    for (let back = 0n; back < MAX_BLOCKS_BACK; back++) {
      if (theirs.header.parentHash === own.header.parentHash) return true;
      const number = own.number - 1n;
      if (number < 1n) return false;
      const [above, parent] = await Promise.all([
        fetchHeader(provider, number, this.#trust),
        fetchHeader(this.#provider, number, this.#trust),
      ]);
      if (above?.hash !== theirs.header.parentHash || parent?.hash !== own.header.parentHash) return false;
      [theirs, own] = [above, parent];
    }
    return false;
  }

  /** Whether what makes blocks final made this one so: any node can make up a header. In this process nobody else does. */
  async #isFinal(provider: ChainProvider, shown: BlockHeader): Promise<boolean> {
    const trust = this.#trust;
    if (trust === undefined) return true;
    if (trust.lineage === 'embedded') return isSigned(provider, trust, shown);
    return isSealed(shown, this.#tip.validators ?? trust.firstValidators);
  }

  async #sealsAt(cursor: Cursor): Promise<Seals | undefined> {
    if (this.#qbft === undefined) return undefined;
    const { links } = this.#options;
    const seals = new Seals(this.#provider, this.#qbft, cursor.validators, links);
    if (cursor.validators === undefined && this.#tipHeader) {
      await seals.learn(this.#tipHeader);
      seals.takeChanges(); // known by proof now, and changed some time before
    }
    return seals;
  }

  /**
   * The last of the empty blocks after the tip, where there are several: each names the one before it by hash, so that the
   * seals of the last vouch for all of them. Nothing without a transaction changes who seals. Undefined where the next block
   * has transactions, or does not follow the tip: then it is looked at by itself.
   */
  async #leap(seals: Seals, head: bigint): Promise<VerifiedBlock | undefined> {
    const { number, hash } = this.#tip;
    if (!this.#options.isLeaping || head - number < LEAST_LEAP_BLOCKS) return undefined;
    const checkpoint = BigInt(this.#trust?.minimumCheckpoint.blockNumber ?? 0);
    const most = number < checkpoint && checkpoint < head ? checkpoint - number : head - number;
    const length = Number(most < this.#leapBlocks ? most : this.#leapBlocks);
    const asked = Array.from({ length }, (_, i) =>
      fetchHeader(this.#provider, number + 1n + BigInt(i), this.#trust),
    );
    const headers = await Promise.all(asked);
    let parent = hash;
    const next = headers.findIndex((header) => {
      const isNext = header?.header.parentHash === parent && isEmpty(header);
      parent = header?.hash ?? parent;
      return !isNext;
    });
    const empty = headers.slice(0, next < 0 ? length : next) as BlockHeader[];
    this.#leapBlocks = next < 0 ? MOST_LEAP_BLOCKS : LEAST_LEAP_BLOCKS;
    const last = empty.at(-1);
    // Who is not in the set that is known may be in a newer one: a verified block says so, and none of these is yet.
    if (last === undefined || empty.length < 2 || !isSealed(last, seals.validators)) return undefined;
    this.#requireCheckpoint(last);
    this.#tip = { number: last.number, hash: last.hash, validators: seals.validators };
    this.#tipHeader = last;
    return { ...last, transactions: [], logs: [], cursor: this.#tip, leapt: last.number - number - 1n };
  }

  #requireCheckpoint({ number, hash }: BlockHeader): void {
    const checkpoint = this.#trust?.minimumCheckpoint;
    if (checkpoint?.blockNumber === Number(number) && checkpoint.blockHash !== hash) {
      throw unverified(number, 'checkpoint');
    }
  }

  /** At most a chunk: those before the first that the node does not have, or answers wrongly, else one wrong answer in a hundred stops all. */
  async #fetchAfter(number: bigint, head: bigint): Promise<BlockContent[]> {
    const last = head < number + CHUNK_BLOCKS ? head : number + CHUNK_BLOCKS;
    const numbers = Array.from(
      { length: Math.max(0, Number(last - number)) },
      (_, i) => number + 1n + BigInt(i),
    );
    const asked = await Promise.allSettled(numbers.map((n) => fetchBlock(this.#provider, n, this.#trust)));
    const blocks: BlockContent[] = [];
    for (const one of asked) {
      if (one.status === 'rejected' && blocks.length === 0) throw one.reason;
      if (one.status === 'rejected' || one.value === undefined) break;
      blocks.push(one.value);
    }
    return blocks;
  }

  async #accept(block: BlockContent, seals: Seals | undefined): Promise<void> {
    const { number, hash, header } = block;
    if (header.parentHash !== this.#tip.hash) {
      await this.#confirmTip(); // throws the incident where the node's block below is another one
      throw unverified(number, 'parentHash');
    }
    this.#requireCheckpoint(block);
    if (seals) {
      if (this.#tipHeader === undefined) throw new Error('a block was accepted before its parent');
      await seals.check(block, this.#tipHeader);
    }
    this.#tip = { number, hash, ...(seals && { validators: seals.validators }) };
    this.#tipHeader = block;
    this.#pipeline.landed(block);
  }

  #incident(hash: Bytes32, shown: BlockHeader): Refusal {
    if (this.#halted) return this.#halted;
    const header = this.#tipHeader?.raw;
    const halted = this.halt(shown.number);
    this.#options.onIncident?.({
      blockNumber: shown.number,
      kept: { hash, ...(header && { header }) },
      shown: { hash: shown.hash, header: shown.raw },
    });
    return halted;
  }

  /** Waits and lets following go on after what is only a lack of an answer; throws everything else. */
  async #waitOut(error: unknown, signal: AbortSignal | undefined): Promise<void> {
    if (!isUnanswered(error) && !this.#isAskedAgain(error)) throw error;
    if (signal?.aborted) return;
    if (isUnanswered(error)) this.#options.onFault?.(error);
    await pause(RETRY_MS, signal);
  }

  #isAskedAgain(error: unknown): boolean {
    const isOfAnswer =
      error instanceof Refusal ? !NO_LIES.has(error.code) : error instanceof Fault && error.retryable;
    return isOfAnswer && (this.#options.isAskedAgain?.(error as Refusal | Fault) ?? false);
  }

  async #asked<T>(ask: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        if (!this.#isAskedAgain(error)) throw error;
        await pause(RETRY_MS);
      }
    }
  }

  /** A transaction in a block that was followed before: the block is verified and linked to the tip by hash. */
  async #find(hash: Bytes32): Promise<Landed | undefined> {
    const told = await this.#provider.request({ method: 'eth_getTransactionReceipt', params: [hash] });
    const number = readQuantity(fieldsOf(told).blockNumber);
    const tip = this.#tip;
    if (number === undefined || number > tip.number || tip.number - number > MAX_BLOCKS_BACK)
      return undefined;
    const block = await fetchBlock(this.#provider, number, this.#trust);
    const transaction = block?.transactions.find((each) => each.hash === hash);
    if (block === undefined || transaction === undefined || !(await this.#isBelow(block, tip)))
      return undefined;
    return { blockNumber: number, blockHash: block.hash, transaction };
  }

  async #isBelow(block: BlockHeader, tip: Cursor): Promise<boolean> {
    let child = tip.hash;
    for (let last = tip.number; last > block.number; last -= CHUNK_BLOCKS) {
      const length = Number(last - block.number < CHUNK_BLOCKS ? last - block.number : CHUNK_BLOCKS);
      const numbers = Array.from({ length }, (_, i) => last - BigInt(i));
      const headers = await Promise.all(numbers.map((n) => fetchHeader(this.#provider, n, this.#trust)));
      for (const header of headers) {
        if (header?.hash !== child) return false;
        child = header.header.parentHash;
      }
    }
    return child === block.hash;
  }
}
