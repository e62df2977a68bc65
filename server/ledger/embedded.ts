/**
 * The ledger as one node inside this process: EDR executes, the journal makes it durable, the node's key signs.
 *
 * The life of a block, and what a kill leaves at each step:
 *   1. admitted: in the executor's pool. Lost; nobody was told anything.
 *   2. executed: in memory. Lost; readers were held off, so nobody saw it.
 *   3. journalled with sync. Kept; a sender that was not answered finds it mined.
 *   4. readers come in, senders are answered, the node's key signs the head. A start signs what was left unsigned.
 * Signing before 3 could leave two signed heads at one height. While one block is journalled the next is admitted.
 * A start executes the whole journal again and compares every hash. When execution or journal fails, memory and disk
 * may disagree: every call ends in a Fault until a start from disk.
 * One at a time over a journal; `main` opens it, `ledger.ts` and `rpc.ts` speak to it.
 */
import { randomBytes } from 'node:crypto';
import { crashPoint } from '../crash.ts';
import type { EmbeddedEvidence } from '../domain/audit/lineage.ts';
import type { GenesisAccount, GenesisSettings } from '../domain/base/blocks.ts';
import { BLOCK_GAS_LIMIT, FORK } from '../domain/base/chain.ts';
import { Fault } from '../domain/base/fault.ts';
import { type Address, type Bytes32, type Hex, toHex } from '../domain/base/hex.ts';
import { Refusal, refusal } from '../domain/base/refusal.ts';
import type { Engine, GasAsked } from './engine.ts';
import { type Executor, startExecutor } from './executor.ts';
import { Gate } from './gate.ts';
import { type Guest, GuestPool } from './guestPool.ts';
import { HeadSigner, type HeadSignerOptions } from './headSigner.ts';
import { KeptStorage } from './keptStorage.ts';
import type { LedgerPin } from './ledger.ts';
import { boundedLogs } from './logs.ts';
import { CONSTANT_ANSWERS, numberOfBlock, OWN_METHODS, readingCall } from './methods.ts';
import { Pool } from './pool.ts';
import { type Call, fieldsOf, NodeError, pause, quantity, RPC } from './provider.ts';
import { type RawTransaction, readRawTransaction, type TransactionCall } from './rawTransaction.ts';
import {
  type ExecutedBlock,
  executeBlock,
  genesisBlock,
  type ReplayProgress,
  readBlock,
  replay,
  WARN_TRANSACTIONS,
} from './replay.ts';

/** What the executor says of a call that its own bounds ended, and no contract. */
const ENDED_BY_BOUNDS: readonly (readonly [told: RegExp, words: string])[] = [
  [/ran out of gas/, 'out of gas'],
  [/requires at least \d+ gas/, 'intrinsic gas too low'],
  [/invalid opcode/, 'invalid opcode'],
];

/** Its own words repeat what was asked, and stay here. */
function wordsOf({ message, data }: NodeError): string {
  const ended = ENDED_BY_BOUNDS.find(([told]) => told.test(message));
  if (ended !== undefined) return ended[1];
  return data === undefined ? 'this cannot be answered' : 'execution reverted';
}

/** Reads that may wait for a block to reach the disk. */
const MAX_WAITING_READS = 10_000;

export interface EmbeddedOptions extends HeadSignerOptions {
  /** Seconds since 1970. */
  readonly clock: () => bigint;
  /** Somebody looked at the clock and says that it is right: nothing is doubted until the next start. */
  readonly isClockAccepted?: boolean;
  /** What block 0 holds, for a journal that is still empty: afterwards the journal says. */
  readonly genesisAccounts?: (chainId: bigint) => readonly GenesisAccount[];
  readonly onProgress?: (progress: ReplayProgress) => void;
  /** Once, when a block could not be kept: the chain has stopped, and only another start goes on. */
  readonly onDiskFailure?: (error: Error) => void;
  /** Once, when the ledger has outgrown one process. */
  readonly onGrown?: (transactions: number) => void;
}

/** How often a full disk is looked at again. */
const DISK_MS = 500;

/**
 * How far time may run on while nobody saw it: a deadline of a block that is dated too far ahead is over for ever. One
 * day is what an office that is closed on a holiday passes, with the heartbeat of a gateway that runs.
 */
const MOST_UNSEEN_SECONDS = 86_400n;

/** Whether a moment lies so long after everything that was seen that the clock, and not the office, may be wrong. */
export function doubtOf(seenSeconds: bigint, nextSeconds: bigint): Refusal | undefined {
  const unseen = nextSeconds - seenSeconds;
  return unseen > MOST_UNSEEN_SECONDS
    ? refusal('clock-doubtful', { days: unseen / MOST_UNSEEN_SECONDS })
    : undefined;
}

