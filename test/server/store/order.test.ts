/** The order of keys in its encrypted pages: against a sorted list in memory, through crashes, and as a stranger changes it. */
import { createHash } from 'node:crypto';
import { cpSync } from 'node:fs';
import { expect } from 'chai';
import { ClassicLevel } from 'classic-level';
import { json, text } from '../../../server/store/codec.ts';
import { HELD_BYTES_MAX, openOrder } from '../../../server/store/keptOrder.ts';
import { openLevel, type RawLevel, rawKey, rawRange, rowsOf } from '../../../server/store/level.ts';
import { openLevelStore } from '../../../server/store/levelStore.ts';
import { EMPTY_TALLY, encodeTally, RowSeal, withRow } from '../../../server/store/record.ts';
import {
  ORDER_PAGES,
  ordinal,
  precious,
  preciousSorted,
  type Range,
  type Store,
} from '../../../server/store/store.ts';
import { openTallies } from '../../../server/store/tallies.ts';
import { seeded } from '../../seeded.ts';
import {
  INTEGRITY_KEY,
  openTestStore,
  refusedAs,
  removeTemporaryFolders,
  tamper,
  temporaryFolder,
} from './folder.ts';

const notes = preciousSorted('notes', json<number>());
const lists = preciousSorted('lists', json<number>());
const plain = precious('plain', text);
const tables = [notes, lists, plain];
const SEED = 20_261_130;
/** Each ends in a crash. */
const ROUNDS = 16;

