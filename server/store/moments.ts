/**
 * The moments at which a store is being read: each a snapshot, given back by all who read in it.
 *
 * Promises: who waits for the readings before a moment is told whether any is left. For level keeps what was deleted, and
 * older versions of pages, for a snapshot that was taken before. For `levelStore.ts`.
 */
import { setTimeout } from 'node:timers/promises';
import type { KeptOrder, OrderMoment } from './keptOrder.ts';
import type { RawLevel } from './level.ts';

/** For readings of a moment before what is scrubbed; behind those that last longer it is scrubbed again. */
const WAITS_MS = 2_000;

export class Moment implements OrderMoment {
  readonly snapshot: OrderMoment['snapshot'];
  readonly groups: number;
  readonly over = Promise.withResolvers<void>();
  readonly #open: Set<Moment>;
  #readers = 1;

  /** Use `Moments`. */
  constructor(level: RawLevel, groups: number, open: Set<Moment>) {
    this.snapshot = level.snapshot();
    this.groups = groups;
    this.#open = open;
    open.add(this);
  }

  joined(): this {
    this.#readers += 1;
    return this;
  }

  async left(): Promise<void> {
    this.#readers -= 1;
    if (this.#readers > 0) return;
    await this.snapshot.close();
    this.#open.delete(this);
    this.over.resolve();
  }
}

export class Moments {
  readonly #level: RawLevel;
  readonly #order: KeptOrder;
  readonly #open = new Set<Moment>();

  constructor(level: RawLevel, order: KeptOrder) {
    this.#level = level;
    this.#order = order;
  }

  now(): Moment {
    return new Moment(this.#level, this.#order.groups, this.#open);
  }

  /** Those that are read in and stand before so many groups were kept. */
  before(groups: number): Moment[] {
    return [...this.#open].filter((moment) => moment.groups < groups);
  }

  /** Resolves when nobody reads in them any more. */
  async over(moments: readonly Moment[]): Promise<void> {
    await Promise.all(moments.map(({ over }) => over.promise));
  }

  /** The same, or after a while: one of those who read may never end. */
  async overSoon(moments: readonly Moment[]): Promise<void> {
    if (moments.length === 0) return;
    const waiting = new AbortController();
    const tooLong = setTimeout(WAITS_MS, undefined, { signal: waiting.signal }).catch(() => {});
    await Promise.race([this.over(moments), tooLong]);
    waiting.abort();
  }
}