/** Finds or founds the ledger of the journal, executes all of it, and signs what a kill left unsigned. */
export async function openEmbedded(options: EmbeddedOptions): Promise<EmbeddedChain> {
  const { journal } = options;
  const settings = journal.genesis ?? freshSettings(options);
  const executor = await startExecutor(settings);
  const { hash } = await genesisBlock(executor);
  const genesis: GenesisSettings = { ...settings, hash };
  if (journal.genesis === undefined) await journal.found(genesis);
  else if (journal.genesis.hash !== hash) throw refusal('replay-differs', { blockNumber: 0n });

  const headNumber = await journal.head();
  const onProgress = options.onProgress ?? (() => {});
  const replayed = await replay(executor, journal.read(1n), headNumber, onProgress);
  const chain = new EmbeddedChain(options, genesis, executor, replayed);
  await chain.signUnsigned();
  return chain;
}

function freshSettings({ clock, genesisAccounts }: EmbeddedOptions): Omit<GenesisSettings, 'hash'> {
  // 48 bits: no two ledgers share it, and every wallet can still hold it as a number. 0 is no chain.
  const chainId = BigInt(toHex(randomBytes(6))) || 1n;
  return {
    chainId,
    timestamp: clock(),
    fork: FORK,
    blockGasLimit: BigInt(BLOCK_GAS_LIMIT),
    salt: toHex(randomBytes(32)) as Bytes32,
    accounts: genesisAccounts?.(chainId) ?? [],
  };
}

export class EmbeddedChain implements Engine {
  readonly gatherMs = 0;
  readonly genesis: GenesisSettings;
  readonly nodeKey: Address;
  readonly #options: EmbeddedOptions;
  readonly #executor: Executor;
  readonly #pool: Pool;
  readonly #signer: HeadSigner;
  readonly #gate = new Gate(MAX_WAITING_READS);
  readonly #kept = new KeptStorage((calls) => this.#read(() => this.#executor.batch(calls)));
  readonly #guests = new GuestPool((guest) => this.#attempt(guest));
  /** The stranger's transaction whose turn it is: nothing joins the pool before it was tried. */
  #guest: Guest | undefined;
  /** How long the last one's turn took. */
  #guestMs = 0;
  /** The newest block that is on disk. */
  #head: ExecutedBlock;
  #transactions: number;
  /** The loop that makes blocks while there are transactions. */
  #mining: Promise<void> | undefined;
  #grown = Promise.withResolvers<void>();
  /** Why no call is answered any more. */
  #stopped: Fault | undefined;

