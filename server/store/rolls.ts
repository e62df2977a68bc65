/**
 * The lists behind what officers sign: who stands at which index of an enrolment, and who is entitled to how much.
 *
 * The ledger has a list's hash before it has its words, so a list is on disk before anybody can sign it, is never
 * changed, and stays until the ledger has all of it. Of several lists for one place only one is ever signed; the others
 * are dropped when that one is being loaded, and their number is bounded. Promises: a list is written whole or not at
 * all; people stand in it by their references, so that an erased person is found in no list. The lines of a refused
 * file are kept for a week. The desk of benefits reads and writes; `fsck` may read.
 */

import { type Bytes32, fromHex, type Hex, toHex } from '../domain/base/hex.ts';
import { refusal } from '../domain/base/refusal.ts';
import type { ProgrammeId } from '../domain/base/terms.ts';
import { type CycleId, MAX_ENROLMENT_PEOPLE } from '../domain/benefits/terms.ts';
import type { EntryBytes } from '../domain/benefits/unitsTable.ts';
import type { SubjectRef } from '../domain/people/schema.ts';
import { type Codec, json } from './codec.ts';
import { type AnyTable, ordinal, preciousSorted, type Store, type Transaction, under } from './store.ts';

/** Lists that wait for signatures at one place: a few corrections of a clerk, not a loop gone wrong. */
export const LISTS_WAITING_MAX = 8;
/** Entries of one part of a roll: 4 bytes each. */
const PART_ENTRIES = 65_536;
const REFUSED_KEPT_MS = 7 * 24 * 3_600_000;
/** As long as an act waits for its signatures. */
const UNNAMED_KEPT_MS = 30 * 24 * 3_600_000;
const SWEEP_MAX = 100;

const bytes: Codec<Uint8Array> = { encode: (value) => value, decode: (value) => value };

/** By programme, epoch, first index and act: a reference of 32 bytes a person, then a slot of 32 bytes a person. */
const enrolmentTable = preciousSorted('enrolmentLists', bytes);
/** By programme, cycle and root, which no two rolls share. */
const rollTable = preciousSorted('rolls', json<RollRow>());
/** By programme, cycle, root and number: 4 bytes of units an entry. */
const partTable = preciousSorted('rollParts', bytes);
/** By programme, cycle and root: how many acts that are kept name the roll. */
const useTable = preciousSorted('rollUses', json<number>());
const refusedTable = preciousSorted('refusedRolls', json<RefusedRoll>());

export const rollTables: readonly AnyTable[] = [enrolmentTable, rollTable, partTable, useTable, refusedTable];

/** Whose act, and where its people begin. */
export interface EnrolmentPlace {
  readonly programme: ProgrammeId;
  readonly enrolmentEpoch: number;
  readonly startIndex: number;
  readonly act: Bytes32;
}

export interface EnrolmentList extends EnrolmentPlace {
  /** By place in the list: index less `startIndex`. */
  readonly people: readonly SubjectRef[];
  /** 32 bytes a person, in the same order. */
  readonly slots: Uint8Array;
}

/** A list as it is kept: people are spelt one by one, for nobody looks at all of fifty thousand. */
export interface KeptList extends EnrolmentPlace {
  readonly count: number;
  /** The references, 32 bytes each. */
  readonly refs: Uint8Array;
  readonly slots: Uint8Array;
  personAt(place: number): SubjectRef;
}

/** A roll that was read without a refusal. */
export interface Roll {
  readonly programme: ProgrammeId;
  readonly cycle: CycleId;
  readonly enrolmentEpoch: number;
  readonly entryBytes: EntryBytes;
  /** Entries of the table: everybody enrolled. */
  readonly count: number;
  /** Lines of the file. */
  readonly lines: number;
  readonly totalUnits: bigint;
  readonly tableHash: Bytes32;
  /** Of the salted tree over its entries. */
  readonly root: Bytes32;
}
/** A roll in the store. */
export type RollPlace = Pick<Roll, 'programme' | 'cycle' | 'root'>;
type RollRow = Roll & { readonly atMs: number; readonly secret: Hex };

