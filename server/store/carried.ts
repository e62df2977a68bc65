/**
 * What an act carries: the people's records that were written for it, the commitments they open, the list behind it.
 *
 * Promises: it is noted before any of it is written, so that after a crash it is found again; it stays with what the
 * ledger records, and is destroyed with an act that was taken back, lapsed, failed, or was never kept: rows and
 * tombstones in the transaction that ends the act, the keys right after. A person whom nothing else is known of is
 * forgotten with it. `commit` calls it, inside its transactions.
 */
import type { Bytes32 } from '../domain/base/hex.ts';
import type { SubjectRef } from '../domain/people/schema.ts';
import { json } from './codec.ts';
import type { Erasures } from './erasures.ts';
import { endNames, type NameGiven, noteNames, signNames } from './namedIds.ts';
import { type EnrolmentList, type EnrolmentPlace, type RollPlace, type Rolls, releaseRoll } from './rolls.ts';
import { type AnyTable, precious, preciousSorted, type Store, type Transaction } from './store.ts';
import type { Newcomer } from './subjects.ts';
import { forgetRecord, type RecordRef, type Vault, type VaultEntry } from './vault.ts';

export interface CommitmentPlace {
  readonly root: Bytes32;
  readonly subject: SubjectRef;
  readonly agency: number;
  /** Group of the opening records in the vault. */
  readonly group: string;
  /** Of a party's facts: the hash of the key that the holding was prepared with. Anybody may state the same root elsewhere. */
  readonly keyHash?: Bytes32 | undefined;
  /** An officer answered that this is one person with whom the id was another name's. */
  readonly isRenamed?: true | undefined;
}

/** What the vault takes in one transaction. */
const RECORDS_PER_WRITE = 1_000;
/** An act whose preparation ended without one was cut off by a crash, and not by a slow disk. */
const ORPHAN_AFTER_MS = 3_600_000;
const SWEEP_MAX = 1_000;

export interface CarriedThings {
  readonly records: readonly VaultEntry[];
  readonly newcomers: readonly Newcomer[];
  readonly commitments: readonly CommitmentPlace[];
  /** Names that it gives to ids. */
  readonly names?: readonly NameGiven[] | undefined;
  readonly enrolment?: EnrolmentList | undefined;
  readonly roll?: RollPlace | undefined;
}

interface CarriedRow {
  readonly records: readonly RecordRef[];
  readonly roots: readonly Bytes32[];
  readonly names?: readonly NameGiven[] | undefined;
  readonly enrolment: EnrolmentPlace | undefined;
  readonly roll: RollPlace | undefined;
  readonly atMs: number;
  /** The act is kept: from here on its end is the end of this. */
  readonly isKept: boolean;
}

const carriedTable = preciousSorted('carriedByActs', json<CarriedRow>());
const commitmentTable = precious('commitments', json<CommitmentPlace>());

export const carriedTables: readonly AnyTable[] = [carriedTable, commitmentTable];

export interface CarriedDependencies {
  readonly store: Store;
  readonly vault: Vault;
  readonly commitments: Commitments;
  readonly rolls: Rolls;
  readonly erasures: Erasures;
  nowMs(): number;
}

export interface Carried {
  /** Writes it all, before anybody can sign. */
  write(act: Bytes32, things: CarriedThings): Promise<void>;
  /** In the transaction that keeps the act. */
  keep(tx: Transaction, act: Bytes32): Promise<void>;
  /** In the transaction that makes the act whole: what its officers answered of names counts from there on. */
  know(tx: Transaction, act: Bytes32): Promise<void>;
  /** Ends an act with all that it carries. `end` removes the act's own rows; where it answers false nothing happens. */
  destroy(
    act: Bytes32,
    orderedBy: string,
    end: (tx: Transaction) => Promise<boolean> | boolean,
  ): Promise<void>;
  /** Of an act that the ledger recorded: what it carried stays for good. */
  release(tx: Transaction, act: Bytes32): void;
  /** Destroys what was written for acts that were never kept. */
  sweep(): Promise<number>;
}