  /** Use `openEmbedded`. */
  constructor(
    options: EmbeddedOptions,
    genesis: GenesisSettings,
    executor: Executor,
    replayed: { readonly head: ExecutedBlock; readonly transactions: number },
  ) {
    this.#options = options;
    this.genesis = genesis;
    this.nodeKey = options.nodeSigner.address;
    this.#executor = executor;
    this.#pool = new Pool(executor);
    this.#signer = new HeadSigner(options, genesis, (error) => this.#stop(error));
    this.#head = replayed.head;
    this.#transactions = replayed.transactions;
    if (this.#transactions >= WARN_TRANSACTIONS) options.onGrown?.(this.#transactions);
  }

  get headNumber(): bigint {
    return this.#head.number;
  }

  get pin(): LedgerPin {
    const { chainId, hash: genesisHash } = this.genesis;
    return { chainId, genesisHash };
  }

  async newest(): Promise<bigint> {
    return this.headNumber;
  }

  /** Its blocks are filled by what is used. */
  async gasOf({ gas }: GasAsked): Promise<bigint> {
    return gas;
  }

  /** It knows its head, and makes proofs ready: the first one would wait for all that was ever written. */
  standsAt(): void {
    void this.#kept.readOn(this.headNumber);
  }

  /** The journal keeps every block, and the signer what makes it final. */
  async seen(): Promise<void> {}

  answer(call: Call): Promise<unknown> {
    return this.request(call);
  }

  /** Part of opening: the newest blocks may be journalled and not signed. */
  async signUnsigned(): Promise<void> {
    const unsigned = await this.#signer.unsigned(this.headNumber);
    for (const blockNumber of unsigned) await this.#signer.queue(await this.#blockAt(blockNumber));
    await this.#signer.settled();
  }

  /**
   * EIP-1193. A transaction is answered when its block is on disk, or with the executor's error and then it is in no
   * block. Throws `NodeError`, and a Fault once the ledger has stopped.
   */
  async request(call: Call): Promise<unknown> {
    if (this.#stopped) throw this.#stopped;
    const { method, params = [] } = call;
    if (method === 'eth_sendRawTransaction') {
      this.#holdOff();
      return this.#send(readRawTransaction(params[0]));
    }
    if (CONSTANT_ANSWERS.has(method)) return CONSTANT_ANSWERS.get(method);
    if (method === 'kudurru_finality') {
      return (await this.finality(numberOfBlock(params[0], this.headNumber))) ?? null;
    }
    if (method === 'eth_call' && params[1] === 'pending') return this.#callAtNextBlock(params[0]);
    if (method === 'eth_getLogs') {
      const [filter] = readingCall(call, this.headNumber).params ?? [];
      return boundedLogs(fieldsOf(filter), (some) => this.#read(() => this.#ask(method, some)));
    }
    if (method === 'eth_getProof') {
      const kept = await this.#kept.proof(params, this.headNumber);
      if (kept !== undefined) return kept;
    }
    return this.#read(() => {
      if (OWN_METHODS.has(method)) return this.#answerOwn(method, params[0]);
      const allowed = readingCall(call, this.headNumber);
      return this.#ask(allowed.method, ...(allowed.params ?? []));
    });
  }

  /**
   * A transaction of a stranger: mined in a block of its own if the contracts accept it at that moment and record
   * something, else in none. Resolves with its hash when the block is on disk.
   */
  async sendAsGuest(transaction: RawTransaction): Promise<Bytes32> {
    if (this.#stopped) throw this.#stopped;
    this.#holdOff();
    return this.#guests.add(transaction);
  }

  /** Why no block is made at this time, or undefined while the clock is plausible. */
  get clockDoubt(): Refusal | undefined {
    const { journal, isClockAccepted } = this.#options;
    const { heartbeat } = journal;
    if (isClockAccepted) return undefined;
    const seen = heartbeat > this.#head.timestamp ? heartbeat : this.#head.timestamp;
    return doubtOf(seen, this.nextTimestamp);
  }

  /** Keeps that the clock was plausible now; while it is doubtful nothing is kept. */
  async beat(): Promise<void> {
    if (this.clockDoubt === undefined) await this.#options.journal.beat(this.nextTimestamp);
  }

  /** Nobody stands between this process and its chain. */
  doubt(): void {}

  /** How far the newest block is ahead of this machine's clock: until then time stands still. */
  get secondsAhead(): bigint {
    return this.nextTimestamp - this.#options.clock();
  }

  /** What the next block's timestamp would be. */
  get nextTimestamp(): bigint {
    const now = this.#options.clock();
    return now > this.#head.timestamp ? now : this.#head.timestamp;
  }

  /**
   * A call on the newest state at the time the next block would have: on a quiet ledger the last block's time is long
   * over. While transactions are pooled the executor would run them first, so the call waits for their block instead.
   */
  async #callAtNextBlock(call: unknown): Promise<unknown> {
    this.#refuseDoubtfulClock();
    for (;;) {
      const asked = await this.#read(async () => {
        const timestamp = this.nextTimestamp;
        if (timestamp === this.#head.timestamp)
          return { answer: await this.#ask('eth_call', call, 'latest') };
        if (!this.#pool.isEmpty) return undefined;
        return { answer: await this.#askAll(callAt(timestamp, call)) };
      });
      if (asked !== undefined) return asked.answer;
      await Promise.race([this.#grown.promise, this.#mining]);
    }
  }

  /** A transaction is not taken while its block could not be made: whoever sent it sends it again. */
  #holdOff(): void {
    const cause = this.clockDoubt ?? this.#options.journal.whyNotWritable();
    if (cause !== undefined) throw new Fault('no block can be made now', { retryable: true, cause });
  }

  /** For what would be dated: a call that tries out a transaction. */
  #refuseDoubtfulClock(): void {
    const doubt = this.clockDoubt;
    if (doubt !== undefined) throw doubt;
  }

  /** For outside tools: the executor's own words repeat what was asked, so only its code and a contract's are told. */
  #ask(method: string, ...params: readonly unknown[]): Promise<unknown> {
    return this.#askAll([{ method, params }]);
  }

  /** The last one's answer. */
  async #askAll(calls: readonly Call[]): Promise<unknown> {
    try {
      return (await this.#executor.batch(calls)).at(-1);
    } catch (error) {
      if (!(error instanceof NodeError)) throw error;
      const { code, data } = error;
      throw new NodeError(code, wordsOf(error), data);
    }
  }

  async blockAfter(blockNumber: bigint, signal?: AbortSignal): Promise<bigint> {
    const aborted = Promise.withResolvers<void>();
    const abort = () => aborted.resolve();
    signal?.addEventListener('abort', abort, { once: true });
    while (this.headNumber <= blockNumber && !signal?.aborted) {
      if (this.#stopped) throw this.#stopped;
      await Promise.race([this.#grown.promise, aborted.promise]);
    }
    signal?.removeEventListener('abort', abort);
    return this.headNumber;
  }

  /** That a block is final; undefined for block 0, which the trust file vouches for, and above the head. */
  async finality(blockNumber: bigint): Promise<EmbeddedEvidence | undefined> {
    if (blockNumber < 1n || blockNumber > this.headNumber) return undefined;
    return this.#signer.evidenceOf(await this.#blockAt(blockNumber));
  }

  /** What an outside witness signs of a block that the node has signed. */
  async headDigest(blockNumber: bigint): Promise<Bytes32 | undefined> {
    if (blockNumber < 1n || blockNumber > this.headNumber) return undefined;
    await this.#signer.settled();
    return this.#signer.digestOf(await this.#blockAt(blockNumber));
  }

  /** Keeps a witness's signature of `headDigest`; refuses one by anybody else as `witness-unknown`. */
  async cosign(blockNumber: bigint, signature: Hex): Promise<void> {
    if (blockNumber < 1n || blockNumber > this.headNumber) {
      throw new NodeError(RPC.invalidParams, 'there is no such block to sign');
    }
    await this.#signer.cosign(await this.#blockAt(blockNumber), signature);
  }

  /** Finishes what was taken and answers nothing more. The journal stays open: it is the caller's. */
  async close(): Promise<void> {
    this.#stopped ??= new Fault('the ledger is closed', { retryable: true });
    this.#guests.fail(this.#stopped);
    await this.#mining;
    this.#pool.fail(this.#stopped);
    this.#guest?.ended.reject(this.#stopped);
    await this.#signer.settled();
    this.#gate.close(this.#stopped);
    this.#grown.resolve();
  }

  #read<T>(work: () => Promise<T>): Promise<T> {
    return this.#gate.read(work, () => new NodeError(RPC.limitExceeded, 'too many reads are waiting'));
  }

  async #blockAt(blockNumber: bigint): Promise<ExecutedBlock> {
    const answer = this.#read(() =>
      this.#executor.call('eth_getBlockByNumber', quantity(blockNumber), false),
    );
    return readBlock(await answer);
  }

  async #answerOwn(method: string, block: unknown): Promise<unknown> {
    const byHash = typeof block === 'string' && block.length === 66;
    const named = byHash ? block : quantity(numberOfBlock(block, this.headNumber));
    const answer = await this.#ask(byHash ? 'eth_getBlockByHash' : 'eth_getBlockByNumber', named, false);
    if (answer === null) return null;
    const { header, transactionHashes } = readBlock(answer);
    if (method === 'debug_getRawHeader') return toHex(header);
    return this.#executor.batch(
      transactionHashes.map((hash) => ({ method: 'eth_getTransactionReceipt', params: [hash] })),
    );
  }

