/**
 * What waits for a signature, as an officer looks through it in the morning.
 *
 * Promises: a page begins with what lapses first; it says what an act is and which officer prepares it, and opens no
 * fact of it; the caller says which acts may be seen, and nothing is told of the others, not even how many there are.
 */
import { signedRow } from '../domain/acts/orders.ts';
import { type ActPart, headOf, unitsOf } from '../domain/acts/signable.ts';
import { rowOf } from '../domain/acts/table.ts';
import type { TypedStruct } from '../domain/acts/typedData.ts';
import { cursorOf, placeOfCursor } from '../domain/base/cursor.ts';
import type { Bytes32 } from '../domain/base/hex.ts';
import { countInWords, shortId } from '../domain/base/inWords.ts';
import { Refusal, refusal } from '../domain/base/refusal.ts';
import { nameOf, type OfficerId } from '../domain/base/terms.ts';
import { FUNDS_MOVES, type FundsMove } from '../domain/benefits/terms.ts';
import { officerIdOf } from '../domain/power/possession.ts';
import { missingParts, type PendingAct, type PendingActs } from '../store/acts.ts';
import { ordinal } from '../store/store.ts';

/** Who signs: the parts of consents count as one. */
export const SIGNERS_OF_PARTS = ['preparer', 'approver', 'consent'] as const;
type SignerOfPart = (typeof SIGNERS_OF_PARTS)[number];

export interface InboxRequest {
  /** `next` of the page before. */
  readonly after?: string | undefined;
  readonly limit: number;
  /** Whose inbox it is: nothing is read of acts that are others' alone. Undefined reads all. */
  readonly institution?: number | undefined;
  /** Only acts that lack a signature of this kind. */
  readonly lacking?: SignerOfPart | undefined;
  /** Only acts that lapse within `SOON_MS`. */
  readonly isLapsing?: boolean | undefined;
  /** Whether it is listed: of the caller's own institution, or asked of it. */
  isListed(act: PendingAct): Promise<boolean> | boolean;
}

/** Long enough to find a second officer after a weekend. */
const SOON_MS = 3 * 24 * 3_600_000;

export interface WaitingAct {
  readonly act: PendingAct;
  /** What the act is, and of acts that are one of two things which of them. */
  readonly words: string;
  /** The unit, programme or cycle whose acts go in order. */
  readonly about: string;
  /** Every unit that it names. */
  readonly units: readonly Bytes32[];
  /** What it names besides units, from the widest to the narrowest. */
  readonly named: readonly Named[];
  /** What it moves in minor units, where it is of money, and of which currency where its message says so. */
  readonly money: { readonly amountMinor: bigint; readonly currency?: number } | undefined;
  readonly preparer: OfficerId;
  readonly missing: readonly ActPart[];
  /** Whose signatures those are, in words. */
  readonly missingFrom: readonly string[];
  readonly lapsesSoon: boolean;
}

export interface InboxPage {
  /** Of all pages. */
  readonly total: number;
  /** Of all pages, those that lapse within `SOON_MS`. */
  readonly lapsingSoon: number;
  readonly rows: readonly WaitingAct[];
  readonly next?: string;
}

export type Inbox = (request: InboxRequest) => Promise<InboxPage>;

/** The page of a request; every act that waits for this institution is looked at, and only those of the page are opened. */
export function openInbox(
  acts: Pick<PendingActs, 'waiting' | 'content'>,
  isSeated: () => Promise<boolean>,
  nowMs: () => number,
): Inbox {
  return async ({ after, limit, institution, lacking, isLapsing = false, isListed }) => {
    const startedMs = nowMs();
    const behind = after === undefined ? '' : placeOfCursor(after);
    if (behind === undefined || !PLACE.test(behind)) throw refusal('cursor-unknown', undefined, AT_AFTER);
    const soonMs = startedMs + SOON_MS;
    const placed: { readonly place: string; readonly act: PendingAct }[] = [];
    let [total, lapsingSoon] = [0, 0];
    for await (const act of acts.waiting(institution)) {
      const isWanted = lacking === undefined || missingParts(act).some((part) => signerOf(part) === lacking);
      if (!isWanted || lapsesAtMs(act) < startedMs || !(await isListed(act))) continue;
      const isSoon = lapsesAtMs(act) <= soonMs;
      if (isSoon) lapsingSoon++;
      if (isLapsing && !isSoon) continue;
      total++;
      const place = placeOf(act);
      if (place > behind) placed.push({ place, act });
    }
    placed.sort((one, other) => (one.place < other.place ? -1 : 1));
    const page = placed.slice(0, limit);
    const isTwoAsked = await isSeated();
    const found = await Promise.all(page.map(({ act }) => waitingAct(acts, act, { soonMs, isTwoAsked })));
    const rows = found.filter((row) => row !== undefined);
    const last = page.at(-1)?.place;
    const told = { total, lapsingSoon, rows };
    return placed.length > page.length && last !== undefined
      ? Object.assign(told, { next: cursorOf(last) })
      : told;
  };
}

/** When nobody can sign an act any more: it is given up here, or its own deadline is over. */
export const lapsesAtMs = ({
  expiresAtMs,
  deadlineMs,
}: Pick<PendingAct, 'expiresAtMs' | 'deadlineMs'>): number => Math.min(expiresAtMs, deadlineMs);

const PLACE = /^(?:[0-9a-f]{16}\/0x[0-9a-f]{64})?$/;
const AT_AFTER = { field: '/query/after' };

