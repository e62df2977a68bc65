/**
 * What somebody learns of people and ground who has every block, or a copied folder, and beside it what anybody may have: the
 * file of parcels, the agency's own list, two purchases seen at a counter.
 *
 * Each reader answers one figure with what it may not pass. Promises: a reader is as strong as its words say and no stronger, so
 * that a figure of it is a bound from below; `readers.test.ts` plants a leak of each kind and sees it red. For `measure.ts`.
 */
import { createHash } from 'node:crypto';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import type { Row } from '../../bench/row.ts';
import { assignIndexes, type RandomBelow } from '../../server/domain/benefits/envelope.ts';
import type { CopiedRow } from './copiedFolder.ts';

/** Pairs of neighbours that stay together when an act of fifty is drawn: one in the mean of each, twice as many and some by chance. */
const PAIRS_BY_CHANCE = (titles: number) => 11 + Math.ceil(titles / 25);
/** What a class must have for one of it to be nobody: as cells of published tables. */
const CLASS_LEAST = 11;
const WORD_BYTES = 16;

/** Titles that stand in the register behind the one that is before them in the survey's file. */
export function byOrder(register: readonly string[], file: readonly string[]): Row {
  const behind = new Map(file.map((number, i) => [number, file[i + 1]]));
  const value = register.filter((number, i) => i > 0 && behind.get(register[i - 1] ?? '') === number).length;
  const unit = `of ${Math.max(0, register.length - 1)}`;
  return {
    name: 'titles behind their neighbour of the file',
    value,
    unit,
    hold: { atMost: PAIRS_BY_CHANCE(register.length) },
  };
}

/** Rows of people in a copied folder whose length fewer than eleven have. */
export function bySize(rows: readonly Pick<CopiedRow, 'value'>[]): Row {
  const sizes = new Map<number, number>();
  for (const { value } of rows) sizes.set(value.length, (sizes.get(value.length) ?? 0) + 1);
  const value = [...sizes.values()].filter((count) => count < CLASS_LEAST).reduce((sum, one) => sum + one, 0);
  return {
    name: 'rows of people that their length sets apart',
    value,
    unit: `of ${rows.length}`,
    hold: { atMost: 0 },
  };
}

export interface Granted {
  readonly catchment: string;
  readonly units: number;
}

/** People whom the table of a cycle leaves among fewer than eleven of the agency's list: of one catchment, with the same units. */
export function byUnits(people: readonly Granted[]): Row {
  const classes = Map.groupBy(people, ({ catchment, units }) => `${catchment}\0${units}`);
  const few = [...classes.values()].filter(({ length }) => length < CLASS_LEAST);
  const value = few.reduce((sum, { length }) => sum + length, 0);
  return { name: 'people of a catchment and units that few have', value, unit: `of ${people.length}` };
}

/** A sale as every block shows it. */
export interface SaleShown {
  readonly index: number;
  readonly shop: number;
  readonly hour: number;
}

/** People of whom two purchases, seen at the counter, leave one index. What is paid by an index shows this; it is only told. */
export function byTwoPurchases(sales: readonly SaleShown[]): Row {
  const trails = Map.groupBy(sales, ({ index }) => index);
  const at = Map.groupBy(sales, ({ shop, hour }) => `${shop}/${hour}`);
  const named = [...trails].filter(([index, [one, other]]) => {
    const [first, second] = [one, other].map(
      (seen) => new Set((at.get(`${seen?.shop}/${seen?.hour}`) ?? []).map((sale) => sale.index)),
    );
    const both = [...(first ?? [])].filter((one) => second?.has(one));
    return both.length === 1 && both[0] === index;
  });
  return {
    name: 'people whom two purchases name within an epoch',
    value: named.length,
    unit: `of ${trails.size}`,
  };
}