describe('the order of keys', function () {
  this.timeout(300_000);
  let store: Store | undefined;
  afterEach(async () => {
    ClassicLevel.prototype.batch = batch;
    await store?.close().catch(() => {});
    store = undefined;
  });
  after(removeTemporaryFolders);

  const batch = ClassicLevel.prototype.batch;

  it('is that of a sorted list, whatever is added and taken away, in one write or many, and through crashes', async () => {
    const random = seeded(SEED);
    const folder = temporaryFolder();
    /** What was acknowledged, by the table. */
    const kept = new Map([notes, lists].map((table) => [table, new Map<string, number>()] as const));
    let [operations, crashes, readings] = [0, 0, 0];
    for (let round = 0; round < ROUNDS; round++) {
      const opened = await openTestStore(folder, tables);
      store = opened;
      for (let group = 0; group < 8; group++) {
        const isLast = group === 7;
        const wanted = new Map([...kept].map(([table, rows]) => [table, new Map(rows)] as const));
        const isShrinking = round % 8 > 5;
        const changes = Array.from({ length: 1 + random.below(isLast ? 300 : 60) }, () => {
          const table = random.below(4) === 0 ? lists : notes;
          const rows = wanted.get(table) as Map<string, number>;
          const living = [...rows.keys()];
          const isDeletion = living.length > 0 && random.below(10) < (isShrinking ? 9 : 3);
          const key = isDeletion ? living[random.below(living.length)] : keyOf(random.below, round);
          operations++;
          if (key === undefined) throw new Error('no key');
          if (isDeletion) rows.delete(key);
          else rows.set(key, operations);
          return { table, key, value: isDeletion ? undefined : operations };
        });
        // Several transactions share a sync; some of them change the same row twice.
        const write = (parts: number) =>
          Promise.all(
            Array.from({ length: parts }, (_, part) =>
              opened.transact((tx) => {
                for (const { table, key, value } of changes.filter(
                  (_change, i) => Math.floor((i * parts) / changes.length) === part,
                ))
                  if (value === undefined) tx.delete(table, key);
                  else tx.put(table, key, value);
              }),
            ),
          );
        if (!isLast) {
          await write(1 + random.below(4));
          for (const [table, rows] of wanted) kept.set(table, rows);
          const table = random.below(2) === 0 ? notes : lists;
          const range = rangeOf(
            random.below,
            [...(kept.get(table) ?? [])].map(([key]) => key),
          );
          expect(await read(opened, table, range), JSON.stringify(range)).to.deep.equal(
            expected(kept.get(table) ?? new Map(), range),
          );
          readings++;
          continue;
        }
        // The write of the last group fails, before it is on disk or after.
        const isOnDisk = random.below(2) === 0;
        crashes++;
        ClassicLevel.prototype.batch = async function (this: ClassicLevel, ...parameters: unknown[]) {
          if (isOnDisk) await Reflect.apply(batch, this, parameters);
          throw new Error('the power fails');
        } as unknown as typeof batch;
        expect(await refusedAs(write(1))).to.equal('Fault');
        ClassicLevel.prototype.batch = batch;
        if (isOnDisk) for (const [table, rows] of wanted) kept.set(table, rows);
      }
      await opened.close();
      const again = await openTestStore(folder, tables);
      store = again;
      for (const [table, rows] of kept) {
        expect(await read(again, table, {}), `round ${round}`).to.deep.equal(expected(rows, {}));
        expect((await again.audit(table)).whole, `round ${round}`).to.equal(true);
      }
      expect((await again.audit(ORDER_PAGES)).whole, `round ${round}`).to.equal(true);
      await again.close();
    }
    console.log(
      `      order | seed ${SEED} | ${operations} operations, ${crashes} crashes, ${readings} ranges | 0 differ`,
    );
    expect(operations).to.be.greaterThan(4_000);
  });

  /** 5,000 keys, and among them some that came one by one. */
  async function filled(folder: string): Promise<void> {
    const opened = await openTestStore(folder, tables);
    await opened.transact((tx) => {
      for (let n = 0; n < ROWS; n++) tx.put(notes, ordinal((n * 7_919) % ROWS), n);
    });
    for (let n = 0; n < 20; n++) await opened.transact((tx) => tx.put(lists, `3/${n}`, n));
    await opened.close();
  }

  it('is read as it stood when reading began, whatever is written and cut meanwhile', async () => {
    const opened = await openTestStore(temporaryFolder(), tables);
    store = opened;
    const all = Array.from({ length: 300 }, (_, n) => someoneAt(2 * n)).sort();
    await opened.transact((tx) => {
      for (const key of all) tx.put(notes, key, 1);
    });
    const readings = [false, true].map((reverse) => opened.range(notes, { reverse }));
    const found = await Promise.all(readings.map(async (reading) => [(await reading.next()).value?.[0]]));
    const writing = opened.transact((tx) => {
      for (const [n, key] of all.entries()) {
        if (n % 2 === 0) tx.delete(notes, key);
        tx.put(notes, someoneAt(2 * n + 1), 2);
      }
    });
    const meanwhile = opened.range(notes);
    await writing;
    for (const [n, reading] of readings.entries()) for await (const [key] of reading) found[n]?.push(key);
    expect(found[0]).to.deep.equal(all);
    expect(found[1]).to.deep.equal(all.toReversed());
    expect((await read(opened, notes, {})).length).to.equal(450);
    let count = 0;
    for await (const _ of meanwhile) count++;
    expect(count, 'what begins behind the write sees it').to.equal(450);
  });

  it('takes no more memory than a bound, and a start reads no row and no page of it, however many there are', async () => {
    const folder = temporaryFolder();
    const level = await openLevel(folder, { compression: false });
    const seal = new RowSeal(INTEGRITY_KEY);
    const tallies = await openTallies(level, seal, { tables: [notes, ORDER_PAGES], folder });
    const freeBytes = () => Number.MAX_SAFE_INTEGER;
    const order = await openOrder(level, seal, { tallies, tables: [notes], folder, freeBytes });
    const many = 160_000;
    const changes = Array.from({ length: many }, (_, n) => ({ key: someoneAt(n), isThere: true }));
    const rows = order.pagesOf(new Map([['notes', changes]]));
    await level.batch(rows.map(({ key, value = new Uint8Array() }) => ({ type: 'put', key, value })));
    order.kept();
    expect(order.heldBytes).to.be.within(HELD_BYTES_MAX * 0.99, HELD_BYTES_MAX);
    const snapshot = level.snapshot();
    let count = 0;
    for (const _ of order.keysBetween('notes', {}, { snapshot, groups: order.groups })) count++;
    await snapshot.close();
    expect(count).to.equal(many);
    expect(order.heldBytes).to.be.within(HELD_BYTES_MAX * 0.99, HELD_BYTES_MAX);
    const long = Array.from({ length: 60_000 }, (_, n) => `${'a'.repeat(250)}${ordinal(n)}`);
    order.pagesOf(new Map([['notes', long.map((key) => ({ key, isThere: true }))]]));
    order.kept();
    expect(order.heldBytes).to.be.within(HELD_BYTES_MAX * 0.9, HELD_BYTES_MAX);
    await level.close();

    const [small, large] = [temporaryFolder(), temporaryFolder()];
    await (await openTestStore(small, tables)).close();
    await filled(large);
    expect(await readsAtStart(large)).to.equal(await readsAtStart(small));
  });

  it('is sealed in pages of one length, and counted: a page that is lost, bent, moved or put back is named', async () => {
    const folder = temporaryFolder();
    await filled(folder);
    const pagesThere = async () => {
      const found: [string, Uint8Array][] = [];
      await tamper(folder, async (level) => {
        for await (const [key, value] of rowsOf(level, rawRange(ORDER_PAGES.name, {})))
          found.push([key, Uint8Array.from(value)]);
      });
      return found;
    };
    const earlier = await pagesThere();
    expect(new Set(earlier.map(([, { length }]) => length)).size).to.equal(1);
    const opened = await openTestStore(folder, tables);
    await opened.transact((tx) => {
      for (let n = 0; n < ROWS; n += 40) tx.put(notes, `${ordinal(n)}/new`, n);
      tx.put(lists, '3/new', 1);
    });
    await opened.close();
    const now = await pagesThere();
    const old = new Map(earlier);
    let [tried, named] = [0, 0];
    const random = seeded(SEED);
    for (const [n, [place, raw]] of now.entries()) {
      if (n % 7 !== 0) continue;
      const [elsewhere = '', other = raw] = now[random.below(now.length)] ?? [];
      const before = old.get(place);
      const damages: ([string, Uint8Array | undefined] | undefined)[] = [
        [place, undefined],
        [place, Uint8Array.from(raw, (byte, at) => (at === 60 ? byte ^ 4 : byte))],
        elsewhere === place ? undefined : [place, other],
        before === undefined || Buffer.compare(before, raw) === 0 ? undefined : [place, before],
      ];
      for (const damage of damages) {
        if (damage === undefined) continue;
        const [at, bent] = damage;
        const one = temporaryFolder();
        cpSync(folder, one, { recursive: true });
        await tamper(one, (level) => (bent === undefined ? level.del(at) : level.put(at, bent)));
        const looked = await openTestStore(one, tables);
        tried++;
        const by = async (table: typeof notes | typeof ORDER_PAGES) => !(await looked.audit(table)).whole;
        if ((await by(ORDER_PAGES)) && ((await by(notes)) || (await by(lists)))) named++;
        await looked.close();
      }
    }
    console.log(`      pages | seed ${SEED} | ${tried} tried | ${tried - named} unnamed`);
    expect(tried).to.be.greaterThan(12);
    expect(named).to.equal(tried);
  });

  it('is built again from the rows where a page is lost, bent or put back: at a write, a reading and an opening', async () => {
    const deciding = preciousSorted('deciding', json<number>(), { auditedAtOpen: true });
    const all = [...tables, deciding];
    const seal = new RowSeal(INTEGRITY_KEY);
    const rootOf = (table: string) => seal.placeOf(ORDER_PAGES, `${table}/root`);
    const folder = temporaryFolder();
    const damagedTables: string[] = [];
    const opening = (isOrderBuiltAgain = false) =>
      openLevelStore({
        folder,
        integrityKey: INTEGRITY_KEY,
        tables: all,
        isOrderBuiltAgain,
        freeBytes: () => Number.MAX_SAFE_INTEGER,
        onDamagedOrder: (table) => damagedTables.push(table),
      });
    const first = await opening();
    await first.transact((tx) => {
      for (let n = 0; n < 600; n++) tx.put(notes, someoneAt(n), n);
      for (const table of [lists, deciding]) for (let n = 0; n < 40; n++) tx.put(table, ordinal(n), n);
    });
    await first.close();
    const earlier = new Map<string, Uint8Array>();
    await tamper(folder, async (level) => {
      for await (const [place, raw] of rowsOf(level, rawRange(ORDER_PAGES.name, {}))) earlier.set(place, raw);
    });
    const second = await opening();
    await second.transact((tx) => {
      for (let n = 600; n < 900; n++) tx.put(notes, someoneAt(n), n);
      for (const table of [lists, deciding]) for (let n = 40; n < 45; n++) tx.put(table, ordinal(n), n);
    });
    await second.close();
    const expectedKeys = {
      notes: Array.from({ length: 900 }, (_, n) => someoneAt(n)).sort(),
      lists: Array.from({ length: 45 }, (_, n) => ordinal(n)),
      deciding: Array.from({ length: 45 }, (_, n) => ordinal(n)),
    };
    const damages = {
      lost: (level: RawLevel, place: string) => level.del(place),
      bent: async (level: RawLevel, place: string) => {
        const raw = (await level.get(place)) ?? new Uint8Array();
        await level.put(
          place,
          Uint8Array.from(raw, (byte, at) => (at === 60 ? byte ^ 4 : byte)),
        );
      },
      'put back': (level: RawLevel, place: string) =>
        level.put(place, earlier.get(place) ?? new Uint8Array()),
    };
    const meetings: Record<string, (opened: Store) => Promise<unknown>> = {
      write: (opened) =>
        opened.transact((tx) => {
          tx.put(notes, 'zz', 1);
          tx.delete(lists, ordinal(0));
        }),
      reading: async (opened) => {
        for (const table of [notes, lists])
          await read(opened, table, {}).catch((error: Error) => error.message);
      },
      'start that is asked to': async () => {},
    };
    let tried = 0;
    for (const [what, damage] of Object.entries(damages))
      for (const table of ['notes', 'lists', 'deciding'])
        for (const [met, meet] of Object.entries(meetings)) {
          const isAsked = met === 'start that is asked to'; // which alone meets every page that is put back
          if (what === 'put back' ? table === 'notes' || !isAsked : table === 'deciding' && isAsked) continue;
          const where = `root of ${table} ${what}, met by a ${met}`;
          await tamper(folder, (level) => damage(level, rootOf(table)));
          damagedTables.length = 0;
          const opened = await opening(isAsked);
          store = opened;
          await meet(opened);
          await meetings.reading?.(opened);
          await opened.transact((tx) => tx.put(plain, 'after', 'x')); // behind what is mended
          await opened.transact((tx) => {
            tx.delete(notes, 'zz');
            tx.put(lists, ordinal(0), 0);
          });
          expect(damagedTables, where).to.have.length(isAsked ? 0 : 1);
          expect((await opened.audit(ORDER_PAGES)).whole, where).to.equal(true);
          for (const [name, keys] of Object.entries(expectedKeys)) {
            const sorted = [notes, lists, deciding].find((one) => one.name === name) ?? notes;
            expect(
              (await read(opened, sorted, {})).map(([key]) => key),
              where,
            ).to.deep.equal(keys);
            expect(await opened.audit(sorted), where).to.deep.include({ whole: true, isOrdered: true });
          }
          await opened.close();
          tried++;
          if (what === 'lost') continue;
          await tamper(folder, async (level) => {
            earlier.set(rootOf(table), Uint8Array.from((await level.get(rootOf(table))) ?? []));
          });
          const grown = await opening();
          await grown.transact((tx) => {
            for (const one of [notes, lists, deciding]) tx.put(one, 'zzz', 1);
          });
          await grown.transact((tx) => {
            for (const one of [notes, lists, deciding]) tx.delete(one, 'zzz');
          });
          await grown.close();
        }
    console.log(`      order | ${tried} pages lost, bent or put back | 0 not built again`);
    expect(tried).to.equal(2 * 8 + 2);
  });

  it('is not built again over rows that are damaged or lost: their table is named, and no list lacks them', async () => {
    for (const what of ['damaged', 'lost']) {
      const folder = temporaryFolder();
      await filled(folder);
      const seal = new RowSeal(INTEGRITY_KEY);
      await tamper(folder, async (level) => {
        await level.del(seal.placeOf(ORDER_PAGES, 'lists/root'));
        const place = seal.placeOf(lists, '3/7');
        const raw = (await level.get(place)) ?? new Uint8Array();
        await (what === 'lost' ? level.del(place) : level.put(place, raw.toReversed()));
      });
      const opened = await openTestStore(folder, tables);
      expect(await refusedAs(opened.range(lists).next()), 'the page').to.equal('Fault');
      await opened.transact((tx) => tx.put(plain, 'after', 'x'));
      for (const time of ['first', 'second']) {
        const reading = opened.range(lists).next();
        const error = await reading.catch(({ message }: Error) => message);
        expect(error, `${what}, ${time}`).to.equal('a row of table lists is not what was written');
      }
      expect(await opened.audit(lists)).to.deep.include({ whole: false, isOrdered: true });
      expect((await read(opened, notes, {})).length).to.equal(ROWS);
      await opened.close();
    }
  });

  it('is built again behind a kill at any write, and not where the disk has no room for it', async () => {
    const root = new RowSeal(INTEGRITY_KEY).placeOf(ORDER_PAGES, 'notes/root');
    const [folder, full] = [temporaryFolder(), temporaryFolder()];
    for (const one of [folder, full]) {
      await filled(one);
      await tamper(one, (level) => level.del(root));
    }
    const short = await openTestStore(full, tables, () => 65 * 2 ** 20);
    await short.transact((tx) => tx.put(notes, 'x', 1), 'finishing');
    expect(await refusedAs(short.range(notes).next())).to.equal('Fault');
    await short.close();
    for (let [tries, isOver] = [0, false]; !isOver; tries++) {
      const opened = await openTestStore(folder, tables).catch(() => undefined);
      let left = 1;
      ClassicLevel.prototype.batch = async function (this: ClassicLevel, ...parameters: unknown[]) {
        left -= 1;
        if (left < 0) throw new Error('the power fails');
        await Reflect.apply(batch, this, parameters);
      } as unknown as typeof batch;
      if (tries === 0)
        expect(await refusedAs(opened?.range(notes).next() ?? Promise.resolve())).to.equal('Fault');
      await opened?.transact((tx) => tx.put(plain, 'y', 'y')).catch(() => {});
      ClassicLevel.prototype.batch = batch;
      isOver = tries > 0 && (await opened?.audit(notes))?.whole === true;
      await opened?.close().catch(() => {});
    }
    const opened = await openTestStore(folder, tables);
    store = opened;
    expect((await read(opened, notes, {})).length).to.equal(ROWS);
  });

  /** As a version before the pages left it. */
  async function withoutPages(folder: string): Promise<void> {
    const seal = new RowSeal(INTEGRITY_KEY);
    await tamper(folder, async (level) => {
      const pages = await rowsOfAll(level, ORDER_PAGES.name);
      await level.batch([rawKey('tallies', ORDER_PAGES.name), ...pages].map((key) => ({ type: 'del', key })));
      let total = EMPTY_TALLY;
      for await (const [key, raw] of rowsOf(level, rawRange('tallies', {})))
        if (key !== FOUNDED) total = withRow(total, seal.open(key, raw)?.element ?? 0n);
      const payload = Buffer.concat([Buffer.of(3), encodeTally(total)]);
      await level.put(FOUNDED, seal.seal(FOUNDED, '#founded', payload).raw);
    });
  }

  it('is built once for a folder that has none, and goes on where a kill ended it', async () => {
    const folder = temporaryFolder();
    await filled(folder);
    await withoutPages(folder);
    let [writes, tries] = [0, 0];
    for (let isOver = false; !isOver; tries++) {
      const isOnDisk = tries % 2 === 1;
      let left = 1;
      ClassicLevel.prototype.batch = async function (this: ClassicLevel, ...parameters: unknown[]) {
        if (left > 0 || isOnDisk) {
          await Reflect.apply(batch, this, parameters);
          writes++;
        }
        left -= 1;
        if (left < 0) throw new Error('the power fails');
      } as unknown as typeof batch;
      const opening = openTestStore(folder, tables);
      isOver = (await refusedAs(opening)) === undefined;
      ClassicLevel.prototype.batch = batch;
      if (isOver) await (await opening).close();
    }
    // The tally of pages; the marks of two tables; three parts of one and one of the other.
    expect([writes, tries]).to.deep.equal([6, 5]);
    expect(await writesAtStart(folder), 'once').to.equal(0);
    const opened = await openTestStore(folder, tables);
    store = opened;
    expect((await read(opened, notes, {})).map(([key]) => key)).to.deep.equal(
      Array.from({ length: ROWS }, (_, n) => ordinal(n)),
    );
    for (const table of [...tables, ORDER_PAGES])
      expect((await opened.audit(table)).whole, table.name).to.equal(true);
  });

  it('is not built over a damaged row, which is named, and is once the row is back', async () => {
    const folder = temporaryFolder();
    await filled(folder);
    await withoutPages(folder);
    const place = new RowSeal(INTEGRITY_KEY).placeOf(lists, '3/7');
    let whole = new Uint8Array();
    await tamper(folder, async (level) => {
      whole = Uint8Array.from((await level.get(place)) ?? []);
      await level.put(place, whole.toReversed());
    });
    const bent = await openTestStore(folder, tables);
    expect(await refusedAs(bent.range(lists).next())).to.equal('Fault');
    expect((await bent.audit(lists)).whole).to.equal(false);
    await bent.transact((tx) => tx.delete(lists, '3/8'));
    await bent.transact((tx) => tx.put(lists, '3/99', 99));
    await bent.close();
    await tamper(folder, (level) => level.put(place, whole));
    const opened = await openTestStore(folder, tables);
    store = opened;
    const keys = (await read(opened, lists, {})).map(([key]) => key);
    expect([keys.length, keys.includes('3/7'), keys.includes('3/8'), keys.includes('3/99')]).to.deep.equal([
      ...[20, true, false, true],
    ]);
    for (const table of [lists, ORDER_PAGES])
      expect((await opened.audit(table)).whole, table.name).to.equal(true);
  });

  it('is not taken as built where a kill came behind a damaged row', async () => {
    const folder = temporaryFolder();
    await filled(folder);
    await withoutPages(folder);
    let [place, whole] = ['', new Uint8Array()];
    await tamper(folder, async (level) => {
      for await (const [key, raw] of rowsOf(level, Object.assign(rawRange('notes', {}), { limit: 1 })))
        [place, whole] = [key, Uint8Array.from(raw)];
      await level.put(place, whole.toReversed());
    });
    let left = 3; // the tally of pages, the marks, and the part with the row
    ClassicLevel.prototype.batch = async function (this: ClassicLevel, ...parameters: unknown[]) {
      left -= 1;
      if (left < 0) throw new Error('the power fails');
      await Reflect.apply(batch, this, parameters);
    } as unknown as typeof batch;
    expect(await refusedAs(openTestStore(folder, tables))).to.equal('Error');
    ClassicLevel.prototype.batch = batch;
    const bent = await openTestStore(folder, tables);
    expect(await refusedAs(bent.range(notes).next()), 'a list without it').to.equal('Fault');
    await bent.close();
    await tamper(folder, (level) => level.put(place, whole));
    const opened = await openTestStore(folder, tables);
    store = opened;
    expect((await read(opened, notes, {})).length).to.equal(ROWS);
    expect((await opened.audit(notes)).whole).to.equal(true);
  });
});

