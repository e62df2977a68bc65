/**
 * Which numbers of a file are no parcel's to have: taken, standing twice, or drawn like another's.
 *
 * Promises: of lines of one number neither is known to be right, and all are refused; two numbers that only letters of
 * another alphabet tell apart are never both taken. Pure; `parcels.ts` calls it.
 */
import { type Refusal, refusal } from '../base/refusal.ts';
import { type Warning, warning } from '../base/warning.ts';
import { drawnKeyOf, keyOf, looseKeyOf } from '../files/key.ts';
import { at, type FeaturePlace, propertyOf } from './featurePlace.ts';
import type { Existing } from './groundQuestions.ts';

interface Numbered {
  readonly number: string | undefined;
  readonly place: FeaturePlace;
  readonly refused: Refusal[];
}

export function refuseNumbers<D extends Numbered>(
  drafts: readonly D[],
  column: string,
  existing: Existing | undefined,
  known: ReadonlySet<D>,
): void {
  const bearers = groupedBy(drafts, keyOf);
  const drawn = groupedBy(drafts, drawnKeyOf);
  for (const draft of drafts) {
    const { number, place, refused } = draft;
    if (number === undefined) continue;
    const field = at(place, propertyOf(column));
    const lines = bearers.get(keyOf(number))?.length ?? 0;
    if (lines > 1) refused.push(refusal('parcel-number-repeated', { lines }, field));
    if (known.has(draft)) continue;
    if (existing?.has(number)) refused.push(refusal('parcel-number-registered', undefined, field));
    const inFile = drawn.get(drawnKeyOf(number))?.find((one) => keyOf(one.number ?? '') !== keyOf(number));
    const other = inFile?.number ?? existing?.alikeOf(number);
    if (other !== undefined) refused.push(refusal('parcel-number-drawn-alike', { other }, field));
  }
}

/** `1-11` and `111` are two numbers, and one of them may be a slip of the pen. */
export function alikeNumbers(drafts: readonly Numbered[], column: string): Warning[] {
  return [...groupedBy(drafts, looseKeyOf)].flatMap(([loose, group]) => {
    const spellings = new Set(group.map(({ number = '' }) => keyOf(number)));
    if (loose === undefined || spellings.size < 2 || !spellings.has(loose)) return [];
    return group.map(({ place }) =>
      warning('parcel-number-alike', { lines: group.length }, at(place, propertyOf(column))),
    );
  });
}

function groupedBy<D extends Numbered>(drafts: readonly D[], key: (number: string) => string) {
  return Map.groupBy(drafts, ({ number }) => (number === undefined ? undefined : key(number)));
}
