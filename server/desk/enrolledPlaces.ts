/**
 * Who stands where in the lists of an enrolment epoch, and where one person stands.
 *
 * Promises: a page reads the lists that it shows, and of those before and after it none; where a person stands is known
 * from a table in memory, which each list is read into once, when its act is recorded; lists never change, so the table
 * never does but by growing, and it is forgotten when others are asked for. For the desk of lists.
 */
import { setImmediate } from 'node:timers/promises';
import { type Bytes32, fromHex } from '../domain/base/hex.ts';
import type { SubjectRef } from '../domain/people/schema.ts';
import type { KeptList, Rolls } from '../store/rolls.ts';
import type { EnrolmentOf } from './benefitLists.ts';

/** Epochs whose tables are kept: what an agency works at in a day. */
const EPOCHS_KEPT = 4;
/** A few milliseconds. */
const PEOPLE_A_TURN = 10_000;
const REF_BYTES = 32;
/** Of a reference's random bytes: no two people share as many. */
const KEY_WORDS = 4;
const LEAST_CAPACITY = 1_024;

export interface EnrolledPlacesDependencies {
  readonly rolls: Pick<Rolls, 'enrolments' | 'enrolmentsDown'>;
  /** Whether the ledger recorded the act. */
  isRecorded(act: Bytes32): Promise<boolean>;
  /** How many people the recorded acts of the epoch name. */
  signed(of: EnrolmentOf): Promise<number>;
}

export interface EnrolledPlaces {
  /** The recorded list that holds the index. */
  listAt(of: EnrolmentOf, index: number): Promise<KeptList | undefined>;
  /** Who stands at the indexes from one on, below another, as many as are asked for. */
  page(
    of: EnrolmentOf,
    from: number,
    below: number,
    limit: number,
  ): Promise<readonly { readonly index: number; readonly subject: SubjectRef }[]>;
  /** Where people stand by now. */
  table(of: EnrolmentOf): Promise<PlaceTable>;
}

export interface PlaceTable {
  indexOf(subject: SubjectRef): number | undefined;
}

export function openEnrolledPlaces(deps: EnrolledPlacesDependencies): EnrolledPlaces {
  const tables = new Map<string, { readonly places: Places; through: number; turn: Promise<unknown> }>();

  async function listAt(of: EnrolmentOf, index: number): Promise<KeptList | undefined> {
    for await (const list of deps.rolls.enrolmentsDown(of.programme, of.enrolmentEpoch, index)) {
      if (!(await deps.isRecorded(list.act))) continue;
      return index < list.startIndex + list.count ? list : undefined;
    }
    return undefined;
  }

  async function* recordedFrom(of: EnrolmentOf, index: number): AsyncGenerator<KeptList> {
    for await (const list of deps.rolls.enrolments(of.programme, of.enrolmentEpoch, index)) {
      if (await deps.isRecorded(list.act)) yield list;
    }
  }

  /** The list that holds the index, then those that begin after it. */
  async function* listsFrom(of: EnrolmentOf, index: number): AsyncGenerator<KeptList> {
    const holding = await listAt(of, index);
    if (holding !== undefined) yield holding;
    yield* recordedFrom(of, index + 1);
  }

  async function grow(places: Places, { startIndex, count, refs }: KeptList): Promise<void> {
    for (let from = 0; from < count; from += PEOPLE_A_TURN) {
      await setImmediate();
      const to = Math.min(from + PEOPLE_A_TURN, count);
      for (let i = from; i < to; i++)
        places.set(refs.subarray(REF_BYTES * i, REF_BYTES * (i + 1)), startIndex + i);
    }
  }

  return {
    listAt,
    async page(of, from, below, limit) {
      const found: { readonly index: number; readonly subject: SubjectRef }[] = [];
      if (from >= below) return found;
      for await (const { startIndex, count, personAt } of listsFrom(of, from)) {
        const end = Math.min(startIndex + count, below);
        for (let index = Math.max(from, startIndex); index < end && found.length < limit; index++)
          found.push({ index, subject: personAt(index - startIndex) });
        if (found.length === limit || end === below) break;
      }
      return found;
    },
    async table(of) {
      const key = `${of.programme}/${of.enrolmentEpoch}`;
      const kept = tables.get(key) ?? { places: new Places(), through: 0, turn: Promise.resolve() };
      tables.delete(key);
      tables.set(key, kept);
      for (const oldest of tables.keys()) if (tables.size > EPOCHS_KEPT) tables.delete(oldest);
      const grown = kept.turn.then(async () => {
        if (kept.through >= (await deps.signed(of))) return;
        for await (const list of recordedFrom(of, kept.through)) {
          await grow(kept.places, list);
          kept.through = list.startIndex + list.count;
        }
      });
      kept.turn = grown.catch(() => {}); // whoever waits for it is told
      await grown;
      return kept.places;
    },
  };
}

/** 20 bytes a place at least and 40 at most: as many people as there are objects would take ten times that. */
class Places implements PlaceTable {
  #keys = new Uint32Array(KEY_WORDS * LEAST_CAPACITY);
  /** The index and one; zero where nobody is. */
  #indexes = new Uint32Array(LEAST_CAPACITY);
  #count = 0;

  indexOf(subject: SubjectRef): number | undefined {
    const kept = this.#indexes[this.#slotOf(keyOf(fromHex(subject)))] ?? 0;
    return kept === 0 ? undefined : kept - 1;
  }

  set(ref: Uint8Array, index: number): void {
    if (2 * this.#count >= this.#indexes.length) this.#widen();
    this.#put(keyOf(ref), index + 1);
  }

  #put(key: Uint32Array, kept: number): void {
    const slot = this.#slotOf(key);
    if (this.#indexes[slot] === 0) this.#count++;
    this.#keys.set(key, KEY_WORDS * slot);
    this.#indexes[slot] = kept;
  }

  /** Of the key, or the free one where it belongs. Half of all are free, so there is one. */
  #slotOf(key: Uint32Array): number {
    const mask = this.#indexes.length - 1;
    let slot = (key[0] ?? 0) & mask;
    while (this.#indexes[slot] !== 0 && !this.#isAt(slot, key)) slot = (slot + 1) & mask;
    return slot;
  }

  #isAt(slot: number, key: Uint32Array): boolean {
    for (let word = 0; word < KEY_WORDS; word++)
      if (this.#keys[KEY_WORDS * slot + word] !== key[word]) return false;
    return true;
  }

  #widen(): void {
    const [keys, indexes] = [this.#keys, this.#indexes];
    this.#keys = new Uint32Array(2 * keys.length);
    this.#indexes = new Uint32Array(2 * indexes.length);
    this.#count = 0;
    for (const [slot, kept] of indexes.entries())
      if (kept !== 0) this.#put(keys.subarray(KEY_WORDS * slot, KEY_WORDS * (slot + 1)), kept);
  }
}

function keyOf(ref: Uint8Array): Uint32Array {
  const view = new DataView(ref.buffer, ref.byteOffset, ref.byteLength);
  return Uint32Array.from({ length: KEY_WORDS }, (_, word) => view.getUint32(4 * word));
}
