/**
 * The history of anything that entries are about, in words: which act, when, signed by which officers of which
 * institutions or voted by which, and what it changed; of a unit, a programme, a vendor, an officer, an institution.
 *
 * Promises: a page reads the entries of the page and what stands beside each, however long the history is; nobody is
 * named, for the ledger knows no names. Who may ask is the route's to say.
 */

import { entryName, entryWords, type SaidChange, wordsOfName } from '../domain/acts/entries.ts';
import { type Bytes32, ZERO_32 } from '../domain/base/hex.ts';
import type { BAUnitId, EntryId, InstitutionId, OfficerId } from '../domain/base/terms.ts';
import { changesOf } from '../domain/land/changes.ts';
import { kinChange, type NamedUnit } from '../domain/land/kin.ts';
import { measureWords } from '../domain/power/sentences.ts';
import type { EntrySubject } from '../store/views/journal.ts';
import type { VersionRow } from '../store/views/land.ts';
import type { Page, PageRequest } from '../store/views/page.ts';
import type { FoundedRow, MeasureRow } from '../store/views/power.ts';
import type { EntryRow } from '../store/views/step.ts';
import type { Views } from '../store/views.ts';
import { rowsInTurns } from './rowsInTurns.ts';

/** An officer as the ledger knows it. */
export interface SignedBy {
  readonly officer: OfficerId;
  readonly institution: InstitutionId | undefined;
  readonly office: number | undefined;
}

/** A vote on a measure, by whom and when. */
export interface VoteLine extends SignedBy {
  readonly inFavour: boolean;
  readonly recordedAt: bigint;
}

export interface HistoryLine {
  /** With its register's index; undefined of what is no entry: the founding, and the way of a measure to its own. */
  readonly entryId: EntryId | undefined;
  readonly register: string;
  readonly index: bigint | undefined;
  readonly act: string;
  /** The same in words. */
  readonly what: string;
  readonly recordedAt: bigint;
  readonly blockNumber: bigint;
  /** Undefined where nobody signed as one: a measure was voted, a load only follows what was signed. */
  readonly preparer: SignedBy | undefined;
  readonly approver: SignedBy | undefined;
  /** Institutions that voted for it, and every vote: of a measure. */
  readonly votedBy: readonly InstitutionId[] | undefined;
  readonly votes: readonly VoteLine[] | undefined;
  readonly changes: readonly SaidChange[];
}

/** The number of a unit's parcel, for whoever reads; nothing where they may not know it. */
export type NumberOf = (baUnit: BAUnitId) => Promise<{ readonly number?: string }>;

export async function historyOf(
  views: Views,
  subjects: readonly EntrySubject[],
  request: PageRequest,
  numberOf: NumberOf,
): Promise<Page<HistoryLine>> {
  const power = subjects.find((one): one is Bytes32 => one.startsWith('0x'));
  const measure = power && (await views.power.measure(power));
  if (measure !== undefined) return stepsOf(views, measure, request);
  const begun = power && (await views.power.founded(power));
  const { rows, total, ...rest } = await views.journal.entriesAbout(subjects, request);
  const lines = await rowsInTurns(rows, (row) => lineOf(views, row, numberOf));
  if (begun === undefined) return { ...rest, total, rows: lines };
  // The founding is before every entry: on the first page, or the last one of a list that begins with the newest.
  const isHere = request.newestFirst === true ? rest.next === undefined : request.after === undefined;
  const line = foundingLine(begun);
  const all = request.newestFirst === true ? [...lines, line] : [line, ...lines];
  return { ...rest, total: total + 1, rows: isHere ? all : lines };
}

export const NOBODY = {
  preparer: undefined,
  approver: undefined,
  votedBy: undefined,
  votes: undefined,
} as const;

function foundingLine({ what, words, recordedAt, blockNumber }: FoundedRow): HistoryLine {
  const at = { entryId: undefined, register: 'consortium', index: undefined, recordedAt, blockNumber };
  return Object.assign(
    { act: 'founding', what: 'Founding', changes: [{ what, how: 'began' as const, words }] },
    at,
    NOBODY,
  );
}

