/**
 * The storage of registers whose events say every slot they write, kept as tries of our own: the executor builds all of a
 * contract's storage anew for every proof, which at a hundred thousand titles takes a second and more.
 *
 * Hides which events write where, and how the executor shows an account without its storage. Promises: a proof that is
 * given has the root that the block's own state has of that account, or there is none and the executor is asked; what a
 * proof costs depends on how deep the trie is, and what a block costs on what it wrote; however far it is to the block that
 * is asked, others have their turns meanwhile. In memory alone, and built from block 0 on. For `embedded.ts`.
 */
import { setImmediate } from 'node:timers/promises';
import type { LedgerEvent } from '../domain/acts/events.ts';
import { type GrowingTrie, hashSome, provenIn, rootOf, withWord } from '../domain/audit/growingTrie.ts';
import { type Account, readAccount } from '../domain/audit/state.ts';
import { WrittenSlots } from '../domain/audit/succession.ts';
import { Fault } from '../domain/base/fault.ts';
import { type Address, type Bytes32, fromHex, type Hex, toHex, wordOf } from '../domain/base/hex.ts';
import { Refusal } from '../domain/base/refusal.ts';
import { contractOf } from './contracts.ts';
import { decodeLog } from './events.ts';
import { keccak256 } from './keccak.ts';
import { type Call, fieldsOf, NodeError, quantity, readQuantity } from './provider.ts';

/** Blocks whose logs are asked for at once, as in `logs.ts`. */
const BLOCKS_AT_ONCE = 8n;
/** After a block with more logs than this the next one is read alone: its events may be as large. */
const LOGS_AT_ONCE = 500;
const LOGS_A_TURN = 100;
/** How far the tries may fall behind before they are read on with nobody waiting. */
const BLOCKS_BEHIND = 16n;
/** A stranger's contracts may say what ours say; beyond this many registers the executor proves the next. */
const REGISTERS_KEPT = 64;
/** Of so many blocks, those asked for last, the tries are kept as they were: they share all that is the same. */
const BLOCKS_KEPT = 64;
const WORDS_AT_ONCE = 500;
const HASHES_AT_ONCE = 500;
/** Of a register's empty history before its first title, asked for at once. */
const BLOCKS_LOOKED_BACK = 1_000n;
/** Nibbles that a neighbour in the trie of accounts shares: sixteen times as many accounts as there are two of. */
const MOST_SHARED_NIBBLES = 4;
const NEIGHBOURS_A_TURN = 4_096;

/** The journal's head, its status, what is still to be imported, and the numbers of presentation. */
const FIXED_SLOTS = [0, 1, 4, 8].map(wordOf);
const WITHDRAWN_SLOT = wordOf(2n);
const GAPS_SLOT = wordOf(3n);
/** Of every register: `IJournal.KIND_WITHDRAWAL`. */
const WITHDRAWAL_KIND = 1;

const topicOf = (name: string) => contractOf('land').calls.getEvent(name)?.topicHash as Bytes32;
/** What a register writes that has titles; its first is where keeping it begins. */
const WRITING = ['BAUnitRecorded', 'ChildrenLoaded', 'WordsImported'].map(topicOf);
const ENTRY = topicOf('EntryRecorded');

/** As callers of ours write them; of any other spelling the executor makes what it makes. */
const ADDRESS = /^0x[0-9a-f]{40}$/;
const WORD = /^0x[0-9a-f]{64}$/;
/** More are not asked at once by anybody of ours. */
const MOST_SLOTS = 1_024;
/** A few milliseconds. */
const SLOTS_A_TURN = 32;

interface Log {
  readonly address: Address;
  readonly topics: readonly Bytes32[];
  readonly data: Hex;
}

interface Touched {
  readonly touched: Map<Address, Set<Bytes32>>;
  /** How many logs said so. */
  readonly logs: number;
}

type Ask = (calls: readonly Call[]) => Promise<readonly unknown[]>;

export class KeptStorage {
  readonly #ask: Ask;
  readonly #written = new WrittenSlots();
  readonly #tries = new Map<Address, GrowingTrie>();
  /** Registers whose events did not say all: the executor proves them. */
  readonly #unkept = new Set<Address>();
  /** By block, the one that was asked for last at the end. */
  readonly #settled = new Map<bigint, ReadonlyMap<Address, GrowingTrie>>();
  readonly #neighbours = new Map<Address, { readonly shared: number; readonly address: Address }>();
  /** The newest block whose events were read. */
  #readThrough = 0n;
  /** The newest block whose words stand in the tries. */
  #wordsOf = 0n;
  #turn: Promise<unknown> = Promise.resolve();
  #isReadingOn = false;

  /** `ask` puts calls to the executor, in order, while no block is written. */
  constructor(ask: Ask) {
    this.#ask = ask;
  }