/** People whose index of one epoch the shops of the next lead to: the likest trail is guessed. */
export function acrossEpochs(
  before: readonly SaleShown[],
  after: readonly SaleShown[],
  indexAfter: ReadonlyMap<number, number>,
): Row {
  const [old, next] = [before, after].map(shopsOf) as [ShopsOf, ShopsOf];
  let value = 0;
  for (const [index, shops] of old) {
    let [least, guess] = [Number.POSITIVE_INFINITY, -1];
    for (const [other, theirs] of next) {
      // Of equal trails the one whose number is nearest: numbers that were kept would give her away.
      const apart = distance(shops, theirs) + Math.abs(other - index) / 1e9;
      if (apart < least) [least, guess] = [apart, other];
    }
    if (guess === indexAfter.get(index)) value++;
  }
  const hold = { atMost: Math.ceil(old.size / 10) };
  return { name: 'people followed into the next epoch by their shops', value, unit: `of ${old.size}`, hold };
}

type ShopsOf = ReadonlyMap<number, ReadonlyMap<number, number>>;

function shopsOf(sales: readonly SaleShown[]): ShopsOf {
  const of = new Map<number, Map<number, number>>();
  for (const { index, shop } of sales) {
    const shops = of.get(index) ?? new Map<number, number>();
    shops.set(shop, (shops.get(shop) ?? 0) + 1);
    of.set(index, shops);
  }
  return of;
}

function distance(one: ReadonlyMap<number, number>, other: ReadonlyMap<number, number>): number {
  let sum = 0;
  for (const shop of new Set([...one.keys(), ...other.keys()]))
    sum += Math.abs((one.get(shop) ?? 0) - (other.get(shop) ?? 0));
  return sum;
}

/** A programme that does not exist: people who buy four times a cycle, mostly at one of three shops of their catchment. */
export function salesOf(
  { people, catchments, random }: { people: number; catchments: number; random: RandomBelow },
  number: (catchments: readonly string[]) => Uint32Array = (all) => assignIndexes(all, 0, random),
) {
  const all = Array.from({ length: people }, (_, i) => `catchment ${i % catchments}`);
  const usual = all.map(() => random(3));
  const epoch = () => {
    const indexes = number(all);
    const sales = all.flatMap((_, person) =>
      Array.from({ length: 4 }, (): SaleShown => {
        const own = random(10) < 7 ? (usual[person] ?? 0) : random(3);
        return { index: indexes[person] ?? 0, shop: 3 * (person % catchments) + own, hour: random(30 * 12) };
      }),
    );
    return { indexes, sales };
  };
  const [before, after] = [epoch(), epoch()];
  const indexAfter = new Map(all.map((_, i) => [before.indexes[i] ?? 0, after.indexes[i] ?? 0]));
  return { before: before.sales, after: after.sales, indexAfter };
}

/** Words of the chain, by their first bytes, that are a value of the file as it is or as a hash of it without a salt. */
export function byDictionary(what: string, words: ReadonlySet<string>, values: Iterable<string>): Row {
  const all = new Set(values);
  let value = 0;
  for (const one of all) if (wordsOf(one).some((word) => words.has(word))) value++;
  const name = `${what} that a dictionary finds in a word of the chain`;
  return { name, value, unit: `of ${all.size}, ${words.size} words`, hold: { atMost: 0 } };
}

function wordsOf(value: string): string[] {
  const spelled = new Set([
    value,
    value.normalize('NFC'),
    value.toUpperCase(),
    value.toLowerCase(),
    value.replaceAll(/\W/g, ''),
  ]);
  return [...spelled].flatMap((text) => {
    const bytes = utf8ToBytes(text);
    const hashes = [
      keccak_256(bytes),
      ...['sha256', 'sha1', 'md5'].map((by) => createHash(by).update(bytes).digest()),
    ];
    const plain = bytes.length >= WORD_BYTES ? [bytes] : [];
    return [...hashes, ...plain].map((word) => Buffer.from(word).toString('latin1', 0, WORD_BYTES));
  });
}
