/**
 * What waits for a signature, as an officer looks through it in the morning.
 *
 * Promises: a page begins with what lapses first; it says what an act is and which officer prepares it, and opens no
 * fact of it; the caller says which acts may be seen, and nothing is told of the others, not even how many there are.
 */
import { signedRow } from '../domain/acts/orders.ts';
import { type ActPart, headOf } from '../domain/acts/signable.ts';
import { cursorOf, placeOfCursor } from '../domain/base/cursor.ts';
import { Refusal, refusal } from '../domain/base/refusal.ts';
import type { OfficerId } from '../domain/base/terms.ts';
import { missingParts, type PendingAct, type PendingActs } from '../store/acts.ts';
import { ordinal } from '../store/store.ts';

/** Who signs: the parts of consents count as one. */
export const SIGNERS_OF_PARTS = ['preparer', 'approver', 'consent'] as const;
type SignerOfPart = (typeof SIGNERS_OF_PARTS)[number];

export interface InboxRequest {
  /** `next` of the page before. */
  readonly after?: string | undefined;
  readonly limit: number;
  /** Only acts that lack a signature of this kind. */
  readonly lacking?: SignerOfPart | undefined;
  /** Only acts that lapse within `SOON_MS`. */
  readonly isLapsing?: boolean | undefined;
  mayRead(act: PendingAct): boolean;
}

/** Long enough to find a second officer after a weekend. */
const SOON_MS = 3 * 24 * 3_600_000;

export interface WaitingAct {
  readonly act: PendingAct;
  /** The act in words, as the tables of acts and orders have them. */
  readonly words: string;
  /** The unit, programme or cycle whose acts go in order. */
  readonly about: string;
  readonly preparer: OfficerId;
  readonly missing: readonly ActPart[];
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

/** The page of a request; every act that waits is looked at, and only those of the page are opened. */
export function openInbox(acts: Pick<PendingActs, 'waiting' | 'content'>, nowMs: () => number): Inbox {
  return async ({ after, limit, lacking, isLapsing = false, mayRead }) => {
    const startedMs = nowMs();
    const behind = after === undefined ? '' : placeOfCursor(after);
    if (behind === undefined || !PLACE.test(behind)) throw refusal('cursor-unknown', undefined, AT_AFTER);
    const soonMs = startedMs + SOON_MS;
    const placed: { readonly place: string; readonly act: PendingAct }[] = [];
    let [total, lapsingSoon] = [0, 0];
    for await (const act of acts.waiting()) {
      const isWanted = lacking === undefined || missingParts(act).some((part) => signerOf(part) === lacking);
      if (!isWanted || lapsesAtMs(act) < startedMs || !mayRead(act)) continue;
      const isSoon = lapsesAtMs(act) <= soonMs;
      if (isSoon) lapsingSoon++;
      if (isLapsing && !isSoon) continue;
      total++;
      const place = placeOf(act);
      if (place > behind) placed.push({ place, act });
    }
    placed.sort((one, other) => (one.place < other.place ? -1 : 1));
    const page = placed.slice(0, limit);
    const found = await Promise.all(page.map(({ act }) => waitingAct(acts, act, soonMs)));
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

/** What lapses first stands first. */
const placeOf = (act: PendingAct): string => `${ordinal(lapsesAtMs(act))}/${act.id}`;

const signerOf = (part: ActPart): string => part.split('-', 1)[0] ?? part;

/** Undefined of one that was taken back while the page was made. */
async function waitingAct(
  acts: Pick<PendingActs, 'content'>,
  act: PendingAct,
  soonMs: number,
): Promise<WaitingAct | undefined> {
  const content = await acts.content(act.id).catch((error: unknown) => {
    if (error instanceof Refusal) return undefined;
    throw error;
  });
  if (content === undefined) return undefined;
  return {
    act,
    words: signedRow(act.type)?.words ?? act.kind,
    about: content.orderedBy,
    preparer: headOf(content).preparer,
    missing: missingParts(act),
    lapsesSoon: lapsesAtMs(act) <= soonMs,
  };
}
