/**
 * Erasure with proof: the tombstone first, then the keys, and the start finishes what a crash left.
 *
 * Promises: once the tombstone is synced nothing finds the person and nothing is written for them; when `erase`
 * resolves, the keys and salts are out of the key store's files; tombstones form one hash chain; the ids of the keys are
 * kept before the keys go, until the ledger has counted them; what a restored backup of the keys brings back is destroyed
 * again before it serves.
 */
import { crashPoint } from '../crash.ts';
import { Fault } from '../domain/base/fault.ts';
import { type Bytes32, ZERO_32 } from '../domain/base/hex.ts';
import { type ErasureGround, type Tombstone, tombstoneHash } from '../domain/people/access.ts';
import type { SubjectRef } from '../domain/people/schema.ts';
import { accessHeadIn } from './access.ts';
import { json } from './codec.ts';
import { type DataKeys, type DestroyedKey, unitOf } from './dataKeys.ts';
import {
  type AnyTable,
  ordinal,
  precious,
  preciousSorted,
  type Store,
  type Transaction,
  under,
} from './store.ts';
import { eraseSubject, liveSubject } from './subjects.ts';
import { hasRecords } from './vault.ts';

const stoneTable = preciousSorted('tombstones', json<Tombstone>(), { auditedAtOpen: true });
const headTable = precious('tombstoneHead', json<{ readonly stones: number; readonly head: Bytes32 }>(), {
  auditedAtOpen: true,
});
/** Of every key that was destroyed, once, by its id: whose it was. */
const destroyedTable = precious('destroyedKeys', json<number>());
/** By agency and id, those that the ledger has not counted yet, and when each was destroyed. */
const dueTable = preciousSorted('dueKeys', json<number>());
/** Tombstones whose keys may still be there: nearly always empty. */
const unfinishedTable = preciousSorted('unfinishedErasures', json<number>(), { auditedAtOpen: true });
const HEAD = 'head';
const NO_STONES = { stones: 0, head: ZERO_32 };

export const erasureTables: readonly AnyTable[] = [
  stoneTable,
  headTable,
  unfinishedTable,
  destroyedTable,
  dueTable,
];

export interface ErasureOrder {
  readonly subject: SubjectRef;
  /** One group of the person's records, or empty for all of them. */
  readonly group: string;
  readonly ground: ErasureGround;
  readonly orderedBy: string;
  readonly atMs: number;
}

interface ErasingOptions {
  /** The ledger has the ids of what is destroyed. */
  readonly areCounted?: boolean;
  /** What is written of the tombstones with them. */
  readonly noting?: (tx: Transaction, stones: readonly Tombstone[]) => Promise<void>;
}

export class Erasures {
  readonly #store: Store;
  readonly #dataKeys: DataKeys;

  constructor(store: Store, dataKeys: DataKeys) {
    this.#store = store;
    this.#dataKeys = dataKeys;
  }

  /** Refuses as `subject-missing`, and as `erased` when it was done before. */
  async erase(order: ErasureOrder): Promise<Tombstone> {
    const [stone] = await this.eraseAll(async (tx) => {
      await liveSubject(tx, order.subject);
      return [order];
    });
    if (stone === undefined) throw new Error('an erasure without its tombstone');
    return stone;
  }

