/**
 * Which acts wait, and for whom: what the inbox of an institution reads, and how many acts it may have waiting.
 *
 * Promises: an institution's acts stand under its number, and those that another one may be asked to approve in one more
 * place, so that nobody's inbox reads what is others' alone; the acts that wait of one institution are bounded, so that it
 * fills no place of another's. Written in the transaction that changes the act. For `acts.ts`.
 */
import type { Bytes32 } from '../domain/base/hex.ts';
import { refusal } from '../domain/base/refusal.ts';
import { json } from './codec.ts';
import { type AnyTable, precious, preciousSorted, type Store, type Transaction, under } from './store.ts';

/** A month of a busy office's acts that nobody signs; an office at work has a few hundred. */
export const WAITING_OF_INSTITUTION_MAX = 10_000;

/** As much of a pending act as says where it waits. */
export interface Waits {
  readonly id: Bytes32;
  readonly owner: { readonly institution: number };
  readonly institutions: { readonly twoInstitutions: boolean };
  readonly signatures: readonly { readonly part: string }[];
  readonly operation: unknown;
}

/** By place and id; the value is the institution that prepared it. */
const placeTable = preciousSorted('actsWaiting', json<number>());
/** How many stand under the number of an institution. */
const countTable = precious('actsWaitingCounts', json<number>());

export const waitingTables: readonly AnyTable[] = [placeTable, countTable];

const OWN = 'of';
const ASKED = 'asked';

const ownPlace = ({ id, owner }: Waits): string => `${OWN}/${owner.institution}/${id}`;
const askedPlace = ({ id }: Waits): string => `${ASKED}/${id}`;

const isWaiting = ({ operation }: Waits): boolean => operation === undefined;

/** Whether another institution may be asked now: its preparer has signed, and nobody has approved it. */
function isAsked(act: Waits): boolean {
  const has = (signed: string) => act.signatures.some(({ part }) => part === signed);
  return isWaiting(act) && act.institutions.twoInstitutions && has('preparer') && !has('approver');
}

/** A new act of an institution that has as many waiting as it may is refused as `too-many-acts-kept`. */
export async function requireShare(tx: Transaction, institution: number): Promise<void> {
  if (((await tx.get(countTable, `${institution}`)) ?? 0) < WAITING_OF_INSTITUTION_MAX) return;
  const whose = `institution ${institution}`;
  throw refusal('too-many-acts-kept', { limit: WAITING_OF_INSTITUTION_MAX, whose });
}

/** Where the act waits from now on; undefined of one that is forgotten. */
export async function placeWaiting(tx: Transaction, act: Waits, now: Waits | undefined): Promise<void> {
  const { institution } = act.owner;
  const own = ownPlace(act);
  const wasWaiting = (await tx.get(placeTable, own)) !== undefined;
  const waits = now !== undefined && isWaiting(now);
  if (waits !== wasWaiting) {
    const before = (await tx.get(countTable, `${institution}`)) ?? 0;
    tx.put(countTable, `${institution}`, before + (waits ? 1 : -1));
    if (waits) tx.put(placeTable, own, institution);
    else tx.delete(placeTable, own);
  }
  if (now !== undefined && isAsked(now)) tx.put(placeTable, askedPlace(act), institution);
  else tx.delete(placeTable, askedPlace(act));
}

/** Ids of what may stand in the inbox of an institution; of all that waits where it is left out. */
export async function* placesOf(store: Store, institution?: number): AsyncGenerator<Bytes32> {
  const own = institution === undefined ? under(OWN) : under(OWN, `${institution}`);
  for await (const [place] of store.range(placeTable, own)) yield idAt(place);
  if (institution === undefined) return;
  for await (const [place, owner] of store.range(placeTable, under(ASKED)))
    if (owner !== institution) yield idAt(place);
}

const idAt = (place: string): Bytes32 => place.slice(place.lastIndexOf('/') + 1) as Bytes32;
