/**
 * How many rows each table has and what they sum to, and one row above that says the same of the tallies themselves.
 *
 *     #founded   format u8 | number of tally rows u64 | sum of their elements mod 2^256
 *
 * Promises: a table that was put back to an earlier day together with its tally, or taken away with it, is a Fault at the
 * next opening, as is a tally that was put back or lost; only all tables of one moment together go unseen here. The founding
 * row changes in the same synced batch as the tallies that it counts. For `levelStore.ts`.
 */
import { refusal } from '../domain/base/refusal.ts';
import { type RawLevel, rawKey, rawRange, rowAt, rowsOf } from './level.ts';
import {
  damaged,
  decodeTally,
  EMPTY_TALLY,
  encodeTally,
  isOfOlderVersion,
  type RowSeal,
  type Tally,
  withRow,
} from './record.ts';
import { type AnyTable, type Range, TALLIES } from './store.ts';

/** Since 4 the order of keys stands in pages, which whoever writes has to keep. */
const FORMAT = 4;
const FORMAT_LEAST = 3;
const FOUNDED = '#founded';
const FOUNDED_AT = rawKey(TALLIES, FOUNDED);

/** A tally as it was written last, with the element of its own row. */
interface WrittenTally {
  readonly tally: Tally;
  readonly element: bigint;
}

export class Tallies {
  readonly #seal: RowSeal;
  /** Of all rows decided so far, synced or not. */
  readonly #tallies: Map<string, Tally>;
  /** Of the tally rows that were written last, those of tables that nobody declared here too. */
  readonly #elements: Map<string, bigint>;

  /** Use `openTallies`. */
  constructor(seal: RowSeal, tallies: Map<string, Tally>, elements: Map<string, bigint>) {
    this.#seal = seal;
    this.#tallies = tallies;
    this.#elements = elements;
  }

  of(table: string): Tally {
    const tally = this.#tallies.get(table);
    if (tally === undefined) throw new Error(`table ${table} was not declared`);
    return tally;
  }

  set(table: string, tally: Tally): void {
    this.#tallies.set(table, tally);
  }

  /** The rows of these tables and the founding row above them, to be kept in one write with what they count. */
  rows(tables: Iterable<string>): { readonly key: string; readonly value: Uint8Array }[] {
    const rows = [...tables].map((table) => {
      const key = rawKey(TALLIES, table);
      const { raw, element } = this.#seal.seal(key, table, encodeTally(this.of(table)));
      this.#elements.set(table, element);
      return { key, value: raw };
    });
    const payload = Buffer.concat([Buffer.of(FORMAT), encodeTally(totalOf(this.#elements.values()))]);
    return [...rows, { key: FOUNDED_AT, value: this.#seal.seal(FOUNDED_AT, FOUNDED, payload).raw }];
  }
}

/**
 * The tallies of the declared tables; founds an empty folder, adds tables a newer version brought. A Fault where tallies are
 * not those of one moment; refuses as `keys-of-another-ledger`, `data-folder-older`, `data-folder-newer`, and `store-missing` where none may be founded.
 */
export async function openTallies(
  level: RawLevel,
  seal: RowSeal,
  { tables, mayFound = true, folder }: { tables: readonly AnyTable[]; mayFound?: boolean; folder: string },
): Promise<Tallies> {
  const isFounded = await hasRows(level, {});
  if (!isFounded && !mayFound) throw refusal('store-missing', { folder });
  if (isFounded && (await isOfOtherKeys(level, seal))) throw refusal('keys-of-another-ledger');
  const written = isFounded ? await writtenTallies(level, seal) : new Map<string, WrittenTally>();
  const declared = new Map<string, Tally>();
  const fresh: string[] = [];
  for (const { name } of tables) {
    if (declared.has(name)) throw new Error(`table ${name} is declared twice`);
    const known = written.get(name);
    declared.set(name, known?.tally ?? EMPTY_TALLY);
    if (known !== undefined) continue;
    if (await hasRows(level, rawRange(name, {}))) throw damaged(name);
    fresh.push(name);
  }
  const elements = new Map([...written].map(([name, { element }]) => [name, element] as const));
  const tallies = new Tallies(seal, declared, elements);
  if (isFounded && fresh.length === 0) return tallies;
  const rows = tallies.rows(fresh).map(({ key, value }) => ({ type: 'put' as const, key, value }));
  await level.batch(rows, { sync: true });
  return tallies;
}

/** Damage spares some of the tallies, and of another key none opens: so the two are told apart. */
async function isOfOtherKeys(level: RawLevel, seal: RowSeal): Promise<boolean> {
  let rows = 0;
  for await (const [key, raw] of rowsOf(level, rawRange(TALLIES, {}))) {
    if (isOfOlderVersion(raw) || seal.open(key, raw) !== undefined) return false;
    rows++;
  }
  return rows > 1;
}

/** Every tally that is there, none missing and none of another moment. */
async function writtenTallies(level: RawLevel, seal: RowSeal): Promise<Map<string, WrittenTally>> {
  const expected = foundedTotal(seal, rowAt(level, FOUNDED_AT));
  const written = new Map<string, WrittenTally>();
  for await (const [key, raw] of rowsOf(level, rawRange(TALLIES, {}))) {
    if (key === FOUNDED_AT) continue;
    const opened = seal.open(key, raw);
    if (opened === undefined) throw damaged(TALLIES);
    written.set(opened.key, { tally: decodeTally(opened.payload), element: opened.element });
  }
  const { rows, sum } = totalOf([...written.values()].map(({ element }) => element));
  if (rows !== expected.rows || sum !== expected.sum) throw damaged(TALLIES);
  return written;
}

/** What the founding row says of the tallies. */
function foundedTotal(seal: RowSeal, raw: Uint8Array | undefined): Tally {
  if (raw === undefined) throw damaged(TALLIES);
  if (isOfOlderVersion(raw)) throw refusal('data-folder-older');
  const founded = seal.open(FOUNDED_AT, raw)?.payload;
  const format = founded?.[0];
  if (founded === undefined || format === undefined) throw damaged(TALLIES);
  if (format > FORMAT) throw refusal('data-folder-newer');
  if (format < FORMAT_LEAST) throw refusal('data-folder-older');
  return decodeTally(founded.subarray(1));
}

function totalOf(elements: Iterable<bigint>): Tally {
  let total = EMPTY_TALLY;
  for (const element of elements) total = withRow(total, element);
  return total;
}

export function tallyIn(seal: RowSeal, table: string, raw: Uint8Array | undefined): Tally {
  const opened = raw && seal.open(rawKey(TALLIES, table), raw);
  if (opened === undefined) throw damaged(TALLIES);
  return decodeTally(opened.payload);
}

async function hasRows(level: RawLevel, range: Range): Promise<boolean> {
  return (await level.keys({ ...range, limit: 1 }).all()).length > 0;
}
