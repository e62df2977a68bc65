/**
 * What a unit became, or came of: the words of a history that lead from a divided or joined unit to the others and back.
 *
 * Promises: a unit is named by the number of its parcel where the reader may know it, else by its id as people compare it;
 * of very many the first are named and the rest counted. Pure.
 */
import type { SaidChange } from '../acts/entries.ts';
import { countInWords, numberInWords, shortId } from '../base/inWords.ts';
import type { BAUnitId } from '../base/terms.ts';

export type Kinship =
  | 'to-divide'
  | 'to-divide-into'
  | 'not-divided'
  | 'divided-into'
  | 'divided-from'
  | 'joined-into'
  | 'joined-from'
  | 'part-of'
  | 'given-parts';

/** What an entry says of other units than its own. */
export interface Kin {
  readonly how: Kinship;
  readonly units: readonly BAUnitId[];
  /** Where it names none yet. */
  readonly count: number;
}

/** A unit with the number of its parcel, for who may know it. */
export interface NamedUnit {
  readonly baUnit: BAUnitId;
  readonly number?: string;
}

/** Units that a sentence names; a division has up to a thousand. */
const NAMED_MAX = 12;

const SENTENCES: Readonly<Record<Kinship, readonly [how: SaidChange['how'], say: (of: string) => string]>> = {
  'to-divide': ['changed', (of) => `To be divided into ${of}`],
  'to-divide-into': ['changed', (of) => `Parcels that it is to be divided into: ${of}`],
  'not-divided': ['changed', () => 'Not divided after all'],
  'divided-into': ['ended', (of) => `Divided into ${of}`],
  'divided-from': ['began', (of) => `Divided from ${of}`],
  'joined-into': ['ended', (of) => `Joined into ${of}`],
  'joined-from': ['began', (of) => `Joined from ${of}`],
  'part-of': ['began', (of) => `A part of ${of}`],
  'given-parts': ['changed', (of) => `Given ${of}`],
};

export function kinChange({ how, count }: Kin, named: readonly NamedUnit[]): SaidChange {
  const [began, say] = SENTENCES[how];
  const of =
    how === 'to-divide'
      ? countInWords(count, 'parcel')
      : how === 'to-divide-into'
        ? listed(named.slice(0, NAMED_MAX).map(bareName), named.length)
        : how === 'given-parts'
          ? `${named.length === 1 ? 'a part' : 'parts'}, ${unitsInWords(named)}`
          : unitsInWords(named);
  const said = { what: 'kin', how: began, words: say(of) };
  return named.length === 0 ? said : Object.assign(said, { units: named });
}

const bareName = ({ baUnit, number }: NamedUnit): string => number ?? shortId(baUnit);

/** `parcels A/1 and A/2`, `unit 0x01234567...89ab`; each with its word where some have numbers alone. */
export function unitsInWords(units: readonly NamedUnit[]): string {
  const numbered = units.filter(({ number }) => number !== undefined).length;
  const isMixed = numbered > 0 && numbered < units.length;
  const shown = units.slice(0, NAMED_MAX);
  if (isMixed) {
    const names = shown.map((one) => `${one.number === undefined ? 'unit' : 'parcel'} ${bareName(one)}`);
    return listed(names, units.length);
  }
  const word = numbered > 0 ? 'parcel' : 'unit';
  return `${word}${units.length === 1 ? '' : 's'} ${listed(shown.map(bareName), units.length)}`;
}

function listed(names: readonly string[], all: number): string {
  const rest = all - names.length;
  if (rest > 0) return `${names.join(', ')} and ${numberInWords(rest)} more`;
  const last = names.at(-1) ?? '';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`;
}