/** The way of a measure, on one page: it is opened, voted on, waits, and is carried out or lapses. */
async function stepsOf(
  views: Views,
  row: MeasureRow,
  { newestFirst }: PageRequest,
): Promise<Page<HistoryLine>> {
  const said = measureWords(row.measure, 0);
  const lines = await Promise.all(
    row.steps.map(async ({ what, institution, officer, inFavour, recordedAt, blockNumber }) => {
      const by = officer === undefined ? undefined : await signedBy(views, officer);
      const how = what === 'measure-opened' ? 'began' : what === 'vote' ? 'changed' : 'ended';
      const words =
        what === 'vote'
          ? `Institution ${institution} votes ${inFavour === true ? 'for' : 'against'}: ${said}`
          : said;
      return Object.assign({ entryId: undefined, register: 'council', index: undefined }, NOBODY, {
        act: what,
        what: wordsOfName(what),
        recordedAt,
        blockNumber,
        preparer: by,
        changes: [{ what: 'measure', how: how as SaidChange['how'], words }],
      });
    }),
  );
  return { total: lines.length, rows: newestFirst === true ? lines.reverse() : lines };
}

/** An entry of any register in words. */
export async function lineOf(views: Views, row: EntryRow, numberOf: NumberOf): Promise<HistoryLine> {
  const { entryId, contract, index, kind, recordedAt, blockNumber, preparer, approver } = row;
  const measure = contract === 'consortium' ? await views.power.measure(entryId) : undefined;
  return {
    entryId,
    register: contract,
    index,
    recordedAt,
    blockNumber,
    act: entryName(contract, kind),
    what: entryWords(contract, kind),
    preparer: await signedBy(views, preparer),
    approver: await signedBy(views, approver),
    votedBy: measure?.inFavour,
    votes: measure && (await votesOf(views, measure)),
    changes:
      measure === undefined
        ? await changesIn(views, row, numberOf)
        : [{ what: 'measure', how: 'changed', words: measureWords(measure.measure, 0) }],
  };
}

/** The last vote of each institution. */
async function votesOf(views: Views, { steps }: MeasureRow): Promise<VoteLine[]> {
  const last = new Map(
    steps.flatMap((one) => (one.what === 'vote' ? [[one.institution, one] as const] : [])),
  );
  return Promise.all(
    [...last.values()].flatMap(({ officer, inFavour = false, recordedAt }) =>
      officer === undefined
        ? []
        : [signedBy(views, officer).then((by) => Object.assign({ inFavour, recordedAt }, by ?? NO_OFFICER))],
    ),
  );
}

const NO_OFFICER: SignedBy = { officer: ZERO_32 as OfficerId, institution: undefined, office: undefined };

export async function signedBy(views: Views, officer: OfficerId): Promise<SignedBy | undefined> {
  if ((officer as string) === ZERO_32) return undefined;
  const known = await views.power.officer(officer);
  return { officer, institution: known?.institution, office: known?.office };
}

async function changesIn(
  views: Views,
  { contract, sequence, entryId }: EntryRow,
  numberOf: NumberOf,
): Promise<readonly SaidChange[]> {
  if (contract !== 'land') return views.changes.of(entryId);
  const after = await views.land.versionOfEntry(sequence);
  return after === undefined ? kinIn(views, sequence, numberOf) : changesOfVersion(views, after, numberOf);
}

/** What made a state of a unit out of the one before. */
export async function changesOfVersion(
  views: Views,
  { baUnit, state, entry }: VersionRow,
  numberOf: NumberOf,
): Promise<readonly SaidChange[]> {
  const { version } = state.header;
  const before = version > 1n ? await views.land.version(baUnit, version - 1n) : undefined;
  return [...(await kinIn(views, entry, numberOf)), ...changesOf(before?.state, state)];
}

async function kinIn(views: Views, sequence: number, numberOf: NumberOf): Promise<readonly SaidChange[]> {
  const kin = await views.land.kinOf(sequence);
  if (kin === undefined) return [];
  return [kinChange(kin, await unitsNamed(kin.units, numberOf))];
}

export function unitsNamed(units: readonly BAUnitId[], numberOf: NumberOf): Promise<NamedUnit[]> {
  return Promise.all(
    units.map(async (baUnit) => {
      const { number } = await numberOf(baUnit);
      return number === undefined ? { baUnit } : { baUnit, number };
    }),
  );
}