/** Of acts that are signed as one and recorded as one of two. */
const WORDS_OF_KIND: Readonly<Record<string, string>> = {
  mortgage: 'a mortgage',
  caution: 'a caution',
  discharge: 'the release of mortgages',
  'caution-withdrawal': 'the withdrawal of cautions',
};

/** What an act is, and of acts that are one of two things which of them. */
export const actInWords = ({ type, kind }: Pick<PendingAct, 'kind'> & { readonly type: string }): string =>
  WORDS_OF_KIND[kind] ?? signedRow(type)?.words ?? kind;

/** Where money comes from or goes to; whether its source is named, and no more of it, as a fact is opened to who asks for it. */
const MONEY_MOVES: Readonly<Record<FundsMove, string>> = {
  unspecified: 'money moved in no way that is known',
  fund: 'money that a donor adds',
  'reuse-expired': 'money that expired and is used again',
  'reuse-reclaimed': 'money that was reclaimed and is used again',
  defund: 'money that goes back to the donor',
};

function rowInWords(act: PendingAct, { move, sourceCommitment }: TypedStruct): string {
  if (act.type !== 'MoveFunds' || move === undefined) return actInWords(act);
  const name = nameOf(FUNDS_MOVES, Number(move)) ?? 'unspecified';
  if (name !== 'fund') return MONEY_MOVES[name];
  const isNamed = sourceCommitment !== undefined && BigInt(sourceCommitment as string) !== 0n;
  return `${MONEY_MOVES[name]}, from a source that ${isNamed ? 'the act names' : 'is not named'}`;
}

/** What a message names, from the widest to the narrowest. */
const NAMED = ['programme', 'cycle', 'vendor', 'till', 'institution', 'officer', 'entryId'] as const;

export interface Named {
  readonly what: (typeof NAMED)[number];
  readonly value: string;
}

/** Whom an appointment is of, who has no id yet but by the key. */
function appointedIn({ appointment }: TypedStruct): TypedStruct {
  if (appointment === undefined) return {};
  const { institution = 0n, key, salt } = appointment as TypedStruct;
  return { institution, officer: officerIdOf((key as TypedStruct).keyHash as Bytes32, salt as Bytes32) };
}

function namedIn(message: TypedStruct): readonly Named[] {
  const about = Object.assign({}, message, appointedIn(message));
  return NAMED.flatMap((what) => {
    const value = about[what];
    return value === undefined || typeof value === 'object' ? [] : [{ what, value: String(value) }];
  });
}

/** With what whoever reads calls each of them, in their order. */
export function namedInWords(named: readonly Named[], labels: readonly (string | undefined)[]): string {
  const words = named.map(({ what, value }, i) => {
    const called = labels[i] === undefined ? '' : ` (${labels[i]})`;
    return `${what === 'entryId' ? 'act' : what} ${shortId(value)}${called}`;
  });
  return words.join(', ') || 'the ledger';
}

function moneyOf({ amountMinor, totalUnits, unitValueMinor, currency }: TypedStruct): WaitingAct['money'] {
  if (amountMinor !== undefined) return { amountMinor: BigInt(amountMinor as bigint) };
  if (totalUnits === undefined || unitValueMinor === undefined) return undefined;
  const all = BigInt(totalUnits as bigint) * BigInt(unitValueMinor as bigint);
  return { amountMinor: all, currency: Number(currency) };
}

/**
 * Whose signatures are missing, as a colleague would say it; of two institutions as soon as the ledger asks for two, which
 * it does once its members are seated.
 */
function signersOf(
  act: PendingAct,
  preparer: OfficerId,
  missing: readonly ActPart[],
  isTwoAsked: boolean,
): string[] {
  const role = rowOf(act.type)?.roles.approver;
  const { institution, twoInstitutions } = act.institutions;
  const own = institution === 0 ? act.owner.institution : institution;
  const place = twoInstitutions && isTwoAsked ? `another institution than ${own}` : `institution ${own}`;
  const consents = missing.filter((part) => signerOf(part) === 'consent').length;
  return [
    ...(missing.includes('preparer')
      ? [`officer ${shortId(preparer)} of institution ${act.owner.institution}, who prepared it`]
      : []),
    ...(missing.includes('approver')
      ? [`another officer, of ${place}${role === undefined ? '' : `, as ${role}`}`]
      : []),
    ...(consents === 0 ? [] : [`${countInWords(consents, 'holder')} who must consent`]),
  ];
}

/** What lapses first stands first. */
const placeOf = (act: PendingAct): string => `${ordinal(lapsesAtMs(act))}/${act.id}`;

const signerOf = (part: ActPart): string => part.split('-', 1)[0] ?? part;

/** Undefined of one that was taken back while the page was made. */
async function waitingAct(
  acts: Pick<PendingActs, 'content'>,
  act: PendingAct,
  { soonMs, isTwoAsked }: { readonly soonMs: number; readonly isTwoAsked: boolean },
): Promise<WaitingAct | undefined> {
  const content = await acts.content(act.id).catch((error: unknown) => {
    if (error instanceof Refusal) return undefined;
    throw error;
  });
  if (content === undefined) return undefined;
  const { preparer } = headOf(content);
  const missing = missingParts(act);
  const units = unitsOf(content);
  return {
    act,
    words: rowInWords(act, content.typedData.message),
    about: content.orderedBy,
    units,
    named: namedIn(content.typedData.message),
    money: moneyOf(content.typedData.message),
    preparer,
    missing,
    missingFrom: signersOf(act, preparer, missing, isTwoAsked),
    lapsesSoon: lapsesAtMs(act) <= soonMs,
  };
}
