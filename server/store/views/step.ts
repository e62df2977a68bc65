/** One block on its way into the views: the batch it is written in, and the counts that go with it. */

import type { ContractName, EventBlock } from '../../domain/acts/events.ts';
import type { ActHead } from '../../domain/acts/head.ts';
import type { Entry } from '../../domain/audit/journal.ts';
import type { Address, Bytes32 } from '../../domain/base/hex.ts';
import { json } from '../codec.ts';
import { disposable, type ViewBatch } from '../disposable.ts';
import type { Family } from './kin.ts';

/** How much there is of everything: for the home page, and for numbering what comes next. */
export interface Counts {
  entries: number;
  /** Units that are active, and units there ever were. */
  titles: number;
  units: number;
  spatialUnits: number;
  /** Restrictions that stand. */
  restrictions: number;
  institutions: number;
  officers: number;
  measures: number;
  pauses: number;
  programmes: number;
  /** Cards in force, over all programmes and epochs. */
  enrolled: number;
  cycles: number;
  vendors: number;
  batches: number;
  /** Items of batches that were redeemed, and that were skipped. */
  redeemed: number;
  skipped: number;
  settlements: number;
}

export const NO_COUNTS: Readonly<Counts> = {
  entries: 0,
  titles: 0,
  units: 0,
  spatialUnits: 0,
  restrictions: 0,
  institutions: 0,
  officers: 0,
  measures: 0,
  pauses: 0,
  programmes: 0,
  enrolled: 0,
  cycles: 0,
  vendors: 0,
  batches: 0,
  redeemed: 0,
  skipped: 0,
  settlements: 0,
};

export const countView = disposable('counts', json<Counts>());
export const COUNTS_KEY = 'counts';

/** An entry where it stands, with the journal's head after it. */
export interface EntryRow extends Entry {
  /** Its number over all registers, from 0. */
  readonly sequence: number;
  readonly contract: ContractName;
  readonly address: Address;
  readonly head: Bytes32;
  readonly blockNumber: bigint;
  readonly transactionHash: Bytes32;
  readonly logIndex: number;
  readonly act?: ActHead;
}

export interface Step {
  readonly batch: ViewBatch;
  readonly block: EventBlock;
  readonly counts: Counts;
  /** The newest entry of each register in this block. */
  readonly heads: Map<Address, EntryRow>;
  /** Of the act of land that was signed last: its entries follow. */
  family?: Family;
}
