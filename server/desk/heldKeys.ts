/**
 * Keys that people bring to an office, before an act names them: each must have signed that it is held, which is asked, and let go.
 *
 * Promises: no key becomes a holder's, a lender's, a card's or a till's through here that did not sign for that very place;
 * what is missing and what does not hold is refused at its field; the proof itself goes no further. Who has no key is
 * written down without one, and is assisted or paid out. A key that is there already is not asked again.
 */
import { setImmediate } from 'node:timers/promises';
import type { LedgerIdentity } from '../domain/acts/domains.ts';
import type { Recover } from '../domain/audit/signature.ts';
import { type Bytes32, type Hex, ZERO_32 } from '../domain/base/hex.ts';
import { type Refusal, refusal } from '../domain/base/refusal.ts';
import type { BAUnitId } from '../domain/base/terms.ts';
import type { BAUnitState } from '../domain/land/types.ts';
import {
  type CardKey,
  type HeldKey,
  type HoldersKey,
  isHeldByCard,
  isHeldByHolder,
  isHeldByTill,
  isHeldForInstrument,
  type TillKey,
} from '../domain/people/heldKeys.ts';
import type { HolderGiven, RestrictionGiven } from './landGiven.ts';

/** A holder as written down, with what the key signed. */
export interface HolderShown extends HolderGiven {
  readonly possession?: HoldersKey | undefined;
}

/** A charge or notice, with what the key of whoever lends or claims signed. */
export interface RestrictionShown extends RestrictionGiven {
  readonly possession?: HeldKey | undefined;
}

/** Where keys are shown: which ledger, and whose page a passkey answers. */
export interface ShownAt {
  readonly ledger: LedgerIdentity;
  readonly relyingParty: Bytes32;
}

/** Cards that are looked at before others have their turn: some tens of milliseconds. */
const CARDS_A_TURN = 64;

/** What the register calls the holdings of a unit: those that are there, and the first that comes. */
interface HoldingNumbers {
  readonly standing: readonly number[];
  readonly next: number;
}

/** Of a unit that begins: its first right is 1, and who holds it follow. */
export const OF_NEW_UNIT: HoldingNumbers = { standing: [], next: 2 };

/** Of a unit as it stands; one that is not there is refused by whoever reads it next. */
export function numbersIn(state: BAUnitState | undefined): HoldingNumbers {
  if (state === undefined) return OF_NEW_UNIT;
  const standing = state.rights.flatMap(({ holdings }) => holdings.map(({ holdingId }) => holdingId));
  return { standing, next: state.header.nextId };
}

/** Refuses as `key-not-shown`, `key-not-held`, and as `key-of-another-holding` one that was made for another number. */
export function holdersShown(
  { ledger, relyingParty }: ShownAt,
  baUnit: BAUnitId,
  holders: readonly HolderShown[],
  field: string,
  { standing, next }: HoldingNumbers,
): HolderGiven[] {
  return holders.map(({ possession, ...holder }, i) => {
    const { keyHash } = holder;
    const isHeld = (held: HeldKey) => isHeldByHolder(ledger, { baUnit, keyHash }, held, relyingParty);
    requireHashShown(keyHash, possession, isHeld, [`${field}/${i}`, 'keyHash']);
    const number = next + i;
    if (possession !== undefined && possession.holdingId !== number) {
      const there = standing.length === 0 ? 'no holdings yet' : `the holdings ${standing.join(', ')}`;
      const place = { field: `${field}/${i}/possession/holdingId` };
      throw refusal('key-of-another-holding', { number, there }, place);
    }
    return holder;
  });
}

export function restrictionShown(
  { ledger, relyingParty }: ShownAt,
  { possession, ...given }: RestrictionShown,
): RestrictionGiven {
  const { instrumentId, holderKeyHash: keyHash } = given;
  const isHeld = (held: HeldKey) =>
    isHeldForInstrument(ledger, { instrumentId, keyHash }, held, relyingParty);
  requireHashShown(keyHash, possession, isHeld, ['', 'holderKeyHash']);
  return given;
}

/** Refuses as `key-not-shown` and `key-not-held`. */
export function requireTillHeld(ledger: LedgerIdentity, of: TillKey, possession: Hex | undefined): void {
  requireShown(possession, (signature) => isHeldByTill(ledger, of, signature), ['', 'keyId']);
}

/** Likewise. */
export function requireCardHeld(ledger: LedgerIdentity, of: CardKey, possession: Hex | undefined): void {
  requireShown(possession, (signature) => isHeldByCard(ledger, of, signature), ['', 'keyId']);
}

/** What of a whole enrolment is refused, in turns, for thousands of cards take seconds. */
export async function cardsRefused(
  ledger: LedgerIdentity,
  cards: readonly { readonly of: CardKey; readonly possession: Hex | undefined; readonly field: string }[],
  recover: Recover,
): Promise<readonly Refusal[]> {
  const unshown = cards.filter(({ possession }) => possession === undefined);
  if (unshown.length > 0) {
    return unshown.map(({ field }) => refusal('key-not-shown', undefined, { field: `${field}/keyId` }));
  }
  const refused: Refusal[] = [];
  for (const [i, { of, possession = '0x', field }] of cards.entries()) {
    if (i % CARDS_A_TURN === CARDS_A_TURN - 1) await setImmediate();
    if (!isHeldByCard(ledger, of, possession, recover)) {
      refused.push(refusal('key-not-held', undefined, { field: `${field}/possession` }));
    }
  }
  return refused;
}

/** A hash of zero is nobody's key. */
function requireHashShown(
  keyHash: Bytes32,
  possession: HeldKey | undefined,
  isHeld: (possession: HeldKey) => boolean,
  at: Written,
): void {
  if (keyHash !== ZERO_32 || possession !== undefined) requireShown(possession, isHeld, at);
}

/** Where the key is written down, and the name of its field there; what it signed stands beside it. */
type Written = readonly [place: string, key: string];

function requireShown<T>(
  possession: T | undefined,
  isHeld: (possession: T) => boolean,
  [place, key]: Written,
): void {
  if (possession === undefined) throw refusal('key-not-shown', undefined, { field: `${place}/${key}` });
  if (!isHeld(possession)) throw refusal('key-not-held', undefined, { field: `${place}/possession` });
}