/** Units of every entry, by index, and what the salts of its lines are made of. */
export interface RollEntries {
  readonly units: Uint32Array;
  readonly secret: Uint8Array;
}

export interface RefusedRoll {
  readonly read: number;
  /** Of all, where the lines are the first of them; absent in rows of before. */
  readonly total?: number;
  readonly lines: readonly RefusedLine[];
  readonly atMs: number;
}

/** Why a line was refused: nothing in it is a value of the file. */
export interface RefusedLine {
  readonly line?: number;
  readonly field?: string;
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

/** What two rolls of the same lines have in common, whoever was enrolled in between. */
const SAME_IN_BOTH = ['enrolmentEpoch', 'entryBytes', 'lines', 'totalUnits'] as const;

const WORD_BYTES = 32;
const UNITS_BYTES = 4;

const startKey = ({ programme, enrolmentEpoch, startIndex }: Omit<EnrolmentPlace, 'act'>) =>
  `${programme}/${ordinal(enrolmentEpoch)}/${ordinal(startIndex)}`;
const enrolmentKey = (place: EnrolmentPlace) => `${startKey(place)}/${place.act}`;
const cycleKey = (programme: ProgrammeId, cycle: CycleId) => `${programme}/${ordinal(cycle)}`;
const rollKey = ({ programme, cycle, root }: RollPlace) => `${cycleKey(programme, cycle)}/${root}`;

export class Rolls {
  readonly #store: Store;
  readonly #nowMs: () => number;
  /** Rolls are compared and kept one after the other: of one file sent twice at once, the second finds the first. */
  #keeping: Promise<unknown> = Promise.resolve();

  constructor(store: Store, nowMs: () => number) {
    this.#store = store;
    this.#nowMs = nowMs;
  }

  /** Refuses as `too-many-lists-waiting`. */
  async keepEnrolment({ people, slots, ...place }: EnrolmentList): Promise<void> {
    if (people.length > MAX_ENROLMENT_PEOPLE || slots.length !== WORD_BYTES * people.length) {
      throw new Error('a list of another length than its slots');
    }
    const row = Buffer.concat([...people.map((subject) => fromHex(subject)), slots]);
    const waiting = await this.#keys(startKey(place));
    if (waiting.length >= LISTS_WAITING_MAX) throw tooMany();
    await this.#store.transact((tx) => tx.put(enrolmentTable, enrolmentKey(place), row));
  }

  /** Every list of an epoch that begins at an index or after it, signed or not, by first index. */
  async *enrolments(
    programme: ProgrammeId,
    enrolmentEpoch: number,
    startIndex = 0,
  ): AsyncGenerator<KeptList> {
    const { lt } = under(programme, ordinal(enrolmentEpoch));
    const gte = startKey({ programme, enrolmentEpoch, startIndex });
    for await (const row of this.#store.range(enrolmentTable, { gte, lt })) yield keptList(row);
  }

  /** The same that begin at an index or before it, the nearest first. */
  async *enrolmentsDown(
    programme: ProgrammeId,
    enrolmentEpoch: number,
    startIndex: number,
  ): AsyncGenerator<KeptList> {
    const { gte } = under(programme, ordinal(enrolmentEpoch));
    const { lt } = under(startKey({ programme, enrolmentEpoch, startIndex }));
    for await (const row of this.#store.range(enrolmentTable, { gte, lt, reverse: true }))
      yield keptList(row);
  }

  /** The list of one act, as long as it is kept. */
  async enrolment(place: EnrolmentPlace): Promise<KeptList | undefined> {
    const key = enrolmentKey(place);
    const row = await this.#store.get(enrolmentTable, key);
    return row && keptList([key, row]);
  }

  /** In the transaction that ends its act. */
  dropEnrolment(tx: Transaction, place: EnrolmentPlace): void {
    tx.delete(enrolmentTable, enrolmentKey(place));
  }

  /** In the transaction that keeps an act over it. Refuses as `roll-missing`. */
  async useRoll(tx: Transaction, of: RollPlace): Promise<void> {
    if ((await tx.get(rollTable, rollKey(of))) === undefined) throw refusal('roll-missing');
    tx.put(useTable, rollKey(of), ((await tx.get(useTable, rollKey(of))) ?? 0) + 1);
  }

  /** Drops rolls that no act named for a month, and what was refused a week ago. */
  async sweep(): Promise<number> {
    const nowMs = this.#nowMs();
    const rolls: Roll[] = [];
    for await (const [key, roll] of this.#store.range(rollTable)) {
      const isUsed = (await this.#store.get(useTable, key)) !== undefined;
      if (!isUsed && roll.atMs + UNNAMED_KEPT_MS < nowMs) rolls.push(roll);
      if (rolls.length === SWEEP_MAX) break;
    }
    const refused: string[] = [];
    for await (const [key, { atMs }] of this.#store.range(refusedTable)) {
      if (atMs + REFUSED_KEPT_MS <= nowMs) refused.push(key);
    }
    for (const roll of rolls) {
      await this.#store.transact(async (tx) => {
        if ((await tx.get(useTable, rollKey(roll))) === undefined) dropRoll(tx, roll); // named since
      }, 'finishing');
    }
    await this.#store.transact((tx) => {
      for (const key of refused) tx.delete(refusedTable, key);
    }, 'finishing');
    return rolls.length;
  }

