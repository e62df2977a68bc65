/**
 * Who a principal is, what an act was and what came to nothing, for histories and for lists of readings.
 *
 * Promises: of a token that has left it is still known whose it was. `http` says to whom it is told.
 */
import { actInWords } from '../acts/inbox.ts';
import { entryWords } from '../domain/acts/entries.ts';
import { headOf } from '../domain/acts/signable.ts';
import type { Bytes32 } from '../domain/base/hex.ts';
import type { EntryId, OfficerId } from '../domain/base/terms.ts';
import { itemEntryId } from '../domain/land/hashes.ts';
import type { PendingActs } from '../store/acts.ts';
import type { HolderNote, Tokens } from '../store/tokens.ts';
import type { Trace } from '../store/traces.ts';
import type { Views } from '../store/views.ts';

/** An act as somebody reads of it who was not there. */
export interface ActNamed {
  readonly what: string;
  readonly preparer: OfficerId;
  readonly institution: number | undefined;
}

export type TraceTold = Trace;

export interface Telling {
  /** Undefined of whoever had no token here. */
  whoIs(principal: string): Promise<HolderNote | undefined>;
  /** An act that was recorded or waits; undefined of one that ended long ago. */
  actOf(id: Bytes32): Promise<ActNamed | undefined>;
  tracesAbout(subject: string): Promise<readonly Trace[]>;
}

export function openTelling(tokens: Pick<Tokens<string>, 'whoIs'>, acts: PendingActs, views: Views): Telling {
  const named = async (what: string, preparer: OfficerId): Promise<ActNamed> => {
    const institution = (await views.power.officer(preparer))?.institution;
    return { what, preparer, institution };
  };
  return {
    whoIs: (principal) => tokens.whoIs(principal),
    tracesAbout: (subject) => acts.tracesAbout(subject),
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
