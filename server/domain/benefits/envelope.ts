/**
 * From an agency's list of people to what two officers sign: places in the enrolment, a packed table, an envelope.
 *
 * Hides how people are numbered and how a roll's lines are committed to. Promises: neighbours in a catchment are
 * neighbours in the table, in an order nobody can foresee; the envelope's count and total are those of the lines
 * that were declared and read, to the unit, or there is no envelope; the root shows one line and hides the others.
 * Randomness and the secret behind the salts are the caller's, which keeps them.
 *
 * A line's leaf (merkle.ts): data = version 1, one byte ‖ index, uint32 big-endian ‖ units, uint32 big-endian, for
 * every index of the table, zero units included; the leaf of index i is leaf i, so absence is shown as zero. Its salt is
 * keccak(secret, 32 bytes ‖ index, uint32 big-endian): one secret a roll, so that whoever signs a roll of any length can
 * be shown all of it, and one salt says nothing of another.
 */

import { keccak_256 } from '@noble/hashes/sha3.js';
import type { Keccak256 } from '../acts/merkle.ts';
import { MerkleTree, saltedLeafBytes } from '../acts/merkle.ts';
import type { Bytes32 } from '../base/hex.ts';
import type { Refusal } from '../base/refusal.ts';
import { refusal } from '../base/refusal.ts';
import type { RollRead } from '../files/roll.ts';
import type { CycleEnvelope } from './act.ts';
import { MAX_PEOPLE } from './terms.ts';
import type { EntryBytes, UnitsTable } from './unitsTable.ts';
import { foldWords, mostUnits, packUnits } from './unitsTable.ts';

/** A whole number from 0 to limit - 1, each as likely, that nobody can foresee. */
export type RandomBelow = (limit: number) => number;

/**
 * An index for each person, in the order of the list: catchments one after another, so that the people of a shop
 * share words of the table, and inside each a shuffle, so that an index tells nothing of the list's order.
 */
export function assignIndexes(
  catchments: readonly string[],
  startIndex: number,
  randomBelow: RandomBelow,
): Uint32Array {
  if (catchments.length > MAX_PEOPLE - startIndex) throw refusal('enrolment-size-out-of-range');
  const groups = Map.groupBy(catchments.keys(), (person) => catchments[person]);
  const indexes = new Uint32Array(catchments.length);
  let next = startIndex;
  for (const people of shuffled([...groups.values()], randomBelow)) {
    for (const person of shuffled(people, randomBelow)) indexes[person] = next++;
  }
  return indexes;
}

/** Fisher and Yates: every order is as likely. */
function shuffled<T>(items: readonly T[], randomBelow: RandomBelow): T[] {
  const order = [...items];
  for (let last = order.length - 1; last > 0; last--) {
    const other = randomBelow(last + 1);
    const [a, b] = [order[last], order[other]];
    if (a === undefined || b === undefined) throw new RangeError('randomness out of its range');
    order[last] = b;
    order[other] = a;
  }
  return order;
}

export interface RollTable {
  /** Units of every index of the enrolment, zero for who is not on the roll. */
  readonly units: Uint32Array;
  readonly table: UnitsTable;
  readonly tableHash: Bytes32;
}

export interface RollPlaces {
  /** People enrolled in the epoch: the table has an entry for each. */
  readonly enrolled: number;
  /** Where a person of the roll is enrolled. */
  indexOf(personId: string): number | undefined;
  readonly entryBytes: EntryBytes;
}

/**
 * Puts a roll into a table. Answers every line that cannot be: a person not enrolled, one who stands at another's
 * index, units an entry cannot hold. A roll with any refusal makes no table.
 */
export function tableOfRoll(
  roll: RollRead,
  places: RollPlaces,
  hash?: Keccak256,
): { readonly refused: readonly Refusal[]; readonly table?: RollTable } {
  if (roll.isRefusedWhole || roll.refused.length > 0) return { refused: roll.refused };
  const { enrolled, entryBytes } = places;
  const most = mostUnits(entryBytes);
  const units = new Uint32Array(enrolled);
  const refused: Refusal[] = [];
  for (const { line, personId, units: entitled } of roll.entries) {
    const index = places.indexOf(personId);
    const field = roll.columns.get('personId') ?? 'personId';
    if (index === undefined || index >= enrolled)
      refused.push(refusal('person-unknown', undefined, { line, field }));
    else if (units[index] !== 0) refused.push(refusal('person-enrolled-twice', undefined, { line, field }));
    else if (entitled > most) {
      refused.push(
        refusal('units-exceed-entry', { most }, { line, field: roll.columns.get('units') ?? 'units' }),
      );
    } else units[index] = entitled;
  }
  if (refused.length > 0) return { refused };
  const table = packUnits(units, entryBytes);
  if (table.totalUnits !== roll.units) throw new TypeError('a table that lost units of its roll');
  return { refused, table: { units, table, tableHash: foldWords(table.words, hash) } };
}

const SALT_BYTES = 32;
export const ROLL_SECRET_BYTES = 32;

/** The tree over the roll's lines. */
export function rollTree(units: Uint32Array, secret: Uint8Array, hash?: Keccak256): MerkleTree {
  const fill = (leaves: Uint8Array) => {
    for (let index = 0; index < units.length; index++) {
      const salt = lineSalt(secret, index, hash);
      leaves.set(saltedLeafBytes(salt, rollLine(index, units[index] ?? 0), hash), SALT_BYTES * index);
    }
  };
  return new MerkleTree(units.length, fill, hash);
}

/** What the line of one index is salted with. */
export function lineSalt(secret: Uint8Array, index: number, hash: Keccak256 = keccak_256): Uint8Array {
  if (secret.length !== ROLL_SECRET_BYTES) throw new TypeError('a secret of 32 bytes');
  const bytes = new Uint8Array(ROLL_SECRET_BYTES + 4);
  bytes.set(secret);
  new DataView(bytes.buffer).setUint32(ROLL_SECRET_BYTES, index);
  return hash(bytes);
}

/** What the leaf of one line hides. */
export function rollLine(index: number, units: number): Uint8Array {
  const line = new Uint8Array(9);
  const view = new DataView(line.buffer);
  view.setUint8(0, 1);
  view.setUint32(1, index);
  view.setUint32(5, units);
  return line;
}

/** What the agency decides of a cycle; the rest of the envelope follows from its roll. */
export type CycleTerms = Omit<CycleEnvelope, 'root' | 'tableHash' | 'count' | 'totalUnits' | 'entryBytes'>;

/** The envelope over a roll: its count, total and hashes are the table's. */
export function envelopeOf(terms: CycleTerms, { table, tableHash }: RollTable, root: Bytes32): CycleEnvelope {
  const { count, totalUnits, entryBytes } = table;
  return { ...terms, root, tableHash, count, totalUnits, entryBytes };
}
