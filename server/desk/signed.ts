/**
 * What an officer signed, in words: each entry as its history tells it, and each vote; so that whoever answers for an
 * officer finds everything that stands on that officer's word.
 *
 * Promises: what the ledger recorded and nothing else; what waits for a signature is in the inbox. `http` says who may ask.
 */

import { wordsOfName } from '../domain/acts/entries.ts';
import type { OfficerId } from '../domain/base/terms.ts';
import { measureWords } from '../domain/power/sentences.ts';
import type { Page, PageRequest } from '../store/views/page.ts';
import type { SignatureRow } from '../store/views/signatures.ts';
import type { Views } from '../store/views.ts';
import { type HistoryLine, lineOf, NOBODY, type NumberOf, signedBy } from './history.ts';
import { rowsInTurns } from './rowsInTurns.ts';

export interface SignedLine extends HistoryLine {
  /** What the officer was in it; one who orders alone is its preparer. */
  readonly as: SignatureRow['as'];
  /** What it is about: a unit, a programme, a measure. */
  readonly subject: string;
  /** Of the parcel that it is about, for who may know it. */
  readonly number?: string | undefined;
}

export async function signedOf(
  views: Views,
  officer: OfficerId,
  request: PageRequest,
  numberOf: NumberOf,
): Promise<Page<SignedLine>> {
  const { rows, ...rest } = await views.signatures.of(officer, request);
  const lines = await rowsInTurns<(typeof rows)[number], SignedLine>(rows, (row) =>
    row.as === 'vote' ? ballotOf(views, officer, row) : entryOf(views, row, numberOf),
  );
  return { ...rest, rows: lines };
}

async function entryOf(
  views: Views,
  { as, entryId }: Exclude<SignatureRow, { as: 'vote' }>,
  numberOf: NumberOf,
): Promise<SignedLine> {
  const entry = await views.journal.entryById(entryId);
  if (entry === undefined) throw new Error('a signature without its entry');
  const { subject, contract } = entry;
  const { number } = contract === 'land' ? await numberOf(subject as SubjectOfLand) : {};
  return Object.assign({ as, subject, number }, await lineOf(views, entry, numberOf));
}

type SubjectOfLand = Parameters<NumberOf>[0];

async function ballotOf(
  views: Views,
  officer: OfficerId,
  { measureId, inFavour, recordedAt, blockNumber }: Extract<SignatureRow, { as: 'vote' }>,
): Promise<SignedLine> {
  const row = await views.power.measure(measureId);
  if (row === undefined) throw new Error('a vote on no measure');
  const words = `Votes ${inFavour ? 'for' : 'against'}: ${measureWords(row.measure, 0)}`;
  const at = { entryId: undefined, register: 'council', index: undefined, recordedAt, blockNumber };
  return Object.assign({ as: 'vote' as const, subject: measureId }, at, NOBODY, {
    act: 'vote',
    what: wordsOfName('vote'),
    preparer: await signedBy(views, officer),
    changes: [{ what: 'measure', how: 'changed' as const, words }],
  });
}
