/** What an audit found not to hold, in the order of the chain: the first is the one to look at. */

import type { PauseClock } from '../acts/moment.ts';
import type { Bytes32 } from '../base/hex.ts';
import { type RefusalCode, refusals } from '../base/refusal.ts';
import type { RefusalRow } from '../base/refusals/row.ts';
import type { HaltSpan } from '../power/halts.ts';

/**
 * The promise that does not hold, by its number in docs/ledger-format.md: L of land, B of benefits, P of power, N of
 * the notary, BB6 of cards. `bytes` is what no contract of ours can have written.
 */
const INVARIANTS = [
  'L1',
  'L2',
  'L3',
  'L4',
  'L5',
  'L6',
  'L7',
  'L8',
  'B1',
  'B2',
  'B3',
  'B4',
  'B5',
  'B6',
  'B8',
  'B9',
  'B10',
  'P1',
  'P2',
  'P3',
  'P4',
  'P5',
  'P7',
  'P8',
  'P9',
  'P10',
  'P11',
  'N1',
  'N2',
  'BB6',
  'bytes',
] as const;
export type Invariant = (typeof INVARIANTS)[number];

export interface Finding {
  readonly invariant: Invariant;
  /** What does not hold, as a whole sentence; never anything of a person. */
  readonly what: string;
  readonly blockNumber: bigint;
  /** Within the block; absent for what shows only at the end. */
  readonly logIndex?: number;
  /** The unit, programme, officer or register it is about. */
  readonly subject?: Bytes32 | `0x${string}`;
}

/** What every part of a replay sees of the block it is in. */
export interface BlockMoment {
  readonly nowSeconds: number;
  readonly halts: readonly HaltSpan[];
  /** The consortium's pauses of redemption. */
  readonly redemption: PauseClock;
}

/** More than a person reads; what broke first is among them. */
export const MAX_FINDINGS = 100;

/** Collects, at the place an audit stands. */
export class FindingList {
  readonly #found: Finding[] = [];
  #place: Pick<Finding, 'blockNumber' | 'logIndex'> = { blockNumber: 0n };

  get all(): readonly Finding[] {
    return this.#found;
  }

  at(blockNumber: bigint, logIndex?: number): void {
    this.#place = { blockNumber, ...(logIndex !== undefined && { logIndex }) };
  }

  add(invariant: Invariant, what: string, subject?: Finding['subject']): void {
    if (this.#found.length === MAX_FINDINGS) return;
    this.#found.push({ invariant, what, ...this.#place, ...(subject && { subject }) });
  }

  /** What the ledger refuses with this code was recorded; `otherwise` is the promise where its row names none. */
  refuse(code: RefusalCode, otherwise: Invariant, subject?: Finding['subject']): void {
    const { rule }: RefusalRow = refusals[code];
    const invariant = INVARIANTS.find((one) => one === rule) ?? otherwise;
    this.add(invariant, `An act was recorded that the ledger refuses: ${code}.`, subject);
  }

  /** Adds unless it holds. */
  require(holds: boolean, invariant: Invariant, what: string, subject?: Finding['subject']): void {
    if (!holds) this.add(invariant, what, subject);
  }
}