  /** The ledger took this one: the others for the same place can never be signed. */
  async dropOtherEnrolments(signed: EnrolmentPlace): Promise<void> {
    const others = (await this.#keys(startKey(signed))).filter((key) => !key.endsWith(signed.act));
    if (others.length === 0) return;
    await this.#store.transact((tx) => {
      for (const key of others) tx.delete(enrolmentTable, key);
    }, 'finishing');
  }

  /**
   * Keeps a roll, forgets what was refused before it, and answers it; of a roll that says the same as one that is kept,
   * that one. Refuses as `too-many-lists-waiting`.
   */
  keepRoll(roll: Roll, entries: RollEntries): Promise<Roll> {
    const kept = this.#keeping.then(async () => {
      const same = await this.sameRoll(roll, entries.units);
      if (same === undefined) await this.#keepRoll(roll, entries);
      return same ?? roll;
    });
    this.#keeping = kept.catch(() => {});
    return kept;
  }

  /** The kept roll that was made of the same lines. Whoever was enrolled after it has nothing by either. */
  async sameRoll(roll: Roll, units: Uint32Array): Promise<Roll | undefined> {
    for (const known of await this.rollsOf(roll.programme, roll.cycle)) {
      const isAlike = SAME_IN_BOTH.every((field) => known[field] === roll[field]);
      if (!isAlike || known.count > roll.count) continue;
      if (known.count === roll.count && known.tableHash === roll.tableHash) return known;
      if (known.count < roll.count) {
        const before = await this.entriesOf(known);
        if (before.units.every((each, index) => each === units[index])) return known; // the total is one
      }
    }
    return undefined;
  }

  async #keepRoll(roll: Roll, { units, secret }: RollEntries): Promise<void> {
    const waiting = await this.rollsOf(roll.programme, roll.cycle);
    await this.#store.transact(async (tx) => {
      if (waiting.length >= LISTS_WAITING_MAX) dropRoll(tx, await unnamedOf(tx, waiting));
      for (let from = 0; from < roll.count; from += PART_ENTRIES) {
        const part = new Uint8Array(units.slice(from, from + PART_ENTRIES).buffer);
        tx.put(partTable, `${rollKey(roll)}/${ordinal(from / PART_ENTRIES)}`, part);
      }
      tx.put(rollTable, rollKey(roll), { ...roll, atMs: this.#nowMs(), secret: toHex(secret) });
      tx.delete(refusedTable, cycleKey(roll.programme, roll.cycle));
    });
  }

  async roll(of: RollPlace): Promise<Roll | undefined> {
    return this.#store.get(rollTable, rollKey(of));
  }

  async rollsOf(programme: ProgrammeId, cycle: CycleId): Promise<Roll[]> {
    const found: Roll[] = [];
    for await (const [, roll] of this.#store.range(rollTable, under(cycleKey(programme, cycle))))
      found.push(roll);
    return found;
  }

  async entriesOf(roll: Roll): Promise<RollEntries> {
    const units = new Uint32Array(roll.count);
    let from = 0;
    for await (const [, part] of this.#store.range(partTable, under(rollKey(roll)))) {
      units.set(new Uint32Array(Uint8Array.from(part).buffer), from);
      from += part.length / UNITS_BYTES;
    }
    const row = await this.#store.get(rollTable, rollKey(roll));
    if (from !== roll.count || row === undefined) throw new Error('a roll with parts missing');
    return { units, secret: fromHex(row.secret) };
  }

  /** The ledger took this one: no other of the cycle can be signed any more. */
  async dropOtherRolls(signed: Roll): Promise<void> {
    const others = (await this.rollsOf(signed.programme, signed.cycle)).filter(
      ({ root }) => root !== signed.root,
    );
    if (others.length === 0) return;
    await this.#store.transact((tx) => {
      for (const roll of others) dropRoll(tx, roll);
    }, 'finishing');
  }

  async keepRefused(
    programme: ProgrammeId,
    cycle: CycleId,
    refused: Omit<RefusedRoll, 'atMs'>,
  ): Promise<void> {
    const row = { ...refused, atMs: this.#nowMs() };
    await this.#store.transact((tx) => tx.put(refusedTable, cycleKey(programme, cycle), row));
  }

  /** What was wrong with the last file, unless a good one came after it or a week passed. */
  async refused(programme: ProgrammeId, cycle: CycleId): Promise<RefusedRoll | undefined> {
    const row = await this.#store.get(refusedTable, cycleKey(programme, cycle));
    return row !== undefined && row.atMs + REFUSED_KEPT_MS > this.#nowMs() ? row : undefined;
  }

  async #keys(start: string): Promise<string[]> {
    const found: string[] = [];
    for await (const [key] of this.#store.range(enrolmentTable, under(start))) found.push(key);
    return found;
  }
}