  #send(transaction: RawTransaction): Promise<Bytes32> {
    const mined = this.#pool.add(transaction);
    this.#mining ??= this.#mine();
    return mined;
  }

  async #mine(): Promise<void> {
    try {
      await Promise.resolve(); // what is sent in the same turn belongs together
      while (!this.#pool.isEmpty || this.#guest !== undefined) {
        if (!(await this.#diskTakesBlocks())) break;
        await this.#admit();
        crashPoint('chain.admitted');
        await this.#pool.sort();
        if (this.#pool.hasPooled) await this.#makeBlock();
        else if (this.#guest !== undefined) await this.#mineGuest(this.#guest);
      }
      this.#mining = undefined;
    } catch (error) {
      this.#stop(error);
    }
  }

  /** What is executed and not journalled stops the chain, so a full disk is waited for; false when the chain is closed. */
  async #diskTakesBlocks(): Promise<boolean> {
    while (this.#options.journal.whyNotWritable() !== undefined) {
      if (this.#stopped) return false;
      await pause(DISK_MS);
    }
    return true;
  }

  /** Not while a stranger waits for its turn: what is pooled is mined first, then it is tried alone. */
  async #admit(): Promise<void> {
    if (this.#guest === undefined) await this.#pool.admit();
  }

  async #makeBlock(): Promise<void> {
    const block = await this.#gate.write(async () => {
      const executed = await executeBlock(this.#executor, this.headNumber + 1n, this.nextTimestamp);
      crashPoint('chain.executed');
      const transactions = this.#pool.rawOf(executed.transactionHashes);
      await Promise.all([this.#journal(executed, transactions), this.#admit()]);
      return executed;
    });
    this.#pool.settle(block.transactionHashes);
    crashPoint('chain.answered');
    await this.#grow(block);
    if (block.transactionHashes.length === 0) await this.#pool.dropAll();
  }

  /** Hands one stranger to the loop that makes blocks; resolves with the milliseconds its turn took. */
  async #attempt(guest: Guest): Promise<number> {
    if (this.#stopped) {
      guest.ended.reject(this.#stopped);
      return 0;
    }
    this.#guest = guest;
    this.#mining ??= this.#mine();
    await guest.ended.promise.catch(() => {}); // whoever sent it is told
    return this.#guestMs;
  }

  /** The pool is empty. What does not hold leaves no trace: the executor goes back to where it was. */
  async #mineGuest({ transaction, call, ended }: Guest): Promise<void> {
    const startedMs = performance.now();
    const tried = await this.#gate.write(async () => {
      const snapshot = await this.#executor.call('evm_snapshot');
      const tried = await this.#tryGuest(transaction, call);
      if (tried instanceof NodeError) await this.#executor.call('evm_revert', snapshot);
      else await this.#journal(tried, [transaction.raw]);
      return tried;
    });
    this.#guest = undefined;
    this.#guestMs = performance.now() - startedMs;
    if (tried instanceof NodeError) {
      ended.reject(tried);
      return;
    }
    ended.resolve(transaction.hash);
    await this.#grow(tried);
  }

  /** The block with this transaction alone, or why there is none. */
  async #tryGuest({ hash, raw }: RawTransaction, call: TransactionCall): Promise<ExecutedBlock | NodeError> {
    try {
      await this.#askAll(callAt(this.nextTimestamp, call));
      const block = await executeBlock(this.#executor, this.headNumber + 1n, this.nextTimestamp, [raw]);
      if (block.transactionHashes[0] !== hash)
        return new NodeError(RPC.refused, 'its nonce is not the next one');
      const receipt = fieldsOf(await this.#executor.call('eth_getTransactionReceipt', hash));
      if (receipt.status !== '0x1') return new NodeError(RPC.refused, 'execution reverted');
      const isRecorded = Array.isArray(receipt.logs) && receipt.logs.length > 0;
      return isRecorded ? block : new NodeError(RPC.refused, 'it would record nothing');
    } catch (error) {
      if (error instanceof NodeError) return error;
      throw error;
    }
  }

  async #journal(block: ExecutedBlock, transactions: readonly Hex[]): Promise<void> {
    const { number, timestamp, hash, stateRoot } = block;
    await this.#options.journal.append({ number, timestamp, hash, stateRoot, transactions });
    this.#head = block;
  }

  /** Tells those who wait for a block, and has it signed. */
  async #grow(block: ExecutedBlock): Promise<void> {
    this.#count(block.transactionHashes.length);
    if (this.#kept.isBegun) void this.#kept.readOn(block.number);
    this.#grown.resolve();
    this.#grown = Promise.withResolvers();
    await this.#signer.queue(block);
  }

  #count(transactions: number): void {
    const before = this.#transactions;
    this.#transactions += transactions;
    const hasOutgrown = before < WARN_TRANSACTIONS && this.#transactions >= WARN_TRANSACTIONS;
    if (hasOutgrown) this.#options.onGrown?.(this.#transactions);
  }

  /**
   * Memory may be ahead of the disk: nothing is answered any more. A disk that failed is told to whoever opened the chain,
   * for reading goes on without it; anything else is a bug, and the uncaught error ends the process.
   */
  #stop(error: unknown): void {
    const stopped = new Fault('the ledger has stopped', { retryable: true, cause: error });
    this.#stopped = stopped;
    this.#pool.fail(stopped);
    this.#guest?.ended.reject(stopped);
    this.#guests.fail(stopped);
    this.#gate.close(stopped);
    this.#grown.resolve();
    const { onDiskFailure } = this.#options;
    const isOfDisk = error instanceof Fault || error instanceof Refusal;
    if (isOfDisk && onDiskFailure !== undefined) onDiskFailure(error);
    else {
      setImmediate(() => {
        throw error;
      });
    }
  }
}

/** The executor tells a pending call the time that was set for the next block; the block itself names its own. */
function callAt(timestamp: bigint, call: unknown): readonly Call[] {
  return [
    { method: 'evm_setNextBlockTimestamp', params: [quantity(timestamp)] },
    { method: 'eth_call', params: [call, 'pending'] },
  ];
}
