/**
 * The chain as a gateway stands on it: the one in this process, or a network's by its nodes. Both are this shape, so that
 * nothing but what opens them knows which it is.
 */
import type { FinalityEvidence } from '../domain/audit/lineage.ts';
import type { Address, Bytes32, Hex } from '../domain/base/hex.ts';
import type { Refusal } from '../domain/base/refusal.ts';
import type { LedgerPin, VerifiedBlock } from './ledger.ts';
import type { Call, ChainProvider } from './provider.ts';
import type { RawTransaction } from './rawTransaction.ts';

/** What a transaction is to do, and the most it may cost. */
export interface GasAsked {
  readonly to: Address;
  readonly data: Hex;
  readonly gas: bigint;
}

export interface Engine extends ChainProvider {
  readonly pin: LedgerPin;
  /** How long the first transaction of a batch waits for others. */
  readonly gatherMs: number;
  /** The newest block that is final here. */
  readonly headNumber: bigint;
  /** What the next block's timestamp would be, at least. */
  readonly nextTimestamp: bigint;
  /** How far the newest block is dated after this machine's clock. */
  readonly secondsAhead: bigint;
  /** Why this machine's clock is not believed, or undefined while it is plausible. */
  readonly clockDoubt: Refusal | undefined;
  /** The newest block there is, believed or not: what a reader that is caught up has reached. */
  newest(): Promise<bigint>;
  /** How much gas a transaction asks for: blocks are filled by what is asked for, and at most what the call itself says. */
  gasOf(call: GasAsked, from: Address): Promise<bigint>;
  /** Keeps that the clock was plausible now. */
  beat(): Promise<void>;
  /** Where following goes on from. */
  standsAt(blockNumber: bigint, timestampSeconds: number): void;
  /** Of each block that was followed, before the views apply it: what evidence of it must be kept is on disk afterwards. */
  seen(block: VerifiedBlock): Promise<void>;
  /** That a block is final; undefined of one that is not, and of block 0, which the trust file vouches for. */
  finality(blockNumber: bigint): Promise<FinalityEvidence | undefined>;
  /** What was answered does not verify: another node is asked from now on, where there is one. */
  doubt(): void;
  /** For tools of this machine: one reading call of those that `methods.ts` lists, or one that this side answers itself. */
  answer(call: Call): Promise<unknown>;
  /** A transaction of such a tool: resolves with its hash where the contracts accept it at that moment. */
  sendAsGuest(transaction: RawTransaction): Promise<Bytes32>;
  /** Ends what it does by itself. What it was given to keep things in stays open. */
  close(): Promise<void>;
}