const ROWS = 5_000;
const FOUNDED = rawKey('tallies', '#founded');

async function rowsOfAll(level: RawLevel, table: string): Promise<string[]> {
  const found: string[] = [];
  for await (const [key] of rowsOf(level, rawRange(table, {}))) found.push(key);
  return found;
}

/** How often level is asked for a row, or for rows, while the store is opened. */
async function readsAtStart(folder: string): Promise<number> {
  const { getSync, iterator } = ClassicLevel.prototype;
  let asked = 0;
  ClassicLevel.prototype.getSync = function (this: ClassicLevel, ...parameters: unknown[]) {
    asked++;
    return Reflect.apply(getSync, this, parameters) as never;
  } as typeof getSync;
  ClassicLevel.prototype.iterator = function (this: ClassicLevel, ...parameters: unknown[]) {
    asked++;
    return Reflect.apply(iterator, this, parameters) as never;
  } as typeof iterator;
  try {
    await (await openTestStore(folder, tables)).close();
    return asked;
  } finally {
    Object.assign(ClassicLevel.prototype, { getSync, iterator });
  }
}

async function writesAtStart(folder: string): Promise<number> {
  const { batch } = ClassicLevel.prototype;
  let writes = 0;
  ClassicLevel.prototype.batch = function (this: ClassicLevel, ...parameters: unknown[]) {
    writes++;
    return Reflect.apply(batch, this, parameters) as never;
  } as typeof batch;
  try {
    await (await openTestStore(folder, tables)).close();
    return writes;
  } finally {
    ClassicLevel.prototype.batch = batch;
  }
}

