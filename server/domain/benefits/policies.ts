/**
 * The consortium's policies that the benefit ledger obeys, by the names under which members vote on them.
 *
 * Promises: the ids of contracts/interfaces/IBenefitLedger.sol. Pure.
 */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { type Bytes32, toHex } from '../base/hex.ts';
import type { AppliedAct } from './act.ts';
import type { Records } from './prepare.ts';
import { outstandingUnits } from './records.ts';
import { TIER_WINDOW_SECONDS } from './terms.ts';

/** When not zero, sales of a cycle may begin and end without notice: for demonstrations. */
export const END_WITHOUT_NOTICE_POLICY = toHex(keccak_256(utf8ToBytes('benefitEndWithoutNotice'))) as Bytes32;

const TIER_NAME = utf8ToBytes('benefitTierMinor');
const WORD_BYTES = 32;

/** Names what one institution may move by itself in a window, in minor units of a currency: abi.encode(name, code). */
export function tierPolicy(currency: number): Bytes32 {
  const encoded = new Uint8Array(4 * WORD_BYTES);
  const view = new DataView(encoded.buffer);
  view.setUint8(WORD_BYTES - 1, 2 * WORD_BYTES); // where the name begins
  view.setUint16(2 * WORD_BYTES - 2, currency);
  view.setUint8(3 * WORD_BYTES - 1, TIER_NAME.length);
  encoded.set(TIER_NAME, 3 * WORD_BYTES);
  return toHex(keccak_256(encoded)) as Bytes32;
}

/** What an act moves, summed against the tier; zero where it moves nothing. The records are those it finds. */
export function amountOf({ name, act }: AppliedAct, { cycle }: Records): bigint {
  switch (name) {
    case 'MoveFunds':
    case 'Settle':
      return act.amountMinor;
    case 'CycleEnvelope':
      return act.totalUnits * act.unitValueMinor;
    case 'MoveCycle':
      return cycle === undefined || act.step === 'cancel'
        ? 0n
        : outstandingUnits(cycle) * cycle.unitValueMinor;
    case 'ReleaseCredit':
      return act.units * (cycle?.unitValueMinor ?? 0n);
    default:
      return 0n;
  }
}

/** What an institution moved by itself in the window of its last act. */
export interface MovedAlone {
  readonly window: bigint;
  readonly minor: bigint;
}

/** Whether an amount needs two institutions, and the sum if one moves it alone (B9). */
export function judgeTier(
  before: MovedAlone | undefined,
  amountMinor: bigint,
  tierMinor: bigint,
  nowSeconds: bigint,
): { readonly isAbove: boolean; readonly after: MovedAlone } {
  const window = nowSeconds / TIER_WINDOW_SECONDS;
  const minor = amountMinor + (before?.window === window ? before.minor : 0n);
  return { isAbove: minor > tierMinor, after: { window, minor } };
}