export function openCarried({
  store,
  vault,
  commitments,
  rolls,
  erasures,
  nowMs,
}: CarriedDependencies): Carried {
  const destroy: Carried['destroy'] = async (act, orderedBy, end) => {
    const row = await store.get(carriedTable, act);
    const { records, roots, names = [], enrolment, roll } = row ?? NOTHING;
    const groups = new Map(
      records.map(({ subject, group }) => [`${subject}/${group}`, { subject, group }] as const),
    );
    const order = { ground: 'act-ended', orderedBy, atMs: nowMs() } as const;
    await erasures.eraseAll(async (tx) => {
      if (!(await end(tx))) return [];
      tx.delete(carriedTable, act);
      for (const root of roots) tx.delete(commitmentTable, root);
      await endNames(tx, act, names);
      if (enrolment !== undefined) rolls.dropEnrolment(tx, enrolment);
      if (roll !== undefined && row?.isKept) await releaseRoll(tx, roll);
      const forgotten = new Set<SubjectRef>();
      for (const record of records) if (await forgetRecord(tx, record)) forgotten.add(record.subject);
      return [
        ...[...groups.values()].filter(({ subject }) => !forgotten.has(subject)),
        ...[...forgotten].map((subject) => ({ subject, group: '' })),
      ].map((place) => Object.assign({}, order, place));
    });
  };
  return {
    destroy,
    async write(act, { records, newcomers, commitments: places, names, enrolment, roll }) {
      if (records.length === 0 && places.length === 0 && enrolment === undefined && roll === undefined)
        return;
      const carried: CarriedRow = {
        records: records.map(({ subject, agency, type, group, id }) => ({
          subject,
          agency,
          type,
          group,
          id,
        })),
        roots: places.map(({ root }) => root),
        names,
        enrolment: enrolment && placeOf(enrolment),
        roll,
        atMs: nowMs(),
        isKept: false,
      };
      await store.transact(async (tx) => {
        const known = await tx.get(carriedTable, act); // the same act, prepared again
        tx.put(carriedTable, act, known?.isKept ? { ...carried, isKept: true } : carried);
        await noteNames(tx, act, names ?? []);
      });
      for (let from = 0; from < records.length; from += RECORDS_PER_WRITE) {
        await vault.put(records.slice(from, from + RECORDS_PER_WRITE), from === 0 ? newcomers : []);
      }
      if (places.length > 0) await commitments.record(places);
      if (enrolment !== undefined) await rolls.keepEnrolment(enrolment);
    },
    async keep(tx, act) {
      const row = await tx.get(carriedTable, act);
      if (row === undefined || row.isKept) return;
      if (row.roll !== undefined) await rolls.useRoll(tx, row.roll);
      tx.put(carriedTable, act, { ...row, isKept: true });
    },
    async know(tx, act) {
      await signNames(tx, act, (await tx.get(carriedTable, act))?.names ?? []);
    },
    release: (tx, act) => tx.delete(carriedTable, act),
    async sweep() {
      const oldest = nowMs() - ORPHAN_AFTER_MS;
      const orphans: Bytes32[] = [];
      for await (const [act, { isKept, atMs }] of store.range(carriedTable)) {
        if (!isKept && atMs < oldest) orphans.push(act as Bytes32);
        if (orphans.length === SWEEP_MAX) break;
      }
      for (const act of orphans) {
        await destroy(act, 'retention', async (tx) => (await tx.get(carriedTable, act))?.isKept === false);
      }
      return orphans.length;
    },
  };
}

const NOTHING: Pick<CarriedRow, 'records' | 'roots' | 'names' | 'enrolment' | 'roll'> = {
  records: [],
  roots: [],
  enrolment: undefined,
  roll: undefined,
};

function placeOf({ programme, enrolmentEpoch, startIndex, act }: EnrolmentList): EnrolmentPlace {
  return { programme, enrolmentEpoch, startIndex, act };
}

/** What acts carry that are not recorded yet. */
export async function* carriedByActs(
  store: Store,
): AsyncGenerator<Pick<CarriedRow, 'records' | 'enrolment'>> {
  for await (const [, row] of store.range(carriedTable)) yield row;
}

/** Nothing leads from these roots to anybody any more. */
export function forgetCommitments(tx: Transaction, roots: Iterable<Bytes32>): void {
  for (const root of roots) tx.delete(commitmentTable, root);
}

/**
 * Whose facts stand behind a commitment of the ledger: from a root to where the vault keeps its openings. A root is
 * random to everybody else, so its row is all that leads from a title to a person, and it says no more than where to ask.
 */
export class Commitments {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async record(places: readonly CommitmentPlace[]): Promise<void> {
    await this.#store.transact((tx) => {
      for (const place of places) tx.put(commitmentTable, place.root, place);
    });
  }

  async get(root: Bytes32): Promise<CommitmentPlace | undefined> {
    return this.#store.get(commitmentTable, root);
  }
}
