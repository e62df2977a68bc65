/**
 * What an entry is about, as whoever reads knows it: the number of a parcel for who keeps it, a programme or a shop by what
 * the own institution calls it, else the kind of thing with its id.
 *
 * Promises: nothing is said that the reader's own lists do not say. For lists of entries of every register.
 */
import type { TitleFinder } from '../desk/titleFinder.ts';
import type { Bytes32 } from '../domain/base/hex.ts';
import { shortId } from '../domain/base/inWords.ts';
import type { BAUnitId } from '../domain/base/terms.ts';
import { subjectOf } from '../store/views/journal.ts';
import type { EntryRow } from '../store/views/step.ts';
import type { Views } from '../store/views.ts';
import { type LabelBook, ownLabelOf } from './labels.ts';
import type { Principal } from './route.ts';
import { readerOf } from './scope.ts';

export interface AboutDependencies {
  readonly views: Views;
  readonly titles: Pick<TitleFinder, 'groundOf'>;
  readonly labels: Pick<LabelBook, 'labelOf'>;
}

export async function aboutInWords(
  deps: AboutDependencies,
  row: EntryRow,
  reader: Principal,
): Promise<string> {
  const told = subjectOf(row);
  const [kind, id] = told.includes(':')
    ? (told.split(':') as [string, Bytes32])
    : [row.contract, told as Bytes32];
  if (kind === 'pause') return 'what is paused';
  if (kind === 'consortium') return `measure ${shortId(row.entryId)}`;
  if (kind === 'notary') return `institution ${BigInt(id)}`;
  if (kind === 'unit') {
    const { number } = await deps.titles.groundOf(id as BAUnitId, readerOf(reader));
    return number === undefined ? `unit ${shortId(id)}` : `parcel ${number}`;
  }
  const label = await ownLabelOf(deps, id, reader);
  const called = label === undefined ? '' : ` (${label})`;
  return `${WORDS[kind] ?? kind} ${shortId(id)}${called}`;
}

/** Whose id it is, by the kind of subject or by the register of power. */
const WORDS: Readonly<Record<string, string>> = { withdrawal: 'act', personnel: 'officer' };
