/**
 * What makes the embedded chain durable, as a shape: the chain writes through it, a store implements it.
 * Same genesis settings, timestamps and raw transactions give the same block hashes, so this is the whole ledger.
 */
import type { Bytes32, Hex } from './hex.ts';

/** What a ledger was founded with. Written once, before block 1, and never again. */
export interface GenesisSettings {
  readonly chainId: bigint;
  /** Seconds since 1970: block 0's timestamp. */
  readonly timestamp: bigint;
  readonly fork: string;
  readonly blockGasLimit: bigint;
  /** From it the executor derives every block's parent beacon root, which a lone node has nobody to ask for. */
  readonly beaconRootSalt: Bytes32;
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
  /** Ascending from `from`; a missing or altered block is refused by its number. */
  read(from: bigint): AsyncIterable<JournalledBlock>;
}