  /** `eth_getProof` of a block that is kept for good, as a node answers it; undefined where the executor is to be asked. */
  async proof(params: readonly unknown[], head: bigint): Promise<object | undefined> {
    const [address, slots, named] = params;
    const block = named === 'latest' ? head : readQuantity(named);
    if (!isAddress(address) || !isSlots(slots) || block === undefined || block > head) return undefined;
    const trie = await this.#trieAt(address, block);
    const shown = trie && (await this.#account(address, block));
    if (shown === undefined) return undefined;
    const { account, nodes } = shown;
    if (account.storageRoot !== rootOf(trie, keccak256)) {
      this.#drop(address);
      return undefined;
    }
    const storageProof: object[] = [];
    for (const [i, slot] of slots.entries()) {
      if (i % SLOTS_A_TURN === SLOTS_A_TURN - 1) await setImmediate();
      const { word, nodes: proof } = provenIn(trie, keyOf(slot), keccak256);
      storageProof.push({ key: slot, value: quantity(BigInt(word)), proof });
    }
    return {
      address,
      nonce: quantity(account.nonce),
      balance: quantity(account.balance),
      codeHash: account.codeHash,
      storageHash: account.storageRoot,
      accountProof: nodes,
      storageProof,
    };
  }

  /** Reads on with nobody waiting, so that the next proof need not wait for the blocks until this one. */
  async readOn(head: bigint): Promise<void> {
    if (this.#isReadingOn || head < this.#readThrough + BLOCKS_BEHIND) return;
    this.#isReadingOn = true;
    try {
      await this.#inTurn(() => this.#readUpTo(head));
    } catch (error) {
      // The chain stopped, or too many wait for it: whoever asks next is told.
      if (!(error instanceof Fault || error instanceof NodeError)) throw error;
    } finally {
      this.#isReadingOn = false;
    }
  }

  /** Whether anybody has asked for a proof yet: until then nothing is read. */
  get isBegun(): boolean {
    return this.#readThrough > 0n;
  }

  async #trieAt(address: Address, block: bigint): Promise<GrowingTrie> {
    if (this.#unkept.has(address)) return undefined;
    if (block > this.#readThrough) await this.#inTurn(() => this.#readUpTo(block));
    const tries = this.#settled.get(block);
    if (tries === undefined) return undefined;
    // A check asks for proofs of one block for minutes, while newer ones come.
    this.#settled.delete(block);
    this.#settled.set(block, tries);
    return tries.get(address);
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {}); // whoever waits for it is told
    return done;
  }

  async #readUpTo(block: bigint): Promise<void> {
    // Somebody else may have read further, or words of a later block: then the executor proves this one.
    if (block <= this.#readThrough || block < this.#wordsOf) return;
    this.#wordsOf = block;
    for (let atOnce = BLOCKS_AT_ONCE; this.#readThrough < block; ) {
      const first = this.#readThrough + 1n;
      const last = first + atOnce - 1n < block ? first + atOnce - 1n : block;
      const { touched, logs } = await this.#touchedIn(first, last);
      atOnce = logs > LOGS_AT_ONCE ? 1n : BLOCKS_AT_ONCE;
      // Words are those of the block that is read up to: whatever later events write is read again with them.
      for (const [address, slots] of touched) await this.#readWords(address, [...slots], block);
      this.#readThrough = last;
    }
    for (const [address, trie] of this.#tries) {
      await this.#readWords(address, FIXED_SLOTS, block);
      while (hashSome(this.#tries.get(address) ?? trie, HASHES_AT_ONCE, keccak256) === 0)
        await setImmediate();
    }
    this.#settled.set(block, new Map(this.#tries));
    for (const old of this.#settled.keys()) {
      if (this.#settled.size <= BLOCKS_KEPT) break;
      this.#settled.delete(old);
    }
  }

  /** Slots that the events of some blocks say were written, of each register that is kept. */
  async #touchedIn(first: bigint, last: bigint): Promise<Touched> {
    const touched: Touched['touched'] = new Map();
    const writing = await this.#logs(first, last, { topics: [WRITING] });
    for (const { address } of writing) {
      if (this.#tries.has(address) || this.#unkept.has(address)) continue;
      if (this.#tries.size >= REGISTERS_KEPT) continue;
      this.#tries.set(address, undefined);
      for (let from = 1n; from < first; from += BLOCKS_LOOKED_BACK) {
        const to = from + BLOCKS_LOOKED_BACK < first ? from + BLOCKS_LOOKED_BACK - 1n : first - 1n;
        await this.#note(touched, await this.#logs(from, to, { address, topics: [ENTRY] }));
      }
    }
    await this.#note(touched, writing);
    const kept = [...this.#tries.keys()];
    const entries =
      kept.length === 0 ? [] : await this.#logs(first, last, { address: kept, topics: [ENTRY] });
    await this.#note(touched, entries);
    return { touched, logs: writing.length };
  }

  async #note(touched: Touched['touched'], logs: readonly Log[]): Promise<void> {
    for (const [i, { address, topics, data }] of logs.entries()) {
      if (i % LOGS_A_TURN === LOGS_A_TURN - 1) await setImmediate();
      if (!this.#tries.has(address)) continue;
      const slots = touched.get(address) ?? new Set();
      touched.set(address, slots);
      try {
        const decoded = decodeLog('land', topics, data);
        const event = Object.assign(decoded, { address, contract: 'land' }) as LedgerEvent;
        for (const slot of this.#slotsOf(event)) slots.add(slot);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        this.#drop(address); // a stranger's contract, whose event has the name of one of ours
      }
    }
  }

  #slotsOf(event: LedgerEvent): readonly Bytes32[] {
    if (event.name !== 'EntryRecorded') return this.#written.of(event);
    const { index, kind, subject, preparer } = event.args;
    const gap = hashOf([wordOf(index), GAPS_SLOT]);
    return kind === WITHDRAWAL_KIND ? [gap, hashOf([hashOf([subject, preparer]), WITHDRAWN_SLOT])] : [gap];
  }

  async #logs(from: bigint, to: bigint, filter: object): Promise<readonly Log[]> {
    const range = { fromBlock: quantity(from), toBlock: quantity(to) };
    const [logs] = await this.#ask([{ method: 'eth_getLogs', params: [Object.assign(range, filter)] }]);
    return logs as readonly Log[];
  }

  async #readWords(address: Address, slots: readonly Bytes32[], block: bigint): Promise<void> {
    for (let from = 0; from < slots.length && this.#tries.has(address); from += WORDS_AT_ONCE) {
      const some = slots.slice(from, from + WORDS_AT_ONCE);
      const words = await this.#ask(
        some.map((slot) => ({ method: 'eth_getStorageAt', params: [address, slot, quantity(block)] })),
      );
      let trie = this.#tries.get(address);
      for (const [i, slot] of some.entries()) trie = withWord(trie, keyOf(slot), words[i] as Bytes32);
      this.#tries.set(address, trie);
    }
  }

  #drop(address: Address): void {
    this.#unkept.add(address);
    this.#tries.delete(address);
  }

  /**
   * The account as the block's state has it, by a proof that its storage has no part in: that of a neighbour, an address
   * whose hash begins as this one's does, passes the same nodes, and ends at the leaf of this account.
   */
  async #account(
    address: Address,
    block: bigint,
  ): Promise<{ readonly account: Account; readonly nodes: readonly Hex[] } | undefined> {
    let shared = this.#neighbours.get(address)?.shared ?? 1;
    for (; shared <= MOST_SHARED_NIBBLES; shared++) {
      const neighbour = await this.#neighbour(address, shared);
      const [proof, header] = await this.#ask([
        { method: 'eth_getProof', params: [neighbour, [], quantity(block)] },
        { method: 'eth_getBlockByNumber', params: [quantity(block), false] },
      ]);
      const nodes = fieldsOf(proof).accountProof as readonly Hex[];
      const account = accountIn(fieldsOf(header).stateRoot as Bytes32, address, nodes);
      if (account !== undefined) return { account, nodes };
    }
    return undefined;
  }

