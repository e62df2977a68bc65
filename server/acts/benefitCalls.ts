/**
 * The calls to the register of benefits that no officer signs: words of a signed list, a release, a till's batch.
 *
 * Hides the contract's argument order and what gas each call is given. Anyone may send them: the contract checks every
 * word against what was signed. For the desk of benefits.
 */

import { redeemArgsOf } from '../domain/audit/shownSale.ts';
import { TRANSACTION_GAS_CAP } from '../domain/base/chain.ts';
import { type Address, type Hex, toHex } from '../domain/base/hex.ts';
import type { ProgrammeId } from '../domain/base/terms.ts';
import type { RedemptionBatch } from '../domain/benefits/redemption.ts';
import type { CycleId } from '../domain/benefits/terms.ts';
import { type Chunk, loadGas } from '../domain/benefits/unitsTable.ts';
import { encodeCall, encodeLoadSlots, encodeLoadUnits } from '../ledger/contracts.ts';
import { readCall } from '../ledger/shownCalls.ts';
import type { Call } from '../store/operation.ts';

const WORD_BYTES = 32;

export interface BenefitCalls {
  /** `first` counts from the first index of the epoch. */
  loadSlots(programme: ProgrammeId, enrolmentEpoch: number, chunk: Chunk): Call;
  loadUnits(programme: ProgrammeId, cycle: CycleId, chunk: Chunk): Call;
  finalise(programme: ProgrammeId, cycle: CycleId): Call;
  redeem(batch: RedemptionBatch, tillSignature: Hex): Call;
  /** The batch that a call of `redeem` carries; undefined of any other call. */
  redeemedBy(call: Pick<Call, 'data'>): CarriedBatch | undefined;
}

export type CarriedBatch = Pick<RedemptionBatch, 'programme' | 'cycle' | 'count' | 'items'>;

/** `register` is the one in force whenever a call is made. */
export function openBenefitCalls(register: { readonly benefitLedger: Address }): BenefitCalls {
  const most = BigInt(TRANSACTION_GAS_CAP);
  const load = (data: Hex, chunk: Chunk): Call => ({
    to: register.benefitLedger,
    data,
    gas: BigInt(loadGas(chunk.words.length / WORD_BYTES)),
  });
  const tableChunk = (programme: ProgrammeId, of: number, { first, words, rest }: Chunk) => ({
    programme,
    of,
    first,
    rest,
    words: toHex(words),
  });
  return {
    loadSlots: (programme, enrolmentEpoch, chunk) =>
      load(encodeLoadSlots(tableChunk(programme, enrolmentEpoch, chunk)), chunk),
    loadUnits: (programme, cycle, chunk) => load(encodeLoadUnits(tableChunk(programme, cycle, chunk)), chunk),
    finalise: (programme, cycle) => ({
      to: register.benefitLedger,
      gas: most,
      data: encodeCall('benefits', 'finalise', [programme, cycle]),
    }),
    redeem({ programme, cycle, vendor, till, count, offlineSince, deadline, items }, tillSignature) {
      const batch = { programme, cycle, vendor, till, count, offlineSince, deadline };
      return {
        to: register.benefitLedger,
        gas: most,
        data: encodeCall('benefits', 'redeem', [batch, [...items], tillSignature]),
      };
    },
    redeemedBy({ data }) {
      const redeemed = redeemArgsOf(readCall('benefits', data));
      if (redeemed === undefined) return undefined;
      const { programme, cycle, count } = redeemed.batch;
      return { programme, cycle, count: Number(count), items: redeemed.items };
    },
  };
}
