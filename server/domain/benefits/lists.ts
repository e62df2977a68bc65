/**
 * The signed lists of an enrolment and of a roll, counted and written out from the very words that are signed.
 *
 * Promises: nothing but the words is believed; a list that `listDiffers` lets through has the people and the units that
 * its act states, and the root that it names where the secret of its salts is there. Its lines are read by people and by tables. Pure.
 */
import type { TypedStruct } from '../acts/typedData.ts';
import { instantOrNone } from '../base/dates.ts';
import type { Bytes32 } from '../base/hex.ts';
import type { SignedWords } from '../signer/openings.ts';
import { type Card, unpackSlot } from './cards.ts';
import { ROLL_SECRET_BYTES, rollTree } from './envelope.ts';
import { type EntryBytes, entryAt, wordsOf } from './unitsTable.ts';

const WORD_BYTES = 32;

/** The cards in the order of their places; undefined where a word is none. */
export function cardsIn(words: Uint8Array): readonly (Card | undefined)[] {
  return Array.from({ length: words.length / WORD_BYTES }, (_, i) =>
    unpackSlot(words.subarray(WORD_BYTES * i, WORD_BYTES * (i + 1))),
  );
}

/** Who has any unit, how many of them, and the number of entries. */
export function peopleIn(words: Uint8Array, entryBytes: number) {
  const units = unitsOf(words, entryBytes);
  let [people, total] = [0, 0n];
  for (const each of units) {
    if (each === 0) continue;
    people++;
    total += BigInt(each);
  }
  return { people, total, entries: units.length };
}

/** Whether the words are those that an act states: people, units, entries that are there, and the root of a roll. */
export function listDiffers({ primaryType, message }: ListedAct, { words, secret }: SignedWords): boolean {
  if (primaryType === 'Enrol') {
    return secret.length > 0 || BigInt(words.length / WORD_BYTES) !== BigInt(message.count as bigint);
  }
  const [count, entryBytes] = [Number(message.count), Number(message.entryBytes)];
  if (entryBytes !== 1 && entryBytes !== 4) return true;
  if (words.length !== WORD_BYTES * wordsOf(count, entryBytes)) return true;
  const units = unitsOf(words, entryBytes);
  if (units.subarray(count).some((each) => each !== 0)) return true;
  if (hasSequence({ words, entryBytes }, units.length)) return true;
  if (peopleIn(words, entryBytes).total !== BigInt(message.totalUnits as bigint)) return true;
  if (secret.length === 0) return false;
  return secret.length !== ROLL_SECRET_BYTES || rollTree(units.slice(0, count), secret).root !== message.root;
}

export interface ListedAct {
  readonly primaryType: string;
  readonly message: TypedStruct;
}

/** Columns behind those of a list, as somebody else says them. */
export interface PersonCells {
  readonly heading: readonly string[];
  at(place: number): readonly string[];
}

/**
 * The list as lines of CSV, with a heading, to look through; its totals are the last line. With who stands at each place,
 * as somebody else says it, behind what is signed.
 */
export function* linesOfList(
  { primaryType, message }: ListedAct,
  { words }: SignedWords,
  beside: PersonCells = { heading: [], at: () => [] },
): Generator<string> {
  const behind = (cells: readonly string[]) => cells.map((cell) => `,${cell}`).join('');
  const person = (place: number) => behind(beside.at(place));
  const heading = behind(beside.heading);
  const blank = behind(beside.heading.map(() => ''));
  if (primaryType === 'Enrol') {
    const start = Number(message.startIndex);
    yield `place,card,key,effectiveFrom${heading}`;
    const cards = cardsIn(words);
    for (const [i, card] of cards.entries()) {
      yield card === undefined
        ? `${start + i},malformed,,${person(start + i)}`
        : `${start + i},${card.keyKind},${card.keyId},${instantOrNone(card.effectiveFrom) ?? ''}${person(start + i)}`;
    }
    yield `total,${cards.length},,${blank}`;
    return;
  }
  const units = unitsOf(words, Number(message.entryBytes));
  yield `place,units${heading}`;
  for (const [place, each] of units.subarray(0, Number(message.count)).entries()) {
    if (each !== 0) yield `${place},${each}${person(place)}`;
  }
  const { people, total } = peopleIn(words, Number(message.entryBytes));
  yield `total of ${people},${total}${blank}`;
}

/** The hash in an act that a list is opened under; undefined of an act without one. */
export function listHashOf({ primaryType, message }: ListedAct): Bytes32 | undefined {
  if (primaryType === 'Enrol') return message.slotsHash as Bytes32;
  return primaryType === 'CycleEnvelope' ? (message.tableHash as Bytes32) : undefined;
}

function unitsOf(words: Uint8Array, entryBytes: number): Uint32Array {
  const bytes: EntryBytes = entryBytes === 1 ? 1 : 4;
  const units = new Uint32Array(words.length / bytes);
  for (let i = 0; i < units.length; i++) units[i] = entryAt({ words, entryBytes: bytes }, i).units;
  return units;
}

/** No card sold yet when a table is loaded. */
function hasSequence(
  table: { readonly words: Uint8Array; readonly entryBytes: EntryBytes },
  entries: number,
) {
  for (let i = 0; i < entries; i++) if (entryAt(table, i).sequence !== 0) return true;
  return false;
}
