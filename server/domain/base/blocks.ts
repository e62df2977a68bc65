/**
 * What makes the embedded chain durable, as a shape: the chain writes through it, a store implements it.
 * Same genesis settings, timestamps and raw transactions give the same block hashes, so this is the whole ledger.
 */
import type { Address, Bytes32, Hex } from './hex.ts';

/** A contract that stands from block 0 on: the Charter. It was never deployed, so it has no logs. */
export interface GenesisAccount {
  readonly address: Address;
  readonly code: Hex;
  readonly storage: readonly { readonly slot: Bytes32; readonly value: Bytes32 }[];
}

/** What a ledger was founded with. Written once, before block 1, and never again. */
export interface GenesisSettings {
  readonly chainId: bigint;
  /** Seconds since 1970: block 0's timestamp. */
  readonly timestamp: bigint;
  readonly fork: string;
  readonly blockGasLimit: bigint;
  /**
   * Random, and in the genesis state, so that no two ledgers share a genesis hash. From it the executor also derives
   * every block's parent beacon root, which a lone node has nobody to ask for.
   */
  readonly salt: Bytes32;
  readonly accounts: readonly GenesisAccount[];
  /** The hash of block 0, so that an executor that would make another one is found out before it makes any. */
  readonly hash: Bytes32;
}

export interface JournalledBlock {
  readonly number: bigint;
  /** Seconds since 1970. */
  readonly timestamp: bigint;
  readonly hash: Bytes32;
  readonly stateRoot: Bytes32;
  /** Raw and signed, in the order they were executed. */
  readonly transactions: readonly Hex[];
}

export interface BlockJournal {
  readonly genesis: GenesisSettings | undefined;
  /** Once, on an empty journal; resolves when it is synced. */
  found(genesis: GenesisSettings): Promise<void>;
  /** The highest block that is on disk; 0 when there is none. */
  head(): Promise<bigint>;
  /** Resolves only when the block is synced: no receipt may be answered before. Blocks come in order, without a gap. */
  append(block: JournalledBlock): Promise<void>;
  /** The node's signature of the header hash, after `append` of that block. One block is signed once. */
  sign(number: bigint, signature: Hex): Promise<void>;
  signature(number: bigint): Promise<Hex | undefined>;
  /** A witness's signature of a header the node has signed. The same one again changes nothing. */
  cosign(number: bigint, witness: Address, signature: Hex): Promise<void>;
  /** By witness, in the order of their addresses. */
  cosignatures(number: bigint): Promise<ReadonlyMap<Address, Hex>>;
  /** Why a block could not be appended now, or undefined while it could. */
  whyNotWritable(): Error | undefined;
  /** When the gateway last found its clock plausible, in seconds since 1970; 0 before the first time. */
  readonly heartbeat: bigint;
  beat(seconds: bigint): Promise<void>;
  /** Ascending from `from`; a missing or altered block is refused by its number. */
  read(from: bigint): AsyncIterable<JournalledBlock>;
}
