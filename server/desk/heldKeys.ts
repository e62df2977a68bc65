/**
 * Keys that people bring to an office, before an act names them: what signs that it is held is asked, and let go.
 *
 * Promises: a key that is shown and did not sign is refused at its field; the proof itself goes no further. Without one
 * the key is taken as it is written, for an office may have it from a card that its holder did not bring.
 */
import type { LedgerIdentity } from '../domain/acts/domains.ts';
import type { Bytes32, Hex } from '../domain/base/hex.ts';
import { refusal } from '../domain/base/refusal.ts';
import type { BAUnitId } from '../domain/base/terms.ts';
import { type HeldKey, isHeldByHolder, isHeldByTill, type TillKey } from '../domain/people/heldKeys.ts';
import type { HolderGiven } from './landGiven.ts';

/** A holder as written down, with what the key signed. */
export interface HolderShown extends HolderGiven {
  readonly possession?: HeldKey | undefined;
}

/** Where keys are shown: which ledger, and whose page a passkey answers. */
export interface ShownAt {
  readonly ledger: LedgerIdentity;
  readonly relyingParty: Bytes32;
}

export function holdersShown(
  { ledger, relyingParty }: ShownAt,
  baUnit: BAUnitId,
  holders: readonly HolderShown[],
  field: string,
): HolderGiven[] {
  return holders.map(({ possession, ...holder }, i) => {
    const { keyHash } = holder;
    if (possession !== undefined && !isHeldByHolder(ledger, { baUnit, keyHash }, possession, relyingParty)) {
      throw refusal('key-not-held', undefined, { field: `${field}/${i}/possession` });
    }
    return holder;
  });
}

/** Refuses as `key-not-held`. */
export function requireTillHeld(ledger: LedgerIdentity, of: TillKey, possession: Hex | undefined): void {
  if (possession === undefined || isHeldByTill(ledger, of, possession)) return;
  throw refusal('key-not-held', undefined, { field: '/possession' });
}
