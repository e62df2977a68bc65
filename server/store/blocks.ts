/**
 * The embedded chain's journal on disk: genesis settings, blocks in order, the node's signature of each.
 *
 * Promises: `append` resolves when the block is synced; blocks have no gap from 1 to the head; a lost, altered or
 * foreign block is refused by its number, at the latest when the journal is read from there. Only the embedded
 * chain writes; `fsck` and `backup` read.
 */
import { RLP } from '@ethereumjs/rlp';
import { crashPoint } from '../crash.ts';
import type { BlockJournal, GenesisSettings, JournalledBlock } from '../domain/base/blocks.ts';
import { Fault } from '../domain/base/fault.ts';
import { type Address, type Bytes32, fromHex, type Hex, toHex } from '../domain/base/hex.ts';
import { refusal } from '../domain/base/refusal.ts';
import { type Codec, json, text } from './codec.ts';
import { type AnyTable, ordinal, precious, preciousShown, type Store, under } from './store.ts';

const genesisTable = precious('genesis', json<GenesisSettings>(), { auditedAtOpen: true });
const blockTable = preciousShown('blocks', blockCodec());
const signatureTable = precious('blockSignatures', text);
/** Keyed by block and witness. */
const cosignatureTable = preciousShown('blockCosignatures', text);
/** When the clock was last found plausible. */
const heartbeatTable = precious('heartbeat', json<bigint>());
const GENESIS_KEY = 'genesis';
const HEARTBEAT_KEY = 'heartbeat';

export const blockTables: readonly AnyTable[] = [
  genesisTable,
  blockTable,
  signatureTable,
  cosignatureTable,
  heartbeatTable,
];

/** Half the size of JSON: raw transactions are nearly all of it. */
function blockCodec(): Codec<JournalledBlock> {
  return {
    encode: ({ number, timestamp, hash, stateRoot, transactions }) =>
      RLP.encode([number, timestamp, fromHex(hash), fromHex(stateRoot), transactions.map(fromHex)]),
    decode(bytes) {
      const [number, timestamp, hash, stateRoot, transactions] = RLP.decode(bytes) as [
        Uint8Array,
        Uint8Array,
        Uint8Array,
        Uint8Array,
        Uint8Array[],
      ];
      return {
        number: integer(number),
        timestamp: integer(timestamp),
        hash: toHex(hash) as Bytes32,
        stateRoot: toHex(stateRoot) as Bytes32,
        transactions: transactions.map(toHex),
      };
    },
  };
}

function integer(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(toHex(bytes));
}

/** Refuses a journal that lost its end: the tally still counts it. A hole before the end is found by `read`. */
export async function openBlocks(store: Store): Promise<Blocks> {
  const genesis = await store.get(genesisTable, GENESIS_KEY);
  let head = 0n;
  for await (const [key] of store.range(blockTable, { reverse: true, limit: 1 })) head = BigInt(`0x${key}`);
  if (BigInt(await store.rows(blockTable)) !== head)
    throw refusal('journal-block-missing', { blockNumber: head + 1n });
  return new Blocks(store, genesis, head, (await store.get(heartbeatTable, HEARTBEAT_KEY)) ?? 0n);
}

export class Blocks implements BlockJournal {
  readonly #store: Store;
  #genesis: GenesisSettings | undefined;
  /** The highest block on disk, and the highest one handed to it. */
  #head: bigint;
  #handedIn: bigint;
  #heartbeat: bigint;

  /** Use `openBlocks`. */
  constructor(store: Store, genesis: GenesisSettings | undefined, head: bigint, heartbeat: bigint) {
    this.#heartbeat = heartbeat;
    this.#store = store;
    this.#genesis = genesis;
    this.#head = head;
    this.#handedIn = head;
  }

  get genesis(): GenesisSettings | undefined {
    return this.#genesis;
  }

  async found(genesis: GenesisSettings): Promise<void> {
    await this.#store.transact((tx) => tx.insert(genesisTable, GENESIS_KEY, genesis));
    this.#genesis = genesis;
  }

  async head(): Promise<bigint> {
    return this.#head;
  }

  whyNotWritable(): Error | undefined {
    return this.#store.whyNotWritable('finishing');
  }

  get heartbeat(): bigint {
    return this.#heartbeat;
  }

  async beat(seconds: bigint): Promise<void> {
    await this.#store.transact((tx) => tx.put(heartbeatTable, HEARTBEAT_KEY, seconds), 'finishing');
    this.#heartbeat = seconds;
  }

  async append(block: JournalledBlock): Promise<void> {
    if (this.#genesis === undefined) throw new Error('a block before its genesis');
    if (block.number !== this.#handedIn + 1n) throw new Error('a block out of order');
    crashPoint('blocks.before-append');
    const appended = this.#store.transact(
      (tx) => tx.insert(blockTable, ordinal(block.number), block),
      'finishing',
    );
    this.#handedIn = block.number;
    await appended.catch((error: unknown) => {
      this.#handedIn = this.#head; // what followed it in the queue fails with it
      throw error;
    });
    this.#head = block.number;
    crashPoint('blocks.appended');
  }

  async sign(number: bigint, signature: Hex): Promise<void> {
    if (number < 1n || number > this.#head) throw new Error('a signature of a block that is not on disk');
    await this.#store.transact((tx) => tx.insert(signatureTable, ordinal(number), signature), 'finishing');
    crashPoint('blocks.signed');
  }

  async signature(number: bigint): Promise<Hex | undefined> {
    return (await this.#store.get(signatureTable, ordinal(number))) as Hex | undefined;
  }

  async cosign(number: bigint, witness: Address, signature: Hex): Promise<void> {
    await this.#store.transact(async (tx) => {
      if ((await tx.get(signatureTable, ordinal(number))) === undefined)
        throw new Error('a witness before the node');
      tx.put(cosignatureTable, `${ordinal(number)}/${witness}`, signature);
    }, 'finishing');
  }

  async cosignatures(number: bigint): Promise<ReadonlyMap<Address, Hex>> {
    const found = new Map<Address, Hex>();
    for await (const [key, signature] of this.#store.range(cosignatureTable, under(ordinal(number)))) {
      found.set(key.slice(ordinal(number).length + 1) as Address, signature as Hex);
    }
    return found;
  }

  async *read(from: bigint): AsyncGenerator<JournalledBlock> {
    const head = this.#head;
    let expected = from;
    try {
      for await (const [, block] of this.#store.range(blockTable, {
        gte: ordinal(from),
        lte: ordinal(head),
      })) {
        if (block.number !== expected) break;
        yield block;
        expected++;
      }
    } catch (error) {
      if (error instanceof Fault) throw refusal('journal-block-damaged', { blockNumber: expected });
      throw error;
    }
    if (expected <= head) throw refusal('journal-block-missing', { blockNumber: expected });
  }
}
