/**
 * Which column of a file is which field of ours. Every office names them differently.
 *
 * Promises: a column is found by the name the caller gave or by one that is commonly used, whatever its case
 * and punctuation; two that could both be meant are refused rather than guessed between, for a parcel
 * registered under the wrong number is worse than a file sent again. Pure; readers of files call it.
 */
import type { Refusal } from '../base/refusal.ts';
import { refusal } from '../base/refusal.ts';

/** A field's usual names, in lower case without punctuation. */
export type UsualNames<F extends string> = Readonly<Record<F, readonly string[]>>;

/** The exact name of a field's column, or null where the file's column is not to be read. */
export type ChosenColumns<F extends string> = { readonly [field in F]?: string | null };

export interface FoundColumns<F extends string> {
  /** The place of each field's column among `present`. */
  readonly places: ReadonlyMap<F, number>;
  readonly refused: readonly Refusal[];
}

export function findColumns<F extends string>(
  present: readonly string[],
  usual: UsualNames<F>,
  chosen: ChosenColumns<F>,
  required: readonly F[],
): FoundColumns<F> {
  const places = new Map<F, number>();
  const refused: Refusal[] = [];
  const plainNames = present.map(plain);
  for (const field of Object.keys(usual) as F[]) {
    const name = chosen[field];
    if (name === null && !required.includes(field)) continue;
    const matches = present.flatMap((column, place) =>
      (typeof name === 'string' ? column === name : usual[field].includes(plainNames[place] ?? ''))
        ? [place]
        : [],
    );
    const [place] = matches;
    if (matches.length > 1) refused.push(refusal('column-ambiguous', { column: field }));
    else if (place !== undefined) places.set(field, place);
    else if (typeof name === 'string' || required.includes(field)) {
      refused.push(refusal('column-missing', { column: field, known: usual[field].join(', ') }));
    }
  }
  return { places, refused };
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}
