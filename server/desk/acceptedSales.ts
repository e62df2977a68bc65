/**
 * What shops were told is accepted and the ledger has not recorded yet: the next sale of a card builds on it.
 *
 * Promises: a sale counts from the moment at which its batch is taken, before anybody is told so, until its operation is
 * over; then the ledger alone says what remains. Of a batch what was judged to be paid counts, and nothing that the ledger
 * will skip. It is read from the outbox at a start, so that a restart forgets none. Of two batches that arrive at once each
 * knows of the other. Hides how that is kept; the desk of redemptions and whoever shows what remains ask it.
 */

import type { BenefitCalls } from '../acts/benefitCalls.ts';
import type { Bytes32 } from '../domain/base/hex.ts';
import { refusal } from '../domain/base/refusal.ts';
import type { ProgrammeId } from '../domain/base/terms.ts';
import { entryAfter } from '../domain/benefits/judge.ts';
import type { Cycle } from '../domain/benefits/records.ts';
import { type RedemptionItem, unpackItems } from '../domain/benefits/redemption.ts';
import type { CycleId } from '../domain/benefits/terms.ts';
import type { Entry } from '../domain/benefits/unitsTable.ts';
import { isLast, type OperationId } from '../store/operation.ts';
import type { Outbox } from '../store/outbox.ts';
import type { Views } from '../store/views.ts';

/** Sales in memory: a market day of a large programme on which nothing is recorded. */
const UNRECORDED_MAX = 1_000_000;
/** Batches looked at for each that comes, so that what is over does not pile up. */
const LOOKED_AT = 2;

export interface AcceptedDependencies {
  readonly outbox: Pick<Outbox, 'unfinished' | 'callOf' | 'get'>;
  readonly calls: Pick<BenefitCalls, 'redeemedBy'>;
  readonly views: Pick<Views, 'benefits'>;
}

export interface EntryPlace {
  readonly programme: ProgrammeId;
  readonly cycle: CycleId;
  readonly index: number;
}

type Sold = Pick<RedemptionItem, 'index' | 'units' | 'sequence' | 'remainingBefore'>;

/** What remains at a place. */
export interface EntryNow {
  /** As the ledger has it. */
  readonly recorded: Entry;
  /** After every accepted sale: what the next one builds on. */
  readonly entry: Entry;
  /** The operations that it builds on and the ledger has not recorded. */
  readonly after: readonly OperationId[];
  /** Every batch that was known of when this was read. */
  readonly known: ReadonlySet<Taken>;
}

/** A batch that is taken, and whose operation is there or about to be. */
export interface Taken {
  readonly itemsHash: Bytes32;
  /** It was accepted as this operation. */
  keep(operation: OperationId): void;
  /** It was not: nothing of it counts, unless it was kept before. */
  release(): void;
}

interface Held extends Taken {
  readonly of: Pick<EntryPlace, 'programme' | 'cycle'>;
  readonly items: readonly Sold[];
  operation: OperationId | undefined;
  /** Resolves when it is known whether it was accepted. */
  readonly decided: Promise<void>;
}

export interface SoldBatch {
  readonly programme: ProgrammeId;
  readonly cycle: CycleId;
  readonly itemsHash: Bytes32;
  /** Those that were judged to be paid. */
  readonly items: readonly Sold[];
}

export class AcceptedSales {
  readonly #deps: AcceptedDependencies;
  readonly #at = new Map<string, Set<Held>>();
  /** The one first that nobody looked at for longest. */
  readonly #all = new Set<Held>();
  #count = 0;
  #loading: Promise<void> | undefined;

  constructor(deps: AcceptedDependencies) {
    this.#deps = deps;
  }