/** As ids of people are: nothing that one shares with the next. */
function someoneAt(n: number): string {
  return createHash('sha256').update(String(n)).digest('hex');
}

/** Of several shapes: at random, in lists that grow at their ends, one behind the other, and as long as keys may be. */
function keyOf(below: (end: number) => number, round: number): string {
  const kind = below(8);
  if (kind < 4)
    return `${below(2 ** 31)
      .toString(16)
      .padStart(8, '0')}${'ab'.repeat(12)}/${below(3)}/person//self`;
  if (kind < 6) return `${below(5)}/${ordinal(round * 1000 + below(1000))}`;
  if (kind < 7) return ordinal(round * 1000 + below(1000));
  return `${'long'.repeat(120)}${below(10_000)}`.padEnd(512 - below(30), 'x');
}

function rangeOf(below: (end: number) => number, keys: readonly string[]): Range {
  const [one = '', other = ''] = [0, 1]
    .map(() => (below(3) === 0 ? keyOf(below, 1) : (keys[below(Math.max(1, keys.length))] ?? 'x')))
    .sort();
  const low = [{}, { gte: one }, { gt: one }][below(3)];
  const high = [{}, { lt: other }, { lte: other }][below(3)];
  const more = { reverse: below(2) === 0, ...(below(2) === 0 ? { limit: below(40) } : {}) };
  return Object.assign({}, low, high, more);
}

function expected(rows: ReadonlyMap<string, number>, range: Range): [string, number][] {
  const { gte, gt, lt, lte, reverse, limit } = range;
  const found = [...rows]
    .filter(([key]) => gte === undefined || key >= gte)
    .filter(([key]) => gt === undefined || key > gt)
    .filter(([key]) => lt === undefined || key < lt)
    .filter(([key]) => lte === undefined || key <= lte)
    .sort(([one], [other]) => (one < other ? -1 : 1));
  return (reverse ? found.reverse() : found).slice(0, limit);
}

async function read(store: Store, table: typeof notes, range: Range): Promise<[string, number][]> {
  const found: [string, number][] = [];
  for await (const [key, value] of store.range(table, range)) found.push([key, value]);
  return found;
}