function keptList([key, row]: readonly [key: string, row: Uint8Array]): KeptList {
  const [programme = '', epoch = '', start = '', act = ''] = key.split('/');
  const count = row.length / (2 * WORD_BYTES);
  const refs = row.subarray(0, WORD_BYTES * count);
  return {
    programme: programme as ProgrammeId,
    enrolmentEpoch: Number.parseInt(epoch, 16),
    startIndex: Number.parseInt(start, 16),
    act: act as Bytes32,
    count,
    refs,
    slots: row.subarray(WORD_BYTES * count),
    personAt: (place) => toHex(refs.subarray(WORD_BYTES * place, WORD_BYTES * (place + 1))) as SubjectRef,
  };
}

/** The oldest that no act names: a correction stands in for it. Refuses as `too-many-lists-waiting` where each is named. */
async function unnamedOf(tx: Transaction, waiting: readonly Roll[]): Promise<RollRow> {
  const rows = await Promise.all(
    waiting.map(async (of) => {
      const isNamed = ((await tx.get(useTable, rollKey(of))) ?? 0) > 0;
      return isNamed ? undefined : tx.get(rollTable, rollKey(of));
    }),
  );
  const [oldest] = rows.filter((row) => row !== undefined).sort((one, other) => one.atMs - other.atMs);
  if (oldest === undefined) throw tooMany();
  return oldest;
}

function tooMany() {
  return refusal('too-many-lists-waiting', { limit: LISTS_WAITING_MAX });
}

/** In the transaction that ends an act over it: with the last one it goes. */
export async function releaseRoll(tx: Transaction, of: RollPlace): Promise<void> {
  const roll = await tx.get(rollTable, rollKey(of));
  const uses = ((await tx.get(useTable, rollKey(of))) ?? 1) - 1;
  if (uses > 0) tx.put(useTable, rollKey(of), uses);
  else if (roll !== undefined) dropRoll(tx, roll);
}

function dropRoll(tx: Transaction, roll: Roll): void {
  tx.delete(useTable, rollKey(roll));
  for (let part = 0; part * PART_ENTRIES < roll.count; part++) {
    tx.delete(partTable, `${rollKey(roll)}/${ordinal(part)}`);
  }
  tx.delete(rollTable, rollKey(roll));
}
