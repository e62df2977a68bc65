/**
 * What a replay keeps by key for as long as it goes on, once for every unit, entry or slot that a ledger has.
 *
 * Hides where it is: in memory for whoever has no disk, as in a browser; in a folder that is thrown away for a check of a
 * register of any size. Promises: a value comes back as it was given, and whoever got one changes nothing of it. Pure.
 */

export interface KeptRows<K extends string, V> {
  readonly size: number;
  get(key: K): V | undefined;
  has(key: K): boolean;
  set(key: K, value: V): unknown;
  delete(key: K): boolean;
  /** In the order in which the keys first came. Nothing is set or deleted meanwhile. */
  entries(): Iterable<readonly [key: K, value: V]>;
}

/** Each table of a replay has a name of its own. */
export type KeepRows = <K extends string, V>(table: string) => KeptRows<K, V>;

export const keptInMemory: KeepRows = <K extends string, V>() => new Map<K, V>();