  /** What a transaction decides to erase, with all else that it writes: one synced write, and then the keys. */
  async eraseAll(
    decide: (tx: Transaction) => Promise<readonly ErasureOrder[]>,
    { areCounted = false, noting }: ErasingOptions = {},
  ): Promise<readonly Tombstone[]> {
    crashPoint('erasure.before-tombstone');
    const stones = await this.#store.transact(async (tx) => {
      const written: Tombstone[] = [];
      for (const order of await decide(tx)) written.push(await layStone(tx, order));
      await noting?.(tx, written);
      return written;
    }, 'finishing');
    crashPoint('erasure.tombstone-written');
    await this.#destroy(stones, areCounted);
    return stones;
  }

  /**
   * At every start, before anything is served: what a crash left, and what a restored key store brought back. Answers how many
   * erasures that were. A Fault when the chain of tombstones is broken.
   */
  async finish(): Promise<number> {
    const left = new Map<number, Tombstone>();
    for await (const [key] of this.#store.range(unfinishedTable)) {
      const stone = await this.#store.get(stoneTable, key);
      if (stone === undefined) throw new Fault('a tombstone is lost', { retryable: false });
      left.set(stone.index, stone);
    }
    for await (const stone of this.tombstones()) if (await this.#isBack(stone)) left.set(stone.index, stone);
    await this.#destroy([...left.values()]);
    return left.size;
  }

  /**
   * Of a store that was put back from an earlier day: destroys again what was destroyed since, by the ids that the ledger counts,
   * and lays a tombstone for each. A person of whom no key is left, or of whom all that no unit holds was destroyed, is
   * erased whole. Answers how many erasures that were.
   */
  async replay(ids: ReadonlySet<Bytes32>, atMs: number): Promise<number> {
    const { found, all } = await this.#dataKeys.among(ids);
    const order = { ground: 'erased-before-restore', orderedBy: 'restore', atMs } as const;
    const stones = await this.eraseAll(
      async () =>
        [...Map.groupBy(found, ({ subject }) => subject)].flatMap(([subject, places]) => {
          const groups = new Set(places.map(({ group }) => group));
          const isWhole = groups.has('') || places.length === all.get(subject);
          return [...(isWhole ? [''] : groups)].map((group) => Object.assign({ subject, group }, order));
        }),
      { areCounted: true },
    );
    return stones.length;
  }

  /** An act that ended left no records: those of its group are of the same act, prepared again, and their keys are theirs. */
  async #isBack(stone: Tombstone): Promise<boolean> {
    if (!(await this.#dataKeys.has(stone))) return false;
    const mayLive = stone.ground === 'act-ended' && stone.group !== '';
    return !mayLive || !(await hasRecords(this.#store, stone));
  }

  /** Erasures whose keys are there again: what a kill left is none of them, and a start finishes both. */
  async living(): Promise<number> {
    let living = 0;
    for await (const stone of this.tombstones()) {
      if (!(await this.#isBack(stone))) continue;
      const isUnderWay = (await this.#store.get(unfinishedTable, ordinal(stone.index))) !== undefined;
      if (!isUnderWay && (await this.#isBack(stone))) living++; // one that ended meanwhile has none by now
    }
    return living;
  }

  /** Of keys that the ledger has not counted yet the first so many, rising, and when each was destroyed. */
  async due(
    agency: number,
    limit: number,
  ): Promise<readonly { readonly id: Bytes32; readonly atMs: number }[]> {
    const found: { readonly id: Bytes32; readonly atMs: number }[] = [];
    for await (const [key, atMs] of this.#store.range(dueTable, { ...under(String(agency)), limit })) {
      found.push({ id: key.slice(key.indexOf('/') + 1) as Bytes32, atMs });
    }
    return found;
  }

  /** The ledger has these. */
  async counted(agency: number, ids: readonly Bytes32[]): Promise<void> {
    if (ids.length === 0) return;
    await this.#store.transact((tx) => {
      for (const id of ids) tx.delete(dueTable, dueKey(agency, id));
    }, 'finishing');
  }

  /** Whether a tombstone covers a record, for the vault's report: every tombstone is read once. */
  async coverage(): Promise<(place: { readonly subject: SubjectRef; readonly group: string }) => boolean> {
    const erased = new Set<string>();
    for await (const { subject, group } of this.tombstones()) erased.add(`${subject}/${group}`);
    return ({ subject, group }) =>
      ['', group, ...unitOf(group)].some((place) => erased.has(`${subject}/${place}`));
  }

  /** In order; a Fault when the chain does not lead to its head. */
  async *tombstones(): AsyncGenerator<Tombstone> {
    const { head } = await this.head();
    let previous = ZERO_32;
    for await (const [, stone] of this.#store.range(stoneTable)) {
      if (stone.previous !== previous) break;
      previous = tombstoneHash(stone);
      yield stone;
      if (previous === head) return;
    }
    if (previous !== head) throw new Fault('the chain of tombstones is broken', { retryable: false });
  }

  /** What is anchored. */
  async head(): Promise<{ readonly stones: number; readonly head: Bytes32 }> {
    return (await this.#store.get(headTable, HEAD)) ?? NO_STONES;
  }

  async #destroy(stones: readonly Tombstone[], areCounted = false): Promise<void> {
    if (stones.length === 0) return;
    const ids = await this.#dataKeys.idsOf(stones);
    await this.#store.transact(
      (tx) => noteDestroyed(tx, ids, areCounted ? undefined : Math.max(...stones.map(({ atMs }) => atMs))),
      'finishing',
    );
    crashPoint('erasure.ids-noted');
    await this.#dataKeys.destroy(stones);
    crashPoint('erasure.keys-destroyed');
    await this.#store.transact((tx) => {
      for (const { index } of stones) tx.delete(unfinishedTable, ordinal(index));
    }, 'finishing');
  }
}

const dueKey = (agency: number, id: Bytes32) => `${agency}/${id}`;

/** An id is counted once: what was destroyed, brought back and destroyed again is due no second time. */
async function noteDestroyed(
  tx: Transaction,
  ids: readonly DestroyedKey[],
  dueSinceMs: number | undefined,
): Promise<void> {
  for (const { agency, id } of ids) {
    if ((await tx.get(destroyedTable, id)) !== undefined) continue;
    tx.insert(destroyedTable, id, agency);
    if (dueSinceMs !== undefined) tx.insert(dueTable, dueKey(agency, id), dueSinceMs);
  }
}

/** The next tombstone of the chain. */
async function layStone(tx: Transaction, order: ErasureOrder): Promise<Tombstone> {
  const { stones, head } = (await tx.get(headTable, HEAD)) ?? NO_STONES;
  const access = await accessHeadIn(tx, order.subject);
  const next: Tombstone = {
    ...order,
    version: 1,
    index: stones + 1,
    accessLines: access.lines,
    accessHead: access.head,
    previous: head,
  };
  tx.insert(stoneTable, ordinal(next.index), next);
  tx.put(headTable, HEAD, { stones: next.index, head: tombstoneHash(next) });
  tx.put(unfinishedTable, ordinal(next.index), next.index);
  if (next.group === '') await eraseSubject(tx, next.subject, next.index);
  return next;
}
