/**
 * Who a principal is, what an act was and what came to nothing, for histories and for lists of readings.
 *
 * Promises: of a token that has left it is still known whose it was. `http` says to whom it is told.
 */
import { actInWords } from '../acts/inbox.ts';
import { entryWords } from '../domain/acts/entries.ts';
import { headOf } from '../domain/acts/signable.ts';
import { cursorOf, placeOfCursor } from '../domain/base/cursor.ts';
import type { Bytes32 } from '../domain/base/hex.ts';
import { refusal } from '../domain/base/refusal.ts';
import type { EntryId, OfficerId } from '../domain/base/terms.ts';
import { itemEntryId } from '../domain/land/hashes.ts';
import type { PendingActs } from '../store/acts.ts';
import type { HolderNote, Tokens } from '../store/tokens.ts';
import { TRACE_PLACE, type Trace } from '../store/traces.ts';
import type { Views } from '../store/views.ts';

/** An act as somebody reads of it who was not there. */
export interface ActNamed {
  readonly what: string;
  readonly preparer: OfficerId;
  readonly institution: number | undefined;
}

export type TraceTold = Trace;

export interface TracesAsked {
  /** Of whose offices; undefined is all. */
  readonly institution: number | undefined;
  /** `next` of the page before. */
  readonly after: string | undefined;
  readonly limit: number;
  isShown(
    of: Pick<Trace, 'type' | 'office'> & { readonly owner: Pick<Trace['owner'], 'institution'> },
  ): boolean;
}

export interface TracePage {
  /** Of all pages. */
  readonly total: number;
  readonly rows: readonly Trace[];
  readonly next?: string;
}

/** Looked at for one page: of a long list that has little for who asks a page may be short, and says where the next begins. */
const LOOKED_AT_MAX = 1_000;

export interface Telling {
  /** Undefined of whoever had no token here. */
  whoIs(principal: string): Promise<HolderNote | undefined>;
  /** An act that was recorded or waits; undefined of one that ended long ago. */
  actOf(id: Bytes32): Promise<ActNamed | undefined>;
  tracesAbout(subject: string): Promise<readonly Trace[]>;
  /** A page of what came to nothing, newest first. Refuses as `cursor-unknown`. */
  traces(asked: TracesAsked): Promise<TracePage>;
}

export function openTelling(tokens: Pick<Tokens<string>, 'whoIs'>, acts: PendingActs, views: Views): Telling {
  const named = async (what: string, preparer: OfficerId): Promise<ActNamed> => {
    const institution = (await views.power.officer(preparer))?.institution;
    return { what, preparer, institution };
  };
  return {
    whoIs: (principal) => tokens.whoIs(principal),
    tracesAbout: (subject) => acts.tracesAbout(subject),
    async traces({ institution, after, limit, isShown }) {
      const before = after === undefined ? undefined : placeOfCursor(after);
      if (after !== undefined && (before === undefined || !TRACE_PLACE.test(before))) {
        throw refusal('cursor-unknown', undefined, { field: '/query/after' });
      }
      let total = 0;
      for await (const count of acts.traceCounts(institution)) if (isShown(count)) total += count.traces;
      const rows: Trace[] = [];
      let [looked, last] = [0, ''];
      for await (const [place, trace] of acts.tracesBefore(institution, before)) {
        // Whatever is behind a full page begins the next one.
        if (rows.length === limit || looked === LOOKED_AT_MAX) {
          return { total, rows, next: cursorOf(last) };
        }
        looked++;
        last = place;
        if (isShown(trace)) rows.push(trace);
      }
      return { total, rows };
    },
    async actOf(id) {
      for (const entryId of [id as EntryId, itemEntryId(id as EntryId, 0)]) {
        const entry = await views.journal.entryById(entryId);
        if (entry !== undefined)
          return named(entryWords(entry.contract, entry.kind).toLowerCase(), entry.preparer);
      }
      const waiting = await acts.get(id);
      if (waiting === undefined) return undefined;
      return named(actInWords(waiting), headOf(await acts.content(id)).preparer);
    },
  };
}