  /**
   * What remains at an index; undefined where its word was not seen. The batch of `except` is left out: the same items may be
   * sent twice, and then are paid once.
   */
  async entry(
    { programme, cycle, index }: EntryPlace,
    record: Pick<Cycle, 'count' | 'entryBytes'>,
    except?: Bytes32,
  ): Promise<EntryNow | undefined> {
    await this.#loaded();
    const name = nameOf({ programme, cycle, index });
    const before: { readonly held: Held; readonly sold: Sold }[] = [];
    const there = [...(this.#at.get(name) ?? [])];
    for (const held of there) {
      await held.decided;
      if (held.itemsHash === except || !(await this.#counts(held))) continue;
      for (const sold of held.items) if (sold.index === index) before.push({ held, sold });
    }
    // What was taken while these were asked about was not taken off, so it is not known.
    const known = new Set<Taken>(there);
    // Read last: what was recorded meanwhile does not fit any more, and is not taken off twice.
    const recorded = await this.#deps.views.benefits.remaining(programme, cycle, record, index);
    if (recorded === undefined) return undefined;
    before.sort((one, other) => other.sold.remainingBefore - one.sold.remainingBefore);
    let entry = recorded;
    const after = new Set<OperationId>();
    for (const { held, sold } of before) {
      const isNext = sold.remainingBefore === entry.units && sold.sequence === entry.sequence;
      if (!isNext || sold.units > entry.units || held.operation === undefined) continue;
      entry = entryAfter(entry, sold.units, record.entryBytes);
      after.add(held.operation);
    }
    return { recorded, entry, after: [...after], known };
  }

  /**
   * Takes a batch that was judged by the entries read before; undefined where another came meanwhile at one of its places,
   * and it is to be judged again. Refuses as `outbox-full`.
   */
  take(batch: SoldBatch, judgedBy: ReadonlyMap<number, Pick<EntryNow, 'known'>>): Taken | undefined {
    const { programme, cycle, itemsHash, items } = batch;
    for (const [index, { known }] of judgedBy) {
      for (const held of this.#at.get(nameOf({ programme, cycle, index })) ?? []) {
        if (held.itemsHash !== itemsHash && !known.has(held)) return undefined;
      }
    }
    if (this.#count + items.length > UNRECORDED_MAX) throw refusal('outbox-full', { limit: UNRECORDED_MAX });
    return this.#hold(batch, undefined);
  }

  /** Lets go of a few that are over. */
  async tidy(): Promise<void> {
    await this.#loaded();
    for (const held of first(LOOKED_AT, this.#all)) {
      if (held.operation !== undefined) await this.#counts(held);
      // What hangs goes behind the others, which may be over.
      if (this.#all.delete(held)) this.#all.add(held);
    }
  }

  #loaded(): Promise<void> {
    this.#loading ??= this.#load().catch((error: unknown) => {
      this.#loading = undefined;
      throw error;
    });
    return this.#loading;
  }

  async #load(): Promise<void> {
    for await (const { id, kind, items: itemsHash, payable } of this.#deps.outbox.unfinished()) {
      if (kind !== 'redeemed' || itemsHash === undefined) continue;
      const call = await this.#deps.outbox.callOf(id);
      const sold = call && this.#deps.calls.redeemedBy(call);
      if (sold === undefined) continue; // over meanwhile
      const { programme, cycle, count, items } = sold;
      const all = unpackItems(items, count);
      const paid = payable?.flatMap((place) => all[place] ?? []);
      this.#hold({ programme, cycle, itemsHash, items: paid ?? all }, id);
    }
  }

  #hold({ programme, cycle, itemsHash, items }: SoldBatch, operation: OperationId | undefined): Held {
    const { promise: decided, resolve } = Promise.withResolvers<void>();
    const held: Held = {
      itemsHash,
      of: { programme, cycle },
      items: items.map(({ index, units, sequence, remainingBefore }) => ({
        index,
        units,
        sequence,
        remainingBefore,
      })),
      operation,
      decided,
      keep: (id) => {
        held.operation = id;
        resolve();
      },
      release: () => {
        if (held.operation === undefined) this.#drop(held);
        resolve();
      },
    };
    if (operation !== undefined) resolve();
    this.#all.add(held);
    this.#count += items.length;
    for (const { index } of items) {
      const name = nameOf({ programme, cycle, index });
      const there = this.#at.get(name) ?? new Set();
      there.add(held);
      this.#at.set(name, there);
    }
    return held;
  }

  /** Whether a batch that was decided on was accepted and is not over. */
  async #counts(held: Held): Promise<boolean> {
    if (!this.#all.has(held) || held.operation === undefined) return false;
    const operation = await this.#deps.outbox.get(held.operation);
    if (operation !== undefined && !isLast(operation.state)) return true;
    this.#drop(held);
    return false;
  }

  #drop(held: Held): void {
    if (!this.#all.delete(held)) return;
    this.#count -= held.items.length;
    for (const { index } of held.items) {
      const name = nameOf({ ...held.of, index });
      const there = this.#at.get(name);
      there?.delete(held);
      if (there?.size === 0) this.#at.delete(name);
    }
  }
}

/** Not by a copy of them all, of which there may be thousands. */
function first<T>(count: number, all: Iterable<T>): T[] {
  const some: T[] = [];
  for (const one of all) {
    some.push(one);
    if (some.length === count) break;
  }
  return some;
}

const nameOf = ({ programme, cycle, index }: EntryPlace) => `${programme}/${cycle}/${index}`;
