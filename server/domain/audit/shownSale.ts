/**
 * A batch of sales as its direct call shows it: the items with their signatures, and what the till signed.
 *
 * Promises: the batch whose event it stands beside, or undefined where the call shows another or none. Pure.
 */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { concatBytes } from '@noble/hashes/utils.js';
import type { EventOf, ShownCall } from '../acts/events.ts';
import { type Bytes32, fromHex, type Hex, toHex } from '../base/hex.ts';
import { Refusal } from '../base/refusal.ts';
import {
  type RedemptionBatch,
  type RedemptionItem,
  redemptionBatchDigest,
  unpackItems,
} from '../benefits/redemption.ts';
import type { BenefitRegister } from '../benefits/types.ts';

export interface ShownSale {
  readonly batch: RedemptionBatch;
  readonly items: readonly RedemptionItem[];
  readonly tillSignature: Hex;
}

/** The arguments of `redeem`, as its ABI names them. */
interface RedeemArgs {
  readonly batch: Omit<RedemptionBatch, 'items' | 'itemsHash' | 'digest'>;
  readonly items: readonly Bytes32[];
  readonly tillSignature: Hex;
}

/** Undefined of another call. */
export function redeemArgsOf(call: ShownCall | undefined): RedeemArgs | undefined {
  return call?.method === 'redeem' ? (call.args as unknown as RedeemArgs) : undefined;
}

export function shownSale(
  call: ShownCall | undefined,
  register: BenefitRegister,
  { args }: EventOf<'BatchRedeemed'>,
): ShownSale | undefined {
  const redeemed = redeemArgsOf(call);
  if (redeemed === undefined) return undefined;
  const { batch: said, items: words, tillSignature } = redeemed;
  const itemsHash = toHex(keccak_256(concatBytes(...words.map(fromHex)))) as Bytes32;
  const isOfEvent =
    itemsHash === args.itemsHash &&
    said.programme === args.programme &&
    said.cycle === args.cycle &&
    said.vendor === args.vendor &&
    said.till === args.till &&
    said.count === args.results.length;
  const items = isOfEvent ? itemsOf(words, said.count) : undefined;
  if (items === undefined) return undefined;
  const batch = { ...said, itemsHash };
  return {
    batch: { ...batch, items: words, digest: redemptionBatchDigest(register, batch) },
    items,
    tillSignature,
  };
}

function itemsOf(words: readonly Bytes32[], count: number): readonly RedemptionItem[] | undefined {
  try {
    return unpackItems(words, count);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return undefined;
  }
}