  async #neighbour(address: Address, shared: number): Promise<Address> {
    const known = this.#neighbours.get(address);
    if (known?.shared === shared) return known.address;
    const wanted = keyOf(address).slice(0, shared);
    for (let number = 0; ; number++) {
      const neighbour: Address = `0x${number.toString(16).padStart(40, '0')}` as Address;
      if (neighbour !== address && keyOf(neighbour).startsWith(wanted)) {
        this.#neighbours.set(address, { shared, address: neighbour });
        return neighbour;
      }
      if (number % NEIGHBOURS_A_TURN === NEIGHBOURS_A_TURN - 1) await setImmediate();
    }
  }
}

/** Undefined where the nodes are another account's. */
function accountIn(stateRoot: Bytes32, address: Address, nodes: readonly Hex[]): Account | undefined {
  try {
    return readAccount(stateRoot, address, nodes);
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

function keyOf(slotOrAddress: Hex): string {
  return toHex(keccak256(fromHex(slotOrAddress))).slice(2);
}

function hashOf(words: readonly Bytes32[]): Bytes32 {
  return toHex(keccak256(Buffer.concat(words.map(fromHex)))) as Bytes32;
}

const isAddress = (value: unknown): value is Address => typeof value === 'string' && ADDRESS.test(value);

function isSlots(value: unknown): value is readonly Bytes32[] {
  return (
    Array.isArray(value) &&
    value.length <= MOST_SLOTS &&
    value.every((slot) => typeof slot === 'string' && WORD.test(slot))
  );
}
