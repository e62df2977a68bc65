/**
 * The history of anything that entries are about, in words: which act, when, signed by which officers of which
 * institutions or voted by which, and what it changed; of a unit, a programme, a vendor, an officer, an institution.
 *
 * Promises: a page reads the entries of the page and what stands beside each, however long the history is; nobody is
 * named, for the ledger knows no names. Who may ask is the route's to say.
 */
import { entryName, type SaidChange } from '../domain/acts/entries.ts';
import { type Bytes32, ZERO_32 } from '../domain/base/hex.ts';
import type { EntryId, InstitutionId, OfficerId } from '../domain/base/terms.ts';
import { changesOf } from '../domain/land/changes.ts';
import { measureWords } from '../domain/power/sentences.ts';
import type { Page, PageRequest } from '../store/views/page.ts';
import type { EntryRow } from '../store/views/step.ts';
import type { Views } from '../store/views.ts';

/** An officer as the ledger knows it. */
export interface SignedBy {
  readonly officer: OfficerId;
  readonly institution: InstitutionId | undefined;
  readonly office: number | undefined;
}

export interface HistoryLine {
  readonly entryId: EntryId;
  readonly register: string;
  readonly index: bigint;
  readonly act: string;
  readonly recordedAt: bigint;
  readonly blockNumber: bigint;
  /** Undefined where nobody signed as one: a measure was voted, a load only follows what was signed. */
  readonly preparer: SignedBy | undefined;
  readonly approver: SignedBy | undefined;
  /** Institutions that voted for it: of a measure. */
  readonly votedBy: readonly InstitutionId[] | undefined;
  readonly changes: readonly SaidChange[];
}

export async function historyOf(
  views: Views,
  subject: Bytes32,
  request: PageRequest,
): Promise<Page<HistoryLine>> {
  const { rows, ...rest } = await views.journal.entriesAbout(subject, request);
  return { ...rest, rows: await Promise.all(rows.map((row) => lineOf(views, row))) };
}

async function lineOf(views: Views, row: EntryRow): Promise<HistoryLine> {
  const { entryId, contract, index, kind, recordedAt, blockNumber, preparer, approver } = row;
  const measure = contract === 'consortium' ? await views.power.measure(entryId) : undefined;
  return {
    ...{ entryId, register: contract, index, act: entryName(contract, kind), recordedAt, blockNumber },
    preparer: await signedBy(views, preparer),
    approver: await signedBy(views, approver),
    votedBy: measure?.inFavour,
    changes:
      measure === undefined
        ? await changesIn(views, row)
        : [{ what: 'measure', how: 'changed', words: measureWords(measure.measure, 0) }],
  };
}

export async function signedBy(views: Views, officer: OfficerId): Promise<SignedBy | undefined> {
  if ((officer as string) === ZERO_32) return undefined;
  const known = await views.power.officer(officer);
  return { officer, institution: known?.institution, office: known?.office };
}

async function changesIn(views: Views, { contract, sequence, entryId }: EntryRow) {
  if (contract !== 'land') return views.changes.of(entryId);
  const after = await views.land.versionOfEntry(sequence);
  if (after === undefined) return [];
  const { version } = after.state.header;
  const before = version > 1n ? await views.land.version(after.baUnit, version - 1n) : undefined;
  return changesOf(before?.state, after.state);
}
